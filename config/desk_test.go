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

// byHand is a configuration as a person writes it: comments, quotes, an anchor.
const byHand = `# Notre veille. Ne touchez pas à ceci, svp — l’équipe
organisation: {name: Caisse Valtisse, short: 'la Caisse'}
watches:
  - name: caisse   # nous
    query: '"caisse valtisse" OU anse-aux-moyacs'
    parent: mouvement
  - {name: mouvement, query: '"mouvement valtisse"', relation: parent}
sources:
  - &echo
    name: echo
    kind: feed
    url: https://echo-des-moyacs.example/feed
    token: ${ECHO_TOKEN}
  # la radio
  - {name: radio, kind: feed, url: 'https://radio-moyac.example/feed'}
rules:
  - {name: nouvelles, kind: fresh, channels: [courriel]}
channels:
  - {name: courriel, kind: email, to: [equipe@caisse.example]}
`

func newDesk(t *testing.T) *Desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), Name)
	put(t, path, byHand, 0o600)
	return &Desk{Path: path, Kinds: testKinds(), Env: testEnv}
}

func accepted(*File) error { return nil }

// edit changes what a form would send back: all fields as they are, and given.
func edit(t *testing.T, d *Desk, section, name string, given Answered) error {
	t.Helper()
	e, ok, err := d.Find(section, name)
	if err != nil || !ok {
		t.Fatalf("%s %s: %v, %v", section, name, ok, err)
	}
	return d.Change(Edit{Section: section, Name: name, Given: sent(d, e, given), Seen: e.Seen}, accepted)
}

func sent(d *Desk, e Written, given Answered) Answered {
	all := Answered{}
	for _, f := range d.Form(e) {
		if f.Shape != Hidden {
			all[f.Key] = []string{f.Value}
		}
	}
	for key, v := range given {
		all[key] = v
	}
	return all
}

// both reads the two files of a desk.
func bothFiles(t *testing.T, d *Desk) *File {
	t.Helper()
	body, err := os.ReadFile(d.Path)
	if err != nil {
		t.Fatal(err)
	}
	over, _ := os.ReadFile(PagePath(d.Path))
	f, err := ParseBoth(d.Path, body, over, testEnv, d.Kinds)
	if err != nil {
		t.Fatalf("%v\n%s", err, over)
	}
	return f
}

