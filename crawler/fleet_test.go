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

const aDay = 24 * time.Hour

// newYear is when the simulated fleet begins to be read.
var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// rhythm is how a kind of outlet publishes: how many items it is likely to have on
// a day, and between which hours.
type rhythm struct {
	name     string
	share    int // of a hundred outlets
	from, to int // hours
	on       func(r *rand.Rand, o *outlet, day time.Time) int
}

// outlet is one place of the fleet.
type outlet struct {
	rhythm
	seed      uint64
	holidays  [][2]int // days of the year, from and to
	published []time.Time
}

// poisson draws a count.
func poisson(r *rand.Rand, mean float64) (n int) {
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

func weekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

// long lists days off that make long weekends, Christmas among them.
var long = map[string]bool{"04-03": true, "04-06": true, "05-18": true, "06-24": true, "07-01": true, "09-07": true, "10-12": true,
	"12-25": true, "12-26": true, "01-01": true, "01-02": true}

// off tells whether an outlet does not work on a day.
func (o *outlet) off(day time.Time) bool {
	for _, h := range o.holidays {
		if n := day.YearDay(); n >= h[0] && n <= h[1] {
			return true
		}
	}
	return long[day.Format("01-02")]
}

// rhythms is a table, better whole.
func rhythms() []rhythm {
	return []rhythm{
		{"newsroom, 40 a day", 15, 6, 22, func(r *rand.Rand, o *outlet, day time.Time) int {
			if day.Month() == time.December && day.Day() == 25 {
				return 0
			}
			return poisson(r, 40)
		}},
		{"small newsroom, 5 a day", 15, 7, 21, func(r *rand.Rand, o *outlet, day time.Time) int {
			if day.Month() == time.December && day.Day() >= 25 && day.Day() <= 26 {
				return 0
			}
			return poisson(r, 5)
		}},
		{"weekdays, 40 a day", 10, 7, 18, func(r *rand.Rand, o *outlet, day time.Time) int {
			if weekend(day) || o.off(day) {
				return 0
			}
			return poisson(r, 40)
		}},
		{"weekdays, 3 a day", 15, 8, 17, func(r *rand.Rand, o *outlet, day time.Time) int {
			if weekend(day) || o.off(day) {
				return 0
			}
			return poisson(r, 3)
		}},
		{"one a day, by one person", 15, 8, 20, func(r *rand.Rand, o *outlet, day time.Time) int {
			if o.off(day) {
				return 0
			}
			return poisson(r, 1)
		}},
		{"two a week", 10, 0, 24, func(r *rand.Rand, o *outlet, day time.Time) int {
			if o.off(day) {
				return 0
			}
			return poisson(r, 2./7)
		}},
		{"weekly paper", 8, 5, 9, func(r *rand.Rand, o *outlet, day time.Time) int {
			if day.Weekday() != time.Wednesday || o.off(day) {
				return 0
			}
			return 12
		}},
		{"monthly notices", 6, 9, 16, func(r *rand.Rand, o *outlet, day time.Time) int {
			if day.Day() != 3+int(o.seed+uint64(day.Month())*7)%9 || day.Month() == time.July {
				return 0
			}
			return 1 + poisson(r, 1)
		}},
		{"three a year", 3, 9, 16, func(r *rand.Rand, o *outlet, day time.Time) int { return poisson(r, 3./365) }},
		{"in bursts", 2, 8, 23, func(r *rand.Rand, o *outlet, day time.Time) int {
			burst := rand.New(rand.NewPCG(o.seed, uint64(day.Unix()/86400/3)))
			if burst.Float64() > 3./35 {
				return 0
			}
			return poisson(r, 8)
		}},
		{"daily, and then monthly", 1, 8, 20, func(r *rand.Rand, o *outlet, day time.Time) int {
			if day.Sub(newYear) < 150*aDay {
				return poisson(r, 1)
			}
			return poisson(r, 1./30)
		}},
	}
}

// newOutlet makes an outlet and its years, from before it is first read.
func newOutlet(k rhythm, seed uint64, years int) *outlet {
	r := rand.New(rand.NewPCG(seed, 7))
	o := &outlet{rhythm: k, seed: seed}
	if r.IntN(2) == 0 { // two weeks at Christmas
		o.holidays = append(o.holidays, [2]int{355, 366}, [2]int{1, 4})
	}
	if begin := 180 + r.IntN(40); r.IntN(2) == 0 { // two or three weeks in summer
		o.holidays = append(o.holidays, [2]int{begin, begin + 13 + 7*r.IntN(2)})
	}
	for day := newYear.Add(-200 * aDay); day.Before(newYear.AddDate(years, 2, 0)); day = day.Add(aDay) {
		for range k.on(r, o, day) {
			at := day.Add(time.Duration(k.from)*time.Hour + time.Duration(r.Int64N(int64(time.Duration(k.to-k.from)*time.Hour))))
			o.published = append(o.published, at)
		}
	}
	slices.SortFunc(o.published, time.Time.Compare)
	return o
}

// standing are the newest items of a feed of twenty at an instant.
func (o *outlet) standing(at time.Time) []time.Time {
	n, _ := slices.BinarySearchFunc(o.published, at, time.Time.Compare)
	return o.published[max(n-20, 0):n]
}

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
