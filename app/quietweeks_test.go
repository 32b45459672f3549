package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer/surge/surgetest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// firstVisit is when the program of the quiet weeks was started; the clocks are put
// forward on the way.
var firstVisit = time.Date(2027, 2, 1, 10, 0, 0, 0, montreal)

// visitEvery is how often its places are read, which are the organisation's own.
const visitEvery = 2 * time.Minute

// comments is what was said about ten watches, in order of sight, and when it could not
// be read. It answers as a store does, by what Question asks.
type comments struct {
	all   []mention.Mention
	judge store.Judge
	away  [][2]time.Time // from, until
}

// seen is when something that was said at an instant is read.
func (c *comments) seen(at time.Time) time.Time {
	if at.Before(firstVisit) {
		return firstVisit
	}
	at = firstVisit.Add((at.Sub(firstVisit)/visitEvery + 1) * visitEvery)
	for _, away := range c.away {
		if !at.Before(away[0]) && at.Before(away[1]) {
			return away[1]
		}
	}
	return at
}

// say adds a comment; author "" is somebody else each time.
func (c *comments) say(watch string, at time.Time, author string, negative float64) {
	n := len(c.all)
	seen := c.seen(at)
	c.all = append(c.all, mention.Mention{
		ID: mention.NewID("web", fmt.Sprint(n)), Source: "commentaires", Place: "web", Kind: mention.Comment,
		URL: fmt.Sprint("http://caisse-valtisse.example/", n), Author: mention.Author{Name: cmp.Or(author, fmt.Sprint("Autrice ", n))},
		Versions:    []mention.Version{{At: seen, Text: fmt.Sprintf("L’attente au comptoir n° %d est longue.", n), Hits: []mention.Hit{{Watch: watch}}}},
		Readings:    []mention.Reading{{At: seen, Negative: negative, Positive: 1 - negative, By: "essai"}},
		PublishedAt: at.UTC().Truncate(time.Microsecond), SeenAt: seen.UTC(), History: at.Before(firstVisit), Lang: "fr",
	})
}

// inOrder puts everything in order of sight, once all was said.
func (c *comments) inOrder() {
	slices.SortFunc(c.all, func(a, b mention.Mention) int { return cmp.Or(a.SeenAt.Compare(b.SeenAt), strings.Compare(a.ID, b.ID)) })
}

// Search implements alerting.Mentions. Nothing that is kept ever changes here, and
// nothing is seen before it is published.
func (c *comments) Search(_ context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error) {
	if !q.ChangedFrom.IsZero() || !q.ChangedTo.IsZero() {
		return nil, "", nil
	}
	from := q.SeenFrom
	if q.From.After(from) {
		from = q.From
	}
	low := sort.Search(len(c.all), func(i int) bool { return !c.all[i].SeenAt.Before(from) })
	begin, _ := strconv.Atoi(after)
	for i := low; i < len(c.all) && (q.SeenTo.IsZero() || c.all[i].SeenAt.Before(q.SeenTo)); i++ {
		if q.Order == store.OldestSeen && len(found) > begin+limit {
			break
		}
		if c.judge.Asks(&q, &c.all[i]) {
			found = append(found, c.all[i])
		}
	}
	if q.Order == store.NewestPublished {
		slices.SortFunc(found, func(a, b mention.Mention) int {
			return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), strings.Compare(a.ID, b.ID))
		})
	}
	if found = found[begin:]; len(found) > limit {
		found, next = found[:limit], strconv.Itoa(begin+limit)
	}
	return found, next, nil
}

// Count implements alerting.Mentions.
func (c *comments) Count(ctx context.Context, q store.Question) (int, error) {
	found, _, err := c.Search(ctx, q, len(c.all)+1, "")
	return len(found), err
}

// Histogram implements alerting.Mentions: no rule here draws a chart.
func (c *comments) Histogram(context.Context, store.Question, store.Buckets) ([]store.Bucket, error) {
	return nil, errors.New("no chart is kept here")
}

// blind says that nothing could be read while we were away.
func (c *comments) blind(_ context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
	for _, away := range c.away {
		if !at.Before(away[0]) && at.Before(away[1]) {
			return []alerting.Blindness{{Source: "commentaires", Since: away[0], Away: true}}, nil
		}
	}
	return nil, nil
}

// noStories are those that comments make.
type noStories struct{ alerting.StoryLedger }

func (noStories) EachJoined(context.Context, time.Time, func(alerting.Joined)) error { return nil }

