package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/app/demo"
	"github.com/ouidire/ouidire/internal/needs"
)

// attentive is the invented caisse with ten watches and a rule of every kind over each
// of them, for one person who reads a digest in the morning and sleeps at night.
func attentive() setting {
	s := demoSetting()
	s.watches += `
  - {name: fraude, title: La fraude, query: 'fraude OU fraud OU texto OU scam', relation: theme}
  - {name: epargne, title: L’épargne, query: 'épargne OU retraite OU reer OU savings', relation: theme}
  - {name: services, title: Les services, query: 'guichet OU comptoir OU coffret OU counter', relation: theme}
  - {name: ville, title: La Ville, query: 'maire OU taxe OU mayor', relation: theme}
  - {name: hiver, title: L’hiver, query: 'glace OU neige OU carnaval OU ice', relation: theme}`
	s.rules = ""
	for _, kind := range slices.Sorted(maps.Keys(ruleKinds)) {
		s.rules += fmt.Sprintf("  - {name: %s, kind: %[1]s}\n", kind)
	}
	s.hours = fmt.Sprintf("digest: {every: day, at: 07:30}, quiet: '%d:00-%d:00'", evening, morning)
	return s
}

// The hours outside of which one is not to be disturbed.
const morning, evening = 7, 20

// delivered is one message as the channel accepted it.
type delivered struct {
	at      time.Time
	subject string
	about   []alerting.Incident // a summary speaks of several; a digest of none
}

// delivered is what a person got, in order.
func (r rehearsal) delivered() (all []delivered) {
	r.Helper()
	entries, err := r.app.state.Entries(r.Context(), time.Time{}, time.Time{}, everything)
	if err != nil {
		r.Fatal(err)
	}
	for _, e := range slices.Backward(entries) {
		if e.What != "incident."+alerting.EntryTold {
			continue
		}
		var detail struct{ Letter alerting.Letter }
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			r.Fatal(err)
		}
		i, _, err := r.app.state.Incident(r.Context(), e.Subject)
		if err != nil {
			r.Fatal(err)
		}
		d := delivered{at: e.At.In(demo.Start.Location()), subject: detail.Letter.Subject}
		if n := len(all); n > 0 && all[n-1].at.Equal(d.at) && all[n-1].subject == d.subject {
			d, all = all[n-1], all[:n-1] // a part of the same summary
		}
		if !i.IsEdition() {
			d.about = append(d.about, i)
		}
		all = append(all, d)
	}
	return all
}

// attentionPaid is what all that was told cost one person.
type attentionPaid struct {
	days      []int // messages a day, fewest first
	messages  int
	digests   int
	outside   []delivered
	kinds     map[string]int // messages by what they were about; a summary is of each
	alarms    []alerting.Incident
	situation map[string]int // messages by situation
}

func paid(all []delivered, from, until time.Time) (p attentionPaid) {
	p.kinds, p.situation = map[string]int{}, map[string]int{}
	perDay := map[string]int{}
	for _, d := range all {
		p.messages++
		perDay[d.at.Format(time.DateOnly)]++
		if d.at.Hour() < morning || d.at.Hour() >= evening {
			p.outside = append(p.outside, d)
		}
		if len(d.about) == 0 {
			p.digests++
		}
		kinds := map[string]bool{}
		for _, i := range d.about {
			kinds[i.Kind] = true
			p.situation[i.ID]++
			if i.Kind == "surge" && p.situation[i.ID] == 1 {
				p.alarms = append(p.alarms, i)
			}
		}
		for kind := range kinds {
			p.kinds[kind]++
		}
	}
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		p.days = append(p.days, perDay[day.Format(time.DateOnly)])
	}
	slices.Sort(p.days)
	return p
}

// The wave of the script: a surge is true when it begins in it.
var waveFrom, waveUntil = time.Date(2027, 3, 10, 9, 0, 0, 0, demo.Start.Location()), time.Date(2027, 3, 10, 17, 0, 0, 0, demo.Start.Location())

// TestTenWeeksOfEveryRuleOverTenWatchesLeaveAPersonHerAttention plays the ten weeks
// through the whole program, and counts what one person got. Without OUIDIRE_SOAK=1 these
// are the days from the Monday before the wave to the middle of it. `make attention`
// plays all, and prints the figures.
func TestTenWeeksOfEveryRuleOverTenWatchesLeaveAPersonHerAttention(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	r.setting = attentive()
	begin, end := 8, r.script.Chapters[13].From
	if needs.Soak() {
		begin, end = 0, r.script.End()
	}
	var all []delivered
	r.from(begin, func(upto func(time.Time)) {
		upto(end)
		all = r.delivered()
	})
	p := paid(all, r.script.Chapters[begin].From, end)
	months := float64(len(p.days)) / 30
	median, most := p.days[len(p.days)/2], p.days[len(p.days)-1]
	mistaken := slices.DeleteFunc(slices.Clone(p.alarms), func(i alerting.Incident) bool {
		return !i.Since.Before(waveFrom) && i.Since.Before(waveUntil)
	})
	t.Logf("%d messages in %d days, %d of them digests: %d a day in the median, %d on the worst; %d between %d h and %d h; %d surges, %d of them false; by kind of rule %v",
		p.messages, len(p.days), p.digests, median, most, len(p.outside), evening, morning, len(p.alarms), len(mistaken), p.kinds)
	for _, d := range all {
		t.Logf("%s %s", d.at.Format("Mon 2 Jan 15:04"), d.subject)
	}
	if needs.Soak() && median > 3 || p.digests < len(p.days)-1 {
		t.Errorf("a median of %d messages a day, want at most 3; %d digests, want one each day", median, p.digests)
	}
	if most > 15 {
		t.Errorf("%d messages on the day of the wave, want at most 15 from all rules", most)
	}
	if float64(len(p.outside)) > months {
		t.Errorf("%d messages between %d h and %d h, want at most one a month: %+v", len(p.outside), evening, morning, p.outside)
	}
	if float64(len(mistaken)) > months || len(p.alarms) == len(mistaken) {
		t.Errorf("%d of %d surges were false, want at most one a month, and the true one", len(mistaken), len(p.alarms))
	}
	for id, n := range p.situation {
		if n > 4 {
			t.Errorf("situation %s cost %d messages, want at most 4", id, n)
		}
	}
	r.heardAtOnce(all)
}

// heardAtOnce demands what a quiet channel must not cost: the wave within minutes, and
// the story about the parent that seventeen outlets carry, on its morning.
func (r rehearsal) heardAtOnce(all []delivered) {
	r.Helper()
	within := func(from time.Time, d time.Duration, what func(delivered) bool) bool {
		return slices.ContainsFunc(all, func(m delivered) bool { return !m.at.Before(from) && m.at.Before(from.Add(d)) && what(m) })
	}
	about := func(kind string) func(delivered) bool {
		return func(m delivered) bool {
			return slices.ContainsFunc(m.about, func(i alerting.Incident) bool { return i.Kind == kind })
		}
	}
	if !within(waveFrom.Add(12*time.Minute), 5*time.Minute, about("surge")) {
		r.Error("the wave was not told within five minutes of its beginning")
	}
	wire := time.Date(2027, 3, 9, 7, 40, 0, 0, demo.Start.Location())
	if !within(wire, 20*time.Minute, func(m delivered) bool {
		return strings.Contains(m.subject, "17") && (about("fresh")(m) || about("parent")(m))
	}) {
		r.Error("the story that seventeen outlets carry waited for the digest")
	}
}
