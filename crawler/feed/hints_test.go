package feed

import (
	"testing"
	"time"
)

func TestAFeedIsLeftAloneForAsLongAsItSays(t *testing.T) {
	friday := time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
	allHours := make([]int, 24)
	for i := range allHours {
		allHours[i] = i
	}
	cases := map[string]struct {
		hints Hints
		want  time.Time
	}{
		"says nothing":                    {Hints{}, time.Time{}},
		"every half hour":                 {Hints{Every: 30 * time.Minute}, friday.Add(30 * time.Minute)},
		"closed at night":                 {Hints{Every: time.Hour, SkipHours: []int{23, 0, 1}}, time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)},
		"midnight written as 24":          {Hints{Every: 90 * time.Minute, SkipHours: []int{24}}, time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)},
		"closed at the week-end":          {Hints{Every: 2 * time.Hour, SkipDays: []time.Weekday{time.Saturday, time.Sunday}}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)},
		"open now, whatever stays closed": {Hints{SkipHours: []int{3}}, friday},
		"closed every hour means nothing": {Hints{Every: time.Hour, SkipHours: allHours}, friday.Add(time.Hour)},
		"a time before now means nothing": {Hints{Every: -time.Hour}, time.Time{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.hints.After(friday); !got.Equal(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			in := time.FixedZone("", -5*3600)
			if got := c.hints.After(friday.In(in)); !got.Equal(c.want) {
				t.Errorf("asked in another zone: got %v, want %v", got, c.want)
			}
		})
	}
}
