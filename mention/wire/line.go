package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Line is one line of input: a mention as JSON, or nothing but a text.
type Line struct {
	Mention
	ID         json.RawMessage // as written, a string or a number; nil when the line gives none
	ParentText string          // of what it answers, "" when the line gives none
}

// Lines reads the lines of one file, which holds texts or NDJSON. Nobody says which:
// a JSON object is a mention, and so is what looks like the beginning of one
// ({"…); once a file has held a mention, a line that is none is an error. An empty
// line is an empty text.
type Lines struct{ ndjson bool }

// Read reads the next line, without its end.
func (l *Lines) Read(line string) (Line, error) {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || !l.ndjson && !looksLikeJSON(trimmed) {
		return Line{Mention: Mention{Text: line}}, nil
	}
	l.ndjson = true
	if trimmed[0] != '{' { // Unmarshal takes a null for an object
		return Line{}, errors.New("the line is not an object { … }")
	}
	var read struct {
		Mention
		ID         json.RawMessage `json:"id"`
		ParentText string          `json:"parent_text"`
	}
	if err := json.Unmarshal([]byte(trimmed), &read); err != nil {
		return Line{}, err
	}
	id, err := given(read.ID)
	if err != nil {
		return Line{}, err
	}
	found := Line{Mention: read.Mention, ID: id, ParentText: read.ParentText}
	if err := json.Unmarshal(id, &found.Mention.ID); err != nil { // a number
		found.Mention.ID = string(id)
	}
	return found, nil
}

// looksLikeJSON knows an object from a text that begins with a brace.
func looksLikeJSON(line string) bool {
	rest, ok := strings.CutPrefix(line, "{")
	rest = strings.TrimSpace(rest)
	return ok && (strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "}"))
}

// given keeps an identifier as it was written, so that whoever asked finds it again.
func given(id json.RawMessage) (json.RawMessage, error) {
	switch {
	case len(id) == 0, bytes.Equal(id, []byte("null")), bytes.Equal(id, []byte(`""`)):
		return nil, nil
	case id[0] == '"', id[0] == '-', id[0] >= '0' && id[0] <= '9':
		return id, nil
	}
	return nil, fmt.Errorf("the id %.40s is neither a string nor a number", id)
}
