package config

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/ouidire/ouidire/internal/say"
)

// keysIn lists every key of a file: its line, its column and its path.
type keysIn struct{ found *[]ast.Node }

func (k keysIn) Visit(n ast.Node) ast.Visitor {
	if p, ok := n.(*ast.MappingValueNode); ok {
		*k.found = append(*k.found, p.Key)
	}
	return k
}

func TestAMisspelledSettingIsFoundAtEveryLevel(t *testing.T) {
	body := whole(t)
	file, err := parser.ParseBytes([]byte(body), 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []ast.Node
	ast.Walk(keysIn{&keys}, file.Docs[0].Body)
	if len(keys) < 60 {
		t.Fatalf("found %d settings in the whole file, want 60 or more", len(keys))
	}
	deepest := 0
	for _, k := range keys {
		if strings.Contains(k.GetPath(), ".headers.") {
			continue // there the names are the person's own
		}
		deepest = max(deepest, strings.Count(k.GetPath(), ".")+strings.Count(k.GetPath(), "["))
		pos, key := k.GetToken().Position, k.GetToken().Value
		lines := strings.Split(body, "\n")
		line := []rune(lines[pos.Line-1])
		wrong := key[:1] + "q" + key[1:]
		lines[pos.Line-1] = string(line[:pos.Column-1]) + wrong + string(line[pos.Column-1+len(key):])
		_, err := Parse(Name, []byte(strings.Join(lines, "\n")), testEnv, testKinds())
		bad, _ := err.(*Problems)
		if !tells(bad, pos.Line, pos.Column, wrong, key) {
			t.Errorf("%s written %s: got %v", k.GetPath(), wrong, err)
		}
	}
	if deepest < 6 {
		t.Errorf("the deepest setting tried is at level %d, want 6", deepest)
	}
}

// tells finds the mistake at a place, with the word as written and as meant.
func tells(p *Problems, line, column int, wrong, right string) bool {
	if p == nil {
		return false
	}
	for _, m := range p.List {
		if m.Line == line && m.Column == column && m.Code == "unknown_key" {
			en := m.In(say.English)
			return strings.Contains(en, wrong) && strings.Contains(en[strings.Index(en, ";"):], right)
		}
	}
	return false
}

func TestEveryMistakeIsToldAtOnceInTheOrderOfTheFile(t *testing.T) {
	const body = `organisation: {name: Caisse, langage: fr}
watches:
  - {name: Caisse, query: '"caisse'}
sources:
  - {name: echo, kind: fead}
  - {name: moyacs, kind: feed, url: x, every: 0, depth: beaucoup}
web: {listen: 0.0.0.0:80}
`
	got := mistakes(t, body, say.English)
	var places []string
	for _, line := range strings.Split(got, "\n") {
		places = append(places, regexp.MustCompile(`^ouidire\.yml:(\d+:\d+): `).FindStringSubmatch(line)[1])
	}
	want := []string{"1:30", "3:12", "3:28", "5:24", "6:37", "6:47", "6:57", "7:15"}
	if !reflect.DeepEqual(places, want) {
		t.Errorf("got %v, want %v:\n%s", places, want, got)
	}
}

func TestNoSentenceIsLeftUnfilledInAnyLanguage(t *testing.T) {
	for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
		for _, file := range badFiles(t) {
			got := mistakes(t, file, l)
			if strings.Contains(got, "%!") || strings.Contains(got, "\ue000") || strings.Contains(got, "\ue001") {
				t.Errorf("%s: %s", l, got)
			}
			if l == say.FrenchFrance && regexp.MustCompile(`[^\x{202f}][;!?](\s|$)`).MatchString(strings.ReplaceAll(got, "!;", "")) {
				t.Errorf("no space before a high mark: %s", got)
			}
		}
	}
}

func badFiles(t testing.TB) []string {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "invalid-") && strings.HasSuffix(e.Name(), ".yml") {
			body, err := os.ReadFile("testdata/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(body))
		}
	}
	if len(out) == 0 {
		t.Fatal("no bad file found")
	}
	return out
}

