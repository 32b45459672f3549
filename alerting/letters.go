package alerting

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// letter is what one channel is owed, made one message. Of one incident what waited
// is not replayed: the newest tells it all. Of many incidents it is a summary.
type letter struct {
	rows      []Row // in order; of a summary those of each part, one part after the other
	notBefore time.Time
	parts     []letter // of a summary, weightiest first
	key       string   // of a summary, "" for what is owed of one incident
}

// newest is the row that the message stands for; of a summary that of its weightiest part.
func (l letter) newest() Row {
	if l.key != "" {
		return l.parts[0].newest()
	}
	return l.rows[len(l.rows)-1]
}

// attempts is how often the letter was tried as it is.
func (l letter) attempts() int {
	most := l.newest().Attempts
	for _, p := range l.parts {
		most = max(most, p.attempts())
	}
	return most
}

func (l letter) happened() []Transition {
	var all []Transition
	for _, r := range l.rows {
		all = append(all, r.Transition)
	}
	return all
}

// endings is what accepting the letter means for its rows: the newest was sent, and
// said what the others would have.
func (l letter) endings() []Ending {
	sent := l.newest().Key
	said := slices.DeleteFunc(l.keys(), func(key string) bool { return key == sent })
	ends := []Ending{{Keys: []string{sent}, As: Sent}}
	if len(said) > 0 {
		ends = append(ends, Ending{Keys: said, As: Collapsed, Why: sent})
	}
	return ends
}

func (l letter) keys() []string {
	var all []string
	for _, r := range l.rows {
		all = append(all, r.Key)
	}
	return all
}

func (l *letter) add(rows ...Row) {
	l.rows = append(l.rows, rows...)
	for _, r := range rows {
		if r.NotBefore.After(l.notBefore) {
			l.notBefore = r.NotBefore
		}
	}
}

// letters gathers rows by incident. A summary that was begun comes first, with the
// rows it was begun with: it may have been accepted. Then comes what was tried
// least, so that a letter the channel cannot swallow holds up no other; then what
// waits longest.
func letters(rows []Row) []letter {
	var begun []string
	bundled := map[string][]Row{}
	for _, r := range rows {
		if len(bundled[r.Bundle]) == 0 && r.Bundle != "" {
			begun = append(begun, r.Bundle)
		}
		bundled[r.Bundle] = append(bundled[r.Bundle], r)
	}
	var all []letter
	for _, key := range begun {
		all = append(all, summary(key, byIncident(bundled[key])))
	}
	return append(all, byIncident(bundled[""])...)
}

func byIncident(rows []Row) []letter {
	var all []letter
	at := map[string]int{}
	for _, r := range rows {
		i, known := at[r.matter()]
		if !known {
			i = len(all)
			at[r.matter()] = i
			all = append(all, letter{})
		}
		all[i].add(r)
	}
	for _, l := range all {
		slices.SortFunc(l.rows, func(a, b Row) int { return cmp.Or(a.Seq-b.Seq, a.At.Compare(b.At)) })
	}
	slices.SortStableFunc(all, func(a, b letter) int { return a.attempts() - b.attempts() })
	return all
}

// summary makes letters one; key is "" for a new one.
func summary(key string, parts []letter) letter {
	slices.SortFunc(parts, func(a, b letter) int { return Weigh(a.newest().Now, b.newest().Now) })
	l := letter{parts: parts, key: key}
	for _, p := range parts {
		l.add(p.rows...)
	}
	if l.key == "" {
		keys := slices.Sorted(slices.Values(l.keys()))
		sum := sha256.Sum256([]byte("summary\x00" + strings.Join(keys, "\x00")))
		l.key = hex.EncodeToString(sum[:])
	}
	return l
}

// Weigh orders incidents as a reader in a hurry wants them: what is urgent, what
// goes on, what names her, what is big, what is new.
func Weigh(a, b Incident) int {
	return cmp.Or(
		cmp.Compare(b.Severity.rank(), a.Severity.rank()),
		yesFirst(a.open(), b.open()),
		yesFirst(a.named(), b.named()),
		cmp.Compare(b.spread(), a.spread()),
		b.OpenedAt.Compare(a.OpenedAt),
		strings.Compare(a.ID, b.ID),
	)
}

func yesFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (i *Incident) named() bool { return i.Facts.Story != nil && i.Facts.Story.Named }

func (i *Incident) spread() int {
	if i.Facts.Story != nil {
		return i.Facts.Story.Outlets
	}
	return i.Size
}

