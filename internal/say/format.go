package say

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	noBreak       = "\u00a0"
	narrowNoBreak = "\u202f"
)

// Plural picks the form for n: French counts 0 and 1 as one, English 1 only.
func (l Lang) Plural(n int, one, many string) string {
	if n == 1 || n == -1 || (n == 0 && l.French()) {
		return one
	}
	return many
}

// Number writes n with the thousands apart: 48,000 or 48 000 (no-break space).
func (l Lang) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	sep := ","
	if l.French() {
		sep = noBreak
	}
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, groups...), sep)
}

// Percent writes a share of one as whole per cents: 81% or 81 % (no-break space).
func (l Lang) Percent(share float64) string {
	n := strconv.Itoa(int(share*100 + 0.5))
	if l.French() {
		return n + noBreak + "%"
	}
	return n + "%"
}

// Quote puts s between the quotation marks of l.
func (l Lang) Quote(s string) string {
	if l.French() {
		return "«" + noBreak + s + noBreak + "»"
	}
	return "“" + s + "”"
}

// High is the space that stands before ; ! and ?: none but in France.
func (l Lang) High() string {
	if l == FrenchFrance {
		return narrowNoBreak
	}
	return ""
}

// Colon is the colon with the space that stands before it.
func (l Lang) Colon() string {
	if l.French() {
		return noBreak + ":"
	}
	return ":"
}

// Clock writes the time of day in t's own zone: 9:12, or 9 h 12 and 14 h.
func (l Lang) Clock(t time.Time) string {
	if !l.French() {
		return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
	}
	if t.Minute() == 0 {
		return fmt.Sprintf("%d%sh", t.Hour(), noBreak)
	}
	return fmt.Sprintf("%d%sh%s%02d", t.Hour(), noBreak, noBreak, t.Minute())
}

var (
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
)

// Date writes the day in t's own zone in words: Friday, November 20, 2026, or
// le vendredi 20 novembre 2026.
func (l Lang) Date(t time.Time) string {
	if !l.French() {
		return t.Format("Monday, January 2, 2006")
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("le %s %s %s %d", frenchDays[t.Weekday()], day, frenchMonths[t.Month()-1], t.Year())
}

// In a line there is room for a short month only.
var shortMonths = [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."}

// MonthDay writes the day in t's own zone as one does in a line or on an axis: 3 nov.,
// Nov 3.
func (l Lang) MonthDay(t time.Time) string {
	if !l.French() {
		return t.Format("Jan 2")
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return day + noBreak + shortMonths[t.Month()-1]
}

// Day is MonthDay with the year: 3 nov. 2026, Nov 3, 2026.
func (l Lang) Day(t time.Time) string {
	if !l.French() {
		return t.Format("Jan 2, 2006")
	}
	return fmt.Sprintf("%s%s%d", l.MonthDay(t), noBreak, t.Year())
}

// When writes the day and the time of day in a line: 3 nov. 2026, 9 h 12.
func (l Lang) When(t time.Time) string { return l.Day(t) + ", " + l.Clock(t) }

// Since is When after a word like since: depuis le 3 nov. 2026, 9 h 12.
func (l Lang) Since(t time.Time) string {
	if l.French() {
		return "le " + l.When(t)
	}
	return l.When(t)
}

// FirstDay is the day that a week begins with: Sunday, in France Monday.
func (l Lang) FirstDay() time.Weekday {
	if l == FrenchFrance {
		return time.Monday
	}
	return time.Sunday
}

// ShortDate writes the day as tables do: 2026-11-20, in France 20/11/2026.
func (l Lang) ShortDate(t time.Time) string {
	if l == FrenchFrance {
		return t.Format("02/01/2006")
	}
	return t.Format("2006-01-02")
}

// Moment writes the short date and the time of day, as tables do.
func (l Lang) Moment(t time.Time) string { return l.ShortDate(t) + ", " + l.Clock(t) }

// Span writes a duration in the two largest units that matter: 3 h 20 min, 2 days.
func (l Lang) Span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d%ss", int(d.Seconds()), noBreak)
	case d < time.Hour:
		return fmt.Sprintf("%d%smin", int(d.Minutes()), noBreak)
	case d < 48*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 {
			return fmt.Sprintf("%d%sh", h, noBreak)
		}
		return fmt.Sprintf("%d%sh%s%d%smin", h, noBreak, noBreak, m, noBreak)
	}
	days := int(d.Hours() / 24)
	unit := l.Plural(days, "day", "days")
	if l.French() {
		unit = l.Plural(days, "jour", "jours")
	}
	return fmt.Sprintf("%d%s%s", days, noBreak, unit)
}
