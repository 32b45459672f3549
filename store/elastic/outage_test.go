package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
)

// poured is what a child that pours says after each batch.
type poured struct {
	Mentions int // kept so far
	Waiting  int // of them in the spool
	Bytes    int64
	Dead     int
	Doubles  int
}

// pour keeps a batch of mentions as long as those of people, each time the task's rest
// is over, until its standard input ends; then it waits until all can be found.
func pour(ctx context.Context, s *Store, task childTask) error {
	told, enough := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when we are told
		enough()
	}()
	say := func(n int) error {
		state := s.State()
		return json.NewEncoder(os.Stdout).Encode(poured{n, state.Spooled, state.Bytes, state.Dead, state.Doubles})
	}
	batch := benchMentions(task.Tag, noon, lineBatch)
	beat := time.NewTicker(task.Every)
	defer beat.Stop()
	n := 0
	for told.Err() == nil {
		for i := range batch {
			batch[i].ID = fmt.Sprint(task.Tag, n+i)
		}
		if _, _, err := s.Put(ctx, batch); err != nil {
			return err
		}
		n += len(batch)
		if err := say(n); err != nil {
			return err
		}
		select {
		case <-beat.C:
		case <-told.Done():
		}
	}
	if err := s.Drain(ctx); err != nil {
		return err
	}
	return say(n)
}

// TestAnHourWithoutTheServerIsCaughtUp pours 200 mentions a second into a store in a
// process of its own, takes the server away for so long, gives it back, and waits until
// all can be found. How quickly that goes is compared with a bare client, since it is
// mostly the server's work.
func TestAnHourWithoutTheServerIsCaughtUp(t *testing.T) {
	t.Parallel()
	lasts := 3 * time.Second
	if needs.Soak() {
		lasts = time.Hour
	}
	const perSecond = 200
	h, n := newHouse(t, oldest(t)).wired(t, "o")
	task := h.task(pours, t.TempDir())
	task.Every = time.Second * lineBatch / perSecond
	p := h.pour(task)
	for p.next().Mentions < 2*perSecond {
	}
	n.proxy.Stop()
	started := p.said
	var memory []float64
	for p.said.Mentions-started.Mentions < int(lasts.Seconds())*perSecond {
		p.next()
		memory = append(memory, p.memory())
	}
	waited, middle, last := p.said, median(memory[len(memory)/3:2*len(memory)/3]), median(memory[2*len(memory)/3:])
	t.Logf("%v without the server: %d mentions wait, %.0f bytes each; memory %.0f MiB in the middle third, %.0f MiB in the last",
		lasts, waited.Waiting, float64(waited.Bytes)/float64(waited.Waiting), middle, last)
	if last > middle*1.25+32 {
		t.Errorf("memory grows from %.0f to %.0f MiB", middle, last)
	}
	if waited.Waiting < int(lasts.Seconds())*perSecond {
		t.Errorf("only %d mentions wait: the server was not away", waited.Waiting)
	}

	n.connect()
	back := time.Now()
	all := p.end()
	took := time.Since(back)
	if all.Waiting > 0 || all.Dead > 0 || all.Doubles > 0 {
		t.Errorf("in the end %+v", all)
	}
	if got := h.count(); got != all.Mentions {
		t.Errorf("%d mentions on the server, want the %d that were kept", got, all.Mentions)
	}
	rate := float64(waited.Waiting) / took.Seconds()
	t.Logf("caught up after %v: %.0f mentions a second, %.1f times as many as come, where a bare client sends %.0f; %+v",
		took.Round(time.Millisecond), rate, rate/perSecond, h.bareRate(min(waited.Waiting, 5000)), all)
}

// pourer is a child that pours, and what it said last.
type pourer struct {
	*writer
	enough io.Closer
	said   poured
}

func (h *house) pour(task childTask) *pourer {
	h.t.Helper()
	cmd := task.command(h.t)
	enough, err := cmd.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	return &pourer{writer: h.run(cmd), enough: enough}
}

// next waits for the next word.
func (p *pourer) next() poured {
	p.t.Helper()
	line, more := <-p.lines
	if !more {
		p.t.Fatal("it ended by itself")
	}
	p.read(line)
	return p.said
}

func (p *pourer) read(line string) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(line), &p.said); err != nil {
		p.t.Fatalf("it said %q: %v", line, err)
	}
}

// end tells it that it is enough, and waits until all can be found.
func (p *pourer) end() poured {
	p.t.Helper()
	if err := p.enough.Close(); err != nil {
		p.t.Error(err)
	}
	for line := range p.lines {
		p.read(line)
	}
	if err := p.running.Wait(); err != nil {
		p.t.Errorf("it ended with %v", err)
	}
	return p.said
}

// memory is what it holds, in MiB.
func (p *pourer) memory() float64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.running.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				p.t.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	p.t.Fatal("it holds no memory")
	return 0
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// bareRate is how many mentions a second a bare client sends, which has them encoded
// before and looks at no answer.
func (h *house) bareRate(n int) float64 {
	h.t.Helper()
	mentions := benchMentions("bare", noon, n)
	return float64(n) / h.sendBare(h.ready(mentions), monthOf(mentions)).Seconds()
}

// count is how many documents of this test are on the server. All of them stand in one
// index, where an id is unique.
func (h *house) count() int {
	h.t.Helper()
	var answer struct{ Count int }
	err := h.direct.do(h.t.Context(), esapi.CountRequest{Index: (indices{h.config.Prefix}).all(), Query: "id:" + h.tag + "*"}, &answer)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.Count
}
