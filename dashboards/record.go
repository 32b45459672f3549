package dashboards

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ouidire/ouidire/mention"
)

// Configured names what the configuration brought, so that every series that can
// be known exists from the start, at zero. SourceKinds are those of its sources;
// channels are counted by their kinds.
type Configured struct {
	SourceKinds, Watches, Rules, Channels []string
}

// Prepare creates the series of a configuration.
func (m *Metrics) Prepare(c Configured) {
	for _, kind := range c.SourceKinds {
		for _, v := range []*prometheus.CounterVec{m.fetched, m.fetches, m.duplicates, m.ownPosts} {
			v.WithLabelValues(kind)
		}
		for _, watch := range c.Watches {
			label := m.watches.label(watch)
			m.backfilled.WithLabelValues(label, kind)
			for _, sentiment := range sentiments {
				m.mentions.WithLabelValues(label, kind, sentiment)
			}
		}
	}
	for _, rule := range c.Rules {
		m.ruleFailures.WithLabelValues(m.rules.label(rule))
	}
	for _, channel := range c.Channels {
		for _, v := range []*prometheus.CounterVec{m.notifications, m.requests, m.requestFailures} {
			v.WithLabelValues(channel)
		}
		for _, reason := range givenUpFor { // else the first of them would be no increase
			m.notificationFailures.WithLabelValues(channel, reason)
		}
		m.Pending(channel, 0, time.Time{})
	}
	for _, severity := range severities {
		m.ackDelay.WithLabelValues(severity)
	}
	for _, lang := range languages {
		m.analyses.WithLabelValues(lang)
	}
}

// Fetched records a visit to a source of a kind. An empty reason is a success.
func (m *Metrics) Fetched(kind, reason string, items int, took time.Duration) {
	m.fetches.WithLabelValues(kind).Inc()
	m.fetchDuration.WithLabelValues(kind).Observe(took.Seconds())
	m.fetched.WithLabelValues(kind).Add(float64(items))
	if reason != "" {
		m.fetchFailures.WithLabelValues(kind, reason).Inc()
	}
}

// Duplicates records items that were already stored.
func (m *Metrics) Duplicates(kind string, n int) { m.duplicates.WithLabelValues(kind).Add(float64(n)) }

// Analysed records one analysis.
func (m *Metrics) Analysed(lang string, took time.Duration) {
	if lang == "" {
		lang = "unknown"
	}
	if !slices.Contains(languages, lang) {
		lang = other
	}
	m.analyses.WithLabelValues(lang).Inc()
	m.analysisDuration.WithLabelValues(lang).Observe(took.Seconds())
}

// Kept records a mention that became searchable at an instant for the first time.
func (m *Metrics) Kept(kind string, kept *mention.Mention, at time.Time) {
	for _, watch := range kept.Watches() {
		label := m.watches.label(watch)
		if kept.History {
			m.backfilled.WithLabelValues(label, kind).Inc()
			continue
		}
		m.mentions.WithLabelValues(label, kind, sentiment(kept)).Inc()
	}
	if kept.Own && !kept.History && (kept.Kind == mention.Article || kept.Kind == mention.Post) {
		m.ownPosts.WithLabelValues(kind).Inc()
	}
	if !kept.History && len(kept.Current().Hits) > 0 {
		m.pipelineLag.WithLabelValues(kind).Observe(at.Sub(kept.PublishedAt).Seconds())
	}
}

func sentiment(m *mention.Mention) string {
	reading, _ := m.Reading()
	if label := string(reading.Label); slices.Contains(sentiments, label) {
		return label
	}
	return "unscored"
}

// Written records a batch that was handed to the store, and what came of it.
func (m *Metrics) Written(took time.Duration, err error) {
	m.writes.Inc()
	m.writeDuration.Observe(took.Seconds())
	if err != nil {
		m.writeFailures.Inc()
	}
}

// Bulk is one request that took mentions to the server they are kept on.
type Bulk struct {
	Took            time.Duration
	Mentions, Bytes int
	Again, Dead     int    // of the mentions: those that are sent again, and those refused for good
	Failed          string // why nothing was answered: unreachable, busy, too_large or refused; "" when something was
}

