package dashboards

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Snapshot is what is measured at each scrape, so that a removed source or
// channel disappears.
type Snapshot struct {
	Heartbeats []Heartbeat
	Sources    []Source
	Alerts     []Alert // those that are not resolved
	Stores     []Store
	Surges     []Surge
	Advised    []Advised
	Spool      *Spool // nil when nothing is sent to a server
	Outdated   int    // mentions that are found as an older version cut their words
	Fleet      Fleet
}

// Fleet is the processes that share the sources: which of them this is, and those that
// it knows of. One that is alone is number 0 of 1.
type Fleet struct {
	Ordinal, Total int
	Others         []Shard
}

// Shard is another of these processes.
type Shard struct {
	Ordinal int
	Alive   bool
	Total   int // as it was started
}

// Heartbeat is the last sign of life of a step of the line: "fetched", any source was
// visited; "searchable", everything seen until then can be found.
type Heartbeat struct {
	Step string
	At   time.Time
}

// Surge is how the negative comments about a watch stand.
type Surge struct {
	Watch         string
	Score         float64
	Active        bool
	Window, Usual float64 // comments of the last three hours, and as many as there usually are
}

// Advised is how many advisories are in force for a watch.
type Advised struct {
	Watch      string
	Advisories int
}

// Source is one configured source. A zero time is exported as 0.
type Source struct {
	Name                string
	LastSuccess, Newest time.Time
	Interval            time.Duration
	Blind               bool // its silence says nothing now
}

// Alert is one incident that is not resolved.
type Alert struct{ Severity, State string }

// Store is what a kind of index holds: "mentions", "unclaimed".
type Store struct {
	Index     string
	Documents int
	Bytes     int64
}

// Spool is what waits for the server that mentions are kept on.
type Spool struct {
	Up           bool // the server is written to
	Waiting      int
	Oldest       time.Time // when the earliest of what waits became known
	Bytes, Limit int64
	Dead         int // refused for good
}

// live exports a Snapshot as constant metrics.
type live struct {
	snapshot atomic.Pointer[func() Snapshot]
	watches  *names

	heartbeat                            *prometheus.Desc
	lastSuccess, newest, interval, blind *prometheus.Desc
	alerts                               *prometheus.Desc
	documents, bytes, outdated           *prometheus.Desc
	up, spooled, spool, limit, dead      *prometheus.Desc
	spoolOldest                          *prometheus.Desc

	ordinal, shards, alive, disagreeing *prometheus.Desc

	surgeScore, surgeActive, window, baseline, advisories *prometheus.Desc
}

func newLive(watches *names) *live {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &live{
		watches:     watches,
		heartbeat:   desc("ouidire_heartbeat_timestamp_seconds", "Unix time of the last sign of life of this step of the line: fetched, any source was visited; searchable, everything seen until then can be found.", "step"),
		lastSuccess: desc("ouidire_source_last_success_timestamp_seconds", "Unix time of the last successful read of this configured source.", "source"),
		newest:      desc("ouidire_source_newest_item_timestamp_seconds", "Publication time of the newest item ever read from this source.", "source"),
		interval:    desc("ouidire_source_interval_seconds", "Interval at which this configured source is due to be read.", "source"),
		blind:       desc("ouidire_source_blind", "1 while the silence of this configured source says nothing: it is not read, or is silent for longer than ever.", "source"),
		alerts:      desc("ouidire_alerts", "Alerts currently in each state.", "severity", "state"),
		documents:   desc("ouidire_store_documents", "Documents held, by kind of index.", "index_kind"),
		bytes:       desc("ouidire_store_size_bytes", "Bytes on disk, by kind of index.", "index_kind"),
		outdated:    desc("ouidire_store_outdated_documents", "Documents that are indexed as an older version cut their words: a search may miss them until they are renewed."),
		ordinal:     desc("ouidire_shard_ordinal", "Which of the processes that share the sources this is, counted from 0."),
		shards:      desc("ouidire_shards", "How many processes share the sources, as this one was started."),
		disagreeing: desc("ouidire_shards_disagreeing", "How many living shards were started with another number of them than this one; shard 0 says it."),
		alive:       desc("ouidire_shard_alive", "1 while another shard gives signs of life and is waited for, 0 when it is silent; shard 0 says it.", "shard"),
		up:          desc("ouidire_store_up", "1 while the server that mentions are kept on can be written to, as far as is known: an idle one is asked every half minute; absent when there is none."),
		spooled:     desc("ouidire_spool_items", "What waits on this machine until the server has it."),
		spoolOldest: desc("ouidire_spool_oldest_timestamp_seconds", "Unix time at which the earliest of what waits became known, 0 when nothing waits."),
		spool:       desc("ouidire_spool_bytes", "Bytes of what waits on this machine until the server has it."),
		limit:       desc("ouidire_spool_limit_bytes", "Bytes that may wait; then sources are no longer read. Look at the server when half of them do."),
		dead:        desc("ouidire_dead_letters", "What the server refused for good: it waits on this machine to be sent again."),
		surgeScore:  desc("ouidire_surge_score", "How strange the newest mentions are: the power of ten by which they are too rare for chance. With one rule and one false alarm a month a surge is told from 0.67 on.", "watch", "direction"),
		surgeActive: desc("ouidire_surge_active", "1 while a surge that was told is not over, else 0.", "watch", "direction"),
		window:      desc("ouidire_window_mentions", "Mentions published within the last three hours, as far as they count for surges.", "watch", "sentiment"),
		baseline:    desc("ouidire_baseline_mentions", "Mentions usually published in three hours like the last.", "watch", "sentiment"),
		advisories:  desc("ouidire_advisories", "Advisories of a parent organisation that are in force for this watch.", "watch"),
	}
}

