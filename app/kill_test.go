package app

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// childConfig names the configuration of a daemon that a test may kill.
const childConfig = "OUIDIRE_APP_TEST_CHILD"

// childTells makes that daemon write all of its log to standard output, as JSON.
const childTells = "OUIDIRE_APP_TEST_TELLS"

// childPaces says how often that daemon visits its press, childPace when it does not.
const (
	childPaces = "OUIDIRE_APP_TEST_PACE"
	childPace  = 40 * time.Millisecond
)

// childShard says, as "1/3", which of several that daemon is; alone when it does not.
const childShard = "OUIDIRE_APP_TEST_SHARD"

// runChild is the daemon in a process of its own; it prints its address when it is up.
func runChild(path string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if os.Getenv(childTells) != "" {
		log = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	f, err := config.Load(path, Kinds())
	if err == nil {
		pace, set := time.ParseDuration(os.Getenv(childPaces))
		if set != nil {
			pace = childPace
		}
		o := Options{Config: f, Log: log, Hurry: pace, Ready: func(address string) { fmt.Println(address) }}
		if _, unset := fmt.Sscanf(os.Getenv(childShard), "%d/%d", &o.Shard.Index, &o.Shard.Total); unset == nil {
			o.Pulse = shardPulse
		}
		var a *App
		a, err = New(ctx, o)
		if err == nil {
			if err = a.Run(ctx); err == nil {
				err = a.Close()
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is a daemon in a process of its own.
type child struct {
	*exec.Cmd
	up      chan struct{} // closed when the page answers
	address string        // of the page, once it does
}

func startChild(t *testing.T, path string, wrapper ...string) *child {
	t.Helper()
	return startChildWith(t, path, nil, wrapper...)
}

// startChildWith is startChild in a larger environment.
func startChildWith(t *testing.T, path string, environment []string, wrapper ...string) *child {
	t.Helper()
	args := append(wrapper, os.Args[0], "-test.run=^$")
	c := &child{Cmd: exec.Command(args[0], args[1:]...), up: make(chan struct{})}
	c.Env = append(append(os.Environ(), environment...), childConfig+"="+path)
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // of a test that ended early; else it has ended long ago
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	go func() {
		if lines := bufio.NewScanner(out); lines.Scan() {
			c.address = lines.Text()
			close(c.up)
		}
	}()
	return c
}

// kill ends the child as a power cut ends it for the processes beside it.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed: the error says only that
}

// quit asks the child to end, and waits until it has.
func (c *child) quit(t *testing.T) {
	t.Helper()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("asked to end, the daemon said: %v", err)
	}
}

func TestNothingIsLostAndNothingIsToldTwiceWhenTheDaemonIsKilled(t *testing.T) {
	kills := 30
	if needs.Soak() {
		kills = 1000
	}
	const seed = 20261121
	r := rand.New(rand.NewPCG(seed, 1))
	p, hook, others := newPress(t), newReceiver(t, .3), newInboxes(t, .3)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}, more: others.channels()}
	path := s.write(t)
	p.publish("Avant l’installation", tale(r))

	stop := make(chan struct{})
	published := make(chan struct{})
	var killed atomic.Int64
	go func() { // the press rests only when it is far ahead
		defer close(published)
		words := rand.New(rand.NewPCG(seed, 2))
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(words.IntN(700)) * time.Millisecond):
				if p.count() <= int(killed.Load())+20 { // so that a slow machine has as many to tell
					p.publish(fmt.Sprintf("Nouvelle %d", i), tale(words))
				}
			}
		}
	}()
	for i := range kills {
		c := startChild(t, path)
		if i == 0 { // there must be a first visit, or all is history
			eventually(t, "the first items", func() bool { return len(hook.messages()) > 0 })
		}
		if r.IntN(4) > 0 { // else it dies while it starts
			<-c.up
		}
		time.Sleep(time.Duration(r.IntN(800)) * time.Millisecond) // until the power cut
		c.kill(t)
		killed.Add(1)
	}
	close(stop)
	<-published

	last := startChild(t, path)
	<-last.up
	quiet := 0
	within(t, 5*time.Minute+time.Duration(p.count())*2*time.Second, "an empty outbox, for a while", func() bool {
		quiet++
		if !drained(get(t, last.address+"/metrics")) {
			quiet = 0
		}
		return quiet > 150+p.count() // three seconds and more: what was read last is judged, and its wait is over
	})
	last.quit(t)
	kept := keptBy(t, path)
	checkKept(t, kept, p.count())
	checkTold(t, kept, hook.messages(), kills)
	others.check(path, kills)
}

// keptBy reads everything a daemon's store holds.
func keptBy(t *testing.T, path string) []mention.Mention {
	t.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return everyMention(t, f)
}

// everyMention is what an installation that nobody runs holds.
func everyMention(t *testing.T, f *config.File) []mention.Mention {
	t.Helper()
	s, err := OpenStore(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []mention.Mention
	for after := ""; ; {
		found, next, err := s.Search(t.Context(), store.Question{}, 500, after)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
		if next == "" {
			return all
		}
		after = next
	}
}

// checkKept demands every published item exactly once.
func checkKept(t *testing.T, kept []mention.Mention, published int) {
	t.Helper()
	times := map[string]int{}
	for _, m := range kept {
		times[m.URL]++
		if times[m.URL] > 1 {
			t.Errorf("%s is kept %d times", m.URL, times[m.URL])
		}
		if len(m.Versions) != 1 {
			t.Errorf("%s was never edited and has %d versions", m.URL, len(m.Versions))
		}
	}
	if len(times) != published {
		t.Errorf("kept %d items, want the %d that were published", len(times), published)
	}
}

// checkTold demands every due notice at least once, and at most one double a kill,
// with the key of the first.
func checkTold(t *testing.T, kept []mention.Mention, got []accepted, kills int) {
	t.Helper()
	keys, copies, doubles := map[string]string{}, map[string]int{}, 0
	for _, m := range got {
		copies[m.Key]++
		if copies[m.Key] > 1 {
			doubles++
		}
		for _, id := range m.Mentions {
			if before, ok := keys[id]; ok && before != m.Key {
				t.Errorf("mention %s is told under two keys", id)
			}
			keys[id] = m.Key
		}
	}
	due := 0
	for _, m := range kept {
		if m.History {
			continue
		}
		due++
		if keys[m.ID] == "" {
			t.Errorf("never told: %s (%s)", m.Current().Title, m.ID)
		}
	}
	if due < len(kept)/2 {
		t.Errorf("only %d of %d were due: the test proves little", due, len(kept))
	}
	if doubles > kills {
		t.Errorf("%d doubles over %d kills", doubles, kills)
	}
	t.Logf("%d kills: %d kept, %d due, %d accepted, %d doubles", kills, len(kept), due, len(got), doubles)
}
