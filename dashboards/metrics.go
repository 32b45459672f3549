// Package dashboards is what Prometheus and Grafana show of ouidire: the metrics that we
// export, the rules about the program's health, and the boards. A metric is defined here
// or nowhere (metrics.go, live.go); labels take their values from the configuration, up
// to a cap (caps.go), or from closed sets, never from content. Rules and boards draw on
// nothing else. Each is described once (rules.go, board.go and the files of each board),
// with its words in both languages, and made into the files of deploy by `ouidire
// dashboards` (grafana.go has Grafana's form).
//
// At the caps there are 5,925 series, 1,153 in a typical installation (budget_test.go), and
// a scrape takes 24 ms of a machine under a load of 3 (go test -bench Scrape).
package dashboards

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The closed sets of label values. Anything else is counted as "other".
var (
	sentiments = []string{"negative", "neutral", "positive", "unscored"}
	languages  = []string{"fr", "en", "other", "unknown"}
	severities = []string{"urgent", "watch", "info"}
	// alertStates are those of an alert that somebody may still have to look after.
	alertStates = []string{"new", "acknowledged", "snoozed"}
	// givenUpFor is why a message is not tried again, as alerting.Observer says.
	givenUpFor = []string{"refused", "expired", "removed"}
	// bulkFailures is why a whole bulk request failed, as Bulk.Failed says.
	bulkFailures = []string{"unreachable", "busy", "too_large", "refused"}
	// bulkItemsFailed is why single items of one did.
	bulkItemsFailed = []string{"again", "dead"}
)

// seconds are the buckets of every duration: a tenth of a second to ten minutes,
// and for lags up to two days.
var (
	quick = []float64{.005, .02, .1, .25, .5, 1, 2.5, 5, 10, 30}
	slow  = []float64{1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 86400, 172800}
	tiny  = []float64{.00002, .00005, .0001, .0002, .0005, .001, .002, .005, .02, .1}
)

// Metrics is one registry and every family in it. Its methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	reloadOK, reloadAt prometheus.Gauge

	fetched, fetches, duplicates *prometheus.CounterVec // by source_kind
	fetchFailures                *prometheus.CounterVec // by source_kind, reason
	fetchDuration                *prometheus.HistogramVec

	mentions    *prometheus.CounterVec // by watch, source_kind, sentiment
	backfilled  *prometheus.CounterVec // by watch, source_kind
	ownPosts    *prometheus.CounterVec // by source_kind
	pipelineLag *prometheus.HistogramVec

	analyses         *prometheus.CounterVec // by lang
	analysisDuration *prometheus.HistogramVec

	writes, writeFailures prometheus.Counter
	writeDuration         prometheus.Histogram

	bulks, bulkItems, bulkBytes *prometheus.CounterVec   // without labels, and absent where nothing is sent
	bulkFails, bulkItemFails    *prometheus.CounterVec   // by reason
	bulkDuration                *prometheus.HistogramVec // without labels

	transitions             *prometheus.CounterVec // by rule_kind, transition
	acts                    *prometheus.CounterVec // by rule_kind, act
	ackDelay                *prometheus.HistogramVec
	detectionLag            *prometheus.HistogramVec
	ruleFailures            *prometheus.CounterVec // by rule
	notifications, requests *prometheus.CounterVec // by channel
	requestFailures         *prometheus.CounterVec // by channel
	notificationFailures    *prometheus.CounterVec // by channel, reason
	notificationLatency     *prometheus.HistogramVec
	suppressed              *prometheus.CounterVec // by reason
	pending, oldest         *prometheus.GaugeVec   // by channel

	live *live

	watches, rules *names
}

// New makes a registry of its own: two programs fit in one process.
func New(version, revision, goVersion string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), watches: newNames(maxWatches), rules: newNames(maxRules)}
	m.live = newLive(m.watches)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.live)
	m.gauge("ouidire_build_info", "Constant 1, labelled with the running version.", prometheus.Labels{
		"version": version, "revision": revision, "goversion": goVersion}).Set(1)
	m.reloadOK = m.gauge("ouidire_config_last_reload_successful", "1 if the last configuration load succeeded, else 0.", nil)
	m.reloadAt = m.gauge("ouidire_config_last_reload_success_timestamp_seconds", "Unix time of the last successful configuration load.", nil)
	m.reading()
	m.keeping()
	m.telling()
	return m
}

