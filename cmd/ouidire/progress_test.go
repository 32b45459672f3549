package main

import (
	"io"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

func TestABarTellsHowMuchIsReadAndIsWipedAtTheEnd(t *testing.T) {
	var shown strings.Builder
	bar := &progress{r: strings.NewReader(strings.Repeat("d’épargne\n", 1000)), to: &shown, lang: say.FrenchCanada, size: 13000, shown: -1}
	read, err := io.ReadAll(struct{ io.Reader }{bar})
	if err != nil || len(read) != 13000 {
		t.Fatalf("%d bytes read, %v, want 13000", len(read), err)
	}
	if !strings.Contains(shown.String(), "] 100\u00a0%") || !strings.HasSuffix(shown.String(), "\r\x1b[K") {
		t.Errorf("shown: %q", shown.String())
	}
	if n := strings.Count(shown.String(), "["); n > 102 {
		t.Errorf("drawn %d times, want once for each per cent at most", n)
	}
}
