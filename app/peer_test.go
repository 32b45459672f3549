package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
)

// board is what shards tell each other, kept in memory.
type board struct {
	pulses map[int]store.Pulse
	noted  map[string]store.Standing
	err    error
}

func (b *board) Beat(_ context.Context, p store.Pulse) error {
	b.pulses[p.Shard] = p
	return b.err
}

func (b *board) Note(_ context.Context, all []store.Standing) error {
	for _, s := range all {
		b.noted[s.Source] = s
	}
	return b.err
}

func (b *board) Pulses(context.Context) (all []store.Pulse, _ error) {
	for _, p := range b.pulses {
		all = append(all, p)
	}
	return all, b.err
}

func (b *board) Standings(context.Context) (all []store.Standing, _ error) {
	for _, s := range b.noted {
		all = append(all, s)
	}
	return all, b.err
}

// twoShards is shard 0 of two, and a second whose pulse the test gives.
type twoShards struct {
	*testing.T
	*shards
	board  *board
	beats  int
	source string // one that the second visits
}

func newTwoShards(t *testing.T) *twoShards {
	t.Helper()
	folder := t.TempDir()
	kept, err := local.Open(t.Context(), filepath.Join(folder, "mentions.db"), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := state.Open(t.Context(), filepath.Join(folder, "state.db"), state.Options{})
	if err == nil {
		err = db.Beat(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &twoShards{T: t, board: &board{pulses: map[int]store.Pulse{}, noted: map[string]store.Standing{}}}
	jobs := []crawler.Job{}
	f := &config.File{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		jobs = append(jobs, crawler.Job{Name: name})
		f.Sources = append(f.Sources, config.Source{Entry: config.Entry{Name: name}})
	}
	a := &App{Options: Options{Clock: clock.Real(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Shard: crawler.Shard{Total: 2}}, state: db, store: kept}
	a.built.Store(&parts{})
	a.built.Load().jobs, a.built.Load().elsewhere = shareOut(a.Shard, jobs)
	a.current.Store(f)
	p.source = a.built.Load().elsewhere[0].Name
	p.shards = &shards{app: a, peers: p.board, every: pulseEvery, run: "zéro", wake: func() {}, noted: map[string][]byte{}, told: map[string]witnessed{},
		known: map[int]*peer{1: {Pulse: store.Pulse{Shard: 1, Total: 2}}}, standings: map[string]standing{}, ready: make(chan struct{})}
	a.shards = p.shards
	mark := pipeline.NewWatermark(a.Clock, time.Time{}, a.index())
	a.line = &pipeline.Line{Watermark: mark}
	a.engine = alerting.NewEngine(alerting.Setup{Mentions: kept, Watermark: mark, Ledger: db, Clock: a.Clock, Log: a.Log})
	t.Cleanup(func() {
		if err := errors.Join(kept.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pass lets time go by; the second shard lives meanwhile, unless upto is nil.
func (p *twoShards) pass(d time.Duration, upto func() time.Time) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if upto != nil {
			p.beats++
			body, err := json.Marshal(standing{Visit: visit{Source: p.source, LastSuccess: time.Now(), Health: crawler.Well}})
			if err != nil {
				p.Fatal(err)
			}
			p.board.noted[p.source] = store.Standing{Source: p.source, Shard: 1, Body: body}
			p.board.pulses[1] = store.Pulse{Shard: 1, Total: 2, Run: "un", Beat: p.beats, At: time.Now(), Upto: upto()}
		}
		if err := p.app.state.Beat(p.Context()); err != nil {
			p.Fatal(err)
		}
		p.round(p.Context())
		time.Sleep(pulseEvery)
	}
}

func (p *twoShards) isReady() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

func (p *twoShards) blindTo(source string) bool {
	p.Helper()
	blind, err := p.app.blind(p.Context(), "", time.Now())
	if err != nil {
		p.Fatal(err)
	}
	return slices.ContainsFunc(blind, func(b alerting.Blindness) bool { return b.Source == source })
}

func TestNoRuleIsAskedAboutWhatAnotherShardStillHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		p.pass(10*time.Second, time.Now)
		if !p.isReady() || p.blindTo(p.source) {
			t.Fatalf("ready %v, blind %v: the other shard lives", p.isReady(), p.blindTo(p.source))
		}
		held := time.Now()
		p.pass(20*time.Minute, func() time.Time { return held })
		if upto := p.app.line.Watermark.Upto(); upto.After(held) {
			t.Errorf("rules are asked up to %v, and another shard holds what it saw at %v", upto, held)
		}
		p.pass(10*time.Second, time.Now)
		if upto := p.app.line.Watermark.Upto(); time.Since(upto) > 15*time.Second {
			t.Errorf("rules are asked up to %v only, %v ago", upto, time.Since(upto))
		}
	})
}

func TestASilentShardIsNotWaitedForAndItsSourcesAreNotReadUntilItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		p.pass(10*time.Second, time.Now)
		p.pass(p.silence()-10*time.Second, nil)
		if p.blindTo(p.source) {
			t.Error("a shard that restarts is called silent")
		}
		p.pass(30*time.Second, nil)
		if upto := p.app.line.Watermark.Upto(); !p.blindTo(p.source) || time.Since(upto) > time.Minute {
			t.Errorf("blind %v, rules asked up to %v", p.blindTo(p.source), upto)
		}
		held := time.Now().Add(-time.Hour) // what it could not hand over when it died
		p.pass(time.Minute, func() time.Time { return held })
		if upto := p.app.line.Watermark.Upto(); time.Since(upto) > time.Minute {
			t.Errorf("the instant of the rules went back to %v", upto)
		}
		p.pass(10*time.Second, time.Now)
		if p.blindTo(p.source) {
			t.Error("it is back, and its sources are still called unread")
		}
	})
}

func TestWhenTheStoreIsAwayNobodyIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		p.pass(10*time.Second, time.Now)
		p.board.err = errors.New("away")
		p.pass(time.Hour, nil)
		p.board.err = nil
		p.pass(10*time.Second, nil) // we are quicker than the other
		if p.blindTo(p.source) {
			t.Error("a shard is called silent that nobody could have heard")
		}
	})
}

func TestALifeOfLastYearIsNoSignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		p.board.pulses[1] = store.Pulse{Shard: 1, Total: 2, Run: "avant", Beat: 7, At: time.Now().AddDate(-1, 0, 0), Upto: time.Now().AddDate(-1, 0, 0)}
		p.pass(p.silence()-10*time.Second, nil)
		if p.isReady() {
			t.Error("the other shard was not waited for")
		}
		p.pass(30*time.Second, nil)
		if !p.isReady() || !p.blindTo(p.source) || time.Since(p.app.line.Watermark.Upto()) > time.Minute {
			t.Errorf("ready %v, blind %v, up to %v", p.isReady(), p.blindTo(p.source), p.app.line.Watermark.Upto())
		}
	})
}

func TestAllThatANewShardSawBeforeItWasHeardIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		p.pass(10*time.Second, time.Now)
		started := time.Now()
		p.pass(20*time.Second, time.Now) // rules are asked, and nobody knows of a third
		third := store.Pulse{Shard: 2, Total: 3, Run: "deux", Beat: 3, At: time.Now(), From: started, Upto: time.Now()}
		p.hear([]store.Pulse{third}, nil, pulseEvery)
		third.Beat++
		if late, _ := p.hear([]store.Pulse{third}, nil, pulseEvery); !late.Equal(started) {
			t.Errorf("read again since %v, want since its start at %v", late, started)
		}
	})
}

func TestWhatAnotherShardSendsAgainIsReadAgainOnceEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		since := time.Now().Add(-time.Hour)
		life := store.Pulse{Shard: 1, Total: 2, Run: "un", At: time.Now(), From: since, Upto: time.Now(), Resent: store.Resent{Times: 1, Since: since}}
		for i, c := range []struct {
			what  string
			now   func()
			again bool
		}{
			{"a pulse that may be of last year", func() {}, false},
			{"the first sign of life since we started", func() {}, true},
			{"the next", func() {}, false},
			{"something is sent again once more", func() { life.Resent.Times++ }, true},
			{"it starts anew, and has sent nothing again", func() { life.Run, life.Resent = "deux", store.Resent{} }, false},
			{"it starts anew, and has sent something again", func() { life.Run, life.Resent = "trois", store.Resent{Times: 1, Since: since} }, true},
		} {
			c.now()
			life.Beat = i
			late, _ := p.hear([]store.Pulse{life}, nil, pulseEvery)
			if want := since.Add(-time.Microsecond); c.again != late.Equal(want) || !c.again && !late.IsZero() {
				t.Errorf("%s: read again since %v, want %v", c.what, late, c.again)
			}
		}
	})
}

func TestAShardThatStartsWithAnEmptyFolderGoesOnWhereItsSourcesWereRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTwoShards(t)
		name := p.app.built.Load().jobs[0].Name
		last := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
		body, err := json.Marshal(standing{Visit: visit{Source: name, Cursor: "là", Last: last, LastSuccess: last}})
		if err != nil {
			t.Fatal(err)
		}
		p.board.noted[name] = store.Standing{Source: name, Shard: 1, Body: body}
		for range 2 { // the second time it is no newer than what is known
			if err := p.adoptOnce(t.Context(), map[string]time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		all, err := p.app.state.Visits(t.Context())
		if err != nil || len(all) != 1 || all[0].Cursor != "là" || !all[0].LastSuccess.Equal(last) {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
