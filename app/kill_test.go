package app

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// TestNothingIsLostAndNothingIsToldTwiceWhenTheDaemonIsKilled kills a daemon thirty times
// that tells each new story, and each corrected one, through every kind of channel. Its
// long twin kills five, two hundred times each.
func TestNothingIsLostAndNothingIsToldTwiceWhenTheDaemonIsKilled(t *testing.T) {
	t.Parallel()
	daemons, kills := 1, 30
	if needs.Soak() {
		daemons, kills = 5, 200
	}
	for n := range daemons {
		t.Run(fmt.Sprintf("daemon %d of %d", n+1, daemons), func(t *testing.T) {
			t.Parallel()
			killed(t, 20261121+uint64(n), kills)
		})
	}
}

// doomed is a daemon that is killed again and again, and the world around it.
type doomed struct {
	*testing.T
	dice        *rand.Rand
	press       *gazette
	hook        *receiver
	others      *inboxes
	path        string
	environment []string
}

func newDoomed(t *testing.T, seed uint64) *doomed {
	t.Helper()
	d := &doomed{T: t, dice: rand.New(rand.NewPCG(seed, 1)), hook: newReceiver(t, .3), others: newInboxes(t, .3),
		press: &gazette{press: newPress(t), words: rand.New(rand.NewPCG(seed, 2)), corrected: map[int]bool{}}}
	s := settings{folder: t.TempDir(), hook: d.hook.server.URL, feeds: []string{d.press.server.URL}, more: d.others.channels()}
	d.path = s.write(t)
	program, err := command()
	if err != nil {
		t.Fatal(err)
	}
	d.environment = []string{childSlack + "=" + d.others.server.Listener.Addr().String(), childProgram + "=" + program}
	return d
}

// killed is the life of one daemon that ends early so many times.
func killed(t *testing.T, seed uint64, kills int) {
	t.Helper()
	d := newDoomed(t, seed)
	d.press.print()
	var dead atomic.Int64
	stop, published := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(published)
		// Ahead of the kills, so that a slow machine has as many to tell.
		d.press.keepPrinting(stop, func() int { return int(dead.Load()) + 20 }, d.others.posted)
	}()
	for i := range kills {
		d.die(i == 0)
		dead.Add(1)
	}
	close(stop)
	<-published
	d.survive(kills)
}

// die is a life that a power cut ends; the first one has something to tell before.
func (d *doomed) die(first bool) {
	d.Helper()
	c := startChildWith(d.T, d.path, d.environment)
	if first { // there must be a first visit, or all is history
		eventually(d.T, "the first items", func() bool { return len(d.hook.messages()) > 0 })
	}
	if d.dice.IntN(4) > 0 { // else it dies while it starts
		<-c.up
	}
	<-time.After(time.Duration(d.dice.IntN(800)) * time.Millisecond) // until the power cut
	c.kill(d.T)
}

// survive is the life in which all is told that there is to tell, and what came of all.
func (d *doomed) survive(kills int) {
	d.Helper()
	last := startChildWith(d.T, d.path, d.environment)
	<-last.up
	d.press.outlive(d.T, last, d.others.posted)
	last.quit(d.T)
	kept := keptBy(d.T, d.path)
	d.press.checkKept(d.T, kept)
	d.press.checkTold(d.T, kept, d.hook.messages(), kills)
	d.others.check(d.path, kills)
}

// gazette is a press that corrects the figure in every third of its items, some time later.
type gazette struct {
	*press
	words     *rand.Rand
	stories   []string     // by item
	corrected map[int]bool // items
}

// figure is what stands in an item, of itself alone; what was mistaken is corrected.
func figure(item int, corrected bool) string {
	if corrected {
		return fmt.Sprint(500 + item)
	}
	return fmt.Sprint(100 + item)
}

// print publishes the next item, and returns its number.
func (g *gazette) print() (n int) {
	n = len(g.stories)
	g.stories = append(g.stories, tale(g.words))
	g.publish(fmt.Sprintf("Nouvelle %d", n), fmt.Sprintf("On fermera %s comptoirs. %s", figure(n, false), g.stories[n]))
	return n
}

func (g *gazette) correct(n int) {
	g.edit(fmt.Sprintf("%s/%d", g.server.URL, n+1), fmt.Sprintf("Nouvelle %d", n),
		fmt.Sprintf("On fermera %s comptoirs et non %s. %s", figure(n, true), figure(n, false), g.stories[n]))
	g.corrected[n] = true
}

// keepPrinting prints until it is told to stop; it rests when there are as many as ahead
// says. It corrects what people have heard of.
func (g *gazette) keepPrinting(stop <-chan struct{}, ahead func() int, heard func(words string) bool) {
	wrong := 1
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(g.words.IntN(700)) * time.Millisecond):
		}
		if len(g.stories) <= ahead() {
			g.print()
		}
		for n := wrong; n < len(g.stories); n += 3 {
			if heard(figure(n, false)) {
				g.correct(n)
				wrong = n + 3 // those before are history, and never told
				break
			}
		}
	}
}