// surges are what the surge rules of ten watches owed, all of them, as the daemon
// divides its false alarms among them.
func (c *comments) surges(t *testing.T, until time.Time, watches ...string) (owed []alerting.Due) {
	t.Helper()
	c.inOrder()
	s := attentive()
	s.rules, s.hours = "  - {name: vagues, kind: surge}", "no_sign_of_life: true" // with a digest it would look at fewer
	f, err := config.Parse("ouidire.yml", demoConfig(t.TempDir(), s, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}), os.LookupEnv, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := newRules(f, depsOf(f, Options{Clock: clock.Set(func() time.Time { return until })}))
	if err != nil || len(rules) != len(allWatches) {
		t.Fatalf("%d rules (%v), want one for each of %d watches", len(rules), err, len(allWatches))
	}
	b := alerting.Backtest{Known: alerting.Known{Mentions: c, Stories: noStories{}, Blind: c.blind}}
	for _, r := range rules {
		if len(watches) > 0 && !slices.Contains(watches, r.Watch) {
			continue
		}
		due, err := b.Run(t.Context(), r, firstVisit, until)
		if err != nil {
			t.Fatal(err)
		}
		owed = append(owed, slices.DeleteFunc(due, func(d alerting.Due) bool { return d.Suppressed != "" })...)
	}
	return owed
}

// allWatches are the ten, each with how many negative comments an hour it gets.
var allWatches = []struct {
	name string
	rate float64
}{
	{"caisse", 0.2}, {"presse", 0.05}, {"mouvement", 1}, {"brulis", 0.05}, {"nordelune", 0.5},
	{"fraude", 0.1}, {"epargne", 0.2}, {"services", 0.5}, {"ville", 2}, {"hiver", 0.05},
}

// usual draws what is said about a watch in so many weeks, four of them before the first
// visit, by the clock on the wall; it returns how many an hour are usual at an instant.
func (c *comments) usual(dice *rand.Rand, watch string, rate float64, weeks int) (usually func(time.Time) float64) {
	const before = 4
	from := time.Date(2027, 2, 1-7*before, 0, 0, 0, 0, montreal)
	mean := surgetest.Mean(dice, rate, before+weeks)
	for _, at := range surgetest.Usual(dice, mean) {
		since := at.Sub(surgetest.Monday)
		day, rest := int(since/(24*time.Hour)), since%(24*time.Hour)
		c.say(watch, time.Date(from.Year(), from.Month(), from.Day()+day, 0, 0, 0, int(rest), montreal), "", 0.8)
	}
	return func(at time.Time) float64 {
		y, m, d := at.In(montreal).Date()
		days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)) / (24 * time.Hour)
		return mean[24*int(days)+at.In(montreal).Hour()]
	}
}

// TestTwelveQuietWeeksOfTenWatchesRaiseOneFalseSurgeAMonthAtMost is a first visit that
// finds four weeks, then twelve weeks in which nothing happens: but for a weekend when
// ouidire was off, a day when the place could not be read, a contest, and one person who
// is angry alone.
func TestTwelveQuietWeeksOfTenWatchesRaiseOneFalseSurgeAMonthAtMost(t *testing.T) {
	t.Parallel()
	const weeks = 12
	seeds, alarms, months := uint64(1), 0, 0.0
	if needs.Soak() {
		seeds = 12
	}
	end := firstVisit.AddDate(0, 0, 7*weeks)
	for seed := range seeds {
		dice := rand.New(rand.NewPCG(20270201, seed))
		c := &comments{away: [][2]time.Time{
			{firstVisit.AddDate(0, 0, 32).Add(8 * time.Hour), firstVisit.AddDate(0, 0, 35).Add(-2 * time.Hour)}, // Friday evening to Monday morning
			{firstVisit.AddDate(0, 0, 58), firstVisit.AddDate(0, 0, 59)},
		}}
		for _, w := range allWatches {
			c.usual(dice, w.name, w.rate, weeks)
		}
		contest, angry := firstVisit.AddDate(0, 0, 22), firstVisit.AddDate(0, 0, 43)
		for range 40 {
			c.say("caisse", contest.Add(time.Duration(dice.Int64N(int64(100*time.Hour)))), "", 0.1)
		}
		for range 12 {
			c.say("caisse", angry.Add(time.Duration(dice.Int64N(int64(2*time.Hour)))), "Gontran Vachefoin", 0.9)
		}
		for _, d := range c.surges(t, end) {
			if d.Transition == alerting.Opened {
				alarms++
				t.Logf("seed %d: a false surge about %s at %v: %d, usually %.1f, warming up: %v", seed, d.Incident.Watch, d.At.In(montreal).Format("Mon 2 Jan 15:04"),
					d.Incident.Facts.Surge.Count, d.Incident.Facts.Surge.Usual, d.Incident.Facts.Surge.WarmUp)
			}
		}
		months += end.Sub(firstVisit).Hours() / 24 / 30
	}
	t.Logf("%d false surges in %.0f months of ten watches, %.2f a month in all", alarms, months, float64(alarms)/months)
	if float64(alarms) > months {
		t.Errorf("%d false surges in %.0f months of ten watches, want at most one a month", alarms, months)
	}
}

