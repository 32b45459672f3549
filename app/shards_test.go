package app

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store"
)

// troop is shards of one organisation on one Elasticsearch, each with a data folder of
// its own, as on machines of their own.
type troop struct {
	t      *testing.T
	r      *rand.Rand
	hook   *receiver
	press  []*press
	folder string
	store  string
	titles []string // of all that was published and must be told, one story each
	copies int      // how many mentions there are besides the first of each story
}

// sharedStore names an index prefix that no other test has, and removes what it came to.
func sharedStore(t testing.TB, server string) (lines string) {
	t.Helper()
	prefix := fmt.Sprintf("ess-%d", time.Now().UnixNano())
	t.Cleanup(func() { sweep(t, server, prefix) })
	return fmt.Sprintf("store: {kind: elastic, addresses: [%q], index_prefix: %s}\n", server, prefix)
}

// sweep deletes the indices and the templates of a prefix.
func sweep(t testing.TB, server, prefix string) {
	for _, path := range []string{"/" + prefix + "-*?expand_wildcards=all", "/_index_template/" + prefix + "-*"} {
		req, err := http.NewRequest(http.MethodDelete, server+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			continue
		}
		res.Body.Close()
	}
}

func newTroop(t *testing.T, server string, sources int) *troop {
	o := &troop{t: t, r: rand.New(rand.NewPCG(3, 14)), hook: newReceiver(t, 0), folder: t.TempDir(), store: sharedStore(t, server)}
	for range sources {
		p := newPress(t)
		p.publish("Le temps qu’il fera", "Neige sur la côte, éclaircies ailleurs.")
		o.press = append(o.press, p)
	}
	return o
}

// The pulse is quick, and patient enough for a busy machine.
const (
	shardPulse = 250 * time.Millisecond
	shardPace  = 300 * time.Millisecond // between two visits
)

// start runs shard i of so many in a process of its own; one that was stopped goes on in
// its folder.
func (o *troop) start(i, total int) *child {
	o.t.Helper()
	c := startChildWith(o.t, o.write(i), []string{childShard + fmt.Sprintf("=%d/%d", i, total), childPaces + "=" + shardPace.String()})
	<-c.up
	return c
}

// reader is somebody who asks the same store, and visits nothing.
func (o *troop) reader() *App {
	o.t.Helper()
	a, err := New(o.t.Context(), Options{Config: o.config(len(o.press)), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = a.Close() })
	return a
}

// config is the configuration of shard i.
func (o *troop) config(i int) *config.File {
	o.t.Helper()
	f, err := config.Load(o.write(i), Kinds())
	if err != nil {
		o.t.Fatal(err)
	}
	return f
}

// write writes the configuration of shard i.
func (o *troop) write(i int) (path string) {
	o.t.Helper()
	s := settings{folder: o.t.TempDir(), hook: o.hook.server.URL, extra: o.store}
	for _, p := range o.press {
		s.feeds = append(s.feeds, p.server.URL)
	}
	path = s.write(o.t)
	replace(o.t, path, filepath.Join(s.folder, "data"), filepath.Join(o.folder, fmt.Sprint(i)))
	return path
}

// publish has every paper tell a story of its own, and all of them one more.
func (o *troop) publish(what string) {
	for i, p := range o.press {
		title := fmt.Sprintf("Valtisse, %s, journal %d", what, i)
		p.publish(title, tale(o.r))
		o.titles = append(o.titles, title)
	}
	title := "Valtisse, " + what + ", partout"
	wire := tale(o.r)
	for _, p := range o.press {
		p.publish(title, wire)
	}
	o.titles = append(o.titles, title)
	o.copies += len(o.press) - 1
}

// told is how often each title was told.
func (o *troop) told() map[string]int {
	times := map[string]int{}
	for _, m := range o.hook.messages() {
		for _, title := range o.titles {
			if strings.Contains(m.Subject+"\n"+m.Body, title) {
				times[title]++
			}
		}
	}
	return times
}

func (o *troop) allTold(when string) {
	o.t.Helper()
	defer func() {
		if told := o.told(); o.t.Failed() {
			for _, title := range o.titles {
				o.t.Logf("told %d times: %s", told[title], title)
			}
		}
	}()
	eventually(o.t, "a message about each story "+when, func() bool { return len(o.told()) == len(o.titles) })
}

