package web

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAnEditIsShownByTheWordsThatChanged(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          []piece
	}{
		{"La Caisse ferme 12 guichets", "La Caisse ferme 14 guichets", []piece{{"La Caisse ferme", false, false}, {"12", false, true}, {"14", true, false}, {"guichets", false, false}}},
		{"L’épargne baisse", "L’épargne baisse", nil},
		{"L’épargne  baisse", "L’épargne baisse\n", nil},
		{"", "Ajout", []piece{{"Ajout", true, false}}},
		{"Retiré", "", []piece{{"Retiré", false, true}}},
		{strings.Repeat("a ", 700), strings.Repeat("b ", 700), nil},
	} {
		if diff := cmp.Diff(c.want, difference(c.before, c.after)); diff != "" {
			t.Errorf("%.30q to %.30q: %s", c.before, c.after, diff)
		}
	}
}

func TestADifferenceHoldsBothVersionsWhole(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"la", "Caisse", "cœur", "l’été", "12", "«", "»"}), 0, 40).Draw(t, "words"), " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var old, now []string
		pieces := difference(before, after)
		for _, p := range pieces {
			if !p.Added {
				old = append(old, p.Text)
			}
			if !p.Removed {
				now = append(now, p.Text)
			}
		}
		if before == after {
			if pieces != nil {
				t.Fatalf("nothing changed, and %v is shown", pieces)
			}
			return
		}
		if strings.Join(old, " ") != before || strings.Join(now, " ") != after {
			t.Fatalf("%q to %q is shown as %v", before, after, pieces)
		}
	})
}