// burst is eight negative comments or more within half an hour.
type burst struct{ from, eighth, last time.Time }

// TestBurstsOfEightAreFoundAtOnceAmongTenWatches lets eight to twenty people complain
// within half an hour, every few days at any hour at which one an hour at most does as a
// rule; for a rule that has a tenth of the false alarms.
func TestBurstsOfEightAreFoundAtOnceAmongTenWatches(t *testing.T) {
	t.Parallel()
	streams, rates := 1, []float64{0.2, 1}
	if needs.Soak() {
		streams, rates = 12, []float64{0.05, 0.2, 0.5, 1}
	}
	var late []time.Duration // after the eighth, of those that were found
	all, most := 0, 0
	for _, rate := range rates {
		bursts, found := 0, 0
		for stream := range streams {
			delays, n, messages := burstsOf(t, rate, uint64(stream))
			bursts, found, late, most = bursts+n, found+len(delays), append(late, delays...), max(most, messages)
		}
		t.Logf("%.2f an hour: %d of %d bursts found", rate, found, bursts)
		all += bursts
	}
	slices.Sort(late)
	median := late[len(late)/2]
	t.Logf("%d of %d bursts found (%.1f %%); median %v after the eighth, nine in ten within %v; %d messages an episode at most",
		len(late), all, 100*float64(len(late))/float64(all), median, late[len(late)*9/10], most)
	if all < 20 || float64(len(late)) < 0.95*float64(all) || median > 5*time.Minute {
		t.Errorf("found %d of %d bursts, median %v after the eighth; want 95 %%, and 5 minutes", len(late), all, median)
	}
	if most > 4 {
		t.Errorf("an episode cost %d messages, want at most 4", most)
	}
}

// burstsOf listens to one stream, and returns how late each burst that was found was
// told, how many there were, and the most messages that one cost.
func burstsOf(t *testing.T, rate float64, stream uint64) (delays []time.Duration, bursts, most int) {
	t.Helper()
	const weeks, learning = 10, 14 * 24 * time.Hour
	dice := rand.New(rand.NewPCG(20270301+stream, uint64(100*rate)))
	c := &comments{}
	usually := c.usual(dice, "caisse", rate, weeks)
	end := firstVisit.AddDate(0, 0, 7*weeks)
	var all []burst
	for at := firstVisit.Add(learning); at.Before(end.Add(-24 * time.Hour)); at = at.Add(3*24*time.Hour + time.Duration(dice.Int64N(int64(3*24*time.Hour)))) {
		for usually(at) > 1 || usually(at.Add(30*time.Minute)) > 1 {
			at = at.Add(20 * time.Minute)
		}
		all = append(all, c.burst(dice, at))
	}
	told := map[time.Time]int{}
	for _, d := range c.surges(t, end, "caisse") {
		for _, b := range all {
			if d.Incident.OpenedAt.Before(b.from) || d.Incident.OpenedAt.After(b.last.Add(time.Hour)) {
				continue
			}
			if told[b.from]++; told[b.from] == 1 {
				delays = append(delays, d.At.Sub(b.eighth))
			}
			most = max(most, told[b.from])
		}
	}
	return delays, len(all), most
}

// burst adds one: of eight as often as of more.
func (c *comments) burst(dice *rand.Rand, from time.Time) burst {
	n, within := 8, 5*time.Minute+time.Duration(dice.Int64N(int64(25*time.Minute)))
	if dice.IntN(2) == 0 {
		n += 1 + dice.IntN(12)
	}
	var at []time.Time
	for range n {
		at = append(at, from.Add(time.Duration(dice.Int64N(int64(within)))))
	}
	slices.SortFunc(at, time.Time.Compare)
	for _, t := range at {
		c.say("caisse", t, "", 0.9)
	}
	return burst{from, at[7], at[n-1]}
}
