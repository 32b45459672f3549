package crawler

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
)

// How often a source is visited, whatever the configuration says; a place's own
// wish wins over all of them.
const (
	ownEvery, ownLeast     = 5 * time.Minute, 2 * time.Minute
	otherEvery, otherLeast = time.Hour, 15 * time.Minute
	longest                = 24 * time.Hour

	// An own place is the reason we are here, and one that gave no answer at all
	// was not bothered by the question: these are looked after sooner.
	longestOwn        = time.Hour
	longestUnanswered = 4 * time.Hour

	firstAfterBusy = 15 * time.Minute // a place in trouble is never asked again at once
	startGap       = 200 * time.Millisecond
	startWindow    = 10 * time.Minute
	askedTooSoon   = 2 * time.Minute
	aWeek          = 7 * 24 * time.Hour
)

// Interval is the time between two visits that went well: Every within bounds.
// Without one it is an hour, and five minutes for a place of our own.
func (j Job) Interval() time.Duration {
	if j.Hurried {
		return j.Every
	}
	every, least := otherEvery, otherLeast
	if j.Own {
		every, least = ownEvery, ownLeast
	}
	if j.Every != 0 {
		every = j.Every
	}
	return min(max(every, least), longest)
}

// afterSuccess is how long to leave a source alone. Jitter only ever lengthens: an
// hour is never 59 minutes, and sources that started together drift apart.
func (r jitter) afterSuccess(j Job, notBefore, now time.Time) time.Duration {
	wait := r.longer(j.Interval())
	if !notBefore.IsZero() && !j.Hurried {
		wait = max(wait, min(notBefore.Sub(now), aWeek)+r(time.Minute))
	}
	return wait
}

// afterFailure is how long to leave a source alone that failed for the nth time in
// a row: twice as long each time, more for an address that is not there.
func (r jitter) afterFailure(j Job, failures int, err error) time.Duration {
	wait, most := j.Interval(), longest
	var (
		busy   *polite.Busy
		status *polite.Status
	)
	switch {
	case errors.As(err, &busy) && busy.RetryAfter > 0:
		return max(r.longer(j.Interval()), min(busy.RetryAfter, aWeek)+r(time.Minute))
	case errors.As(err, &busy):
		wait = max(wait, firstAfterBusy)
	case errors.As(err, &status) && status.Code == http.StatusNotFound:
		wait *= 4
	case j.Own:
		most = longestOwn
	case unanswered(reason(err)):
		most = longestUnanswered
	}
	for range failures - 1 {
		if wait = 2 * wait; wait >= most {
			break
		}
	}
	return r.longer(max(min(wait, most), j.Interval()))
}

// unanswered tells the failures that are as likely ours as the place's.
func unanswered(reason string) bool {
	return slices.Contains([]string{string(polite.DNS), string(polite.Network), string(polite.Timeout)}, reason)
}

// untilOpen is wait, lengthened until the source's place opens. A source that
// panics over it has no hours.
func (r jitter) untilOpen(j Job, cursor string, now time.Time, wait time.Duration) (open time.Duration) {
	opener, ok := j.Source.(Opener)
	if !ok {
		return wait
	}
	defer func() {
		if recover() != nil {
			open = wait
		}
	}()
	at := now.Add(wait)
	if late := opener.Opens(cursor, at).Sub(at); late > 0 {
		return wait + min(late, aWeek) + r(time.Minute)
	}
	return wait
}

// jitter draws a wait between zero and the given one.
type jitter func(time.Duration) time.Duration

func (c *Crawler) jitter() jitter { return c.opt.Jitter }

// chance is the jitter of a daemon.
func chance(d time.Duration) time.Duration { return rand.N(d + 1) }

// longer adds up to a tenth.
func (r jitter) longer(d time.Duration) time.Duration { return d + r(d/10) }

// remaining is how long from now a remembered visit is due. It believes the
// machine's clock no further than the visit was planned ahead: if the clock has
// gone back, or started in 1970, nobody waits longer than that. What is overdue is
// due at once.
func remaining(v Visit, now time.Time) time.Duration {
	if v.Last.IsZero() || v.Next.Before(v.Last) {
		return 0
	}
	planned := min(v.Next.Sub(v.Last), aWeek+longest)
	return min(v.Next.Sub(now), planned)
}

// spread gives each of the overdue its moment, the longest overdue first, so that
// a start is no stampede.
func spread(overdue []*seat, now time.Time) {
	slices.SortFunc(overdue, func(a, b *seat) int {
		return cmp.Or(a.visit.Next.Compare(b.visit.Next), cmp.Compare(a.job.Name, b.job.Name))
	})
	gap := min(startGap, startWindow/time.Duration(max(len(overdue), 1)))
	for i, s := range overdue {
		s.due = now.Add(time.Duration(i) * gap)
	}
}
