package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
)

var exampleEntries = Answers{
	Sources:  []string{"# A village's paper.\n# Le journal du village.\nname: echo\nkind: feed\n\nurl: https://echo-des-moyacs.example/feed\nlogin:\n  user: caisse\n", "name: moyacs\nkind: page"},
	Rules:    []string{"{name: nouvelles, kind: fresh}"},
	Channels: []string{"name: courriel\r\nkind: email\r\nto: [equipe@caisse.example]"},
}

func first(t interface {
	Fatalf(string, ...any)
	Helper()
}, a Answers) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, a); err != nil {
		t.Fatalf("%+v: %v", a, err)
	}
	return b.String()
}

func TestAFirstFileIsReadBackAsItWasAnswered(t *testing.T) {
	for _, c := range []struct {
		name, file string
		a          Answers
		self, over string // queries
	}{
		{"caisse", "first-fr.golden", Answers{Name: "Caisse Valtisse de l’Anse-aux-Moyacs", Short: "la Caisse", Parent: "Mouvement Valtisse", Place: "L'Anse-aux-Moyacs", Language: say.FrenchCanada, Email: "equipe@caisse.example"},
			`"Caisse Valtisse de l’Anse-aux-Moyacs" OU ("Caisse Valtisse" "Anse-aux-Moyacs")`, `"Mouvement Valtisse"`},
		{"bank", "first-en.golden", Answers{Name: "Bank of Nordelune at Moyac Bay", Place: "Moyac Bay", Language: say.English, Timezone: "America/Halifax"},
			`"Bank of Nordelune at Moyac Bay" OR ("Bank of Nordelune" "Moyac Bay")`, ""},
		{"quotes", "", Answers{Name: `Festival "L'Été" d'ici : été #1`, Parent: `Ville «Nord»`}, `"Festival L'Été d'ici : été #1"`, `"Ville Nord"`},
		{"dollar", "", Answers{Name: "Épargne ${HOTE} & cie", Language: say.FrenchFrance}, `"Épargne {HOTE} & cie"`, ""},
		{"elsewhere", "", Answers{Name: "Banque Nordelune", Place: "Gaspé"}, `"Banque Nordelune"`, ""},
		{"only the place", "", Answers{Name: "L’Anse-aux-Moyacs", Place: "Anse-aux-Moyacs"}, `"L’Anse-aux-Moyacs"`, ""},
		{"its own parent", "", Answers{Name: "Nordelune", Parent: "NORDELUNE"}, `"Nordelune"`, ""},
		{"capitals and composed accents", "", Answers{Name: "CAISSE DE L'E\u0301PARGNE DU MOYAC", Place: "Moyac"}, "\"CAISSE DE L'E\u0301PARGNE DU MOYAC\" OU (\"CAISSE DE L’E\u0301PARGNE\" \"Moyac\")", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.a.Sources, c.a.Rules, c.a.Channels = exampleEntries.Sources, exampleEntries.Rules, exampleEntries.Channels
			text := first(t, c.a)
			f := parse(t, text)
			if got, want := f.Organisation.Name, oneLine(c.a.Name); got != want {
				t.Errorf("name: got %q, want %q", got, want)
			}
			if got := f.Watches[0]; got.Query != c.self || got.Relation != Self {
				t.Errorf("got %+v, want query %s", got, c.self)
			}
			if (len(f.Watches) > 1) != (c.over != "") || c.over != "" && (f.Watches[1].Query != c.over || f.Watches[0].Parent != f.Watches[1].Name) {
				t.Errorf("got %+v, want query %s above", f.Watches, c.over)
			}
			if len(f.Sources) != 2 || len(f.Rules) != 1 || len(f.Channels) != 1 {
				t.Errorf("the entries of the kinds are missing:\n%s", text)
			}
			if c.file != "" {
				golden(t, "testdata/"+c.file, text)
			}
		})
	}
}

func TestAnyNameGivesAFileThatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Answers{
			Name:     "a" + rapid.String().Draw(t, "name"),
			Short:    rapid.String().Draw(t, "short"),
			Parent:   rapid.StringMatching(`[a-zà-ü'’"«»${}#:&*!|>%@ -]{0,20}`).Draw(t, "parent"),
			Place:    rapid.String().Draw(t, "place"),
			Language: rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "language"),
		}
		text := first(t, a)
		f, err := Parse(Name, []byte(text), testEnv, testKinds())
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if f.Organisation.Name != oneLine(a.Name) || f.Organisation.Language != string(a.Language) {
			t.Fatalf("got %+v of %+v", f.Organisation, a)
		}
	})
}

