package alerting

import "time"

// Quiet is the part of each day in which people are told of what is urgent alone, since
// midnight by the clock on the wall. The zero value is none.
type Quiet struct{ From, To time.Duration }

// until is when the quiet hours end that an instant lies in, zero when it lies in none.
func (q Quiet) until(at time.Time, zone *time.Location) time.Time {
	if q.From == q.To {
		return time.Time{}
	}
	if zone == nil {
		zone = time.UTC
	}
	at = at.In(zone)
	clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
	over, day := q.From > q.To, at.Day() // over midnight
	switch {
	case over && clock >= q.From:
		day++
	case over && clock < q.To, !over && clock >= q.From && clock < q.To:
	default:
		return time.Time{}
	}
	return time.Date(at.Year(), at.Month(), day, int(q.To/time.Hour), int(q.To%time.Hour/time.Minute), 0, 0, zone)
}

// hold keeps back, in quiet hours, all but what is urgent and goes on.
func (q Quiet) hold(all []letter, now time.Time, zone *time.Location) []letter {
	until := q.until(now, zone)
	if until.IsZero() {
		return all
	}
	for i := range all {
		if !all[i].urgent() {
			all[i].notBefore = lastOf(all[i].notBefore, until)
		}
	}
	return all
}

// untried says whether the channel was never asked to take any of it: it is late
// because nobody was to be disturbed.
func (l letter) untried() bool {
	for _, r := range l.rows {
		if r.Attempts > 0 {
			return false
		}
	}
	return true
}
