package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
)

// position is what the cursor holds. It belongs to one configured address.
type position struct {
	For        string            `json:"for"` // digest of the configured address
	Validators polite.Validators `json:"validators,omitzero"`
	Feed       string            `json:"feed,omitempty"`   // what the configured page announces
	Hints      Hints             `json:"hints,omitzero"`   // of the newest answer: 304 repeats none
	Items      int               `json:"items,omitempty"`  // in the newest answer
	Full       int               `json:"full,omitempty"`   // in the newest answer that held any
	Last       []string          `json:"last,omitempty"`   // heads of the ids in that answer
	Emptied    time.Time         `json:"emptied,omitzero"` // since when a feed that was full is empty
}

const (
	remembered = 100 // ids in Last
	idHead     = 8   // letters of each: two feeds' worth of items never share them by chance
	overflowAt = 5   // fewer new items than this are a slow feed's ordinary week
	fullAt     = 3   // a feed that held fewer was never full
)

// recall reads a cursor. One that is not ours, or another address's, starts anew:
// better twice than never.
func (s *Source) recall(cursor string) position {
	fresh := position{For: digest(s.cfg.URL)}
	if cursor == "" {
		return fresh
	}
	var p position
	if err := json.Unmarshal([]byte(cursor), &p); err != nil {
		s.log.Warn("cursor of a feed is unreadable: reading it from the start", "err", err)
		return fresh
	}
	if p.For != fresh.For {
		return fresh
	}
	return p
}

func (p position) encode() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write cursor of a feed: %w", err)
	}
	return string(b), nil
}

// take moves p to a whole answer. It answers a notice when nothing of the last one
// is left in it: what came and went between the two visits was never seen.
func (p *position) take(v polite.Validators, f Feed, items []Item) (overflow string) {
	last := map[string]bool{}
	for _, head := range p.Last {
		last[head] = true
	}
	heads := make([]string, 0, min(len(items), remembered))
	kept := false
	for i, it := range items {
		head := it.ID[:idHead]
		kept = kept || last[head]
		if i < remembered {
			heads = append(heads, head)
		}
	}
	if len(last) > 0 && len(items) >= overflowAt && !kept {
		overflow = textOverflow.In(say.English)
	}
	p.Validators, p.Hints, p.Items = v, f.Hints, len(items)
	if len(items) > 0 {
		p.Full, p.Last = len(items), heads
	}
	return overflow
}

var (
	textMoved = say.Text{
		EN: "the address has moved to %s: change it in the configuration",
		FR: "l’adresse a changé pour %s\u00a0: corrigez-la dans la configuration",
	}
	textEmptied = say.Text{
		EN:     "the feed is empty, and used to hold %d items",
		FR:     "le fil RSS est vide alors qu’il contenait %d éléments",
		France: "le flux RSS est vide alors qu’il contenait %d éléments",
	}
	textOverflow = say.Text{
		EN:     "every item of the feed was new: some may have come and gone unread between two visits; read it more often",
		FR:     "tous les éléments du fil RSS étaient nouveaux\u00a0: certains ont pu passer entre deux visites sans être lus; lisez-le plus souvent",
		France: "tous les éléments du flux RSS étaient nouveaux\u00a0: certains ont pu passer entre deux visites sans être lus; lisez-le plus souvent",
	}
)

// notice is what the owner should know though the visit worked.
func (p position) notice(moved string) string {
	if moved != "" {
		return textMoved.In(say.English, moved)
	}
	return ""
}

// believeEmpty is how long a feed that was full must be empty to be believed.
const believeEmpty = 14 * 24 * time.Hour

// doubt notes since when a feed that was full is empty. It heals as soon as
// anything stands in it again, or after two weeks: a blog may have been cleared,
// and is then a new one.
func (p *position) doubt(now time.Time) {
	switch {
	case p.Items > 0 || p.Full < fullAt:
		p.Emptied = time.Time{}
	case p.Emptied.IsZero() || p.Emptied.After(now):
		p.Emptied = now.UTC()
	case now.Sub(p.Emptied) >= believeEmpty:
		p.Emptied, p.Full, p.Last = time.Time{}, 0, nil
	}
}

// doubted is why the newest answer is no proof of silence, nil when it is one.
func (p position) doubted() error {
	if p.Emptied.IsZero() {
		return nil
	}
	return emptied{say.Errorf(textEmptied, p.Full)}
}

// emptied is the error of a feed that used to be full.
type emptied struct{ error }

func (e emptied) Unwrap() error { return e.error }

// Reason is one of polite's reasons.
func (emptied) Reason() string { return string(polite.Empty) }

func digest(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:8])
}
