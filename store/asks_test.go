package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// edited was claimed at noon, edited an hour later so that nobody claims it, and
// judged twice, the second time by a person.
func edited() mention.Mention {
	return mention.Mention{
		ID: "m", Source: "tribune", Place: "web", Kind: mention.Article, URL: "https://nouvelles.example/1", Lang: "fr",
		Author: mention.Author{ID: "7", Name: "Odette Bréhaut"}, Thread: "t", PublishedAt: noon, SeenAt: noon,
		Versions: []mention.Version{
			{At: noon, Title: "L’épargne", Text: "à la caisse Valtisse", Hits: []mention.Hit{{Watch: "valtisse"}, {Watch: "frais"}}},
			{At: noon.Add(time.Hour), Title: "L'épargne", Text: "à la banque"},
		},
		Readings: []mention.Reading{
			{At: noon, Label: mention.Negative, Target: mention.Brand, By: "lexicon-1"},
			{At: noon.Add(2 * time.Hour), Label: mention.Positive, By: mention.Person},
		},
	}
}

func TestAQuestionAsksForWhatMeetsAllItsConditions(t *testing.T) {
	words := func(s string) query.Node {
		n, err := query.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	then := noon.Add(time.Minute)
	for _, c := range []struct {
		what string
		q    Question
		want bool
	}{
		{"now nobody claims it", Question{}, false},
		{"unclaimed", Question{Unclaimed: true}, true},
		{"then it was claimed", Question{AsOf: then}, true},
		{"then it was not unclaimed", Question{AsOf: then, Unclaimed: true}, false},
		{"before it was seen", Question{AsOf: noon.Add(-1)}, false},
		{"words of the newest version", Question{Unclaimed: true, Text: words("banques")}, true},
		{"words of the version before", Question{Unclaimed: true, Text: words("valtisse")}, false},
		{"words of the version of then", Question{AsOf: then, Text: words("d’epargne ET VALTISSE")}, true},
		{"its author and site", Question{AsOf: then, Text: words("auteur:brehaut site:nouvelles.example")}, true},
		{"its watch then", Question{AsOf: then, Watches: []string{"other", "frais"}}, true},
		{"another watch", Question{AsOf: then, Watches: []string{"other"}}, false},
		{"the tone of then", Question{AsOf: then, Labels: []mention.Label{mention.Negative}}, true},
		{"the tone a person gave later", Question{AsOf: then, Labels: []mention.Label{mention.Positive}}, false},
		{"its target", Question{AsOf: then, Targets: []mention.Target{mention.Brand}}, true},
		{"published from its instant", Question{AsOf: then, From: noon, To: noon.Add(1)}, true},
		{"published up to its instant", Question{AsOf: then, To: noon}, false},
		{"seen up to its instant", Question{AsOf: then, SeenTo: noon}, false},
		{"changed up to when a person judged it", Question{Unclaimed: true, ChangedTo: noon.Add(2 * time.Hour)}, false},
		{"changed from when a person judged it", Question{Unclaimed: true, ChangedFrom: noon.Add(2 * time.Hour)}, true},
		{"changed after", Question{Unclaimed: true, ChangedFrom: noon.Add(2*time.Hour + 1)}, false},
		{"changed as of its edit", Question{Unclaimed: true, ChangedTo: noon.Add(2 * time.Hour), AsOf: noon.Add(time.Hour)}, true},
		{"changed as of before its edit", Question{AsOf: then, ChangedFrom: noon}, false},
		{"our own", Question{AsOf: then, Own: true}, false},
		{"its thread, source, place, kind, language and id", Question{AsOf: then, Threads: []string{"t"}, Sources: []string{"tribune"},
			Places: []string{"web"}, Kinds: []mention.Kind{mention.Article}, Langs: []string{"fr"}, IDs: []string{"m"}, News: true}, true},
		{"another id", Question{AsOf: then, IDs: []string{"n"}}, false},
	} {
		m := edited()
		if got := c.q.Asks(&m); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestWhatIsGoneOrHistoryIsAskedForByName(t *testing.T) {
	m := edited()
	m.GoneAt, m.History = noon.Add(30*time.Minute), true
	for _, c := range []struct {
		what string
		q    Question
		want bool
	}{
		{"gone", Question{AsOf: noon.Add(30 * time.Minute)}, false},
		{"gone, asked for", Question{AsOf: noon.Add(30 * time.Minute), Gone: true}, true},
		{"before it went", Question{AsOf: noon}, true},
		{"history is no news", Question{AsOf: noon, News: true}, false},
	} {
		if got := c.q.Asks(&m); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestWhatWasKnownLeavesTheMentionAsItIs(t *testing.T) {
	m := edited()
	m.GoneAt = noon.Add(3 * time.Hour)
	known := Known(&m, noon.Add(time.Minute))
	if len(known.Versions) != 1 || len(known.Readings) != 1 || !known.GoneAt.IsZero() {
		t.Errorf("known then: %d versions, %d readings, gone %v; want 1, 1 and not", len(known.Versions), len(known.Readings), known.GoneAt)
	}
	want := edited()
	want.GoneAt = noon.Add(3 * time.Hour)
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("the mention was changed (- want, + got):\n%s", diff)
	}
}

func TestAFieldHasTheValuesOfTheMention(t *testing.T) {
	m := edited()
	m.Versions = m.Versions[:1]
	for field, want := range map[Field][]string{
		ByWatch: {"frais", "valtisse"}, BySource: {"tribune"}, ByPlace: {"web"}, ByKind: {"article"},
		ByLang: {"fr"}, ByLabel: {"positive"}, ByAuthor: {"Odette Bréhaut"},
	} {
		if diff := cmp.Diff(want, field.Values(&m)); diff != "" {
			t.Errorf("%s (- want, + got):\n%s", field, diff)
		}
	}
	m.Author.Name, m.Readings = "", nil
	if got := ByAuthor.Values(&m); got[0] != "7" {
		t.Errorf("an author without a name: %q, want its id", got)
	}
	if got := ByLabel.Values(&m); got[0] != "" {
		t.Errorf("the unread: %q, want no label", got)
	}
}