// outlive has a daemon that is not killed tell all that there is to tell, then a last
// item, and then its correction.
func (g *gazette) outlive(t *testing.T, c *child, heard func(words string) bool) {
	t.Helper()
	most := 5*time.Minute + time.Duration(g.count())*2*time.Second
	n := g.print()
	within(t, most, "the last item", func() bool { return heard(figure(n, false)) })
	g.correct(n)
	within(t, most, "its correction", func() bool { return heard(figure(n, true)) })
	quiet := 0
	within(t, most, "an empty outbox, for a while", func() bool {
		quiet++
		if !drained(get(t, c.address+"/metrics")) {
			quiet = 0
		}
		return quiet > 150 // three seconds: every sender has looked again
	})
}

// checkKept demands every published item exactly once, and each correction.
func (g *gazette) checkKept(t *testing.T, kept []mention.Mention) {
	t.Helper()
	once(t, kept, g.count())
	for _, m := range kept {
		n := itemOf(t, m)
		was, is := figure(n, false), figure(n, true)
		if text, mended := m.Current().Text, g.corrected[n]; !strings.Contains(text, was) || strings.Contains(text, is) != mended {
			t.Errorf("item %d is kept as %q", n, text)
		}
		if len(m.Versions) > 1 && !g.corrected[n] {
			t.Errorf("%s was never edited and has %d versions", m.URL, len(m.Versions))
		}
	}
}

// itemOf is the number of a mention's item.
func itemOf(t *testing.T, m mention.Mention) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(m.Current().Title, "Nouvelle %d", &n); err != nil {
		t.Fatalf("%q: %v", m.Current().Title, err)
	}
	return n
}

// keptBy reads everything a daemon's store holds.
func keptBy(t testing.TB, path string) []mention.Mention {
	t.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return everyMention(t, f)
}

// everyMention is what an installation that nobody runs holds.
func everyMention(t testing.TB, f *config.File) []mention.Mention {
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

// checkKept demands every published item exactly once, as it was published.
func checkKept(t *testing.T, kept []mention.Mention, published int) {
	t.Helper()
	once(t, kept, published)
	for _, m := range kept {
		if len(m.Versions) != 1 {
			t.Errorf("%s was never edited and has %d versions", m.URL, len(m.Versions))
		}
	}
}

// once demands every published item exactly once.
func once(t *testing.T, kept []mention.Mention, published int) {
	t.Helper()
	times := map[string]int{}
	for _, m := range kept {
		times[m.URL]++
		if times[m.URL] > 1 {
			t.Errorf("%s is kept %d times", m.URL, times[m.URL])
		}
	}
	if len(times) != published {
		t.Errorf("kept %d items, want the %d that were published", len(times), published)
	}
}

// checkTold demands every due notice and correction at least once, and at most one double
// a kill, with the key of the first.
func (g *gazette) checkTold(t *testing.T, kept []mention.Mention, got []accepted, kills int) {
	t.Helper()
	keys, situations, said, copies, doubles := map[string]string{}, map[string]string{}, map[string]string{}, map[string]int{}, 0
	for _, m := range got {
		if copies[m.Key]++; copies[m.Key] > 1 {
			doubles++
		}
		step := fmt.Sprint(m.Incident, " ", m.Seq)
		if before, ok := keys[step]; ok && before != m.Key {
			t.Errorf("step %s is told under two keys", step)
		}
		keys[step] = m.Key
		for _, id := range m.Mentions {
			if before, ok := situations[id]; ok && before != m.Incident {
				t.Errorf("mention %s is told in two situations", id)
			}
			situations[id] = m.Incident
			said[id] += m.Subject + "\n" + m.Body
		}
	}
	due, mended := 0, 0
	for _, m := range kept {
		if m.History {
			continue
		}
		due++
		if situations[m.ID] == "" {
			t.Errorf("never told: %s (%s)", m.Current().Title, m.ID)
		}
		if n := itemOf(t, m); len(m.Versions) > 1 {
			if mended++; !strings.Contains(said[m.ID], figure(n, true)) {
				t.Errorf("the correction was never told: %s (%s)\n%s", m.Current().Title, m.ID, said[m.ID])
			}
		}
	}
	if due < len(kept)/2 || mended == 0 {
		t.Errorf("only %d of %d were due, %d of them corrected: the test proves little", due, len(kept), mended)
	}
	if doubles > kills {
		t.Errorf("%d doubles over %d kills", doubles, kills)
	}
	t.Logf("%d kills: %d kept, %d due, %d corrected, %d accepted, %d doubles", kills, len(kept), due, mended, len(got), doubles)
}
