package polite

import (
	"net/http"
	"testing"
	"time"
)

func TestThePlaceSaysWhenItWantsToBeAskedAgain(t *testing.T) {
	const (
		date   = "Fri, 20 Nov 2026 12:00:00 GMT"
		later  = "Fri, 20 Nov 2026 13:00:00 GMT"
		old850 = "Friday, 20-Nov-26 13:00:00 GMT"
		oldC   = "Fri Nov 20 13:00:00 2026"
	)
	ours := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"nothing":                  {nil, 0},
		"max-age":                  {map[string]string{"Cache-Control": "public, max-age=7200"}, 2 * time.Hour},
		"max-age in capitals":      {map[string]string{"Cache-Control": "Public,Max-Age = 60"}, time.Minute},
		"max-age in quotes":        {map[string]string{"Cache-Control": `max-age="60"`}, time.Minute},
		"s-maxage is for others":   {map[string]string{"Cache-Control": "s-maxage=600"}, 0},
		"no-cache wins":            {map[string]string{"Cache-Control": "max-age=600, no-cache", "Expires": later, "Date": date}, 0},
		"max-age wins":             {map[string]string{"Cache-Control": "max-age=0", "Expires": later, "Date": date}, 0},
		"negative":                 {map[string]string{"Cache-Control": "max-age=-5"}, 0},
		"a year is not believed":   {map[string]string{"Cache-Control": "max-age=31536000"}, 24 * time.Hour},
		"more than a number":       {map[string]string{"Cache-Control": "max-age=99999999999999999999"}, 24 * time.Hour},
		"age":                      {map[string]string{"Cache-Control": "max-age=600", "Age": "500"}, 100 * time.Second},
		"older than its age":       {map[string]string{"Cache-Control": "max-age=600", "Age": "900"}, 0},
		"expires":                  {map[string]string{"Expires": later, "Date": date}, time.Hour},
		"expires without date":     {map[string]string{"Expires": later}, time.Hour},
		"expires by its own clock": {map[string]string{"Expires": later, "Date": "Fri, 20 Nov 2026 12:59:00 GMT"}, time.Minute},
		"expired":                  {map[string]string{"Expires": "0"}, 0},
		"retry in seconds":         {map[string]string{"Retry-After": "120"}, 2 * time.Minute},
		"retry at a date":          {map[string]string{"Retry-After": later, "Date": date}, time.Hour},
		"retry at an old date":     {map[string]string{"Retry-After": old850, "Date": date}, time.Hour},
		"retry at an older date":   {map[string]string{"Retry-After": oldC, "Date": date}, time.Hour},
		"retry in the past":        {map[string]string{"Retry-After": date, "Date": later}, 0},
		"retry in words":           {map[string]string{"Retry-After": "demain"}, 0},
		"retry next year":          {map[string]string{"Retry-After": "31536000"}, 7 * 24 * time.Hour},
		"the longer of two":        {map[string]string{"Retry-After": "60", "Cache-Control": "max-age=90"}, 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			for k, v := range c.header {
				h.Set(k, v)
			}
			got := notBefore(h, ours)
			if c.want == 0 && !got.IsZero() || c.want > 0 && got.Sub(ours) != c.want {
				t.Errorf("not before %v, want %v from now", got, c.want)
			}
		})
	}
}

func FuzzHints(f *testing.F) {
	f.Add("public, max-age=7200", "Fri, 20 Nov 2026 13:00:00 GMT", "120", "5")
	f.Add("max-age=\"60\", no-store", "0", "Friday, 20-Nov-26 13:00:00 GMT", "")
	f.Fuzz(func(t *testing.T, control, expires, retry, age string) {
		h := http.Header{"Cache-Control": {control}, "Expires": {expires}, "Retry-After": {retry}, "Age": {age}}
		now := time.Unix(0, 0)
		if at := notBefore(h, now); !at.IsZero() && (at.Before(now) || at.After(now.Add(longestRetry))) {
			t.Errorf("not before %v", at)
		}
	})
}