// once demands that every mention is kept once and every story was told once.
func (o *troop) once() {
	o.t.Helper()
	reader := o.reader()
	seen := map[string]int{}
	for after := ""; ; {
		page, next, err := reader.store.Search(o.t.Context(), store.Question{Watches: []string{"caisse"}}, 100, after)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, m := range page {
			seen[m.ID]++
		}
		if after = next; after == "" {
			break
		}
	}
	if want := len(o.titles) + o.copies; len(seen) != want {
		o.t.Errorf("%d mentions, want %d", len(seen), want)
	}
	for id, n := range seen {
		if n != 1 {
			o.t.Errorf("mention %s is kept %d times", id, n)
		}
	}
	for title, n := range o.told() {
		if n != 1 {
			o.t.Errorf("%q was told %d times", title, n)
		}
	}
}

// unread are the sources that cannot be trusted now, as the shard that thinks says.
func (c *child) unread(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^ouidire_source_blind\{source="(.+)"\} (\d)$`).FindAllStringSubmatch(get(t, c.address+"/metrics"), -1) {
		names[found[1]] = found[2] != "0"
	}
	return names
}

func (o *troop) readWell(thinks *child, when string) {
	o.t.Helper()
	eventually(o.t, "every source read "+when, func() bool {
		unread := thinks.unread(o.t)
		return len(unread) == len(o.press) && !slices.Contains(slices.Collect(maps.Values(unread)), true)
	})
}

// visited waits until shard i of so many has been at each of its sources.
func (o *troop) visited(c *child, i, total int) {
	o.t.Helper()
	its := 0
	for k := range o.press {
		if (crawler.Shard{Total: total}).Of(fmt.Sprintf("source-%d", k+1)) == i {
			its++
		}
	}
	eventually(o.t, "first visits of another shard", func() bool {
		found := regexp.MustCompile(`(?m)^ouidire_fetches_total\{.*\} (\d+)$`).FindStringSubmatch(get(o.t, c.address+"/metrics"))
		if found == nil {
			return false
		}
		n, err := strconv.Atoi(found[1])
		return err == nil && n >= 2*its // one may come round again before another's first
	})
}

func TestShardsKeepEveryMentionOnceAndTellEveryStoryOnceWhateverBecomesOfThem(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, shardsKeepAndTellOnce)
}

func shardsKeepAndTellOnce(t *testing.T, server string) {
	o := newTroop(t, server, 6)
	first, second := o.start(0, 2), o.start(1, 2)
	o.readWell(first, "by two shards")
	o.publish("à deux")
	o.allTold("of two shards")

	third := o.start(2, 3) // the others still believe that they are two
	o.visited(third, 2, 3)
	o.publish("pendant le changement")
	o.allTold("while two and three overlap")
	second.quit(o.t)
	second = o.start(1, 3)
	first.quit(o.t)
	o.publish("sans le premier") // nobody thinks: it is told later
	first = o.start(0, 3)
	o.readWell(first, "by three shards")
	o.publish("à trois")
	o.allTold("of three shards")

	before := len(o.told())
	o.publish("jusqu’au coup")
	eventually(t, "something to be told while the victim lives", func() bool { return len(o.told()) > before })
	second.kill(t)
	o.dead(first, 1)
	o.publish("sans le deuxième")
	second = o.start(1, 3)
	o.readWell(first, "after the second shard came back")
	o.allTold("after the second shard came back")
	o.once()
	if got := get(t, second.address+"/metrics"); !strings.Contains(got, "ouidire_shard_ordinal 1\n") || !strings.Contains(got, "ouidire_shards 3\n") {
		t.Errorf("the second shard does not say which it is:\n%s", got)
	}
	for _, c := range []*child{third, second, first} {
		c.quit(t)
	}
}

// dead waits until shard 0 says that the sources of a shard are not read, and no others.
func (o *troop) dead(thinks *child, shard int) {
	o.t.Helper()
	eventually(o.t, "the sources of a dead shard to be blind", func() bool {
		unread := thinks.unread(o.t)
		for i := range o.press {
			name := fmt.Sprintf("source-%d", i+1)
			if unread[name] != (crawler.Shard{Total: 3}.Of(name) == shard) {
				return false
			}
		}
		return true
	})
	if got := get(o.t, thinks.address+"/metrics"); !strings.Contains(got, fmt.Sprintf("ouidire_shard_alive{shard=\"%d\"} 0\n", shard)) {
		o.t.Errorf("the metrics do not say that shard %d is dead", shard)
	}
}

func TestAShardThatOnlyVisitsShowsNoPage(t *testing.T) {
	t.Parallel()
	o := newTroop(t, needs.Elasticsearch(t), 1)
	second := o.start(1, 2)
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/metrics": http.StatusOK, "/": http.StatusNotFound, "/mentions": http.StatusNotFound} {
		res, err := http.Get(second.address + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestShardsOverTheLocalStoreAreRefusedInOneSentence(t *testing.T) {
	f, err := config.Load(plainSettings(t).write(t), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckShard(crawler.Shard{Index: 1, Total: 3}, f); err == nil || !strings.Contains(err.Error(), "store: {kind: elastic, addresses: […]}") {
		t.Errorf("said %v", err)
	}
	if err := CheckShard(crawler.Shard{Total: 1}, f); err != nil {
		t.Errorf("one process alone is refused: %v", err)
	}
}

// of is a paper whose source a shard visits.
func (o *troop) of(shard, total int) *press {
	o.t.Helper()
	for i, p := range o.press {
		if (crawler.Shard{Total: total}).Of(fmt.Sprintf("source-%d", i+1)) == shard {
			return p
		}
	}
	o.t.Fatalf("shard %d visits nothing", shard)
	return nil
}

func TestWhatElasticsearchRefusedOfAnotherShardIsSeenSentAgainFromThePageAndTold(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, refusedOfAnotherShard)
}

func refusedOfAnotherShard(t *testing.T, address string) {
	o := newTroop(t, address, 4)
	first := o.start(0, 2)
	o.start(1, 2)
	o.readWell(first, "by two shards")
	prefix := regexp.MustCompile(`index_prefix: ([a-z0-9-]+)`).FindStringSubmatch(o.store)[1]
	wrong := address + "/" + prefix + "-mentions-" + time.Now().UTC().Format("2006-01")
	ask(t, http.MethodPut, wrong, `{"mappings": {"properties": {"source": {"type": "integer"}}}, "aliases": {"`+prefix+`-mentions": {}}}`)
	title := "L’été des frais à la caisse Valtisse"
	o.titles = append(o.titles, title)
	o.of(1, 2).publish(title, tale(o.r))
	eventually(t, "what was refused of shard 1 on the page of shard 0", func() bool {
		page := get(t, first.address+"/keeping")
		return strings.Contains(page, title) && strings.Contains(page, "trouvée par une autre machine (processus 1)")
	})
	if home := get(t, first.address+"/"); !strings.Contains(home, "Elasticsearch l’a refusée") {
		t.Error("the first page does not say that a mention is missing")
	}
	if scraped := get(t, first.address+"/metrics"); !strings.Contains(scraped, "ouidire_dead_letters 0\n") {
		t.Errorf("each process measures its own:\n%s", scraped)
	}
	beside, err := Refused(t.Context(), o.config(0), 10)
	if o := beside.Others; err != nil || beside.Unknown != nil || len(beside.Letters) != 0 || len(o) != 1 || o[0].Shard != 1 || o[0].Dead != 1 || len(o[0].Newest) != 1 {
		t.Errorf("beside shard 0: %+v, %v", beside, err)
	}
	erase(t, wrong)
	sent, err := http.PostForm(first.address+"/keeping/resend", url.Values{"all": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	sent.Body.Close()
	if sent.StatusCode != http.StatusOK || sent.Request.URL.RawQuery != "sent=1" {
		t.Errorf("sent again: status %d at %s", sent.StatusCode, sent.Request.URL)
	}
	o.allTold("that was sent again")
	eventually(t, "nothing refused on the page", func() bool {
		return strings.Contains(get(t, first.address+"/keeping"), "Rien. Tout ce qui a été trouvé est conservé")
	})
	o.once()
}