func TestWhatIsSetOnThePageLiesOverTheFileAndNeverChangesIt(t *testing.T) {
	d := newDesk(t)
	add := func(section, kind string, given Answered) {
		t.Helper()
		if err := d.Change(Edit{Section: section, Kind: kind, Given: given}, accepted); err != nil {
			t.Fatal(err)
		}
	}
	add("sources", "feed", Answered{"name": {"blogue"}, "url": {"https://caisse.example/feed"}, "own": {"true"}})
	add("watches", "", Answered{"title": {"L’épargne d'ici : ${PRIX} #1"}, "query": {`"l’épargne d'ici" -hockey`}, "relation": {"theme"}})
	if err := edit(t, d, "sources", "echo", Answered{"every": {"2h"}}); err != nil {
		t.Fatal(err)
	}
	if err := edit(t, d, "organisation", "", Answered{"short": {"notre Caisse"}}); err != nil {
		t.Fatal(err)
	}
	radio, _, _ := d.Find("sources", "radio")
	if err := d.Change(Edit{Section: "sources", Name: "radio", Seen: radio.Seen}, accepted); err != nil {
		t.Fatal(err)
	}
	if body, _ := os.ReadFile(d.Path); string(body) != byHand {
		t.Errorf("the person's own file was changed:\n%s", body)
	}
	f := bothFiles(t, d)
	var names []string
	for _, s := range f.Sources {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "echo blogue" {
		t.Errorf("sources %s", got)
	}
	if e := f.Sources[0]; e.Every.Hours() != 2 || e.Config.(*feedKind).Token.Reveal() != "jeton-très-secret" {
		t.Errorf("echo %+v, token %q", e, e.Config.(*feedKind).Token.Reveal())
	}
	if w := f.Watches[2]; w.Title != "L’épargne d'ici : ${PRIX} #1" || w.Name != "l-epargne-d-ici-prix-1" || w.Relation != Theme {
		t.Errorf("watch %+v", w)
	}
	if o := f.Organisation; o.Name != "Caisse Valtisse" || o.Short != "notre Caisse" {
		t.Errorf("organisation %+v", o)
	}
	if info, err := os.Stat(PagePath(d.Path)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if all := f.Warnings.Error(); !strings.Contains(all, "ouidire.yml:9:5: the source “echo” was changed on the page") || !strings.Contains(all, "ouidire.yml:15:5: the source “radio” was removed") {
		t.Errorf("warnings:\n%s", all)
	}
}

func TestASourceThatWasRemovedComesBackWhenItIsAddedAgain(t *testing.T) {
	d := newDesk(t)
	for range 2 {
		e, _, _ := d.Find("sources", "radio")
		if err := d.Change(Edit{Section: "sources", Name: "radio", Seen: e.Seen}, accepted); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := d.Find("sources", "radio"); ok {
			t.Fatal("radio is still there")
		}
		if err := d.Change(Edit{Section: "sources", Kind: "feed", Given: Answered{"name": {"radio"}, "url": {"https://radio-moyac.example/2"}}}, accepted); err != nil {
			t.Fatal(err)
		}
		if got := len(bothFiles(t, d).Sources); got != 2 {
			t.Fatalf("%d sources", got)
		}
	}
}

func TestMistakesOfThePagesFileAreSaidAtTheirPlace(t *testing.T) {
	for _, c := range []struct{ over, want string }{
		{"sources:\n  - {name: x, kind: feed, url: https://x.example, dephth: 3}", "ouidire.page.yml:2:51: source “x”: “dephth” is not a setting here; write for example depth: 10"},
		{"\n\nstore: {}", "ouidire.page.yml:3:1: “store” is not a setting here; "},
		{"watches:\n- {name: a, query: 'a'}\n- {name: a, query: 'b'}", "ouidire.page.yml:3:10: watch “a”: this name is already taken on line 2"},
		{"removed: {sources: echo}", "ouidire.page.yml:1:20: sources takes a list"},
		{"watches: non", "ouidire.page.yml:1:10: watches takes a list"},
		{"web: [oui]", "ouidire.page.yml:1:6: web takes a group"},
		{"a: 'b", "ouidire.page.yml:1:4: a quotation mark"},
		{"[a]", "ouidire.page.yml:1:1: the file takes a group"},
		{"removed: {channels: [courriel]}", "ouidire.yml:17:47: rule “nouvelles”: no channel is called “courriel”"},
		{"\xff", "ouidire.page.yml:1:1: this character is not written in UTF-8"},
		{"organisation: {timezone: Gaspé}", "ouidire.page.yml:1:26: there is no time zone called “Gaspé”"},
	} {
		_, err := ParseBoth(Name, []byte(byHand), []byte(c.over), testEnv, testKinds())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got\n%v\nwant\n%s", c.over, err, c.want)
		}
	}
	if _, err := ParseBoth(Name, []byte(byHand), []byte("# rien\n"), testEnv, testKinds()); err != nil {
		t.Error(err)
	}
}

func TestWhatWasChangedMeanwhileIsNotOverwritten(t *testing.T) {
	d := newDesk(t)
	first, _, _ := d.Find("sources", "echo")
	group, _, _ := d.Find("organisation", "")
	if err := edit(t, d, "sources", "echo", Answered{"every": {"2h"}}); err != nil {
		t.Fatal(err)
	}
	second := Edit{Section: "sources", Name: "echo", Seen: first.Seen, Given: sent(d, first, Answered{"every": {"3h"}})}
	var conflict *Conflict
	if err := d.Change(second, accepted); !errors.As(err, &conflict) || say.Explain(err, say.FrenchCanada) == err.Error() {
		t.Errorf("two windows: got %v", err)
	}
	put(t, d.Path, strings.Replace(byHand, "'la Caisse'", "'Caisse'", 1), 0o600)
	if err := d.Change(Edit{Section: "organisation", Seen: group.Seen, Given: Answered{"short": {"X"}}}, accepted); !errors.As(err, &conflict) {
		t.Errorf("a hand: got %v", err)
	}
	if got := bothFiles(t, d); got.Organisation.Short != "Caisse" || got.Sources[0].Every.Hours() != 2 {
		t.Errorf("got %+v", got.Organisation)
	}
	now, _, _ := d.Find("sources", "radio")
	meanwhile := func(*File) error { put(t, PagePath(d.Path), "# autre\n", 0o600); return nil }
	if err := d.Change(Edit{Section: "sources", Name: "radio", Seen: now.Seen}, meanwhile); !errors.As(err, &conflict) {
		t.Errorf("between reading and writing: got %v", err)
	}
}

func TestASecretIsWrittenApartAndNeverShown(t *testing.T) {
	d := newDesk(t)
	change := func(given Answered) {
		t.Helper()
		if err := edit(t, d, "channels", "courriel", given); err != nil {
			t.Fatal(err)
		}
	}
	secret := func() string { return bothFiles(t, d).Channels[0].Config.(*emailKind).SMTP.Password.Reveal() }
	kept := func() int { files, _ := os.ReadDir(secretsDir(d.Path)); return len(files) }
	change(Answered{"smtp.password": {" l’épargne ${HOME} "}, "smtp.host": {"courriel.caisse.example"}})
	if got := secret(); got != " l’épargne ${HOME} " {
		t.Errorf("got %q", got)
	}
	change(Answered{"to": {"a@caisse.example\r\nb@caisse.example\n"}})
	if got := secret(); got != " l’épargne ${HOME} " || kept() != 1 {
		t.Errorf("after another change: %q, %d files", got, kept())
	}
	e, _, _ := d.Find("channels", "courriel")
	for _, f := range d.Form(e) {
		if strings.Contains(f.Value, "épargne") || f.Shape == Hidden && (f.Value != "" || !f.Given) {
			t.Errorf("shown: %+v", f)
		}
	}
	over, _ := os.ReadFile(PagePath(d.Path))
	if strings.Contains(string(over), "épargne") {
		t.Errorf("the page's file holds the secret:\n%s", over)
	}
	change(Answered{"smtp.password": {"deux"}})
	change(Answered{"smtp.password": {"trois"}})
	if got := kept(); got != 2 || secret() != "trois" { // that of the file before too
		t.Errorf("%d secrets are kept, %q holds", got, secret())
	}
	bad := Answered{"smtp.password": {"quatre"}, "to": {""}}
	if err := edit(t, d, "channels", "courriel", bad); err == nil || kept() != 2 {
		t.Errorf("a refused change: %v, %d secrets", err, kept())
	}
	change(Answered{"smtp.password" + ForgetSecret: {"true"}})
	if got := secret(); got != "" {
		t.Errorf("got %q", got)
	}
	files, _ := os.ReadDir(secretsDir(d.Path))
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestWhatIsRefusedIsSaidBesideItsField(t *testing.T) {
	d := newDesk(t)
	before, _ := os.ReadDir(filepath.Dir(d.Path))
	err := d.Change(Edit{Section: "sources", Kind: "feed", Given: Answered{"name": {"Écho !"}, "depth": {"90"}, "url": {"ftp://x"}}}, accepted)
	var wrong *Problems
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	said := 0
	for _, f := range d.Form(Written{Section: "sources", Kind: "feed"}) {
		if m, ok := wrong.Problem(&f); ok {
			said++
			if f.Key != "name" && f.Key != "depth" && f.Key != "url" {
				t.Errorf("%s: %s", f.Key, m.In(say.English))
			}
		}
	}
	if said != 3 {
		t.Errorf("%d are said:\n%v", said, err)
	}
	errNo := errors.New("no")
	if err := d.Change(Edit{Section: "sources", Kind: "feed", Given: Answered{"url": {"https://x.example"}}}, func(*File) error { return errNo }); !errors.Is(err, errNo) {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadDir(filepath.Dir(d.Path)); len(after) != len(before) {
		t.Errorf("files were left: %v", after)
	}
}

func TestAFormAsksForEverySettingOfAKindThatItCan(t *testing.T) {
	d := newDesk(t)
	got := map[string]Shape{}
	for _, f := range d.Form(Written{Section: "sources", Kind: "feed"}) {
		got[f.Key] = f.Shape
		if f.Label.EN == "" {
			t.Errorf("%s has no label", f.Key)
		}
		if f.Key == "format" && strings.Join(f.Choices, " ") != "rss atom" || f.Key == "url" && (!f.Required || f.Example != "https://echo-des-moyacs.example/feed") {
			t.Errorf("got %+v", f)
		}
	}
	for key, want := range map[string]Shape{"name": Line, "own": Truth, "every": Line, "url": Line, "depth": Line, "token": Hidden,
		"skip": Lines, "only": Lines, "login.user": Line, "login.pass": Hidden, "pause": Line, "full": Truth, "headers": "", "login.hosts": ""} {
		if got[key] != want {
			t.Errorf("%s: got %q, want %q", key, got[key], want)
		}
	}
}

// Whatever people type comes back as they typed it, less what no name holds.
func TestAnyTextSetOnThePageIsReadBack(t *testing.T) {
	d := &Desk{Path: Name, Kinds: testKinds(), Env: testEnv}
	under, err := d.draft(d.Path, []byte(byHand))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		title := "a" + rapid.String().Draw(t, "title")
		to := "b" + rapid.StringMatching(`[a-zà-ü'’"«»${}#:&*!|>%@\[\], -]{1,40}`).Draw(t, "to")
		s := &sheet{body: []byte(byHand), under: under}
		for _, e := range []Edit{
			{Section: "watches", Given: Answered{"name": {"w"}, "query": {"a"}, "title": {title}}},
			{Section: "channels", Kind: "email", Given: Answered{"name": {"c"}, "to": {to}}},
		} {
			if s.page, err = d.edited(s, e, Written{}, nil); err != nil {
				t.Fatal(err)
			}
			s.over = d.spell(s, s.page)
			if s.page, err = d.draft(PagePath(d.Path), s.over); err != nil {
				t.Fatal(err)
			}
		}
		f, err := ParseBoth(d.Path, s.body, s.over, testEnv, d.Kinds)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Watches[2].Title; got != oneLine(title) {
			t.Fatalf("got %q of %q", got, title)
		}
		if got := f.Channels[1].Config.(*emailKind).To; len(got) != 1 || got[0] != oneLine(to) {
			t.Fatalf("got %q of %q", got, to)
		}
	})
}

func FuzzAnyFileOfThePageIsReadOrSaid(f *testing.F) {
	for _, seed := range []string{"", "# rien", "removed: {sources: [echo]}", "watches:\n  - {name: épargne, query: 'l’œuvre'}\n", "web: {password: 'file:x'}", "sources: &a [*a]", "removed: *x", "organisation: {short: &s [*s]}\nwatches: [[[]]]", "\xff", "a: 'b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, over string) {
		file, err := ParseBoth(Name, []byte(byHand), []byte(over), testEnv, testKinds())
		if (file == nil) == (err == nil) {
			t.Fatalf("got %v, %v", file, err)
		}
		var wrong *Problems
		if err == nil {
			return
		}
		if !errors.As(err, &wrong) || len(wrong.List) == 0 {
			t.Fatalf("got %v", err)
		}
		for _, m := range wrong.List {
			if lines := 1 + strings.Count(over, "\n") + strings.Count(over, "\r"); m.File != "" && m.Line > lines {
				t.Fatalf("line %d of %d: %s", m.Line, lines, m.In(say.English))
			}
		}
	})
}
