package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/ouidire/ouidire/app/demo"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch"
	"github.com/ouidire/ouidire/web"
)

// demoBeat is how often a demonstration notes that it runs and tidies up: ten weeks
// have a hundred thousand minutes.
const demoBeat = 12 * time.Hour

// theatre is a demonstration: the invented press and a mailbox on loopback, the
// stage that moves the clock, and the real program in between, on a folder that is
// removed at the end.
type theatre struct {
	Options
	folder  string
	setting // of the configuration
	script  *demo.Script
	stage   *demo.Stage
	mailbox *demo.Mailbox
	runs    int

	clock atomic.Pointer[clock.Stepped] // of the run
	app   *App                          // of the run
}

// Demo runs the demonstration until ctx ends.
func Demo(ctx context.Context, o Options) (err error) {
	t, stop, err := newTheatre(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return t.perform(ctx)
}

// perform plays from the beginning. A reader who turns back finds the databases as
// they were then: the program starts again on a copy of them, at the same address.
func (t *theatre) perform(ctx context.Context) error {
	door, err := t.listen()
	if err != nil {
		return err
	}
	defer door.Close()
	for chapter := 0; ctx.Err() == nil; t.Ready = nil { // said once
		if t.Listener, err = twin(door); err != nil {
			return fmt.Errorf("keep the page's address for a reader who turns back: %w", err)
		}
		chapter, err = t.run(ctx, chapter, func(ctx context.Context, from int) (int, error) {
			return t.stage.Play(ctx, t.clock.Load(), from, t.keep)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newTheatre opens the press and the mailbox.
func newTheatre(o Options) (t *theatre, stop func() error, err error) {
	script, err := demo.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("read the demonstration: %w", err)
	}
	t = &theatre{Options: o, setting: demoSetting(), script: script, stage: demo.NewStage(script), mailbox: &demo.Mailbox{}}
	if t.folder, err = os.MkdirTemp("", "ouidire-demo-"); err != nil {
		return nil, nil, fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	remove := func() error { return os.RemoveAll(t.folder) }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the press of the demonstration: %w", err), remove())
	}
	t.Net, t.Rehearsed, t.Beat = demo.Net{Listener: listener.Addr()}, true, demoBeat
	press := http.NewServeMux()
	press.Handle("POST /"+mailboxPath, t.mailbox)
	press.Handle("/", demo.NewPress(script, func() time.Time { return t.clock.Load().Now() }))
	end := serve(listener, press)
	return t, func() error { end(); return remove() }, nil
}

const mailboxPath = "boite-aux-lettres"

// listen opens the port of the page, for all runs.
func (t *theatre) listen() (net.Listener, error) {
	if t.Listener != nil {
		return t.Listener, nil
	}
	return listenAt(config.Listen)
}

// play moves the time from a chapter on, and returns the chapter to turn back to.
type play func(ctx context.Context, from int) (back int, err error)

// run is the real program from the beginning of a chapter on.
func (t *theatre) run(ctx context.Context, from int, p play) (back int, err error) {
	folder, err := t.prepare(from)
	if err != nil {
		return 0, err
	}
	o := t.Options
	c := clock.NewStepped(t.script.Chapters[from].From)
	t.clock.Store(c)
	t.mailbox.Forget(c.Now())
	o.Clock, o.Demo = c, t
	if o.Config, err = t.config(folder); err != nil {
		return 0, err
	}
	if t.app, err = New(ctx, o); err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { defer stop(); ended <- t.app.Run(ctx) }()
	back, err = p(ctx, from)
	stop()
	ran := <-ended
	if errors.Is(err, context.Canceled) {
		err = nil // we were stopped, or the program was: it says why
	}
	return back, errors.Join(err, ran, t.app.Close())
}

// prepare makes the data folder of a run, as it was kept at the beginning of a chapter.
func (t *theatre) prepare(chapter int) (folder string, err error) {
	t.runs++
	folder = filepath.Join(t.folder, fmt.Sprintf("run-%d", t.runs))
	kept := t.kept(chapter)
	if _, err := os.Stat(kept); err != nil {
		return folder, nil // the beginning, for the first time
	}
	if err := os.CopyFS(folder, os.DirFS(kept)); err != nil {
		return "", fmt.Errorf("take up the demonstration at chapter %d: %w", chapter, err)
	}
	return folder, nil
}

func (t *theatre) kept(chapter int) string {
	return filepath.Join(t.folder, fmt.Sprintf("chapter-%d", chapter))
}

// keep copies both databases while everybody rests.
func (t *theatre) keep(ctx context.Context, chapter int) error {
	folder := t.kept(chapter)
	if err := os.Mkdir(folder, 0o700); errors.Is(err, os.ErrExist) {
		return nil // from an earlier run
	} else if err != nil {
		return err
	}
	for _, name := range []string{"state.db", "mentions.db"} {
		if err := sqlite.Copy(ctx, filepath.Join(t.app.Config.Data, name), filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("keep chapter %d of the demonstration: %w", chapter, err)
		}
	}
	return nil
}

// config is the ouidire.yml of the invented caisse.
func (t *theatre) config(folder string) (*config.File, error) {
	f, err := config.Parse("demo/ouidire.yml", demoConfig(folder, t.setting, t.Net.(demo.Net).Listener), os.LookupEnv, Kinds())
	if err != nil {
		return nil, fmt.Errorf("the configuration of the demonstration: %w", err)
	}
	return f, nil
}

var _ web.Demo = (*theatre)(nil)

// Scene implements web.Demo.
func (t *theatre) Scene() web.Scene {
	s := t.stage.Scene()
	scene := web.Scene{Now: s.Now, Chapter: s.Chapter, Paused: s.Paused, Over: s.Over, Speed: s.Speed}
	for _, c := range s.Chapters {
		scene.Chapters = append(scene.Chapters, web.Chapter{From: c.From, Title: c.Title, Text: c.Text})
	}
	for _, l := range t.mailbox.Letters() {
		scene.Letters = append(scene.Letters, web.Letter{At: l.At, Subject: l.Subject, Body: l.Body, Severity: l.Severity, Incident: l.Incident})
	}
	return scene
}

// Hold implements web.Demo.
func (t *theatre) Hold(paused bool) { t.stage.Hold(paused) }

// Pace implements web.Demo.
func (t *theatre) Pace(speed float64) { t.stage.Pace(speed) }

// Back implements web.Demo.
func (t *theatre) Back(chapter int) { t.stage.Back(chapter) }

// triedAtOnce is how many mentions are asked for together.
const triedAtOnce = 200

// Try implements web.Demo: a real watch over everything that was read.
func (t *theatre) Try(ctx context.Context, name string) (found []mention.Mention, err error) {
	phrase := `"` + strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '"' || unicode.IsSpace(r) }), " ") + `"`
	set, err := watch.New([]watch.Watch{{Name: "essai", Organisation: name, Query: phrase}}, t.app.watchOptions())
	if err != nil {
		return nil, err
	}
	for _, unclaimed := range []bool{false, true} {
		for after := ""; ; {
			page, next, err := t.app.store.Search(ctx, store.Question{Unclaimed: unclaimed}, triedAtOnce, after)
			if err != nil {
				return nil, err
			}
			for _, m := range page {
				if hits := set.Match(&m); len(hits) > 0 {
					m.Versions[len(m.Versions)-1].Hits = hits
					found = append(found, m)
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return found, nil
}

// serve answers on l until stop is called.
func serve(l net.Listener, h http.Handler) (stop func()) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends by Close
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}

// setting is what may be otherwise in the configuration of the invented caisse.
type setting struct {
	watches, rules string
	hours          string // at which its channel is told: a digest, quiet hours
	more           string // more channels, one a line
}

// demoSetting is the caisse as it is shown.
func demoSetting() setting {
	return setting{
		watches: `  - {name: caisse, title: Notre caisse, query: '"caisse valtisse" anse-aux-moyacs', parent: mouvement}
  - {name: presse, title: La presse nous nomme, query: 'valtisse genre:article SAUF (hockey OU "rue valtisse" OU "mouvement valtisse" OU brûlis)'}
  - {name: mouvement, title: Le Mouvement, query: '"mouvement valtisse" genre:article', relation: parent}
  - {name: brulis, title: La caisse du Brûlis, query: '"caisse valtisse du brûlis"', relation: sister}
  - {name: nordelune, title: Banque Nordelune, query: nordelune, relation: competitor}`,
		rules: `  - {name: mouvement, kind: fresh, watch: mouvement}
  - {name: presse, kind: fresh, watch: presse}
  - {name: vagues, kind: surge, watch: caisse}`,
		hours: "digest: {every: week, on: monday, at: 08:00}",
	}
}

// demoConfig is what it would take to listen for the invented caisse.
func demoConfig(folder string, s setting, press net.Addr) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `organisation: {name: Caisse Valtisse de l’Anse-aux-Moyacs, short: la Caisse, language: fr-CA, timezone: America/Toronto}
data: %q
watches:
%s
crawler: {allow_private: [127.0.0.0/8]}
rules:
%s
channels:
  - {name: boite, kind: webhook, url: "http://%s/%s", %s}
%ssources:
`, folder, s.watches, s.rules, press, mailboxPath, s.hours, s.more)
	for _, o := range demo.Outlets() {
		every := 15 * time.Minute
		if o.Own {
			every = 2 * time.Minute
		}
		fmt.Fprintf(&b, "  - {name: %s, kind: feed, url: %q, own: %v, comments: %v, every: %v}\n", o.Name, o.Feed(), o.Own, o.Comments, every)
	}
	return []byte(b.String())
}
