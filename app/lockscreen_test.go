package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// A phone that lies on a table shows the subject, and of the body what is left of so many
// characters.
const (
	shownMost   = 90
	subjectMost = 70
)

// shown is what a phone shows of a message.
func shown(subject, body string) string {
	runes := []rune(subject + "\n" + strings.TrimSpace(body))
	return string(runes[:min(shownMost, len(runes))])
}

// unreadable finds what is for programs: markup of ours, entities whole or cut, addresses,
// and what turns a line around or ends it.
var unreadable = regexp.MustCompile(`\*\*|\]\(|&#?[a-zA-Z0-9]+;|&#?[a-zA-Z0-9]*$|https?:|://|%!|[\x00-\x09\x0b-\x1f\x7f\x{202a}-\x{202e}\x{2066}-\x{2069}\x{200e}\x{200f}]`)

// readsWell demands of a message what every phone needs.
func readsWell(t *testing.T, name, subject, body string) {
	t.Helper()
	if n := utf8.RuneCountInString(subject); n > subjectMost || n == 0 || strings.Contains(subject, "\n") {
		t.Errorf("%s: the subject has %d characters: %q", name, n, subject)
	}
	if first := shown(subject, body); unreadable.MatchString(first) || !utf8.ValidString(first) {
		t.Errorf("%s: a phone shows %q", name, first)
	}
}

// asARule is how many there are as a rule, in both languages.
var asARule = regexp.MustCompile(`\d.*(d’habitude|usually \d)`)

func TestTheFirstNinetyCharactersOfEachGoldenMessageReadWellOnALockScreen(t *testing.T) {
	files := 0
	for _, pattern := range []string{"../alerting/testdata/*.golden", "../alerting/testdata/edition/*.golden", "../alerting/testdata/summary/*.golden", "../alerting/rule/*/testdata/*.golden"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no golden message in %s: %v", pattern, err)
		}
		for _, file := range found {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files++
			for _, one := range regexp.MustCompile(`(?m)^== `).Split(string(raw), -1)[1:] {
				lang, message, _ := strings.Cut(one, "\n")
				subject, body, _ := strings.Cut(message, "\n")
				name := filepath.Base(file) + ", " + lang
				readsWell(t, name, subject, body)
				surge := strings.HasPrefix(filepath.Base(file), "surge-") && !strings.HasPrefix(filepath.Base(file), "surge-end")
				if surge && (!asARule.MatchString(shown(subject, body)) || !strings.Contains(subject, "aisse")) {
					t.Errorf("%s: a phone does not say how many, how many as a rule and whom: %q", name, shown(subject, body))
				}
			}
		}
	}
	t.Logf("%d golden files", files)
}

// names are what watches, sources, authors and titles are called.
var names = map[string]string{
	"usual":  "la Caisse",
	"long":   "la Fédération des caisses d’épargne et des coopératives de toute la région des Moyacs et du Brûlis",
	"word":   "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
	"emoji":  "👩🏽‍🌾👩🏽‍🌾 L'Œuf 🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦🇨🇦 cœur d’été",
	"bidi":   "Caisse \u202eesrevne\u202c \u2067à droite\u2069 des Moyacs",
	"markup": "<b>Caisse</b> & fils &amp; **gras** [ici](https://moyac.example/a?b=c)",
	"lines":  "Caisse\r\nBcc: volee@moyac.example\x00\x1b[31m\u0000 fin",
	"figure": "1 234 567 890 épargnants, 98 765 d'habitude, 12 en 4 h",
}

