package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/powerloss"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store"
)

// promises is what a daemon had told by an instant, and so must keep.
type promises struct {
	items int             // of the longest feed whose visit it called done
	sent  map[string]bool // keys of messages it called sent
	at    time.Time       // of the last word: the power went later
}

func promised(t *testing.T, said []string) promises {
	t.Helper()
	p := promises{sent: map[string]bool{}}
	for _, line := range said {
		var word struct {
			Time  time.Time
			Msg   string
			Items int
			Fate  string
			Keys  []string
		}
		if strings.HasPrefix(line, "http://") {
			continue // where its page is
		}
		if err := json.Unmarshal([]byte(line), &word); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		p.at = word.Time
		switch {
		case word.Msg == "visited":
			p.items = max(p.items, word.Items)
		case word.Fate == "sent":
			for _, key := range word.Keys {
				p.sent[key] = true
			}
		}
	}
	return p
}

// recordDaemon runs a daemon under watch while the press publishes, until all was told.
func recordDaemon(t *testing.T, s settings, p *press, hook *receiver) *powerloss.Trace {
	t.Helper()
	path, data := s.write(t), filepath.Join(s.folder, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childConfig+"="+path, childTells+"=1")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var trace *powerloss.Trace
	ended := make(chan error, 1)
	go func() {
		var err error
		trace, err = powerloss.Record(ctx, data, cmd)
		ended <- err
	}()
	const seed = 20261122
	words := rand.New(rand.NewPCG(seed, 3))
	publishUntil(t, p, words, "Avant", func() bool { return len(hook.messages()) > 0 })
	const after = 30
	n := 0
	publishUntil(t, p, words, "Suite", func() bool { n++; return n > after })
	eventually(t, "every message", func() bool {
		told := map[string]bool{}
		for _, m := range hook.messages() {
			if strings.Contains(m.Subject, "Suite") {
				told[m.Key] = true
			}
		}
		return len(told) == after
	})
	stopHolder(t, data)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return trace
}

// publishUntil lets a press publish, a moment apart.
func publishUntil(t *testing.T, p *press, words *rand.Rand, title string, done func() bool) {
	t.Helper()
	i := 0
	next := time.Now()
	eventually(t, title, func() bool {
		if time.Now().Before(next) {
			return false
		}
		if done() {
			return true
		}
		next = time.Now().Add(time.Duration(words.IntN(200)) * time.Millisecond)
		i++
		p.publish(fmt.Sprintf("%s %d", title, i), tale(words))
		return false
	})
}

// stopHolder asks the daemon that has a data folder to end: the one we started.
func stopHolder(t *testing.T, data string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// recovered is what stands in a folder after the power went.
type recovered struct {
	kept    int
	waiting map[string]bool // keys of messages that are still owed
	sent    map[string]bool // and of those that are not
}

// recovery opens what a disk kept, and demands that it is whole.
func recovery(t *testing.T, path string) (r recovered) {
	t.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: f, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("it does not open: %v", err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"state.db", "mentions.db"} {
			if _, err := sqlite.Verify(t.Context(), filepath.Join(f.Data, name)); err != nil {
				t.Errorf("%s is not whole: %v", name, err)
			}
		}
	}()
	for _, unclaimed := range []bool{false, true} {
		n, err := a.store.Count(t.Context(), store.Question{Unclaimed: unclaimed})
		if err != nil {
			t.Fatal(err)
		}
		r.kept += n
	}
	db, err := sql.Open("sqlite", filepath.Join(f.Data, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, id := range column(t, db, "SELECT id FROM seen") {
		if _, err := a.store.Get(t.Context(), id); err != nil {
			t.Errorf("%s is called seen and is not kept: it would never be read again: %v", id, err)
		}
	}
	r.waiting = set(column(t, db, "SELECT key FROM outbox WHERE fate = 'waiting'"))
	r.sent = set(column(t, db, "SELECT key FROM outbox WHERE fate = 'sent'"))
	return r
}

func column(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func set(all []string) map[string]bool {
	s := map[string]bool{}
	for _, one := range all {
		s[one] = true
	}
	return s
}

// checkPromises holds a folder to what the daemon had told.
func checkPromises(t *testing.T, r recovered, p promises, accepted []accepted) {
	t.Helper()
	if r.kept < p.items {
		t.Errorf("%d items were called read, %d are kept", p.items, r.kept)
	}
	for key := range p.sent {
		if !r.sent[key] {
			t.Errorf("message %s was called sent, and is not (owed: %v)", key, r.waiting[key])
		}
	}
	inFlight := 0
	for _, m := range accepted {
		if m.at.Before(p.at) && r.waiting[m.Key] {
			inFlight++
		}
	}
	if inFlight > 1 {
		t.Errorf("%d messages that were accepted are owed again, want one at most", inFlight)
	}
}

// TestAWholeDaemonSurvivesLostPower records one daemon, then cuts its power at
// instants all over its life, and starts others on what some of the disks kept.
func TestAWholeDaemonSurvivesLostPower(t *testing.T) {
	t.Parallel()
	powerloss.Need(t)
	cuts, starts := 50, 3
	if needs.Soak() {
		cuts, starts = 1000, 50
	}
	p, hook := newPress(t), newReceiver(t, .1)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}
	trace := recordDaemon(t, s, p, hook)
	got := hook.messages()
	all := promised(t, trace.Said(trace.Len()))
	if all.items < 20 || len(all.sent) < 20 {
		t.Fatalf("%d items and %d messages were promised: the test proves little", all.items, len(all.sent))
	}
	t.Logf("%d instants, %d syncs, %d items, %d messages", trace.Len(), trace.Syncs(), p.count(), len(all.sent))
	hows := []powerloss.How{powerloss.Dropped, powerloss.Torn, powerloss.Torn, powerloss.Kept}
	chances := rand.New(rand.NewPCG(20261123, 1))
	for i := range cuts {
		at, how := chances.IntN(trace.Len()+1), hows[i%len(hows)]
		t.Run(fmt.Sprintf("at %d, the rest %v", at, how), func(t *testing.T) {
			after := s
			after.folder = t.TempDir()
			path, data := after.write(t), filepath.Join(after.folder, "data")
			if err := os.Mkdir(data, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := trace.Lose(at, how, chances, data); err != nil {
				t.Fatal(err)
			}
			r := recovery(t, path)
			checkPromises(t, r, promised(t, trace.Said(at)), got)
			if i%(cuts/starts) == cuts/starts-1 {
				goesOn(t, path, p, hook, r)
			}
		})
	}
}

// goesOn starts a daemon on a folder after lost power, and demands that in the end
// all is kept once, and all that was due was told.
func goesOn(t *testing.T, path string, p *press, hook *receiver, r recovered) {
	t.Helper()
	before := len(hook.messages())
	app := start(t, path, childPace)
	app.readAll(t)
	p.publish(fmt.Sprintf("Valtisse après la panne %d", p.count()), tale(rand.New(rand.NewPCG(17, uint64(p.count())))))
	told := map[string]bool{}
	eventually(t, "all that is due, told", func() bool {
		for i, m := range hook.messages() {
			if i >= before || r.sent[m.Key] {
				for _, id := range m.Mentions {
					told[id] = true
				}
			}
		}
		kept := app.everything(t)
		for _, m := range kept {
			if !m.History && !told[m.ID] {
				return false
			}
		}
		return len(kept) >= p.count()
	})
	if err := app.stop(); err != nil {
		t.Fatal(err)
	}
	checkKept(t, keptBy(t, path), p.count())
}
