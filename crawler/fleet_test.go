package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/mention"
)

// sky is one outlet as it is read: the weather, and what is wrong with it from an
// instant on.
type sky struct {
	*outlet
	now    *time.Time
	r      *rand.Rand
	storms []time.Time // ten minutes each
	fault  string
	since  time.Time
}

// Fetch implements Source as a conditional feed does.
func (s *sky) Fetch(_ context.Context, cursor string) (Found, error) {
	at := *s.now
	if err := s.weather(at); err != nil {
		return Found{}, err
	}
	shown, dates := at, time.Duration(0)
	if s.fault != "" {
		switch s.fault {
		case "frozen":
			shown = s.since
		case "frozen, with new dates":
			shown, dates = s.since, at.Sub(s.since)
		case "empty":
			return Found{Next: cursor, Doubt: polite.Fail(s.name, polite.Empty, nil)}, nil
		default:
			return Found{}, faults()[s.fault](s.name)
		}
	}
	items := s.standing(shown)
	if len(items) == 0 {
		return Found{Next: cursor}, nil
	}
	next := items[len(items)-1].Add(dates).Format(time.RFC3339Nano)
	found := Found{Next: next}
	for _, it := range items {
		if next != cursor {
			found.Mentions = append(found.Mentions, mention.Mention{ID: s.name + it.String(), PublishedAt: it.Add(dates)})
		}
	}
	return found, nil
}

// weather is what goes wrong by itself: one visit in 1,000 gets no answer, for one in
// 4,000 the name is not found, and once a month the server is out for ten minutes.
func (s *sky) weather(at time.Time) error {
	i, _ := slices.BinarySearchFunc(s.storms, at, time.Time.Compare)
	switch {
	case i > 0 && at.Sub(s.storms[i-1]) < 10*time.Minute:
		return polite.Fail(s.name, polite.HTTP5xx, errors.New("status 503"))
	case s.r.IntN(1000) == 0:
		return polite.Fail(s.name, polite.Timeout, nil)
	case s.r.IntN(4000) == 0:
		return polite.Fail(s.name, polite.DNS, nil)
	}
	return nil
}

// faults are those of places that no longer show what they hold.
func faults() map[string]func(host string) error {
	fail := func(why polite.Reason) func(string) error {
		return func(host string) error { return polite.Fail(host, why, nil) }
	}
	return map[string]func(string) error{
		"dead host": fail(polite.DNS), "slow host": fail(polite.Timeout), "403": fail(polite.Auth), "expired token": fail(polite.Auth),
		"login page": fail(polite.Login), "front page": fail(polite.Page), "broken answer": fail(polite.Parse),
		"empty": nil, "frozen": nil, "frozen, with new dates": nil,
	}
}

// fleet reads outlets by the crawler's own visit and judgement, each on its own clock.
type fleet struct {
	c     *Crawler
	now   time.Time
	every time.Duration
}

func newFleet(every time.Duration) *fleet {
	f := &fleet{every: every}
	f.c = New(nil, taken{}, forgetful{}, Options{Clock: clock.Set(func() time.Time { return f.now }), Log: slog.New(slog.DiscardHandler)})
	return f
}

func (f *fleet) sky(o *outlet) *sky {
	s := &sky{outlet: o, now: &f.now, r: rand.New(rand.NewPCG(o.seed, 11))}
	for at := newYear; at.Before(newYear.AddDate(4, 0, 0)); at = at.Add(time.Duration(s.r.ExpFloat64() * float64(30*aDay))) {
		s.storms = append(s.storms, at)
	}
	return s
}

// read visits from a state on until an instant or until stop says so.
func (f *fleet) read(s *sky, v Visit, from, to time.Time, stop func(Visit) bool) Visit {
	job := Job{Name: s.name, Every: f.every, Source: s}
	for f.now = from; f.now.Before(to); {
		r := f.c.visit(context.Background(), job, v, 0)
		if v = r.visit; stop(v) {
			return v
		}
		f.now = f.now.Add(r.wait)
	}
	return v
}

type taken struct{}

func (taken) Handle(context.Context, mention.Batch) error { return nil }

type forgetful struct{}

func (forgetful) Visits(context.Context) ([]Visit, error) { return nil, nil }
func (forgetful) SaveVisit(context.Context, Visit) error  { return nil }

// counts is what was said of outlets to which nothing had happened.
type counts struct {
	unread, poorly map[string]int // by rhythm
	months         float64
}

// TestAFleetIsSeldomCalledUnreadAndAFaultIsNoticed reads outlets of every rhythm
// for years, and breaks each in every way.
func TestAFleetIsSeldomCalledUnreadAndAFaultIsNoticed(t *testing.T) {
	part, years, every := 20, 1, 6*time.Hour // one outlet of each rhythm
	if needs.Soak() {
		part, years, every = 1, 3, time.Hour
	}
	f := newFleet(every)
	said := counts{map[string]int{}, map[string]int{}, 0}
	noticed := map[string][]time.Duration{} // by fault; by fault and rhythm when it is silence
	missed := map[string]int{}
	for i, k := range rhythms() {
		for j := range (k.share + part - 1) / part {
			o := newOutlet(k, uint64(1000*i+j), years)
			v := f.calm(o, years, &said)
			for _, fault := range sorted(faults()) {
				f.damage(o, v, fault, noticed, missed)
			}
		}
	}
	for _, name := range sorted(said.unread) {
		t.Logf("%-26s falsely unread %3d times, read poorly %3d times, in %d years", name, said.unread[name], said.poorly[name], years)
	}
	total, poorly := sum(said.unread), sum(said.poorly)
	t.Logf("a month and 100 sources: %.2f falsely unread, %.2f read poorly for their silence (%.0f months)",
		100*total/said.months, 100*poorly/said.months, said.months)
	if 100*total/said.months > 1 {
		t.Errorf("%.2f false “unread” a month and 100 sources, want one at most", 100*total/said.months)
	}
	f.report(t, noticed, missed)
}

