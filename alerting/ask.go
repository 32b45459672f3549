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

// asker answers a rule as things were known at an instant.
type asker struct {
	mentions Mentions
	stories  StoryLedger
	blind    BlindFunc
	at       time.Time
}

var _ Asker = asker{}

// AskAt answers from these what was known at the instant at. The engine asks it
// of now, a backtest of the past.
func AskAt(m Mentions, s StoryLedger, blind BlindFunc, at time.Time) Asker {
	return asker{mentions: m, stories: s, blind: blind, at: at}
}

func (a asker) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	return a.mentions.Search(ctx, a.then(q), limit, after)
}

func (a asker) Count(ctx context.Context, q store.Question) (int, error) {
	return a.mentions.Count(ctx, a.then(q))
}

func (a asker) Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error) {
	return a.mentions.Histogram(ctx, a.then(q), by)
}

func (a asker) then(q store.Question) store.Question {
	if q.AsOf.IsZero() {
		q.AsOf = a.at
	}
	return q
}

func (a asker) Stories(ctx context.Context, watch string, from, to time.Time) ([]Story, error) {
	stories, err := a.stories.Stories(ctx, watch, from, a.upto(to))
	for i := range stories {
		stories[i] = stories[i].at(a.at)
	}
	return stories, err
}

func (a asker) Talk(ctx context.Context, conversation string, from, to time.Time) ([]Member, error) {
	return a.stories.Talk(ctx, conversation, from, a.upto(to))
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
	return a.blind(ctx, watch, at)
}
