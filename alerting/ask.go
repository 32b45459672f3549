package alerting

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Mentions is what alerting asks of the store.
type Mentions interface {
	Search(ctx context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error)
	Count(ctx context.Context, q store.Question) (int, error)
	Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error)
}

// BlindFunc answers Asker.Blind from what is remembered of visits.
type BlindFunc func(ctx context.Context, watch string, at time.Time) ([]Blindness, error)

// PausedFunc is the last time before an instant that the program did not run for at
// least so long; zero times when it always did.
type PausedFunc func(ctx context.Context, at time.Time, atLeast time.Duration) (from, to time.Time, err error)

// ListenedFunc answers Asker.Listened, whatever the instant.
type ListenedFunc func(ctx context.Context, watch string) (since time.Time, err error)

// Known is what is known of the world, and of ourselves. Stories, Blind and Listened may be
// left out where no rule asks for them.
type Known struct {
	Mentions Mentions
	Stories  StoryLedger // it is only read
	Blind    BlindFunc
	Listened ListenedFunc // nil where nobody noted it
}

// At answers a rule as things were known at an instant. The engine asks of now, a
// backtest of the past.
func (k Known) At(at time.Time) Asker { return asker{k, at} }

type asker struct {
	Known
	at time.Time
}

var _ Asker = asker{}

func (a asker) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	return a.Mentions.Search(ctx, a.then(q), limit, after)
}

func (a asker) Count(ctx context.Context, q store.Question) (int, error) {
	return a.Mentions.Count(ctx, a.then(q))
}

func (a asker) Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error) {
	return a.Mentions.Histogram(ctx, a.then(q), by)
}

func (a asker) then(q store.Question) store.Question {
	if q.AsOf.IsZero() {
		q.AsOf = a.at
	}
	return q
}

func (a asker) Stories(ctx context.Context, watch string, from, to time.Time) ([]Story, error) {
	stories, err := a.Known.Stories.Stories(ctx, watch, from, a.upto(to))
	for i := range stories {
		stories[i] = stories[i].at(a.at)
	}
	return stories, err
}

func (a asker) Talk(ctx context.Context, conversation string, from, to time.Time) ([]Member, error) {
	return a.Known.Stories.Talk(ctx, conversation, from, a.upto(to))
}

// upto ends a span with the instant judged.
func (a asker) upto(to time.Time) time.Time {
	if last := a.at.Add(time.Microsecond); to.After(last) {
		return last
	}
	return to
}

// FalseAlarms knows none: whose rule it is asked for, only Judge can say.
func (a asker) FalseAlarms(context.Context) ([]FalseAlarmed, error) { return nil, nil }

func (a asker) Blind(ctx context.Context, watch string, at time.Time) ([]Blindness, error) {
	return a.Known.Blind(ctx, watch, at)
}

func (a asker) Listened(ctx context.Context, watch string) (time.Time, error) {
	if a.Known.Listened == nil {
		return time.Time{}, nil
	}
	since, err := a.Known.Listened(ctx, watch)
	if since.After(a.at) {
		return time.Time{}, err // nobody had noted it yet
	}
	return since, err
}
