package alerting_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/fresh"
	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
)

// closures is a wire text about the invented Mouvement Valtisse.
const closures = "Le Mouvement Valtisse fermera 14 comptoirs d'ici deux ans, a annoncé mercredi la direction, qui promet de garder tous les employés. " +
	"Les maires de la côte se réuniront vendredi à l'hôtel de ville pour préparer leur réponse. La caisse d’épargne des Moyacs est touchée."

// world is a whole daemon but for its sources and pages, on real stores, in the
// bubble of a synctest.
type world struct {
	*testing.T
	dir       string
	store     *local.Store
	state     *state.DB
	mark      *pipeline.Watermark
	behind    atomic.Pointer[time.Time] // up to where another process has come, nil for no other
	engine    *alerting.Engine
	ledger    alerting.Ledger   // the state, or what a test puts before it
	mentions  alerting.Mentions // what a test puts before the store, nil for the store itself
	rules     []alerting.NamedRule
	inbox     *inbox
	seen      alerting.Observer // nil for none
	more      []alerting.Channel
	fallback  string // of the first channel
	stop      func()
	sleep     func() // ends the beat by which the state knows that we ran
	newest    time.Time
	begins    time.Time     // the hour that it is at the beginning of the bubble, zero for the bubble's own
	beat      time.Duration // of the state, its own when 0
	editions  []alerting.Edition
	blind     atomic.Pointer[[]alerting.Blindness]    // what cannot be read, nil for nothing
	blindness func(at time.Time) []alerting.Blindness // as it was then; nil to ask blind
	number    int                                     // of what was said so far
}

// within runs a story in a bubble of time.
func within(t *testing.T, tell func(w *world)) { withinAs(t, func(*world) {}, tell) }

// withinAs is within, of a world that was changed before it opens.
func withinAs(t *testing.T, change, tell func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, dir: t.TempDir(), inbox: &inbox{}}
		change(w)
		if w.rules == nil {
			w.rules = []alerting.NamedRule{w.fresh(alerting.Terms{Watch: "mouvement"})}
		}
		w.open()
		defer w.close()
		tell(w)
	})
}

// shared is a store that another process writes into as well.
type shared struct {
	*local.Store
	w *world
}

func (s shared) Waiting() time.Time {
	if at := s.w.behind.Load(); at != nil {
		return *at
	}
	return s.Store.Waiting()
}

func (w *world) fresh(terms alerting.Terms) alerting.NamedRule {
	rule, err := fresh.New(fresh.Default(), terms, alerting.Deps{Own: func(watch string) bool { return watch == "caisse" }})
	if err != nil {
		w.Fatal(err)
	}
	return alerting.NamedRule{Name: "nouvelles", Kind: "fresh", Watch: terms.Watch, Rule: rule}
}

// now is the hour of this world.
func (w *world) now() time.Time {
	if w.begins.IsZero() {
		return time.Now()
	}
	return w.begins.Add(time.Since(bubble))
}

// bubble is when every bubble begins.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (w *world) clock() clock.Clock {
	if w.begins.IsZero() {
		return clock.Real()
	}
	return patient{clock.Set(w.now)}
}

// patient is a clock that nobody sets, so that whoever waits need not look each minute.
type patient struct{ clock.Clock }

// Bell implements clock.Clock.
func (p patient) Bell() clock.Bell { return patientBell{p.Clock.Bell(), p.Clock} }

type patientBell struct {
	clock.Bell
	clock clock.Clock
}

// Until implements clock.Bell.
func (b patientBell) Until(ctx context.Context, at time.Time) { b.Wait(ctx, at.Sub(b.clock.Now())) }

func (w *world) open() {
	var err error
	if w.store, err = local.Open(context.Background(), filepath.Join(w.dir, "mentions.db"), local.Options{}); err != nil {
		w.Fatal(err)
	}
	if w.state, err = state.Open(context.Background(), filepath.Join(w.dir, "state.db"), state.Options{Now: w.now, Beat: w.beat}); err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := w.state.Beat(ctx); err != nil {
		w.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.state.Live(ctx, w.clock()) }()
	w.sleep = func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("the beat ended with %v", err)
		}
	}
	w.mark = pipeline.NewWatermark(w.clock(), w.newest, shared{w.store, w})
	w.ledger = w.state
	w.run()
}

func (w *world) unread(at time.Time) []alerting.Blindness {
	if w.blindness != nil {
		return w.blindness(at)
	}
	if blind := w.blind.Load(); blind != nil {
		return *blind
	}
	return nil
}

