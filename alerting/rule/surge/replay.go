package surge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// back is from how long before the hour of an instant everything is replayed.
const back = 26 * 7 * 24 * time.Hour

// journalled is for how long we remember what could not be read. What is older is
// taken for calm.
const journalled = 80 * 24 * time.Hour

// replay is what was seen from somewhere up to an instant, in the order in which it
// was seen.
type replay struct {
	stream   *surge.Stream
	since    time.Time        // since when the watch is known, zero when that is not known
	upto     time.Time        // all that was seen up to here is in it
	counted  map[string]voice // by id: what was seen since known
	known    time.Time
	before   past // what was spoken of before the newest surge
	mistakes mistakes
	look     looking
}

// voice is one arrival.
type voice struct {
	at, seen time.Time
	author   string
}

// looking asks whether something could not be read, on behalf of the stream.
type looking struct {
	ctx   context.Context
	ask   alerting.Asker
	watch string
	asOf  time.Time
	err   error // the first that failed
}

func (l *looking) blind(at time.Time) bool {
	if l.err != nil || at.Before(l.asOf.Add(-journalled)) {
		return false
	}
	blind, err := l.ask.Blind(l.ctx, l.watch, at)
	l.err = err
	return len(blind) > 0
}

// upto is the replay up to an instant: the one at hand taken further, or another
// when that one is ahead or when what it counted is no longer what is known or said.
func (r *Rule) upto(ctx context.Context, ask alerting.Asker, asOf time.Time) (*replay, error) {
	said, err := called(ctx, ask, r.Watch)
	if err != nil {
		return nil, err
	}
	from := asOf.Truncate(time.Hour).Add(-back)
	since, err := r.since(ctx, ask, from)
	if err != nil {
		return nil, err
	}
	if p := r.replay; p != nil && p.since.Equal(since) && p.look.err == nil && !p.upto.After(asOf) && asOf.Sub(p.upto) < back && p.mistakes.goOn(said, p.upto) {
		holds, err := p.holds(ctx, ask, r.Watch, asOf)
		if err != nil {
			return nil, err
		}
		if holds {
			return p, p.goOn(ctx, ask, r.Watch, asOf, p.upto.Add(time.Microsecond))
		}
	}
	if from.Before(since) {
		from = since // there was nothing to be seen
	}
	p := &replay{since: since, counted: map[string]voice{}, known: from, mistakes: after(said, from)}
	p.stream = surge.New(surge.Options{Budget: r.Budget, Zone: r.zone, Since: since, Blind: p.look.blind})
	r.replay = p
	return p, p.goOn(ctx, ask, r.Watch, asOf, from)
}

// since is since when the watch is known; zero when that is not known. Before from it makes
// no difference, and is not asked again.
func (r *Rule) since(ctx context.Context, ask alerting.Asker, from time.Time) (time.Time, error) {
	if p := r.replay; p != nil && !p.since.IsZero() && p.since.Before(from) {
		return p.since, nil
	}
	since, err := rule.Watched(ctx, ask, r.Watch)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask since when it is known: %w", err)
	}
	return since, nil
}

// goOn takes in what was seen from an instant on. When it fails half-way it can go on
// from there.
func (p *replay) goOn(ctx context.Context, ask alerting.Asker, watch string, asOf, from time.Time) error {
	p.look = looking{ctx: ctx, ask: ask, watch: watch, asOf: asOf}
	p.stream.Upto(from)
	q := store.Question{Watches: []string{watch}, Kinds: rule.Spoken(), SeenFrom: from, SeenTo: asOf.Add(time.Microsecond), Order: store.OldestSeen, Gone: true}
	var together []arrived // of one instant
	err := rule.Each(ctx, ask, q, func(m *mention.Mention) {
		if len(together) > 0 && m.SeenAt.After(together[0].Seen) {
			p.add(together)
			together = together[:0]
		}
		if rule.Negative(m) {
			together = append(together, arrived{m.ID, surge.Arrival{At: m.PublishedAt, Seen: m.SeenAt, Author: rule.AuthorOf(m), History: m.History}})
		}
	})
	if err != nil {
		return err
	}
	p.add(together)
	p.mistakes.before(asOf.Add(time.Microsecond), p.stream)
	p.stream.Upto(asOf)
	if p.look.err != nil {
		return p.look.err
	}
	p.upto = asOf
	p.forget()
	return nil
}

// add takes in what was seen at one instant.
func (p *replay) add(together []arrived) {
	slices.SortFunc(together, arrived.compare)
	for _, a := range together {
		p.mistakes.before(a.Seen, p.stream)
		p.stream.Add(a.Arrival)
		p.counted[a.id] = voice{a.At, a.Seen, a.Author}
		p.upto = a.Seen
	}
}

// arrived is an arrival with the id of its mention.
type arrived struct {
	id string
	surge.Arrival
}

// compare orders what was seen together as it was published.
func (a arrived) compare(b arrived) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.id, b.id)) }

// holds says whether all that was counted still counts, and nothing else does: what
// changed since is looked at again, whoever claims it now.
func (p *replay) holds(ctx context.Context, ask alerting.Asker, watch string, asOf time.Time) (bool, error) {
	holds := true
	q := store.Question{ChangedFrom: p.upto.Add(time.Microsecond), ChangedTo: asOf.Add(time.Microsecond),
		SeenFrom: p.known, SeenTo: p.upto.Add(time.Microsecond), Kinds: rule.Spoken(), Order: store.OldestSeen, Gone: true}
	err := rule.Each(ctx, ask, q, func(m *mention.Mention) {
		_, before := p.counted[m.ID]
		holds = holds && before == (rule.Negative(m) && slices.Contains(m.Watches(), watch))
	})
	if err != nil || !holds {
		return holds, err
	}
	q.Unclaimed = true // who claimed it may have left it
	err = rule.Each(ctx, ask, q, func(m *mention.Mention) {
		_, before := p.counted[m.ID]
		holds = holds && !before
	})
	return holds, err
}

// countedMost is from how many arrivals on only the newest are remembered by id:
// when one of the others is corrected, that teaches something at the next start only.
const countedMost = 200_000

// surgeMost is longer than any surge goes on.
const surgeMost = 10 * 24 * time.Hour

func (p *replay) forget() {
	oldest := p.upto.Add(-back)
	if len(p.counted) > countedMost {
		oldest = p.upto.Add(-surgeMost)
	}
	if oldest.Sub(p.known) < 24*time.Hour {
		return // once a day is enough
	}
	p.known = oldest
	for id, v := range p.counted {
		if v.seen.Before(oldest) {
			delete(p.counted, id)
		}
	}
}
