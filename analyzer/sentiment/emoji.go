package sentiment

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
)

// signs are the tones of emoji (folded, without skin tone) and of the smileys
// that people type, both in one table.
type signs map[string]float64

func loadSigns() (signs, error) {
	raw, err := fs.ReadFile(lexiconFiles, "lexicon/emoji.txt")
	if err != nil {
		return nil, fmt.Errorf("read emoji: %w", err)
	}
	table := signs{}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		tone, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			return nil, fmt.Errorf("emoji: %q is no tone", fields[0])
		}
		for _, sign := range fields[1:] {
			key := text.Fold(sign)
			if _, twice := table[key]; twice {
				return nil, fmt.Errorf("emoji: %s is there twice", sign)
			}
			table[key] = tone
		}
	}
	return table, nil
}
