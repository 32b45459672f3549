package fresh

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/mention"
)

var _ rule.Swept = (*Rule)(nil)

// speaks is what somebody wrote in a conversation.
func speaks(in, id string, seen time.Time, watches ...string) alerting.Member {
	m := member(id, seen, watches...)
	m.Conversation = in
	return m
}

// apart are stories of one member each.
func apart(all ...alerting.Member) (stories []alerting.Story) {
	for _, m := range all {
		stories = append(stories, tale(m))
	}
	return stories
}

// signalledOver asks a rule each minute about what was known then, and says which stories
// it signals, each once, with the conversation that it tells them of.
func signalledOver(t *testing.T, r *Rule, stories []alerting.Story, from, to time.Time) (told []string) {
	t.Helper()
	for at := from; !at.After(to); at = at.Add(time.Minute) {
		signals, _, err := r.Eval(t.Context(), knownAt(stories, at, r.longest()+slack), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signals {
			of := "as a story"
			if s.Story.Talk {
				of = "of " + s.Story.ID
			}
			if one := fmt.Sprint(s.Facts.Story.Outlet, " ", of); !slices.Contains(told, one) {
				told = append(told, one)
			}
		}
	}
	return told
}

// knownAt is what a rule is answered at an instant of stories that it has.
func knownAt(stories []alerting.Story, at time.Time, lately time.Duration) *answers {
	a := &answers{}
	for _, s := range stories {
		known := slices.DeleteFunc(slices.Clone(s.Members), func(m alerting.Member) bool { return m.SeenAt.After(at) })
		a.members = append(a.members, known...)
		if len(known) > 0 && !known[len(known)-1].SeenAt.Before(at.Add(-lately)) {
			one := tale(known...)
			one.ID = s.ID
			a.stories = append(a.stories, one)
		}
	}
	slices.SortStableFunc(a.members, func(x, y alerting.Member) int { return x.SeenAt.Compare(y.SeenAt) })
	return a
}

func TestWhatPeopleWriteIsToldOncePerConversationUntilItRests(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	old := speaks("fil", "jadis", at(-30), "caisse")
	old.History = true
	edited := speaks("fil", "b", at(200), "caisse")
	edited.Change = alerting.Corrected
	digested := alerting.Terms{Watch: "mouvement", Digested: true}
	for name, c := range map[string]struct {
		terms   alerting.Terms
		config  func(*Config)
		stories []alerting.Story
		want    []string
	}{
		"one by itself":              {stories: apart(speaks("a", "a", at(0), "caisse")), want: []string{"a.example of a"}},
		"several in one":             {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("fil", "b", at(1), "caisse"), speaks("fil", "c", at(100), "caisse")), want: []string{"a.example of fil"}},
		"in two":                     {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("autre", "b", at(1), "caisse")), want: []string{"a.example of fil", "b.example of autre"}},
		"seen at once":               {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("fil", "b", at(0), "caisse")), want: []string{"a.example of fil"}},
		"it goes on for long":        {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("fil", "b", at(110), "caisse"), speaks("fil", "c", at(230), "caisse")), want: []string{"a.example of fil"}},
		"it rested":                  {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("fil", "b", at(121), "caisse")), want: []string{"a.example of fil", "b.example of fil"}},
		"others spoke before":        {stories: apart(speaks("fil", "a", at(0), "mouvement"), speaks("fil", "b", at(1), "caisse")), want: []string{"b.example of fil"}},
		"of any watch":               {terms: alerting.Terms{Wait: time.Minute}, stories: apart(speaks("fil", "a", at(0), "mouvement"), speaks("fil", "b", at(1), "caisse")), want: []string{"a.example of fil"}},
		"what was before is history": {stories: apart(old, speaks("fil", "a", at(0), "caisse")), want: []string{"a.example of fil"}},
		"it began with an article":   {stories: apart(member("fil", at(0), "caisse"), speaks("fil", "a", at(10), "caisse")), want: []string{"fil.example as a story"}},
		"what it began with is late": {stories: apart(speaks("fil", "a", at(0), "caisse"), speaks("fil", "fil", at(10), "caisse")), want: []string{"a.example of fil"}},
		"an article follows the rest": {stories: []alerting.Story{tale(speaks("fil", "a", at(0), "caisse")),
			tale(speaks("fil", "b", at(1), "caisse"), member("c", at(30), "caisse"))}, want: []string{"a.example of fil", "c.example as a story"}},
		"copied into another": {stories: []alerting.Story{tale(speaks("fil", "a", at(0), "caisse")),
			tale(speaks("fil", "b", at(1), "caisse"), speaks("autre", "c", at(30), "caisse"))}, want: []string{"a.example of fil", "c.example of autre"}},
		"an edit of what was left to it": {stories: []alerting.Story{tale(speaks("fil", "a", at(0), "caisse")),
			tale(speaks("fil", "b", at(1), "caisse"), edited)}, want: []string{"a.example of fil"}},
		"it can wait":                {terms: digested, stories: apart(speaks("fil", "a", at(0), "mouvement"))},
		"it comes to name us":        {terms: digested, stories: apart(speaks("fil", "a", at(0), "mouvement"), speaks("fil", "b", at(9), "mouvement", "caisse"), speaks("fil", "c", at(20), "mouvement", "caisse")), want: []string{"b.example of fil"}},
		"it named us, and went on":   {terms: digested, stories: apart(speaks("fil", "a", at(0), "mouvement", "caisse"), speaks("fil", "b", at(90), "mouvement"), speaks("fil", "c", at(180), "mouvement", "caisse")), want: []string{"a.example of fil"}},
		"it named us, and rested":    {terms: digested, stories: apart(speaks("fil", "a", at(0), "mouvement", "caisse"), speaks("fil", "c", at(180), "mouvement", "caisse")), want: []string{"a.example of fil", "c.example of fil"}},
		"each at once":               {terms: digested, config: func(c *Config) { c.AtOnce = true }, stories: apart(speaks("fil", "a", at(0), "mouvement"), speaks("fil", "b", at(9), "mouvement")), want: []string{"a.example of fil"}},
		"it spreads as a story does": {terms: digested, config: func(c *Config) { c.Outlets = 2 }, stories: []alerting.Story{tale(speaks("a", "a", at(0), "mouvement"), speaks("b", "b", at(9), "mouvement"))}, want: []string{"a.example as a story"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.terms == (alerting.Terms{}) {
				c.terms.Watch = "caisse"
			}
			r := newRule(t, c.terms)
			if c.config != nil {
				c.config(&r.config)
			}
			if got := signalledOver(t, r, c.stories, at(-40), at(260)); !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatARuleTellsOfAConversationItSaysToOthers(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	r := newRule(t, alerting.Terms{Watch: "caisse"})
	a, b, theirs := speaks("fil", "a", at(0), "caisse"), speaks("fil", "b", at(30), "caisse"), speaks("fil", "c", at(40), "mouvement")
	ask := &answers{members: []alerting.Member{a, b, theirs}}
	talk := func(m alerting.Member) alerting.Story {
		return alerting.Story{ID: "fil", Talk: true, Members: []alerting.Member{m}}
	}
	for name, c := range map[string]struct {
		story alerting.Story
		want  time.Time
	}{
		"by its first":          {talk(a), at(2)},
		"by one of another":     {talk(theirs), at(2)},
		"the story of a later":  {tale(b), at(2)},
		"after its rest":        {talk(speaks("fil", "d", at(151), "mouvement")), time.Time{}},
		"nobody's conversation": {tale(theirs), time.Time{}},
	} {
		if got, err := r.Tells(t.Context(), ask, c.story, at(160)); err != nil || !got.At.Equal(c.want) || !got.Named {
			t.Errorf("%s: %+v, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestAWaveMayHaveBroughtWhatWasFoundNegativeAndNothingElse(t *testing.T) {
	tone := func(negative float64) mention.Mention {
		return mention.Mention{Versions: []mention.Version{{At: noon, Text: "L’été à l'épargne."}}, Readings: []mention.Reading{{At: noon, Negative: negative}}}
	}
	m := speaks("fil", "a", noon, "caisse")
	corrected := speaks("fil", "a", noon.Add(time.Minute), "caisse")
	corrected.Change = alerting.Corrected
	for name, c := range map[string]struct {
		story    alerting.Story
		negative float64
		want     string
	}{
		"it complains":     {tale(m), 0.9, "caisse"},
		"it does not":      {tale(m), 0.2, ""},
		"an article":       {tale(member("a", noon, "caisse")), 0.9, ""},
		"it was corrected": {tale(m, corrected), 0.9, ""},
	} {
		ask := &answers{stories: []alerting.Story{c.story}, members: c.story.Members, mentions: map[string]mention.Mention{"a": tone(c.negative)}}
		signals, _, err := newRule(t, alerting.Terms{Watch: "caisse"}).Eval(t.Context(), ask, noon.Add(5*time.Minute))
		if err != nil || len(signals) != 1 || signals[0].Of != c.want {
			t.Errorf("%s: %+v, %v", name, signals, err)
		}
	}
}

func TestAConversationThatCannotBeAskedForFailsTheRule(t *testing.T) {
	away := errors.New("the ledger is away")
	m := speaks("fil", "a", noon, "caisse")
	ask := &answers{stories: apart(m), away: away}
	r := newRule(t, alerting.Terms{Watch: "caisse"})
	if _, _, err := r.Eval(t.Context(), ask, noon.Add(time.Hour)); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	for _, s := range []alerting.Story{tale(m), {ID: "fil", Talk: true, Members: []alerting.Member{m}}} {
		if _, err := r.Tells(t.Context(), ask, s, noon); !errors.Is(err, away) {
			t.Errorf("asked by others: %v", err)
		}
	}
}
