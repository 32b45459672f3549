package elastic

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

// childStore tells this program, started anew by a test, to keep mentions until it is
// killed: the folder, the configuration, and with which number to begin.
const childStore = "OUIDIRE_ELASTIC_TEST_CHILD"

type childTask struct {
	Folder, Address, Prefix, Tag string
	From                         int
}

func TestMain(m *testing.M) {
	if task := os.Getenv(childStore); task != "" {
		fmt.Fprintln(os.Stderr, keepUntilKilled(task))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// keepUntilKilled puts five new mentions and an edit of each, and says so when both
// were kept.
func keepUntilKilled(encoded string) error {
	var task childTask
	if err := json.Unmarshal([]byte(encoded), &task); err != nil {
		return err
	}
	c := Default()
	c.Addresses, c.Prefix, c.Refresh = []string{task.Address}, task.Prefix, 50*time.Millisecond
	ctx := context.Background()
	s, err := Open(ctx, task.Folder, c, Options{})
	if err != nil {
		return err
	}
	h := &house{tag: task.Tag}
	for n := task.From; ; n += 5 {
		batch, _ := h.many(n, 5)
		var edits []mention.Mention
		for _, m := range batch {
			edits = append(edits, edit(m, noon.AddDate(0, 4, 0), "Frais remboursés"))
		}
		for _, some := range [][]mention.Mention{batch, edits} {
			if _, _, err := s.Put(ctx, some); err != nil {
				return err
			}
		}
		fmt.Println(n)
	}
}

func whatAKilledProcessHasKeptIsFoundOnce(t *testing.T, h *house) {
	kills := 4
	if needs.Soak() {
		kills = 50
	}
	folder, next := t.TempDir(), 0
	for range kills {
		next = h.killOne(folder, next, 1+rand.N(30)) + 5
	}
	s := h.open(folder)
	drain(t, s)
	kept := h.kept()
	_, promised := h.many(0, next)
	for _, id := range promised {
		if len(kept[id]) != 1 {
			t.Errorf("mention %s stands %d times on the server, want once", id, len(kept[id]))
		} else if got := texts(kept[id][0]); len(got) != 2 || got[1] != "Frais remboursés" {
			t.Errorf("mention %s has versions %q", id, got)
		}
	}
	for id, all := range kept { // also what was kept and not said any more
		if len(all) != 1 || slices.Contains(promised, id) && len(all[0].Versions) > 2 {
			t.Errorf("mention %s stands %d times, with versions %q", id, len(all), texts(all[0]))
		}
	}
	if dead, err := s.DeadLetters(t.Context(), 5); err != nil || len(dead) > 0 {
		t.Errorf("dead letters: %v, %v", dead, err)
	}
	t.Logf("%d kills, %d mentions promised", kills, len(promised))
}

// killOne starts a process that keeps, kills it when it has said so many times that it
// did, and gives the last number that it said.
func (h *house) killOne(folder string, from, lines int) (last int) {
	h.t.Helper()
	task, err := json.Marshal(childTask{folder, h.config.Addresses[0], h.config.Prefix, h.tag, from})
	if err != nil {
		h.t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), childStore+"="+string(task))
	c.Stderr = h.t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 0; n < lines && said.Scan(); n++ {
	}
	if err := c.Process.Kill(); err != nil {
		h.t.Error(err)
	}
	last = from - 5
	for done := false; !done; done = !said.Scan() { // what it had said before it was killed counts
		if n, err := fmt.Sscan(strings.TrimSpace(said.Text()), &last); n != 1 || err != nil {
			h.t.Errorf("it said %q", said.Text())
		}
	}
	_ = c.Wait() // it was killed: the error says only that
	return last
}
