package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

// owned is a configuration with channels and rules as they are written here.
func owned(channels, rules string) string {
	return `organisation: {name: Caisse Valtisse}
watches: [{name: caisse, query: caisse valtisse}]
sources: [{name: echo, kind: feed, url: 'https://echo-des-moyacs.example/feed'}]
channels: ` + channels + `
rules: ` + rules + "\n"
}

func TestWhatIsPassedOnToNobodyIsAWarning(t *testing.T) {
	const both = "[{name: courriel, kind: email, to: [a@caisse.example]}, {name: direction, kind: email, to: [b@caisse.example], role: owner}]"
	const alone = "[{name: direction, kind: email, to: [b@caisse.example], role: owner}]"
	for _, c := range []struct {
		name, channels, rules, want string
	}{
		{"without rules", both, "[]", ""},
		{"a rule for everybody", both, "[{name: vagues, kind: surge}]", ""},
		{"a rule that names both", both, "[{name: vagues, kind: surge, channels: [courriel, direction]}]", ""},
		{"no rule names it", both, "[{name: vagues, kind: surge, channels: [courriel]}]", "never_told"},
		{"no rule tells anybody before", both, "[{name: vagues, kind: surge, channels: [direction]}]", "told_first"},
		{"there is nobody before", alone, "[]", "told_first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range parse(t, owned(c.channels, c.rules)).Warnings.List {
				if w.Code == "never_told" || w.Code == "told_first" {
					got = append(got, w.Code)
					if w.Line != 4 || !strings.Contains(w.In(say.English), "direction") {
						t.Errorf("warned at line %d: %s", w.Line, w.In(say.English))
					}
				}
			}
			if want := strings.Fields(c.want); !slices.Equal(got, want) {
				t.Errorf("warned %q, want %q", got, want)
			}
		})
	}
}

func TestARuleTellsTheOwnersWhatNobodyTakesAndAtOnceWhenItNamesNobodyElse(t *testing.T) {
	f := &File{Channels: []Channel{{Entry: Entry{Name: "courriel"}}, {Entry: Entry{Name: "direction"}, Role: Owners}, {Entry: Entry{Name: "nuit"}, Role: Members}}}
	for _, c := range []struct{ named, first, then string }{
		{"", "courriel nuit", "direction"}, {"courriel direction", "courriel", "direction"}, {"nuit", "nuit", ""}, {"direction", "direction", ""},
	} {
		first, then := f.Told(Rule{Channels: strings.Fields(c.named)})
		name := func(c Channel) string { return c.Name }
		if got := strings.Join(namesOf(first, name), " ") + "|" + strings.Join(namesOf(then, name), " "); got != c.first+"|"+c.then {
			t.Errorf("a rule that names %q tells %q, want %q", c.named, got, c.first+"|"+c.then)
		}
	}
}
