package config

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ouidire/ouidire/internal/say"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The kinds of the tests: small, and of every shape a setting can have.

type feedKind struct {
	URL     string            `yaml:"url" required:"true" doc:"Its address." example:"https://echo-des-moyacs.example/feed"`
	Depth   int               `yaml:"depth" min:"1" max:"50" doc:"How many items are read." example:"10"`
	Share   float64           `yaml:"share" min:"0" max:"1" doc:"What part of them." example:"0.5"`
	Token   Secret            `yaml:"token" doc:"Its key." example:"${ECHO_TOKEN}"`
	Skip    []string          `yaml:"skip" doc:"Sections left out." example:"[sports]"`
	Only    []string          `yaml:"only" enum:"article,comment" doc:"What of it is read." example:"[article]"`
	Headers map[string]string `yaml:"headers" doc:"What is sent besides." example:"{X-Caisse: valtisse}"`
	Login   feedLogin         `yaml:"login" doc:"Whose account it is."`
	Pause   *time.Duration    `yaml:"pause" doc:"How long it rests." example:"30s"`
	Format  string            `yaml:"format" enum:"rss,atom" doc:"What it is written in." example:"atom"`
	Full    bool              `yaml:"full" doc:"Whether whole texts are read." example:"true"`
}

type feedLogin struct {
	User  string     `yaml:"user" required:"true" doc:"Who." example:"caisse"`
	Pass  Secret     `yaml:"pass" doc:"The password." example:"${ECHO_PASS}"`
	Hosts []feedHost `yaml:"hosts" doc:"Where." example:"[{name: echo.example}]"`
}

type feedHost struct {
	Name string `yaml:"name" doc:"Its name." example:"echo.example"`
}

func (f *feedKind) Check() []Problem {
	var out []Problem
	if !strings.HasPrefix(f.URL, "https://") {
		out = append(out, Problem{Key: "url", Text: say.Text{EN: "url: %s is not an address", FR: "url\u00a0: %s n’est pas une adresse"}, Args: []any{f.URL}, Example: "https://echo-des-moyacs.example/feed"})
	}
	if f.Login.User == "admin" {
		out = append(out, Problem{Key: "login.user", Text: say.Text{EN: "this account is everybody’s", FR: "ce compte est celui de tout le monde"}, Example: "caisse"})
	}
	if len(f.Skip) > 2 {
		out = append(out, Problem{Key: "skip[2]", Text: say.Text{EN: "%d sections are too many", FR: "%d sections, c’est trop"}, Args: []any{len(f.Skip)}})
	}
	return out
}

type freshKind struct {
	Threshold int `yaml:"threshold" doc:"How many." example:"3"`
}

type emailKind struct {
	To   []string `yaml:"to" required:"true" doc:"Who." example:"[equipe@caisse.example]"`
	SMTP struct {
		Host     string `yaml:"host" doc:"Where." example:"smtp.caisse.example"`
		Password Secret `yaml:"password" doc:"The password." example:"${SMTP_PASSWORD}"`
	} `yaml:"smtp" doc:"The server."`
}

type localKind struct {
	Path string `yaml:"path" doc:"Its file." example:"mentions.db"`
}

func testKinds() Kinds {
	return Kinds{
		Sources: map[string]func() any{
			"feed": func() any { return &feedKind{Depth: 20} },
			"page": func() any { return &localKind{} },
		},
		Rules:    map[string]func() any{"fresh": func() any { return &freshKind{Threshold: 1} }, "surge": func() any { return &freshKind{} }},
		Channels: map[string]func() any{"email": func() any { return &emailKind{} }},
		Stores:   map[string]func() any{"local": func() any { return &localKind{Path: "mentions.db"} }},
		Query: func(q string) (int, error) {
			if strings.Count(q, `"`)%2 == 1 {
				return utf8.RuneCountInString(q[:strings.LastIndex(q, `"`)]) + 1, say.Errorf(say.Text{EN: "a quotation mark is never closed", FR: "un guillemet n’est jamais fermé"})
			}
			return 0, nil
		},
	}
}

func testEnv(name string) (string, bool) {
	value, ok := map[string]string{
		"ECHO_TOKEN": "jeton-très-secret", "PASSWORD": "hunter-valtisse", "N": "7", "EMPTY": "", "HOTE": "echo-secret-host",
	}[name]
	return value, ok
}

func parse(t testing.TB, body string) *File {
	t.Helper()
	f, err := Parse("ouidire.yml", []byte(body), testEnv, testKinds())
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	return f
}

// mistakes is what Parse says in a language, "" when it is content.
func mistakes(t testing.TB, body string, l say.Lang) string {
	t.Helper()
	_, err := Parse("ouidire.yml", []byte(body), testEnv, testKinds())
	if err == nil {
		return ""
	}
	return say.Explain(err, l)
}

