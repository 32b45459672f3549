package elastic

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// childStore tells this program, started anew by a test, to keep mentions in a process
// of its own: what, where and how.
const childStore = "OUIDIRE_ELASTIC_TEST_CHILD"

// childTask is what such a process does.
type childTask struct {
	Does, Folder, Address, Prefix, Tag string

	From  int           // the number of the first mention
	Steps int           // after so many it ends by itself, 0 for never
	Every time.Duration // how long it rests between two
	Rest  time.Duration // how long it lives at most after the last
}

// What a child may do.
const (
	keepsEdits = "edits" // see keepEdits
	dies       = "dies"  // see keepAndDie
	pours      = "pours" // see pour
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childStore); task != "" {
		if err := runChild(context.Background(), task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runChild(ctx context.Context, encoded string) (err error) {
	var task childTask
	if err := json.Unmarshal([]byte(encoded), &task); err != nil {
		return err
	}
	c := Default()
	c.Addresses, c.Prefix, c.Refresh = []string{task.Address}, task.Prefix, 50*time.Millisecond
	if task.Does == pours {
		c.Refresh = time.Second // as people have it
	}
	s, err := Open(ctx, task.Folder, c, Options{})
	if err != nil {
		return err
	}
	does := map[string]func(context.Context, *Store, childTask) error{keepsEdits: keepEdits, dies: keepAndDie, pours: pour}[task.Does]
	if err := does(ctx, s, task); err != nil {
		return err
	}
	return s.Close()
}

const (
	keptAtOnce = 5
	editedText = "Frais remboursés"
)

// keepEdits puts five new mentions and an edit of each, and says so when both were
// kept; again and again.
func keepEdits(ctx context.Context, s *Store, task childTask) error {
	h := &house{tag: task.Tag}
	for n := 0; task.Steps == 0 || n < task.Steps; n++ {
		from := task.From + n*keptAtOnce
		batch, _ := h.many(from, keptAtOnce)
		for _, some := range [][]mention.Mention{batch, edits(batch)} {
			if _, _, err := s.Put(ctx, some); err != nil {
				return err
			}
		}
		fmt.Println(from)
		pause(ctx, task.Every)
	}
	return nil
}

// keepAndDie is keepEdits, and again once more than half of it has left the spool, so that
// some mention has left with its edit, in a process that ends from one moment to the next,
// while it sends.
func keepAndDie(ctx context.Context, s *Store, task childTask) error {
	if err := keepEdits(ctx, s, task); err != nil {
		return err
	}
	for s.State().Spooled >= keptAtOnce*task.Steps {
		pause(ctx, time.Millisecond)
	}
	task.From += keptAtOnce * task.Steps
	if err := keepEdits(ctx, s, task); err != nil {
		return err
	}
	pause(ctx, rand.N(task.Rest))
	os.Exit(0)
	return nil
}

// edits is what became of mentions months later.
func edits(batch []mention.Mention) (all []mention.Mention) {
	for _, m := range batch {
		all = append(all, edit(m, noon.AddDate(0, 4, 0), editedText))
	}
	return all
}

// task is what a child does for this house.
func (h *house) task(does, folder string) childTask {
	return childTask{Does: does, Folder: folder, Address: h.config.Addresses[0], Prefix: h.config.Prefix, Tag: h.tag}
}

// command is the program that does a task.
func (c childTask) command(t testing.TB) *exec.Cmd {
	t.Helper()
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childStore+"="+string(encoded), "GORACE=atexit_sleep_ms=0") // who ends at once does so with -race, too
	cmd.Stderr = t.Output()
	return cmd
}

// writer is a child, and what it says.
type writer struct {
	t       testing.TB
	running *exec.Cmd
	lines   chan string
	last    int // the number that it said last
}

// write starts a task.
func (h *house) write(task childTask) *writer {
	h.t.Helper()
	w := h.run(task.command(h.t))
	w.last = task.From - keptAtOnce
	return w
}

func (h *house) run(child *exec.Cmd) *writer {
	h.t.Helper()
	w := &writer{t: h.t, running: child, lines: make(chan string)}
	out, err := child.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		defer close(w.lines)
		for said := bufio.NewScanner(out); said.Scan(); {
			w.lines <- said.Text()
		}
	}()
	h.t.Cleanup(func() { // of a test that ended early; else it has ended long ago
		_ = child.Process.Kill()
		for range w.lines {
		}
		_ = child.Wait()
	})
	return w
}

func (w *writer) note(line string) {
	w.t.Helper()
	n, err := strconv.Atoi(line)
	if err != nil {
		w.t.Errorf("it said %q", line)
		return
	}
	w.last = n
}

// says waits until it has said so many lines more.
func (w *writer) says(lines int) {
	w.t.Helper()
	for range lines {
		line, more := <-w.lines
		if !more {
			w.t.Fatal("the writer ended by itself")
		}
		w.note(line)
	}
}

// kill ends it, and gives the last number that it said: what it had said before it
// was killed counts.
func (w *writer) kill() (last int) {
	w.t.Helper()
	if err := w.running.Process.Kill(); err != nil {
		w.t.Error(err)
	}
	for line := range w.lines {
		w.note(line)
	}
	_ = w.running.Wait() // it was killed: the error says only that
	return w.last
}
