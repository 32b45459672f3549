package feed

import (
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

// Hints is what a feed asks of its readers: ttl, skipHours, skipDays, and the
// update period of the syndication module. They only ever make us wait longer.
type Hints struct {
	Every     time.Duration  `json:"every,omitempty"` // at most a day
	SkipHours []int          `json:"skip_hours,omitempty"`
	SkipDays  []time.Weekday `json:"skip_days,omitempty"`
}

const day = 24 * time.Hour

// After is the first instant at which the feed wants to be asked again, when it
// was asked at now; the zero time when it does not say. Hours and days are of UTC.
// A feed that closes every hour or every day has said nothing.
func (h Hints) After(now time.Time) time.Time {
	if h.Every <= 0 && len(h.SkipHours) == 0 && len(h.SkipDays) == 0 {
		return time.Time{}
	}
	at := now.UTC().Add(max(h.Every, 0))
	for open, end := at, at.Add(8*day); open.Before(end); open = open.Truncate(time.Hour).Add(time.Hour) {
		if !h.closed(open) {
			return open
		}
	}
	return at
}

func (h Hints) closed(at time.Time) bool {
	for _, hour := range h.SkipHours {
		if hour%24 == at.Hour() { // RSS 0.91 counted to 24
			return true
		}
	}
	for _, d := range h.SkipDays {
		if d == at.Weekday() {
			return true
		}
	}
	return false
}

func hints(f *gofeed.Feed) Hints {
	var h Hints
	if channel, ok := f.OriginalFeed().(*rss.Feed); ok {
		if minutes, err := strconv.Atoi(strings.TrimSpace(channel.TTL)); err == nil && minutes > 0 {
			h.Every = time.Duration(min(minutes, 24*60)) * time.Minute
		}
		h.SkipHours = skippedHours(channel.SkipHours)
		h.SkipDays = skippedDays(channel.SkipDays)
	}
	h.Every = max(h.Every, period(f.Extensions))
	return h
}

func skippedHours(written []string) []int {
	var hours []int
	for _, s := range written {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n <= 24 && len(hours) < 24 {
			hours = append(hours, n%24)
		}
	}
	return hours
}

func skippedDays(written []string) []time.Weekday {
	var days []time.Weekday
	for _, s := range written {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(s), d.String()) && len(days) < 7 {
				days = append(days, d)
			}
		}
	}
	return days
}

var periods = map[string]time.Duration{
	"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day, "yearly": 365 * day,
}

// period reads sy:updatePeriod divided by sy:updateFrequency, at most a day: a
// weekly feed that we read daily is no burden, and a week of silence would be.
func period(e ext.Extensions) time.Duration {
	every := periods[strings.ToLower(extension(e, "sy", "updatePeriod"))]
	if times, err := strconv.Atoi(extension(e, "sy", "updateFrequency")); err == nil && times > 1 {
		every /= time.Duration(min(times, 10_000))
	}
	return min(every, day)
}

// extension is the text of the first element prefix:name, "" when there is none.
func extension(e ext.Extensions, prefix, name string) string {
	for _, found := range e[prefix][name] {
		return strings.TrimSpace(found.Value)
	}
	return ""
}
