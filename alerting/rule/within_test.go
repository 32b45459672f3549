package rule

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// moving is a rule that tells waves, as it is.
type moving struct {
	Movement
	err error
}

func (m moving) Eval(context.Context, alerting.Asker, time.Time) ([]alerting.Signal, time.Time, error) {
	return nil, time.Time{}, nil
}

func (m moving) Moved(context.Context, alerting.Asker, time.Time) (Movement, error) {
	return m.Movement, m.err
}

// signalling is a rule that has one thing to say.
type signalling alerting.Signal

func (s signalling) Eval(context.Context, alerting.Asker, time.Time) ([]alerting.Signal, time.Time, error) {
	return []alerting.Signal{alerting.Signal(s)}, time.Time{}, nil
}

// conversations hold negative comments, by their name; the others none.
type conversations struct {
	alerting.Asker
	heated map[string]bool
	err    error
}

func (c conversations) Search(_ context.Context, q store.Question, _ int, _ string) (found []mention.Mention, next string, err error) {
	for _, thread := range q.Threads {
		tone := 0.1
		if c.heated[thread] {
			tone = 0.8
		}
		found = append(found, mention.Mention{Thread: thread, Readings: []mention.Reading{{Negative: tone}}})
	}
	return found, "", c.err
}

func TestWhatAWaveBringsIsFoundInItUnlessItWeighsMoreOrStandsElsewhere(t *testing.T) {
	on := Movement{Severity: alerting.Urgent, On: true, Since: monday}
	over := Movement{Severity: alerting.Urgent, Since: monday, Until: monday.Add(time.Hour)}
	mild := on
	mild.Severity = alerting.Watch
	crowd := alerting.Signal{Severity: alerting.Urgent, Of: "caisse", Since: monday}
	talk, calm, other, news := crowd, crowd, crowd, crowd
	talk.Story, calm.Story = &alerting.Story{ID: "fil", Talk: true}, &alerting.Story{ID: "autre-fil", Talk: true}
	other.Of, news.Of, news.Story = "mouvement", "", &alerting.Story{ID: "a"}
	late := crowd
	late.Since = over.Until
	minute := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Minute) }
	for name, c := range map[string]struct {
		wave   Movement
		signal alerting.Signal
		at     time.Time
		joins  bool
	}{
		"a crowd":                              {on, crowd, minute(5), true},
		"words in a conversation of the wave":  {on, talk, minute(5), true},
		"words in a calm conversation":         {on, calm, minute(5), false},
		"words that weigh more":                {mild, talk, minute(5), false},
		"a crowd that weighs more":             {mild, crowd, minute(5), false},
		"a crowd of another watch":             {on, other, minute(5), false},
		"a story":                              {on, news, minute(5), false},
		"no wave":                              {Movement{}, crowd, minute(5), false},
		"what was found while it went on":      {over, talk, minute(65), true},
		"what was found since":                 {over, late, minute(65), false},
		"what it brought counts no more":       {over, crowd, minute(80), false},
		"what it brought counts for a moment":  {over, crowd, minute(79), true},
		"a conversation of a wave that is old": {over, talk, minute(90), false},
	} {
		w := &Within{Rule: signalling(c.signal), Waves: map[string]ToldWave{"caisse": {Wave: moving{c.wave, nil}, Teller: "vagues"}}, Counts: 20 * time.Minute}
		got, _, err := w.Eval(t.Context(), conversations{heated: map[string]bool{"fil": true}}, c.at)
		if err != nil || len(got) != 1 || (got[0].With == "vagues") != c.joins || got[0].Covered != c.joins {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWordsAreToldWhilePeopleHearOfAWaveAboveInstead(t *testing.T) {
	on := Movement{Severity: alerting.Urgent, On: true, Since: monday}
	crowd := alerting.Signal{Severity: alerting.Urgent, Of: "caisse", Since: monday}
	talk := crowd
	talk.Story = &alerting.Story{ID: "fil", Talk: true}
	for name, c := range map[string]struct {
		above  Movement
		signal alerting.Signal
		joins  bool
	}{
		"words, and a wave above": {on, talk, false},
		"a crowd, and one above":  {on, crowd, true},
		"words, and calm above":   {Movement{}, talk, true},
	} {
		w := &Within{Rule: signalling(c.signal), Waves: map[string]ToldWave{"caisse": {Wave: moving{on, nil}, Above: moving{c.above, nil}, Teller: "vagues"}}}
		got, _, err := w.Eval(t.Context(), conversations{heated: map[string]bool{"fil": true}}, monday.Add(time.Minute))
		if err != nil || len(got) != 1 || (got[0].With == "vagues") != c.joins {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAWaveThatCannotBeLookedAtHidesNothing(t *testing.T) {
	away := errors.New("the store is away")
	talk := alerting.Signal{Severity: alerting.Urgent, Of: "caisse", Since: monday, Story: &alerting.Story{ID: "fil", Talk: true}}
	for name, c := range map[string]struct{ wave, words error }{"the wave": {wave: away}, "its conversations": {words: away}} {
		w := &Within{Rule: signalling(talk), Waves: map[string]ToldWave{"caisse": {Wave: moving{Movement{On: true, Severity: alerting.Urgent}, c.wave}, Teller: "vagues"}}}
		if _, _, err := w.Eval(t.Context(), conversations{err: c.words}, monday); !errors.Is(err, away) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAConversationGoesOnUntilItRests(t *testing.T) {
	minutes := func(all ...int) (found []mention.Mention) {
		for _, n := range all {
			found = append(found, mention.Mention{SeenAt: monday.Add(time.Duration(n) * time.Minute)})
		}
		return found
	}
	for name, c := range map[string]struct {
		found []mention.Mention
		from  int // how many are left out; before is minute 600
	}{
		"nothing":                      {minutes(), 0},
		"one just now":                 {minutes(600), 0},
		"one within the rest":          {minutes(480), 0},
		"one before it":                {minutes(479), 1},
		"it never rested":              {minutes(300, 400, 500, 600), 0},
		"it rested long ago":           {minutes(100, 300, 400, 500, 600), 1},
		"it rested until now":          {minutes(100, 200, 600), 2},
		"it rests later":               {minutes(590, 800), 0},
		"found later, rested before":   {minutes(300, 601), 1},
		"found later, rested not long": {minutes(500, 601), 0},
	} {
		if got := sinceRest(c.found, func(m mention.Mention) time.Time { return m.SeenAt }, monday.Add(600*time.Minute)); len(got) != len(c.found)-c.from {
			t.Errorf("%s: %d of %d are left, want all but %d", name, len(got), len(c.found), c.from)
		}
	}
}