// reading defines the families of sources, line and analyzer.
func (m *Metrics) reading() {
	m.fetched = m.counter("ouidire_items_fetched_total", "Raw items read from sources before matching.", "source_kind")
	m.fetches = m.counter("ouidire_fetches_total", "Fetch attempts finished.", "source_kind")
	m.fetchFailures = m.counter("ouidire_fetches_failed_total", "Fetch attempts that failed, by reason.", "source_kind", "reason")
	m.fetchDuration = m.histogram("ouidire_fetch_duration_seconds", "Duration of a fetch attempt.", quick, "source_kind")
	m.duplicates = m.counter("ouidire_mentions_duplicate_total", "Fetched items dropped because the mention was already stored.", "source_kind")
	m.mentions = m.counter("ouidire_mentions_total", "Mentions stored for the first time, excluding backfill.", "watch", "source_kind", "sentiment")
	m.backfilled = m.counter("ouidire_mentions_backfilled_total", "Mentions stored that were published before they could have been news.", "watch", "source_kind")
	m.ownPosts = m.counter("ouidire_own_posts_total", "Posts and articles of the organisation itself, excluding backfill.", "source_kind")
	m.pipelineLag = m.histogram("ouidire_pipeline_lag_seconds", "Time from publication of an item to it being searchable.", slow, "source_kind")
	m.analyses = m.counter("ouidire_analysis_total", "Mentions analysed.", "lang")
	m.analysisDuration = m.histogram("ouidire_analysis_duration_seconds", "Duration of the analysis of one mention.", tiny, "lang")
}

// keeping defines the families of the store.
func (m *Metrics) keeping() {
	m.writes = m.counter("ouidire_store_writes_total", "Batches handed to the store.").WithLabelValues()
	m.writeFailures = m.counter("ouidire_store_writes_failed_total", "Batches that the store could not keep; they are read again.").WithLabelValues()
	m.writeDuration = m.histogram("ouidire_store_write_duration_seconds", "Time the store took to keep a batch.", quick).WithLabelValues().(prometheus.Histogram)
	m.bulks = m.counter("ouidire_store_bulk_requests_total", "Bulk requests made to the server that mentions are kept on.")
	m.bulkFails = m.counter("ouidire_store_bulk_requests_failed_total", "Bulk requests that failed as a whole, by reason; what was in them is sent again.", "reason")
	m.bulkDuration = m.histogram("ouidire_store_bulk_duration_seconds", "Duration of a bulk request.", quick)
	m.bulkItems = m.counter("ouidire_store_bulk_items_total", "Mentions in bulk requests.")
	m.bulkItemFails = m.counter("ouidire_store_bulk_items_failed_total", "Mentions refused inside bulk requests: again, they are sent again; dead, they were refused for good.", "reason")
	m.bulkBytes = m.counter("ouidire_store_bulk_bytes_total", "Bytes in bulk requests, before compression.")
}

// telling defines the families of rules and channels.
func (m *Metrics) telling() {
	m.transitions = m.counter("ouidire_alert_transitions_total", "What happened to alerts, told or not.", "rule_kind", "transition")
	m.acts = m.counter("ouidire_alert_acts_total", "What people did with alerts; act false_alarm counts the false ones.", "rule_kind", "act")
	m.ackDelay = m.histogram("ouidire_alert_ack_seconds", "Time from the first successful notification to acknowledgement.", slow, "severity")
	m.detectionLag = m.histogram("ouidire_alert_detection_lag_seconds", "Time from the publication of the mention that crossed the threshold to the alert firing.", slow, "rule_kind")
	m.ruleFailures = m.counter("ouidire_rule_evaluations_failed_total", "Evaluations of a rule that failed and will be tried again.", "rule")
	m.notifications = m.counter("ouidire_notifications_total", "Notifications due (one per alert transition, channel and recipient group).", "channel")
	m.notificationFailures = m.counter("ouidire_notifications_failed_total", "Notifications given up, by reason.", "channel", "reason")
	m.requests = m.counter("ouidire_notification_requests_total", "Delivery attempts made.", "channel")
	m.requestFailures = m.counter("ouidire_notification_requests_failed_total", "Delivery attempts that failed.", "channel")
	m.notificationLatency = m.histogram("ouidire_notification_latency_seconds", "Time from the alert transition to the confirmed delivery.", slow, "channel")
	m.suppressed = m.counter("ouidire_notifications_suppressed_total", "Notifications not sent, by reason.", "reason")
	m.pending = m.gauges("ouidire_outbox_pending", "Notifications waiting for delivery.", "channel")
	m.oldest = m.gauges("ouidire_outbox_oldest_timestamp_seconds", "Unix time at which the oldest waiting notification was created, 0 when none waits.", "channel")
}

func (m *Metrics) gauge(name, help string, labels prometheus.Labels) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels})
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(h)
	return h
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Gatherer is the registry, for tests and other exporters.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Reloaded records a configuration load at an instant.
func (m *Metrics) Reloaded(ok bool, at time.Time) {
	if !ok {
		m.reloadOK.Set(0)
		return
	}
	m.reloadOK.Set(1)
	m.reloadAt.Set(float64(at.Unix()))
}
