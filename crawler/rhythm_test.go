package crawler

import (
	"math/rand/v2"
	"slices"
	"time"
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