func whole(t testing.TB) string {
	t.Helper()
	body, err := os.ReadFile("testdata/whole.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAWholeFileIsReadAsItIsWritten(t *testing.T) {
	f := parse(t, whole(t))
	pause := 30 * time.Second
	feed := &feedKind{URL: "https://echo-des-moyacs.example/feed", Depth: 7, Share: 0.5, Token: NewSecret("jeton-très-secret"),
		Skip: []string{"sports", "météo"}, Only: []string{"comment", "article"}, Headers: map[string]string{"X-Caisse": "valtisse"}, Pause: &pause, Format: "atom", Full: true,
		Login: feedLogin{User: "caisse", Pass: NewSecret("l’épargne d'ici"), Hosts: []feedHost{{"echo.example"}}}}
	email := &emailKind{To: []string{"equipe@caisse.example"}}
	email.SMTP.Host, email.SMTP.Password = "smtp.caisse.example", NewSecret("hunter-valtisse")
	want := &File{
		Path:         "ouidire.yml",
		Organisation: Organisation{"Caisse Valtisse de l’Anse-aux-Moyacs", "la Caisse", "fr-CA", "America/Toronto"},
		Watches: []Watch{
			{"caisse", "Notre caisse", `"caisse valtisse" anse-aux-moyacs`, Self, "mouvement"},
			{"mouvement", "mouvement", "\"mouvement valtisse\"\n", Parent, ""},
		},
		Sources:   []Source{{Entry{"echo", "feed", feed}, time.Hour, true, "caisse", false}},
		Rules:     []Rule{{Entry{"nouvelles", "fresh", &freshKind{3}}, "caisse", []string{"courriel"}, "watch", 2 * time.Minute}},
		Channels:  []Channel{{Entry: Entry{"courriel", "email", email}, Language: "en"}},
		Store:     Store{"local", &localKind{"ailleurs.db"}},
		Data:      "data",
		Web:       Web{"0.0.0.0:8080", "https://veille.caisse.example", NewSecret("hunter-valtisse")},
		Metrics:   Metrics{"127.0.0.1:9464"},
		Crawler:   Crawler{"https://caisse.example/contact", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Secret{}, Authorities{}},
		Retention: Retention{Period{Months: 24}, Period{Days: 30}},
		Log:       Log{"debug", "json"},
		Warnings:  f.Warnings,
	}
	if diff := cmp.Diff(want, f, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsLeftOutHasAGoodDefault(t *testing.T) {
	f := parse(t, "organisation: {name: Festival du Moyac}\nwatches: [{name: festival, query: festival moyac}]\nsources: [{name: a, kind: feed, url: https://a.example, own: true}]")
	want := defaults()
	want.Path, want.Data, want.Warnings = "ouidire.yml", "data", f.Warnings
	want.Organisation.Name, want.Organisation.Short = "Festival du Moyac", "Festival du Moyac"
	want.Watches = []Watch{{"festival", "festival", "festival moyac", Self, ""}}
	want.Sources = []Source{{Entry{"a", "feed", &feedKind{URL: "https://a.example", Depth: 20}}, 0, true, "festival", false}}
	want.Store.Config = &localKind{Path: "mentions.db"}
	if diff := cmp.Diff(want, f, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Each testdata/invalid-*.yml holds one mistake; beside it stands what is said of
// it, in both languages and in JSON.
func TestEachMistakeIsSaidWithItsPlaceAndAValueThatWorks(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid-*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad file found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yml"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse("testdata/"+Name, body, testEnv, testKinds())
			var bad *Problems
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want *Problems", err)
			}
			bad.File = Name
			got := fmt.Sprintf("%s\n%s\n%s", bad.In(say.English), bad.In(say.FrenchCanada), bad.NDJSON())
			golden(t, strings.TrimSuffix(file, ".yml")+".golden", got)
		})
	}
}

// golden compares got with a file, or writes it when asked to.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

func ExampleParse() {
	_, err := Parse("ouidire.yml", []byte(`
organisation: {name: Caisse Valtisse}
watches:
  - {name: caisse, qery: caisse valtisse}
`), os.LookupEnv, Kinds{})
	fmt.Println(say.Explain(err, say.English))
	fmt.Println(say.Explain(err, say.FrenchCanada))
	// Output:
	// ouidire.yml:4:20: watch “caisse”: “qery” is not a setting here; write for example query: '"caisse valtisse" anse-aux-moyacs'
	// ouidire.yml:4:20: veille « caisse » : « qery » n’est pas un réglage connu ici; écrivez par exemple query: '"caisse valtisse" anse-aux-moyacs'
}