// announced are messages of every kind of rule, in which all that people are called is name.
func announced(t *testing.T, name string, l say.Lang) map[string][2]string {
	t.Helper()
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	reader := alerting.Reader{Lang: l, Zone: time.UTC, Page: "https://veille.caisse.example", Watches: map[string]alerting.Named{"caisse": {Title: name, Whom: name}, "mouvement": {Title: name, Whom: name}}}
	facts := map[string]alerting.Incident{
		"surge": {Facts: alerting.Facts{Surge: &alerting.SurgeFacts{Count: 1234, Usual: 56, Upto: at, People: 321, Rising: true, Places: []alerting.SurgePlace{{Title: name, Share: 0.8}},
			Amplifiers: []alerting.SurgeVoice{{Name: name, Audience: 48_000}}, Examples: []alerting.SurgeQuote{{Text: name, Place: name, At: at}}, Blind: []string{name}}}},
		"story": {Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: name, Outlet: name, Outlets: 1, At: at, Excerpt: name, URL: "https://moyac.example/a"}}},
		"taken": {Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: name, Outlet: name, Outlets: 17, At: at, Excerpt: name, URL: "https://moyac.example/a"}}},
		"plain": {},
	}
	for kind, k := range ruleKinds {
		c := config.Rule{Entry: config.Entry{Name: kind, Kind: kind, Config: k.defaults()}}
		made, err := k.make(c, alerting.Terms{Watch: "caisse"}, alerting.Deps{Kin: func(string) alerting.Kin { return alerting.Kin{Above: []string{"mouvement"}} }})
		if err != nil {
			t.Fatal(err)
		}
		if e, can := made.(alerting.Exercised); can {
			s := e.Exercise(at)
			facts[kind] = alerting.Incident{Severity: s.Severity, Facts: s.Facts, Since: s.Since, Size: s.Size}
		}
	}
	all := map[string][2]string{}
	for kind, i := range facts {
		i.ID, i.Rule, i.Watch, i.State = "7q3k9", kind, "caisse", alerting.New
		if i.Since.IsZero() {
			i.Since = at.Add(-6*time.Hour - 40*time.Minute)
		}
		made := alerting.NamedRule{Name: name, Kind: kind, Watch: "caisse", Rule: exercised(alerting.Signal{Watch: "caisse", Severity: i.Severity, Since: i.Since, Facts: i.Facts})}
		m := alerting.Exercise(made, alerting.Channel{Name: "courriel", Reader: reader}, "7q3k9", at)
		if i.Facts.Story == nil { // there is no exercise of a story
			all[kind+" exercise"] = [2]string{m.Subject, m.Body}
		}
		i.Waits, i.MovedAt, i.First = at, at.Add(time.Hour), []string{name}
		for _, what := range []alerting.Transition{alerting.Opened, alerting.Grown, alerting.Resumed, alerting.Revised, alerting.Reminded, alerting.Escalated, alerting.Ended} {
			i.Over = what == alerting.Ended
			subject, body, _ := alerting.Compose(i, []alerting.Transition{what}, reader)
			all[fmt.Sprint(kind, " ", what)] = [2]string{subject, body}
		}
	}
	return all
}

// exercised is a rule that would say one thing.
type exercised alerting.Signal

func (e exercised) Eval(context.Context, alerting.Asker, time.Time) ([]alerting.Signal, time.Time, error) {
	return nil, time.Time{}, nil
}

func (e exercised) Exercise(time.Time) alerting.Signal { return alerting.Signal(e) }

func TestWhateverThingsAreCalledAPhoneSaysWhoAndHowMany(t *testing.T) {
	for called, name := range names {
		for _, l := range []say.Lang{say.FrenchCanada, say.FrenchFrance, say.English} {
			for kind, m := range announced(t, name, l) {
				of := fmt.Sprintf("%s, %s, %s", kind, called, l)
				readsWell(t, of, theirs.Replace(m[0]), theirs.Replace(m[1]))
				first := shown(m[0], m[1])
				if !calls(first, name) && !slices.Contains([]string{"blind"}, strings.Fields(kind)[0]) {
					t.Errorf("%s: a phone does not say whom: %q", of, first)
				}
				many := map[string]string{"surge": l.Number(1234), "taken": "17", "threshold": "12", "share": "60"}[strings.Fields(kind)[0]]
				over := strings.HasSuffix(kind, string(alerting.Ended))
				if !strings.Contains(first, many) {
					t.Errorf("%s: a phone does not say that there are %s: %q", of, many, first)
				}
				if strings.HasPrefix(kind, "surge") && !over && !strings.Contains(first, "56") {
					t.Errorf("%s: a phone does not say how many there are as a rule: %q", of, first)
				}
			}
		}
	}
}

// theirs is what strangers write as markup, which is shown as they wrote it.
var theirs = strings.NewReplacer("**", "--", "](", "--", "&amp", "----", " & fils &", " - fils -")

// calls says whether a phone gives the beginning of a name, cut after a word unless none ends in
// what it has room for.
func calls(first, name string) bool {
	plain := strings.NewReplacer("https://moyac.example/a?b=c", "moyac[.]example", "moyac.example", "moyac[.]example").Replace(alerting.Plain(name, 200))
	given := 0
	for _, p := range []string{alerting.Plain(name, 200), plain} {
		for n := len(p); n > given; n-- {
			if utf8.RuneStart(append([]byte(p), 'x')[n]) && strings.Contains(first, strings.TrimRight(p[:n], " ")) {
				given = n
			}
		}
	}
	letters := 0
	for _, r := range plain[:min(given, len(plain))] {
		if !unicode.IsSpace(r) {
			letters++
		}
	}
	return letters >= 2
}
