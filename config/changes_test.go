package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

func TestAChangeIsNamedAndSortedByWhatItTakes(t *testing.T) {
	before := whole(t)
	for _, c := range []struct {
		what, old, new string
		live, restart  string // in English, joined
		french         string // of the first change
	}{
		{what: "nothing"},
		{"a query", "anse-aux-moyacs'", "moyacs'", "changed: watch “caisse”", "", "modification\u00a0: veille «\u00a0caisse\u00a0»"},
		{"the clock of a source", "every: 1h", "every: 2h", "changed: source “echo”", "", "modification\u00a0: source «\u00a0echo\u00a0»"},
		{"a setting of a kind", "depth: ${N}", "depth: 8", "changed: source “echo”", "", "modification\u00a0: source «\u00a0echo\u00a0»"},
		{"a secret", "token: ${ECHO_TOKEN}", "token: autre", "changed: source “echo”", "", "modification\u00a0: source «\u00a0echo\u00a0»"},
		{"a name", "name: echo\n", "name: moyacs\n", "added: source “moyacs”, removed: source “echo”", "", "ajout\u00a0: source «\u00a0moyacs\u00a0»"},
		{"a rule", "severity: watch", "severity: urgent", "changed: rule “nouvelles”", "", "modification\u00a0: règle d’alerte «\u00a0nouvelles\u00a0»"},
		{"a channel", "language: en\n", "language: fr-FR\n", "changed: channel “courriel”", "", "modification\u00a0: moyen d’envoi «\u00a0courriel\u00a0»"},
		{"the log's level", "level: debug", "level: warn", "changed: log.level", "", "modification\u00a0: log.level"},
		{"the log's format", "format: json", "format: text", "", "changed: log.format", "modification\u00a0: log.format"},
		{"retention", "30 days", "10 days", "changed: retention.unclaimed", "", "modification\u00a0: retention.unclaimed"},
		{"the password", `address: https://veille.caisse.example, password: "${PASSWORD}"`, "address: https://veille.caisse.example, password: autre", "changed: web.password", "", "modification\u00a0: web.password"},
		{"the port", "0.0.0.0:8080", "0.0.0.0:9090", "", "changed: web.listen", "modification\u00a0: web.listen"},
		{"the address of monitoring", "127.0.0.1:9464", "127.0.0.1:9465", "", "changed: metrics.listen", "modification\u00a0: metrics.listen"},
		{"data", "data: ./data", "data: ./ailleurs", "", "changed: data", "modification\u00a0: data"},
		{"the store", "ailleurs.db", "autre.db", "", "changed: store", "modification\u00a0: store"},
		{"a private range", "127.0.0.0/8", "127.0.0.0/16", "changed: crawler.allow_private", "", "modification\u00a0: crawler.allow_private"},
		{"the organisation", "short: la Caisse", "short: nous", "changed: organisation.short", "", "modification\u00a0: organisation.short"},
	} {
		if !strings.Contains(before, c.old) {
			t.Fatalf("%s: %q is not in the file", c.what, c.old)
		}
		old, new := parse(t, before), parse(t, strings.Replace(before, c.old, c.new, 1))
		live, restart := Changes(old, new)
		if got := joined(live); got != c.live {
			t.Errorf("%s: live: got %q, want %q", c.what, got, c.live)
		}
		if got := joined(restart); got != c.restart {
			t.Errorf("%s: restart: got %q, want %q", c.what, got, c.restart)
		}
		if all := append(live, restart...); len(all) > 0 && all[0].In(say.FrenchCanada) != c.french {
			t.Errorf("%s: got %q, want %q", c.what, all[0].In(say.FrenchCanada), c.french)
		}
	}
}

func joined(changes []Change) string {
	var words []string
	for _, c := range changes {
		words = append(words, c.String())
	}
	return strings.Join(words, ", ")
}

func TestEverySettingOfTheFileIsCompared(t *testing.T) {
	for _, s := range slotsOf(reflect.ValueOf(defaults()).Elem()) {
		if s.v.Kind() == reflect.Slice {
			continue // compared by name: the test above
		}
		old, new := defaults(), defaults()
		v := reflect.ValueOf(new).Elem().FieldByIndex(s.index)
		changed := 1
		switch v.Kind() {
		case reflect.String:
			v.SetString("autre")
		case reflect.Struct:
			changed = 0
			for _, inner := range slotsOf(v) {
				if inner.v.Kind() == reflect.String {
					inner.v.SetString("autre")
					changed++
				}
			}
			if s.restart {
				changed = min(changed, 1)
			}
		}
		live, restart := Changes(old, new)
		if got := len(live) + len(restart); got != changed {
			t.Errorf("%s: %d changes told, want %d", s.key, got, changed)
		}
	}
}
