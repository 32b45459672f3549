package polite

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A place that asks to be left alone for longer than this is not believed: a
// careless max-age of a year would make us blind without a word.
const (
	longestFresh = 24 * time.Hour
	longestRetry = 7 * 24 * time.Hour
)

// notBefore is when a place wants to be asked again, zero when it does not say.
func notBefore(h http.Header, now time.Time) time.Time {
	wait := max(freshFor(h, now), retryAfter(h, now))
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(wait)
}

// freshFor is how long an answer stays true by Cache-Control, else by Expires,
// less the time it already spent in somebody's cache.
func freshFor(h http.Header, now time.Time) time.Duration {
	fresh, said := maxAge(h.Values("Cache-Control"))
	if !said {
		if at, err := http.ParseTime(h.Get("Expires")); err == nil {
			fresh = at.Sub(theirNow(h, now))
		}
	}
	if age, ok := seconds(h.Get("Age")); ok {
		fresh -= age
	}
	return min(max(fresh, 0), longestFresh)
}

// maxAge reads Cache-Control. A place that says no-cache or no-store has said
// something: it may be asked at any time, whatever Expires says.
func maxAge(lines []string) (d time.Duration, said bool) {
	for _, directive := range strings.Split(strings.ToLower(strings.Join(lines, ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.TrimSpace(name) {
		case "no-cache", "no-store":
			return 0, true
		case "max-age":
			if age, ok := seconds(strings.Trim(strings.TrimSpace(value), `"`)); ok && !said {
				d, said = age, true
			}
		}
	}
	return d, said
}

// retryAfter reads Retry-After, in seconds or as a date. A date is read against
// the place's own clock when it tells it, so a wrong clock of ours does no harm.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	d, ok := seconds(value)
	if at, err := http.ParseTime(value); !ok && err == nil {
		d = at.Sub(theirNow(h, now))
	}
	return min(max(d, 0), longestRetry)
}

func theirNow(h http.Header, now time.Time) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return now
}

// seconds reads a count of seconds; one too great for us is a very long time.
func seconds(s string) (time.Duration, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 365 * 24 * time.Hour, true
	}
	return time.Duration(n) * time.Second, true
}