// Watch sets where a scrape finds its snapshot.
func (m *Metrics) Watch(snapshot func() Snapshot) { m.live.snapshot.Store(&snapshot) }

// Describe implements prometheus.Collector.
func (l *live) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{l.heartbeat, l.lastSuccess, l.newest, l.interval, l.blind, l.alerts, l.documents, l.bytes,
		l.ordinal, l.shards, l.alive, l.disagreeing,
		l.outdated, l.up, l.spooled, l.spoolOldest, l.spool, l.limit, l.dead, l.surgeScore, l.surgeActive, l.window, l.baseline, l.advisories} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (l *live) Collect(ch chan<- prometheus.Metric) {
	take := l.snapshot.Load()
	if take == nil {
		return
	}
	s := (*take)()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for _, h := range s.Heartbeats {
		gauge(l.heartbeat, unix(h.At), h.Step)
	}
	for _, source := range capSources(s.Sources) {
		gauge(l.lastSuccess, unix(source.LastSuccess), source.Name)
		gauge(l.newest, unix(source.Newest), source.Name)
		gauge(l.interval, source.Interval.Seconds(), source.Name)
		gauge(l.blind, one(source.Blind), source.Name)
	}
	l.collectAlerts(s.Alerts, gauge)
	for _, st := range s.Stores {
		gauge(l.documents, float64(st.Documents), st.Index)
		gauge(l.bytes, float64(st.Bytes), st.Index)
	}
	gauge(l.outdated, float64(s.Outdated))
	gauge(l.ordinal, float64(s.Fleet.Ordinal))
	gauge(l.shards, float64(max(s.Fleet.Total, 1)))
	disagreeing := 0
	for _, shard := range s.Fleet.Others {
		gauge(l.alive, one(shard.Alive), strconv.Itoa(shard.Ordinal))
		if shard.Alive && shard.Total != s.Fleet.Total {
			disagreeing++
		}
	}
	gauge(l.disagreeing, float64(disagreeing))
	if p := s.Spool; p != nil {
		gauge(l.up, one(p.Up))
		gauge(l.spooled, float64(p.Waiting))
		gauge(l.spoolOldest, unix(p.Oldest))
		gauge(l.spool, float64(p.Bytes))
		gauge(l.limit, float64(p.Limit))
		gauge(l.dead, float64(p.Dead))
	}
	for _, surge := range l.capSurges(s.Surges) {
		gauge(l.surgeScore, surge.Score, surge.Watch, "negative")
		gauge(l.surgeActive, one(surge.Active), surge.Watch, "negative")
		gauge(l.window, surge.Window, surge.Watch, "negative")
		gauge(l.baseline, surge.Usual, surge.Watch, "negative")
	}
	for watch, n := range l.capAdvised(s.Advised) {
		gauge(l.advisories, float64(n), watch)
	}
}

// collectAlerts counts alerts by what they are; none is 0, not absent.
func (l *live) collectAlerts(alerts []Alert, gauge func(*prometheus.Desc, float64, ...string)) {
	count := map[Alert]int{}
	for _, a := range alerts {
		count[a]++
	}
	for _, severity := range severities {
		for _, state := range alertStates {
			gauge(l.alerts, float64(count[Alert{Severity: severity, State: state}]), severity, state)
		}
	}
}

// capSources leaves the sources after the cap to the one among them that should have
// been read first: while that one is fine, so are they.
func capSources(all []Source) []Source {
	if len(all) <= maxSources {
		return all
	}
	rest := all[maxSources-1:]
	worst := rest[0]
	for _, s := range rest[1:] {
		blind, newest := s.Blind || worst.Blind, worst.Newest
		if s.LastSuccess.Add(s.Interval).Before(worst.LastSuccess.Add(worst.Interval)) {
			worst = s
		}
		worst.Blind, worst.Newest = blind, later(newest, s.Newest)
	}
	worst.Name = other
	return append(slices.Clone(all[:maxSources-1]), worst)
}

// capSurges adds up what counts together: the strangest score, and all comments.
func (l *live) capSurges(all []Surge) []Surge {
	at := map[string]int{}
	var capped []Surge
	for _, s := range all {
		s.Watch = l.watches.label(s.Watch)
		i, twice := at[s.Watch]
		if !twice {
			at[s.Watch] = len(capped)
			capped = append(capped, s)
			continue
		}
		sum := &capped[i]
		sum.Score, sum.Active = max(sum.Score, s.Score), sum.Active || s.Active
		sum.Window, sum.Usual = sum.Window+s.Window, sum.Usual+s.Usual
	}
	return capped
}

// capAdvised adds up what counts together, by watch.
func (l *live) capAdvised(all []Advised) map[string]int {
	capped := map[string]int{}
	for _, a := range all {
		capped[l.watches.label(a.Watch)] += a.Advisories
	}
	return capped
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