const (
	// longPause is from when on a stop is worth a word. A shorter one misses nothing
	// that its end would not tell in the usual way.
	longPause = 30 * time.Minute
	// longWait is from when on a letter that its channel did not take tells the past.
	longWait = time.Hour

	// What was missed comes in while sources are read again, and each piece is
	// gathered for a while by its own rule.
	catchUpLeast = 5 * time.Minute  // after waking
	catchUpQuiet = 3 * time.Minute  // after the last that came
	catchUpMost  = 15 * time.Minute // after waking, whatever still comes
	// wakingTime is how long after waking what comes may be something missed.
	wakingTime = time.Hour
)

// pause is a time during which the program did not run; zero when it always did.
type pause struct{ from, to time.Time }

// missed says whether what the letter tells happened, or was to be told, before we
// woke.
func (p pause) missed(l letter) bool {
	at := l.newest().At
	if p.to.IsZero() || !at.Before(p.to.Add(wakingTime)) {
		return false
	}
	matter := l.newest().Now
	return at.Before(p.to) || matter.happenedAt().Before(p.to)
}

// happenedAt is when the world saw it, which may be long before we did.
func (i *Incident) happenedAt() time.Time {
	if i.Facts.Story != nil && !i.Facts.Story.At.IsZero() {
		return i.Facts.Story.At
	}
	return i.Since
}

// late says whether the letter tells the past: it was missed, or its channel did
// not take it for long.
func (p pause) late(l letter, now time.Time) bool {
	return p.missed(l) || now.Sub(l.rows[0].At) > longWait
}

// apart says whether a letter stays a message of its own, whatever else waits: a
// person must know at once, and nothing must hide it; or it is for that person alone.
func apart(l letter) bool {
	return l.key != "" || l.urgent() || l.isEdition() || l.newest().Now.IsAdvisory() || l.isPersonal()
}

// urgent says whether a person must know at once, of what still goes on or what they are
// advised to do.
func (l letter) urgent() bool {
	now := l.newest().Now
	return now.Severity == Urgent && (now.open() || now.IsAdvisory())
}

// collapse makes one summary of what waits when several letters tell the past: after
// a stop nobody finds more than one message. It holds back what was missed until the
// rest of it came in. A letter of the present goes alone at first, which shows whether
// the channel works at all.
func (p pause) collapse(all []letter, now time.Time) []letter {
	var alone, together []letter
	late := 0
	for _, l := range all {
		tellsPast := p.late(l, now)
		switch {
		case apart(l), p.expired(l, now), !tellsPast && l.attempts() == 0:
			alone = append(alone, l)
			continue
		case tellsPast:
			late++
		}
		together = append(together, l)
	}
	if ready := p.caughtUp(together); ready.After(now) {
		return append(alone, p.hold(together, ready)...)
	}
	if late < 2 {
		return all
	}
	return append(alone, summary("", together))
}

// caughtUp is when what was missed has come in, as far as one can tell.
func (p pause) caughtUp(letters []letter) time.Time {
	var ready time.Time
	for _, l := range letters {
		if p.missed(l) {
			ready = lastOf(ready, p.to.Add(catchUpLeast), l.newest().At.Add(catchUpQuiet))
		}
	}
	if most := p.to.Add(catchUpMost); ready.After(most) {
		return most
	}
	return ready
}

// hold keeps back what was missed.
func (p pause) hold(letters []letter, until time.Time) []letter {
	for i := range letters {
		if p.missed(letters[i]) {
			letters[i].notBefore = lastOf(letters[i].notBefore, until)
		}
	}
	return letters
}

// giveUpAfter is how long a message is tried.
const giveUpAfter = 24 * time.Hour

// giveUpEditions is how long editions are tried, one message with those that follow: what
// is older is found on the page.
const giveUpEditions = 8 * giveUpAfter

// spent says whether nobody needs the letter any more: others were to hear of what
// nobody took in charge, and somebody has acted since; or a person was to take it, and
// has, or need not any more.
func (l letter) spent() bool {
	now := l.newest().Now
	if l.isPersonal() {
		return now.State != New || now.assignee() != l.newest().Owed.assignee()
	}
	return l.key == "" && !now.Waiting() && !slices.ContainsFunc(l.rows, func(r Row) bool { return r.Transition != Escalated })
}

// expired says whether the letter was tried for long enough; time when we did not
// run is no trying.
func (p pause) expired(l letter, now time.Time) bool {
	if l.isEdition() {
		return l.rows[0].Attempts > 0 && now.Sub(lastOf(l.rows[0].At, p.to)) > giveUpEditions
	}
	return l.attempts() > 0 && now.Sub(lastOf(l.newest().At, p.to)) > giveUpAfter
}

func lastOf(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
