package alerting

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/store"
)

// Backtest judges rules again over what is stored: at the instants at which the engine
// judged them, by what was known then, with what people did in between, through the
// same Judge. It owes byte for byte what the engine owed over the same time, and
// writes nothing.
//
// It knows only what is stored: mentions, readings and versions for as long as they
// are kept, what could not be read and what people did for as long as the journal
// reaches. Beyond that its answer is approximate; who asks must say so.
type Backtest struct {
	Known
	Acts []Action // what people did, oldest first
	// Called is what they called false alarms of other rules, which a rule may look at; nil
	// where nobody did.
	Called func(ctx context.Context, rule string) ([]Incident, error)
}

// Run judges a rule in [from, upto], as if it had been asked for the first time at
// from, and returns what it owed, in order.
func (b Backtest) Run(ctx context.Context, r NamedRule, from, upto time.Time) (owed []Due, err error) {
	kept, err := b.instants(ctx, r.Watch, from, upto)
	if err != nil {
		return nil, fmt.Errorf("find when rule %s was asked: %w", r.Name, err)
	}
	p := past{Backtest: b, rule: r, book: book{rule: r.Name, others: b.Called}, schedule: Schedule{Asked: from.Add(-time.Microsecond), Kept: kept}}
	p.acts = slices.DeleteFunc(slices.Clone(b.Acts), func(a Action) bool { return a.At.Before(from) })
	for {
		at, due := p.schedule.Due(upto)
		acted, err := p.act(at, due, upto)
		switch {
		case err != nil:
			return nil, err
		case acted:
			continue // the wish may have changed
		case !due:
			return p.owed, nil
		}
		if err := p.judge(ctx, at); err != nil {
			return nil, err
		}
	}
}

// instants are those at which something that a watch counts was kept or joined.
func (b Backtest) instants(ctx context.Context, watch string, from, upto time.Time) ([]time.Time, error) {
	instants := []time.Time{from}
	add := func(watches []string, at time.Time) {
		if !at.Before(from) && !at.After(upto) && (watch == "" || slices.Contains(watches, watch)) {
			instants = append(instants, at)
		}
	}
	for _, unclaimed := range []bool{false, true} { // an edit may have taken the words away
		q := store.Question{SeenFrom: from, SeenTo: upto.Add(time.Microsecond), Unclaimed: unclaimed, Order: store.OldestSeen, Gone: true}
		for after := ""; ; {
			page, next, err := b.Mentions.Search(ctx, q, pageSize, after)
			if err != nil {
				return nil, err
			}
			for _, m := range page {
				for _, v := range m.Versions {
					for _, h := range v.Hits {
						add([]string{h.Watch}, m.SeenAt)
					}
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	members := map[string][]Member{}
	err := b.Stories.EachJoined(ctx, from.Add(-story.Window), func(j Joined) { members[j.Story] = append(members[j.Story], j.Member) })
	for _, of := range members {
		for _, m := range of {
			for _, other := range of {
				add(other.claims(m.SeenAt), m.SeenAt)
			}
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal), err
}

// past is one rule on its way through what is stored.
type past struct {
	Backtest
	rule     NamedRule
	schedule Schedule
	acts     []Action
	book     book
	owed     []Due
}

// act does what people did next, when that was before the instant that is due.
func (p *past) act(at time.Time, due bool, upto time.Time) (acted bool, err error) {
	if len(p.acts) == 0 || due && p.acts[0].At.After(at) || p.acts[0].At.After(upto) {
		return false, nil
	}
	a := p.acts[0]
	p.acts = p.acts[1:]
	p.schedule.Next = sooner(p.schedule.Next, later(a.reconsidered(), p.schedule.Asked))
	before, known, err := p.book.incident(a.Incident)
	if err != nil || !known {
		return true, err // another rule's
	}
	after, err := Apply(before, a)
	if err != nil {
		return true, nil // it stood otherwise then: we did not see all
	}
	p.schedule.Next = sooner(p.schedule.Next, reminder(after, p.rule.Ladder, p.schedule.Asked))
	return true, p.book.write([]Incident{after})
}

func (p *past) judge(ctx context.Context, at time.Time) error {
	v, err := Judge(ctx, p.rule, p.Known.At(at), &p.book, at)
	if err != nil {
		return err
	}
	p.owed = append(p.owed, v.Owed...)
	p.schedule.Judged(at, v.Next)
	return p.book.write(v.Changed)
}

// book is incidents as the ledger would have them: written and read again.
type book struct {
	kept   []noted
	rule   string
	others func(ctx context.Context, rule string) ([]Incident, error)
}

// noted is one incident.
type noted struct {
	id, key string
	opened  time.Time
	open    bool
	body    []byte
}

// Known implements Book: the open ones and the newest of each key, newest first.
func (b *book) Known(_ context.Context, _ string, keys []string) (known []Incident, err error) {
	newest := map[string]bool{}
	for _, n := range b.kept {
		first := !newest[n.key]
		newest[n.key] = true
		if !n.open && !(first && slices.Contains(keys, n.key)) {
			continue
		}
		i, err := n.incident()
		if err != nil {
			return nil, err
		}
		known = append(known, i)
	}
	return known, nil
}

// Called implements Book.
func (b *book) Called(ctx context.Context, rule string) (called []Incident, err error) {
	if rule != b.rule {
		if b.others == nil {
			return nil, nil
		}
		return b.others(ctx, rule)
	}
	for _, n := range b.kept {
		i, err := n.incident()
		if err != nil {
			return nil, err
		}
		if len(i.Called) > 0 {
			called = append(called, i)
		}
	}
	return called, nil
}

func (b *book) incident(id string) (i Incident, known bool, err error) {
	at := slices.IndexFunc(b.kept, func(n noted) bool { return n.id == id })
	if at < 0 {
		return i, false, nil
	}
	i, err = b.kept[at].incident()
	return i, true, err
}

func (n noted) incident() (i Incident, err error) {
	if err := json.Unmarshal(n.body, &i); err != nil {
		return i, fmt.Errorf("read situation %s again: %w", n.id, err)
	}
	return i, nil
}

// write keeps incidents as they now stand.
func (b *book) write(changed []Incident) error {
	for _, i := range changed {
		body, err := json.Marshal(i)
		if err != nil {
			return fmt.Errorf("write situation %s: %w", i.ID, err)
		}
		n := noted{i.ID, i.Key, i.OpenedAt, i.open(), body}
		if at := slices.IndexFunc(b.kept, func(o noted) bool { return o.id == i.ID }); at >= 0 {
			b.kept[at] = n
			continue
		}
		at, _ := slices.BinarySearchFunc(b.kept, n, func(o, n noted) int {
			return cmp.Or(n.opened.Compare(o.opened), cmp.Compare(o.id, n.id))
		})
		b.kept = slices.Insert(b.kept, at, n)
	}
	return nil
}
