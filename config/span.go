package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// day is what one writes as a day where a clock counts, not a calendar.
const day = 24 * time.Hour

// unit is one way to write a length of time.
type unit struct {
	words  []string
	length time.Duration // of a clock's unit
	days   int           // of a calendar's unit
	months int
}

// units are understood in both languages, whoever reads the file.
var units = []unit{
	{words: []string{"ms"}, length: time.Millisecond},
	{words: []string{"s", "sec", "second", "seconds", "seconde", "secondes"}, length: time.Second},
	{words: []string{"m", "min", "minute", "minutes"}, length: time.Minute},
	{words: []string{"h", "hour", "hours", "heure", "heures"}, length: time.Hour},
	{words: []string{"d", "j", "day", "days", "jour", "jours"}, length: day, days: 1},
	{words: []string{"w", "week", "weeks", "semaine", "semaines"}, length: 7 * day, days: 7},
	{words: []string{"month", "months", "mois"}, months: 1},
	{words: []string{"y", "year", "years", "an", "ans", "année", "années"}, months: 12},
}

// ParseDuration reads 90s, 2m, 1h30m, 30 days or 2 semaines, and 0. Months and years
// have no fixed length and are refused.
func ParseDuration(text string) (time.Duration, error) {
	if strings.TrimSpace(text) == "0" {
		return 0, nil
	}
	parts, err := spans(text, func(u unit) bool { return u.length > 0 })
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, p := range parts {
		sum += p.count * float64(p.unit.length)
	}
	if sum > math.MaxInt64/2 {
		return 0, tooLong()
	}
	return time.Duration(sum), nil
}

// Period is a length of time on the calendar: 24 months, 30 days.
type Period struct{ Months, Days int }

// longestPeriod is in days, and fits into a time.Duration.
const longestPeriod = 100_000

func tooLong() error { return say.Errorf(say.Text{EN: "is too long", FR: "est trop long"}) }

// ParsePeriod reads 24 months, 30 days, 1 an, 2 semaines.
func ParsePeriod(text string) (Period, error) {
	parts, err := spans(text, func(u unit) bool { return u.days+u.months > 0 })
	if err != nil {
		return Period{}, err
	}
	var p Period
	for _, part := range parts {
		if part.count != math.Trunc(part.count) || part.count > 1e5 {
			return Period{}, notASpan()
		}
		p.Months += int(part.count) * part.unit.months
		p.Days += int(part.count) * part.unit.days
		if p.Months*30+p.Days > longestPeriod {
			return Period{}, tooLong()
		}
	}
	return p, nil
}

// Before is the instant that lies a period before t, on t's own calendar.
func (p Period) Before(t time.Time) time.Time { return t.AddDate(0, -p.Months, -p.Days) }

// String is the period as one types it: 24 months, 30 days.
func (p Period) String() string {
	var parts []string
	if p.Months != 0 {
		parts = append(parts, fmt.Sprintf("%d months", p.Months))
	}
	if p.Days != 0 || p.Months == 0 {
		parts = append(parts, fmt.Sprintf("%d days", p.Days))
	}
	return strings.Join(parts, " ")
}

// UnmarshalText is ParsePeriod.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}

// MarshalText is String.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// approx orders periods well enough to bound them. See longestPeriod.
func (p Period) approx() time.Duration { return time.Duration(p.Months*30+p.Days) * day }

type part struct {
	count float64
	unit  unit
}

func notASpan() error {
	return say.Errorf(say.Text{EN: "is not a length of time", FR: "n’est pas une durée"})
}

// spans cuts "1h30m" or "30 days" into counts and units that fit.
func spans(text string, fits func(unit) bool) ([]part, error) {
	rest := strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", " "))
	if strings.HasPrefix(rest, "-") {
		return nil, say.Errorf(say.Text{EN: "is below zero", FR: "est sous zéro"})
	}
	var parts []part
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		count, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return nil, notASpan()
		}
		rest = strings.TrimLeft(rest[digits:], " ")
		end := strings.IndexAny(rest, "0123456789. ")
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		if word == "" {
			return nil, say.Errorf(say.Text{EN: "has no unit", FR: "n’a pas d’unité"})
		}
		i := slices.IndexFunc(units, func(u unit) bool { return slices.Contains(u.words, strings.ToLower(word)) })
		if i < 0 || !fits(units[i]) {
			return nil, notASpan()
		}
		parts = append(parts, part{count, units[i]})
		rest = strings.TrimLeft(rest[end:], " ")
	}
	if len(parts) == 0 {
		return nil, notASpan()
	}
	return parts, nil
}

// spanPattern is what spans accepts, for editors.
func spanPattern(fits func(unit) bool) string {
	var words []string
	for _, u := range units {
		if fits(u) {
			words = append(words, u.words...)
		}
	}
	return `^( *[0-9]+(\.[0-9]+)? *(` + strings.Join(words, "|") + `))+ *$`
}

// length is a length of time as the struct tags write it, in English.
type length string

var frenchUnits = strings.NewReplacer("days", "jours", "day", "jour", "weeks", "semaines", "months", "mois", "month", "mois", "years", "ans")

func (d length) in(l say.Lang) string {
	if l.French() {
		return frenchUnits.Replace(string(d))
	}
	return string(d)
}

// typed writes d as one types it: 90s, 2m, 1h30m, 2 days.
func typed(d time.Duration) string {
	if d >= 2*day && d%day == 0 {
		return fmt.Sprintf("%d days", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
