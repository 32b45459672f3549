package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzStories: whatever the lines, there is one answer for each, and a mention that
// comes twice stays in its story.
func FuzzStories(f *testing.F) {
	f.Add(`{"id":"a","text":"l'épargne"}` + "\n" + `{"id":"a","text":"d’épargne","seen_at":"2026-11-20T09:12:00Z"}`)
	f.Add("texte\n{\"id\":1}\n{\n\xff")
	f.Fuzz(func(t *testing.T, lines string) {
		var out bytes.Buffer
		c := &call{ctx: t.Context(), stdin: strings.NewReader(lines + "\n" + lines), stdout: &out, stderr: new(bytes.Buffer), untrap: func() {}}
		c.run([]string{"-o", "json", "stories"})
		stories := map[string]string{}
		for line := range strings.Lines(out.String()) {
			var got told
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("%q is no object: %v", line, err)
			}
			if id := string(got.ID); id != "" {
				if before, ok := stories[id]; ok && before != string(got.Story) {
					t.Errorf("%s was in story %s, now in %s", id, before, got.Story)
				}
				stories[id] = string(got.Story)
			}
		}
	})
}