// calm reads an outlet to which nothing happens, and gives its state two thirds into the first year.
func (f *fleet) calm(o *outlet, years int, said *counts) (then Visit) {
	was := Visit{Blind: true} // before its first visit
	said.unread[o.name] += 0
	end := newYear.AddDate(years, 0, 0)
	f.read(f.sky(o), Visit{Source: o.name}, newYear, end, func(v Visit) bool {
		if v.Blind && !was.Blind {
			said.unread[o.name]++
		}
		if v.Reason == reasonSilent && was.Reason != reasonSilent {
			said.poorly[o.name]++
		}
		if was = v; f.now.Before(newYear.Add(brokenAt)) {
			then = v
		}
		return false
	})
	said.months += end.Sub(newYear).Hours() / 24 / 30.4
	return then
}

// brokenAt is when outlets break: in September, an ordinary month.
const brokenAt = 257 * aDay

// damage breaks an outlet and notes how long it took to be called unread.
func (f *fleet) damage(o *outlet, v Visit, fault string, noticed map[string][]time.Duration, missed map[string]int) {
	s := f.sky(o)
	s.fault, s.since = fault, v.Last.Add(time.Second) // just after a visit: the worst moment
	silence := fault == "frozen" || fault == "frozen, with new dates"
	name := fault
	if silence {
		name += ": " + o.name
	}
	poorly, limit := time.Duration(0), s.since.Add(3*f.every)
	if silence {
		limit = s.since.Add(100 * aDay)
	}
	end := f.read(s, v, v.Next, limit, func(v Visit) bool {
		if poorly == 0 && v.Health != Well && v.Reason == reasonSilent {
			poorly = f.now.Sub(s.since)
		}
		return v.Blind && (!silence || v.Reason == reasonSilent)
	})
	switch {
	case end.Blind && (!silence || end.Reason == reasonSilent):
		noticed[name] = append(noticed[name], f.now.Sub(s.since))
	default:
		missed[name]++
	}
	if poorly > 0 {
		noticed[name+", poorly"] = append(noticed[name+", poorly"], poorly)
	}
}

// report holds what was noticed against what is promised.
func (f *fleet) report(t *testing.T, noticed map[string][]time.Duration, missed map[string]int) {
	for _, fault := range sorted(noticed) {
		after := noticed[fault]
		slices.Sort(after)
		t.Logf("%-50s noticed after %v (half), %v (all but one in twenty), %v at most; missed %d", fault,
			after[len(after)/2].Round(time.Minute), after[len(after)*19/20].Round(time.Minute), after[len(after)-1].Round(time.Minute), missed[fault])
	}
	for fault := range faults() {
		promised := 2 * f.every
		if fault == "dead host" || fault == "slow host" {
			promised += f.every / 4 // two visits must fail, and each comes up to a tenth later than its interval
		}
		switch after := noticed[fault]; {
		case fault == "frozen" || fault == "frozen, with new dates":
		case missed[fault] > 0 || len(after) == 0:
			t.Errorf("%s: missed %d times, noticed %d times", fault, missed[fault], len(after))
		case after[len(after)-1] > promised:
			t.Errorf("%s was noticed after %v, want %v at most", fault, after[len(after)-1], promised)
		}
	}
	for _, k := range []string{"newsroom, 40 a day", "small newsroom, 5 a day"} {
		for _, fault := range []string{"frozen: ", "frozen, with new dates: "} {
			if after := noticed[fault+k]; len(after) == 0 || missed[fault+k] > 0 || after[len(after)-1] > 6*aDay {
				t.Errorf("%s%s: noticed after %v, missed %d times, want six days at most", fault, k, after, missed[fault+k])
			}
		}
	}
	if after := noticed["frozen: three a year"]; len(after) > 0 {
		t.Errorf("three items a year were called unread after %v", after)
	}
}

func sorted[T any](m map[string]T) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func sum(m map[string]int) (total float64) {
	for _, n := range m {
		total += float64(n)
	}
	return total
}

func BenchmarkJudgedVisit(b *testing.B) {
	f := newFleet(time.Hour)
	s := f.sky(newOutlet(rhythms()[0], 1, 1))
	v := f.read(s, Visit{Source: s.name}, newYear, newYear.Add(200*aDay), func(Visit) bool { return false })
	job := Job{Name: s.name, Every: f.every, Source: s}
	b.ReportAllocs()
	for b.Loop() {
		f.now = f.now.Add(time.Hour)
		if r := f.c.visit(b.Context(), job, v, 0); r.visit.Last.IsZero() {
			b.Fatal(fmt.Sprint("not visited: ", r))
		}
	}
}