func TestTheEnvironmentFillsAnyValueAndDollarsStayOtherwise(t *testing.T) {
	f := parse(t, `organisation: {name: "Caisse ${HOTE}"}
watches: [{name: caisse, query: caisse, title: 'coûte 5 $ ou $$ ou $${HOTE} ou $HOTE'}]
sources:
  - {name: echo, kind: feed, url: https://${HOTE}.example/, depth: ${N}, token: 'pa$$w${N}rd'}
web: {listen: 0.0.0.0:80, password: ${PASSWORD}}
`)
	feed := f.Sources[0].Config.(*feedKind)
	for _, c := range []struct{ what, got, want string }{
		{"name", f.Organisation.Name, "Caisse echo-secret-host"},
		{"title", f.Watches[0].Title, "coûte 5 $ ou $$ ou ${HOTE} ou $HOTE"},
		{"url", feed.URL, "https://echo-secret-host.example/"},
		{"depth", fmt.Sprint(feed.Depth), "7"},
		{"token", feed.Token.Reveal(), "pa$$w7rd"},
		{"password", f.Web.Password.Reveal(), "hunter-valtisse"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestAValueOfTheEnvironmentIsInNoMessage(t *testing.T) {
	for i, body := range badFiles(t) {
		for _, l := range []say.Lang{say.English, say.FrenchCanada} {
			got := mistakes(t, body, l)
			for _, secret := range []string{"echo-secret-host", "hunter-valtisse", "très-secret"} {
				// The one file that writes the secret out is a list, not a value.
				if strings.Contains(got, secret) {
					t.Errorf("file %d shows %s:\n%s", i, secret, got)
				}
			}
		}
	}
	// A kind that repeats what it was given, and an error that does.
	kinds := testKinds()
	kinds.Query = func(q string) (int, error) { return 1, fmt.Errorf("cannot read %q", q) }
	_, err := Parse(Name, []byte("organisation: {name: A}\nwatches: [{name: a, query: '${HOTE}'}]"), testEnv, kinds)
	if err == nil || strings.Contains(err.Error(), "echo-secret-host") || !strings.Contains(err.Error(), "${HOTE}") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsWrittenTwiceByReferenceIsRead(t *testing.T) {
	f := parse(t, `organisation: {name: A}
watches: [{name: a, query: a}]
channels:
  - {name: un, kind: email, to: &equipe [a@caisse.example, b@caisse.example]}
  - {name: deux, kind: email, to: *equipe}
`)
	if got := f.Channels[1].Config.(*emailKind).To; len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestABombIsRefusedQuicklyAndWithASentence(t *testing.T) {
	laughs := "organisation: {name: A}\nwatches: [{name: a, query: a}]\nsources:\n  - name: x\n    kind: feed\n    url: https://a.example\n    login:\n      user: u\n      hosts: &h [" + strings.Repeat("{name: a},", 2000) + "]\n"
	for i := range 400 {
		laughs += fmt.Sprintf("  - {name: x%d, kind: feed, url: https://a.example, login: {user: u, hosts: *h}}\n", i)
	}
	many := "organisation: {name: A}\nwatches:\n" + strings.Repeat("  - {name: a, query: a, parent: zzz}\n", 8_000)
	wide := "organisation: {name: A}\nwatches:\n"
	for i := range 8_000 {
		wide += fmt.Sprintf("  - {name: w%d, query: a, parent: w%d}\n", i, i+1)
	}
	for name, body := range map[string]string{
		"brackets":  strings.Repeat("[", 200_000),
		"braces":    "a: " + strings.Repeat("{a: ", 100_000),
		"dashes":    strings.Repeat("- ", 150_000),
		"questions": strings.Repeat("? ", 150_000),
		"anchors":   strings.Repeat("&a ", 100_000),
		"indents":   indents(700),
		"aliases":   laughs,
		"itself":    "organisation: {name: A}\nwatches: &w\n  - *w\n  - *w\n",
		"too big":   strings.Repeat("# rien\n", 1_500_000),
		"names":     many,
		"chain":     wide,
		"flow keys": "a: {" + strings.Repeat("k: v, ", 100_000) + "}",
		"keys":      strings.Repeat("clef: valeur\n", 70_000),
		"quotes":    strings.Repeat("\"", 200_000),
		"a line":    "a: " + strings.Repeat("é", 400_000),
		"colons":    strings.Repeat("a: ", 100_000),
		"tabs":      strings.Repeat("\t", 200_000),
		"blank":     strings.Repeat("\n", 300_000),
		"literal":   "a: |\n" + strings.Repeat("  x\n", 200_000),
		"folded":    "a: >\n" + strings.Repeat("  x\n", 200_000),
		"flow":      "a: [" + strings.Repeat("x,", 150_000) + "]",
		"comments":  "a: 1" + strings.Repeat(" # x\n", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse(Name, []byte(body), testEnv, testKinds())
			took := time.Since(start)
			bad, ok := err.(*Problems)
			if !ok || len(bad.List) == 0 || len(bad.List) > maxMistakes+1 {
				t.Fatalf("got %T, want a few problems", err)
			}
			if took > 20*time.Second { // on a loaded machine under the race detector
				t.Errorf("took %v", took)
			}
			t.Logf("%v, %d problems, first: %s", took, len(bad.List), clip(bad.Error(), 60))
		})
	}
}

func TestTheKindOfAStoreMayStandAroundItsSettings(t *testing.T) {
	schema := compiled(t)
	for body, path := range map[string]string{
		"store: {kind: local, path: a.db}":  "a.db",
		"store: {local: {path: a.db}}":      "a.db",
		"store:\n  local:\n    path: a.db":  "a.db",
		"store: {local: }":                  "mentions.db",
		"store: {local: &its {path: a.db}}": "a.db",
	} {
		body = "organisation: {name: A}\nwatches: [{name: a, query: valtisse}]\n" + body + "\n"
		f, err := Parse(Name, []byte(body), testEnv, testKinds())
		if err != nil {
			t.Errorf("%s%v", body, err)
			continue
		}
		if got := f.Store.Config.(*localKind).Path; f.Store.Kind != "local" || got != path {
			t.Errorf("%s: a store of kind %s with %q, want %q", body, f.Store.Kind, got, path)
		}
		if err := valid(schema, body); err != nil {
			t.Errorf("the schema refuses\n%s%v", body, err)
		}
	}
	for body, want := range map[string]string{
		"store: {local: [a.db]}":         ":3:",
		"store: {local: {pth: a.db}}":    "write for example path",
		"store: {locale: {path: a.db}}":  "locale",
		"store: {local: {}, path: a.db}": "write kind: local",
		"store: {local: {kind: locale}}": "kind cannot be",
	} {
		body = "organisation: {name: A}\nwatches: [{name: a, query: valtisse}]\n" + body + "\n"
		if got := mistakes(t, body, say.English); !strings.Contains(got, want) {
			t.Errorf("%s: said %q, want %q", body, got, want)
		}
		if valid(schema, body) == nil {
			t.Errorf("the schema accepts\n%s", body)
		}
	}
}

func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, body := range badFiles(f) {
		f.Add([]byte(body))
	}
	f.Add([]byte(whole(f)))
	f.Fuzz(func(t *testing.T, body []byte) {
		file, err := Parse("testdata/"+Name, body, testEnv, testKinds())
		bad, ok := err.(*Problems)
		if (file == nil) == (err == nil) || err != nil && (!ok || len(bad.List) == 0) {
			t.Fatalf("got %v and %v", file, err)
		}
		if err == nil {
			return
		}
		lines := 1 + strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(body)), "\n")
		for _, m := range bad.List {
			if m.Line < 0 || m.Line > lines || m.Line > 0 && m.Column < 1 {
				t.Errorf("a mistake at %d:%d of %d lines: %s", m.Line, m.Column, lines, m.In(say.English))
			}
		}
		for _, l := range []say.Lang{say.English, say.FrenchCanada} {
			if strings.Contains(bad.In(l), "hunter-valtisse") && !bytes.Contains(body, []byte("hunter")) {
				t.Errorf("shows the environment: %s", bad.In(l))
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	body := []byte(whole(b))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := Parse(Name, body, testEnv, testKinds()); err != nil {
			b.Fatal(err)
		}
	}
}
