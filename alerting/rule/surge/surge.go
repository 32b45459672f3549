// Package surge tells that negative comments about a watch come far faster than
// usual: when it begins, each time they have doubled, and when it is over. When that
// is, analyzer/surge says; here it is asked of what the store knew at the instant
// judged (replay.go), and put into the facts of a message (facts.go, words.go).
//
// Comments, reviews and posts count, when the reading known then finds them negative
// with a probability of one half or more. Articles do not: seventeen outlets that
// carry one story are one story, which the rule fresh tells.
//
// What a person called a false alarm teaches, and silences nothing larger (mistakes.go).
//
// A warm question takes less than 1 ms, and 10 to 15 ms while a surge of 200 comments
// goes on; the first one replays 26 weeks of the store: 1.8 s of processor time at five
// comments an hour (BenchmarkEval).
package surge

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/analyzer/surge"
)

// Config is what a rule of this kind has besides alerting.Terms: nothing.
type Config struct{}

// Default is the rule as it is.
func Default() Config { return Config{} }

// Rule is the rule. What it keeps between two questions is a cache: it is made anew
// whenever the question is not about what follows the last one.
type Rule struct {
	alerting.Terms
	zone *time.Location

	thinking sync.Mutex // guards replay
	replay   *replay
	gauge    atomic.Pointer[alerting.Gauge]
}

var (
	_ alerting.Rule   = (*Rule)(nil)
	_ alerting.Gauged = (*Rule)(nil)
	_ rule.Wave       = (*Rule)(nil)
)

// New makes the rule: urgent, and one false alarm a month, unless t says otherwise.
func New(_ Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Urgent
	}
	return &Rule{Terms: t, zone: d.Zone}, nil
}

// Eval signals the surge that goes on, or that none does. The key is the watch
// alone: a surge is never told while another of the same watch goes on, and one that
// a person's corrections have made vanish is over like any other.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	r.thinking.Lock()
	defer r.thinking.Unlock()
	replayed, err := r.upto(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("count the negative comments of %s: %w", r.Watch, err)
	}
	now := replayed.stream.Now()
	signal := alerting.Signal{Key: r.Watch, Watch: r.Watch, Severity: r.Severity, Since: now.Since, Size: now.Told, Over: !now.Active}
	if now.Active || asOf.Sub(now.Over) < worded {
		f := facts{Asker: ask, replay: replayed, watch: r.Watch, asOf: asOf, now: now}
		if signal.Facts.Surge, signal.Mentions, err = f.gather(ctx); err != nil {
			return nil, time.Time{}, fmt.Errorf("describe the surge of %s: %w", r.Watch, err)
		}
	}
	r.measure(replayed.stream, now)
	if next = now.Next; next.IsZero() {
		next = asOf.Truncate(time.Hour).Add(time.Hour)
	}
	return []alerting.Signal{signal}, next, nil
}

// Moved implements rule.Wave.
func (r *Rule) Moved(ctx context.Context, ask alerting.Asker, asOf time.Time) (rule.Movement, error) {
	r.thinking.Lock()
	defer r.thinking.Unlock()
	replayed, err := r.upto(ctx, ask, asOf)
	if err != nil {
		return rule.Movement{}, fmt.Errorf("count the negative comments of %s: %w", r.Watch, err)
	}
	now := replayed.stream.Now()
	return rule.Movement{Severity: r.Severity, On: now.Active, Since: now.Since, Until: now.Over, Next: now.Next}, nil
}

// worded is for how long after its end a surge is described: it is told at once, or
// when we wake.
const worded = time.Hour

// window is what the boards count.
const window = 3 * time.Hour

func (r *Rule) measure(s *surge.Stream, now surge.State) {
	got, usual := s.Count(window)
	r.gauge.Store(&alerting.Gauge{Watch: r.Watch, Score: now.Score, Active: now.Active, Window: got, Usual: usual,
		Deaf: now.Known.Add(surge.Deaf), Wary: now.Known.Add(surge.Wary)})
}

// Gauge implements alerting.Gauged.
func (r *Rule) Gauge() (g alerting.Gauge, ok bool) {
	if g := r.gauge.Load(); g != nil {
		return *g, true
	}
	return alerting.Gauge{}, false
}
