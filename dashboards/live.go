package dashboards

import (
	"slices"
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

// live exports a Snapshot as constant metrics.
type live struct {
	snapshot atomic.Pointer[func() Snapshot]
	watches  *names

	heartbeat                            *prometheus.Desc
	lastSuccess, newest, interval, blind *prometheus.Desc
	alerts                               *prometheus.Desc
	documents, bytes                     *prometheus.Desc

	surgeScore, surgeActive, window, baseline *prometheus.Desc
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
		surgeScore:  desc("ouidire_surge_score", "How strange the newest mentions are: the power of ten by which they are too rare for chance. With one rule and one false alarm a month a surge is told from 0.67 on.", "watch", "direction"),
		surgeActive: desc("ouidire_surge_active", "1 while a surge that was told is not over, else 0.", "watch", "direction"),
		window:      desc("ouidire_window_mentions", "Mentions published within the last three hours, as far as they count for surges.", "watch", "sentiment"),
		baseline:    desc("ouidire_baseline_mentions", "Mentions usually published in three hours like the last.", "watch", "sentiment"),
	}
}

// Watch sets where a scrape finds its snapshot.
func (m *Metrics) Watch(snapshot func() Snapshot) { m.live.snapshot.Store(&snapshot) }

// Describe implements prometheus.Collector.
func (l *live) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{l.heartbeat, l.lastSuccess, l.newest, l.interval, l.blind, l.alerts, l.documents, l.bytes,
		l.surgeScore, l.surgeActive, l.window, l.baseline} {
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
	for _, surge := range l.capSurges(s.Surges) {
		gauge(l.surgeScore, surge.Score, surge.Watch, "negative")
		gauge(l.surgeActive, one(surge.Active), surge.Watch, "negative")
		gauge(l.window, surge.Window, surge.Watch, "negative")
		gauge(l.baseline, surge.Usual, surge.Watch, "negative")
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