// PrepareBulk creates the series of bulk requests, for a store that makes some.
func (m *Metrics) PrepareBulk() {
	for _, v := range []*prometheus.CounterVec{m.bulks, m.bulkItems, m.bulkBytes} {
		v.WithLabelValues()
	}
	m.bulkDuration.WithLabelValues()
	for _, reason := range bulkFailures {
		m.bulkFails.WithLabelValues(reason)
	}
	for _, reason := range bulkItemsFailed {
		m.bulkItemFails.WithLabelValues(reason)
	}
}

// Sent records a bulk request.
func (m *Metrics) Sent(b Bulk) {
	m.bulks.WithLabelValues().Inc()
	m.bulkDuration.WithLabelValues().Observe(b.Took.Seconds())
	m.bulkItems.WithLabelValues().Add(float64(b.Mentions))
	m.bulkBytes.WithLabelValues().Add(float64(b.Bytes))
	m.bulkItemFails.WithLabelValues("again").Add(float64(b.Again))
	m.bulkItemFails.WithLabelValues("dead").Add(float64(b.Dead))
	if b.Failed != "" {
		m.bulkFails.WithLabelValues(b.Failed).Inc()
	}
}

// Transition records what happened to an incident of a kind of rule.
func (m *Metrics) Transition(ruleKind, what string) {
	m.transitions.WithLabelValues(ruleKind, what).Inc()
}

// Detected records how long after it was published what made a kind of rule speak was found.
func (m *Metrics) Detected(ruleKind string, late time.Duration) {
	m.detectionLag.WithLabelValues(ruleKind).Observe(late.Seconds())
}

// Acted records what a person did with an incident of a kind of rule.
func (m *Metrics) Acted(ruleKind, act string) { m.acts.WithLabelValues(ruleKind, act).Inc() }

// Acknowledged records how long after the first message somebody took an incident in charge.
func (m *Metrics) Acknowledged(severity string, after time.Duration) {
	m.ackDelay.WithLabelValues(severity).Observe(after.Seconds())
}

// RuleFailed records an evaluation that failed.
func (m *Metrics) RuleFailed(rule string) { m.ruleFailures.WithLabelValues(m.rules.label(rule)).Inc() }

// Owed records a notification that must be delivered.
func (m *Metrics) Owed(channel string) { m.notifications.WithLabelValues(channel).Inc() }

// Suppressed records a notification that nobody gets, and why.
func (m *Metrics) Suppressed(reason string) { m.suppressed.WithLabelValues(reason).Inc() }

// Attempt records one delivery attempt.
func (m *Metrics) Attempt(channel string, _ time.Duration, err error) {
	m.requests.WithLabelValues(channel).Inc()
	if err != nil {
		m.requestFailures.WithLabelValues(channel).Inc()
	}
}

// Accepted records how long after it was owed a notification was accepted.
func (m *Metrics) Accepted(channel string, late time.Duration) {
	m.notificationLatency.WithLabelValues(channel).Observe(late.Seconds())
}

// GivenUp records a notification that will not be tried again.
func (m *Metrics) GivenUp(channel, reason string) {
	m.notificationFailures.WithLabelValues(channel, reason).Inc()
}

// Pending records what a channel is owed now.
func (m *Metrics) Pending(channel string, n int, oldest time.Time) {
	m.pending.WithLabelValues(channel).Set(float64(n))
	m.oldest.WithLabelValues(channel).Set(unix(oldest))
}

// reader judges a mention, as the pipeline's does.
type reader interface {
	Read(m *mention.Mention, parent func() *mention.Mention, at time.Time)
}

// Timed is a reader that is counted and timed.
type Timed struct {
	metrics *Metrics
	reader  reader
}

// Timed counts and times what r reads.
func (m *Metrics) Timed(r reader) *Timed { return &Timed{m, r} }

// Read has the mention read.
func (t *Timed) Read(m *mention.Mention, parent func() *mention.Mention, at time.Time) {
	began := time.Now()
	t.reader.Read(m, parent, at)
	t.metrics.Analysed(m.Lang, time.Since(began))
}