// run starts an engine on what the ledger knows.
func (w *world) run() {
	mentions := w.mentions
	if mentions == nil {
		mentions = w.store
	}
	w.engine = alerting.NewEngine(alerting.Setup{
		Observe:  w.seen,
		Mentions: mentions, Watermark: w.mark, Ledger: w.ledger, Clock: w.clock(), Log: slog.New(slog.DiscardHandler),
		Blind: func(_ context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
			return w.unread(at), nil
		},
		Paused: w.state.LastPause,
		Jitter: func(d time.Duration) time.Duration { return d },
	})
	w.engine.Use(w.rules, w.channels())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.engine.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("the engine ended with %v", err)
		}
	}
	w.wait(time.Second)
}

func (w *world) channels() []alerting.Channel {
	reader := alerting.Reader{Lang: say.FrenchCanada, Zone: time.UTC, Page: "https://veille.caisse.example"}
	return append([]alerting.Channel{{Name: "courriel", Fallback: w.fallback, Recipients: "equipe", Reader: reader, Notifier: w.inbox, Editions: w.editions}}, w.more...)
}

func (w *world) close() {
	w.stop()
	w.sleep()
	if err := errors.Join(w.store.Close(), w.state.Close()); err != nil {
		w.Error(err)
	}
}

// restart stops everything and starts it again on the same files.
func (w *world) restart() {
	w.close()
	w.open()
}

func (w *world) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// said is something said somewhere.
type said struct {
	id, source, title, text string
	watches                 []string
	history                 bool
	published               time.Time // when it is not when it was seen
	comment, author         string    // the conversation that it stands in, for what is no article, and whose it is
	calm                    bool      // a comment that complains of nothing
}

func (s said) mention(at time.Time) mention.Mention {
	if s.watches == nil {
		s.watches = []string{"mouvement"}
	}
	var hits []mention.Hit
	for _, watch := range s.watches {
		hits = append(hits, mention.Hit{Watch: watch, Words: []string{"Mouvement Valtisse"}})
	}
	published := at
	if !s.published.IsZero() {
		published = s.published
	}
	m := mention.Mention{
		ID: mention.NewID("web", s.id), Source: s.source, Place: "web", Kind: mention.Article, URL: "https://" + s.source + ".example/" + s.id,
		Versions:    []mention.Version{{At: at, Title: s.title, Text: s.text, Hits: hits}},
		PublishedAt: published, DateFrom: "feed", SeenAt: at, History: s.history, Lang: "fr", Signature: story.Sign(s.title, s.text),
	}
	if s.comment != "" {
		m.Kind, m.Thread, m.Author = mention.Comment, s.comment, mention.Author{Name: s.author}
		m.Readings = []mention.Reading{{At: at, Negative: 0.9, Neutral: 0.1, Label: mention.Negative, By: "essai"}}
		if s.calm {
			m.Readings = []mention.Reading{{At: at, Negative: 0.1, Neutral: 0.9, Label: mention.Neutral, By: "essai"}}
		}
	}
	return m
}

// keep walks one batch down the line.
func (w *world) keep(batch ...said) {
	at, done := w.mark.Begin()
	defer done()
	w.newest = at
	var all []mention.Mention
	for _, s := range batch {
		all = append(all, s.mention(at))
	}
	if _, _, err := w.store.Put(context.Background(), all); err != nil {
		w.Fatal(err)
	}
}

// copies is one text that n outlets carry.
func copies(n int, title, text string) (all []said) {
	for i := range n {
		all = append(all, said{id: fmt.Sprint("copie-", i), source: fmt.Sprint("media-", i), title: title, text: text})
	}
	return all
}

// inbox is a channel whose people read what arrives.
type inbox struct {
	mu       sync.Mutex
	got      []alerting.Message
	attempts int
	answer   func(m alerting.Message) error // before it is taken; nil takes all
	after    func(m alerting.Message) error // after it was taken
}

func (i *inbox) Notify(ctx context.Context, m alerting.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.attempts++
	if i.answer != nil {
		if err := i.answer(m); err != nil {
			return err
		}
	}
	i.got = append(i.got, m)
	if i.after != nil {
		return i.after(m)
	}
	return nil
}

func (i *inbox) behave(answer func(alerting.Message) error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = answer
}

func (i *inbox) messages() []alerting.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.got)
}

func (i *inbox) subjects() (all []string) {
	for _, m := range i.messages() {
		all = append(all, strings.ReplaceAll(m.Subject, "\u00a0", " "))
	}
	return all
}

// want compares the subjects that arrived.
func (w *world) want(subjects ...string) {
	w.Helper()
	if got := w.inbox.subjects(); !slices.Equal(got, subjects) {
		w.Errorf("told:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(subjects, "\n\t"))
	}
}