func TestAnswersThatCannotBeAreRefusedInBothLanguages(t *testing.T) {
	for want, a := range map[string]Answers{
		"--name": {Name: " … "}, "fr-CA": {Name: "A", Language: "de"}, "--timezone": {Name: "A", Timezone: "Gaspé"}, "--email": {Name: "A", Email: "equipe"},
	} {
		err := Write(&strings.Builder{}, a)
		if err == nil || !strings.Contains(err.Error(), want) || say.Explain(err, say.FrenchCanada) == err.Error() {
			t.Errorf("%+v: got %v, want %s", a, err, want)
		}
	}
	if err := Write(fullDisk{}, Answers{Name: "A"}); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestTheFileIsFoundBesideTheCallerThenInThePersonsFolder(t *testing.T) {
	here, home := t.TempDir(), t.TempDir()
	t.Chdir(here)
	t.Setenv("XDG_CONFIG_HOME", home)
	expect := func(flag, want string, wantFound bool) {
		t.Helper()
		if path, found, err := Find(flag); path != want || found != wantFound || err != nil {
			t.Errorf("got %q, %v, %v, want %q, %v", path, found, err, want, wantFound)
		}
	}
	expect("", Name, false)
	theirs := filepath.Join(home, "ouidire", Name)
	if err := os.MkdirAll(filepath.Dir(theirs), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, theirs, "x", 0o600)
	expect("", theirs, true)
	put(t, filepath.Join(here, Name), "x", 0o600)
	expect("", Name, true)
	expect("autre.yml", "autre.yml", false)
	put(t, filepath.Join(here, "autre.yml"), "x", 0o600)
	expect("autre.yml", "autre.yml", true)
	if _, _, err := Find(Name + "/dedans.yml"); err == nil || say.Explain(err, say.FrenchCanada) == err.Error() {
		t.Errorf("a path through a file: got %v", err)
	}
}

func put(t *testing.T, path, body string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(body), mode); err != nil {
		t.Fatal(err)
	}
}

func TestPathsBeginAtTheFolderOfTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, Name)
	put(t, filepath.Join(dir, "password.txt"), "l’épargne\r\n", 0o600)
	put(t, filepath.Join(dir, "ca.pem"), certificate(t), 0o600)
	put(t, path, "organisation: {name: A}\nwatches: [{name: a, query: a}]\nsources: [{name: s, kind: feed, url: https://a.example}]\nweb: {password: file:password.txt}\ncrawler: {ca: ca.pem}\n", 0o644)
	f, err := Load(path, testKinds())
	if err != nil {
		t.Fatal(err)
	}
	if f.Data != filepath.Join(dir, "data") || f.Crawler.CA.String() != filepath.Join(dir, "ca.pem") || f.Web.Password.Reveal() != "l’épargne" {
		t.Errorf("got %q, %q, %q", f.Data, f.Crawler.CA, f.Web.Password.Reveal())
	}
	if len(f.Warnings.List) != 0 {
		t.Errorf("warned of nothing: %v", f.Warnings)
	}
}

func TestAFileThatCannotBeReadIsSaidInBothLanguages(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "nulle-part.yml"), t.TempDir()} {
		_, err := Load(path, testKinds())
		if err == nil || !strings.Contains(say.Explain(err, say.FrenchCanada), "impossible de lire la configuration "+path) {
			t.Errorf("got %v", err)
		}
	}
}

func TestWhatWorksAndIsLikelyNotMeantIsWarnedOf(t *testing.T) {
	const body = "organisation: {name: A}\nwatches: [{name: a, query: a}]\nrules: [{name: r, kind: fresh}]\nweb: {password: hunter-valtisse}\n"
	path := filepath.Join(t.TempDir(), Name)
	for mode, want := range map[os.FileMode]string{0o644: "no_source no_channel secret_in_file", 0o600: "no_source no_channel"} {
		put(t, path, body, mode)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		f, err := Load(path, testKinds())
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, m := range f.Warnings.List {
			codes = append(codes, m.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("mode %v: got %q, want %q", mode, got, want)
		}
		if all := f.Warnings.In(say.FrenchCanada) + f.Warnings.Error(); strings.Contains(all, "hunter") || strings.Contains(all, "%!") {
			t.Errorf("got %s", all)
		}
	}
}

func TestAnEntryStandsAloneAsInTheExampleOfItsKind(t *testing.T) {
	source, err := ParseEntry[Source]("example.yml", []byte(exampleEntries.Sources[0]), testEnv, testKinds())
	if err != nil || source.Name != "echo" || source.Config.(*feedKind).Login.User != "caisse" {
		t.Errorf("got %+v, %v", source, err)
	}
	store, err := ParseEntry[Store]("example.yml", []byte("kind: local"), testEnv, testKinds())
	if err != nil || store.Config.(*localKind).Path != "mentions.db" {
		t.Errorf("got %+v, %v", store, err)
	}
	_, err = ParseEntry[Channel]("example.yml", []byte("name: c\nkind: email\nto: []\nfrom: x"), testEnv, testKinds())
	if want := "example.yml:4:1: “from” is not a setting here; the settings are name, kind, language, quiet, digest, no_sign_of_life, role, after, fallback, to, smtp"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = ParseEntry[Source]("example.yml", []byte("name: s\nkind: feed\nurl: x\nlogin: {user: admin}"), testEnv, testKinds())
	if err == nil || !strings.HasPrefix(err.Error(), "example.yml:3:6: ") || !strings.Contains(err.Error(), "\nexample.yml:4:15: ") {
		t.Errorf("got %v", err)
	}
}
