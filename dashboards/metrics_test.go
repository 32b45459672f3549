package dashboards

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

// busy is a program at work, with names and texts that nobody would choose.
func busy() *Metrics {
	m := New("1.0", "abc", "go1.26")
	m.Prepare(Configured{SourceKinds: []string{"feed"}, Watches: []string{"caisse", "mouvement"}, Rules: []string{"nouvelles"}, Channels: []string{"courriel"}})
	m.Watch(func() Snapshot {
		return Snapshot{
			Fleet:   Fleet{Total: 3, Others: []Shard{{Ordinal: 1, Alive: true, Total: 3}, {Ordinal: 2, Total: 3}}},
			Sources: []Source{{Name: "echo", LastSuccess: time.Unix(1700000000, 0), Interval: time.Hour, Blind: true}},
			Alerts:  []Alert{{Severity: "info", State: "new"}, {Severity: "info", State: "new"}},
			Stores:  []Store{{Index: "mentions", Documents: 12, Bytes: 4096}},
			Spool:   &Spool{Up: true, Waiting: 7, Oldest: time.Unix(1700000000, 0), Bytes: 4096, Limit: 1 << 30, Dead: 2}, Outdated: 5,
			Surges:  []Surge{{Watch: "caisse", Score: 2.5, Active: true, Window: 34, Usual: 3.25}},
			Advised: []Advised{{Watch: "caisse", Advisories: 1}, {Watch: "mouvement"}},

			Heartbeats: []Heartbeat{{Step: "searchable", At: time.Unix(1700000060, 0)}},
		}
	})
	m.Fetched("feed", "", 20, time.Second)
	m.Fetched("feed", "timeout", 0, 30*time.Second)
	m.Duplicates("feed", 19)
	m.Analysed("fr", time.Millisecond)
	m.Analysed("zh-Hans\"\n", time.Millisecond)
	hostile := mention.Mention{PublishedAt: time.Unix(1700000000, 0), Author: mention.Author{Name: "autrice\"}\n"}, URL: "https://hostile.example/?secret",
		Versions: []mention.Version{{Title: "L’épargne</script>", Hits: []mention.Hit{{Watch: "caisse", Words: []string{"épargne"}}}}},
		Readings: []mention.Reading{{Label: mention.Negative, Negative: 1}}}
	m.Kept("feed", &hostile, time.Unix(1700000060, 0))
	hostile.History = true
	m.Kept("feed", &hostile, time.Unix(1700000060, 0))
	for _, own := range []mention.Mention{{Kind: mention.Article}, {Kind: mention.Post}, {Kind: mention.Comment}, {Kind: mention.Article, History: true}} {
		own.Own, own.Versions = true, []mention.Version{{Title: "Nouvelles heures d’ouverture"}}
		m.Kept("feed", &own, time.Unix(1700000060, 0))
	}
	m.Written(time.Millisecond, nil)
	m.Written(time.Second, errors.New("the disk is full"))
	m.PrepareBulk()
	m.Sent(Bulk{Took: 40 * time.Millisecond, Mentions: 300, Bytes: 2 << 20, Again: 4, Dead: 1})
	m.Sent(Bulk{Took: 30 * time.Second, Mentions: 300, Bytes: 2 << 20, Failed: "unreachable"})
	m.Transition("fresh", "opened")
	m.Detected("surge", 90*time.Second)
	m.Acted("surge", "false_alarm")
	m.Acknowledged("urgent", 2*time.Minute)
	m.RuleFailed("nouvelles")
	m.Owed("courriel")
	m.Suppressed("history")
	m.Attempt("courriel", time.Second, errors.New("busy"))
	m.Attempt("courriel", time.Second, nil)
	m.Accepted("courriel", 3*time.Second)
	m.GivenUp("courriel", "refused")
	m.Reloaded(true, time.Unix(1700000000, 0))
	m.Reloaded(false, time.Unix(1700000300, 0))
	return m
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func TestEveryFamilyPassesTheLinter(t *testing.T) {
	problems, err := testutil.GatherAndLint(busy().Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestPromtoolAcceptsTheScrape(t *testing.T) {
	promtool := needs.Server(t, "OUIDIRE_TEST_PROMTOOL")
	cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(scrape(t, busy()))
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestWhatIsCountedIsScraped(t *testing.T) {
	got := scrape(t, busy())
	for _, want := range []string{
		`ouidire_build_info{goversion="go1.26",revision="abc",version="1.0"} 1`,
		`ouidire_mentions_total{sentiment="negative",source_kind="feed",watch="caisse"} 1`,
		`ouidire_mentions_total{sentiment="positive",source_kind="feed",watch="mouvement"} 0`,
		`ouidire_mentions_backfilled_total{source_kind="feed",watch="caisse"} 1`,
		`ouidire_own_posts_total{source_kind="feed"} 2`,
		`ouidire_pipeline_lag_seconds_count{source_kind="feed"} 1`,
		`ouidire_fetches_failed_total{reason="timeout",source_kind="feed"} 1`,
		`ouidire_items_fetched_total{source_kind="feed"} 20`,
		`ouidire_analysis_total{lang="other"} 1`,
		`ouidire_config_last_reload_successful 0`,
		`ouidire_config_last_reload_success_timestamp_seconds 1.7e+09`,
		`ouidire_source_last_success_timestamp_seconds{source="echo"} 1.7e+09`,
		`ouidire_source_blind{source="echo"} 1`,
		`ouidire_surge_score{direction="negative",watch="caisse"} 2.5`,
		`ouidire_surge_active{direction="negative",watch="caisse"} 1`,
		`ouidire_window_mentions{sentiment="negative",watch="caisse"} 34`,
		`ouidire_baseline_mentions{sentiment="negative",watch="caisse"} 3.25`,
		`ouidire_advisories{watch="caisse"} 1`,
		`ouidire_advisories{watch="mouvement"} 0`,
		`ouidire_outbox_oldest_timestamp_seconds{channel="courriel"} 0`,
		`ouidire_notification_requests_failed_total{channel="courriel"} 1`,
		`ouidire_alerts{severity="info",state="new"} 2`,
		`ouidire_alerts{severity="urgent",state="acknowledged"} 0`,
		`ouidire_alert_transitions_total{rule_kind="fresh",transition="opened"} 1`,
		`ouidire_alert_acts_total{act="false_alarm",rule_kind="surge"} 1`,
		`ouidire_alert_ack_seconds_sum{severity="urgent"} 120`,
		`ouidire_alert_ack_seconds_count{severity="watch"} 0`,
		`ouidire_heartbeat_timestamp_seconds{step="searchable"} 1.70000006e+09`,
		`ouidire_store_writes_total 2`,
		`ouidire_store_writes_failed_total 1`,
		`ouidire_store_write_duration_seconds_count 2`,
		`ouidire_store_bulk_requests_total 2`,
		`ouidire_store_bulk_requests_failed_total{reason="unreachable"} 1`,
		`ouidire_store_bulk_requests_failed_total{reason="busy"} 0`,
		`ouidire_store_bulk_duration_seconds_count 2`,
		`ouidire_store_bulk_items_total 600`,
		`ouidire_store_bulk_items_failed_total{reason="again"} 4`,
		`ouidire_store_bulk_items_failed_total{reason="dead"} 1`,
		`ouidire_store_bulk_bytes_total 4.194304e+06`,
		`ouidire_store_up 1`,
		`ouidire_spool_items 7`,
		`ouidire_spool_oldest_timestamp_seconds 1.7e+09`,
		`ouidire_spool_limit_bytes 1.073741824e+09`,
		`ouidire_dead_letters 2`,
		`ouidire_store_outdated_documents 5`,
		`ouidire_alert_detection_lag_seconds_sum{rule_kind="surge"} 90`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestAStoreThatSendsNothingHasNoSeriesOfRequests(t *testing.T) {
	got := scrape(t, New("1.0", "abc", "go1.26"))
	if strings.Contains(got, "ouidire_store_bulk") || strings.Contains(got, "ouidire_spool") || !strings.Contains(got, "ouidire_store_writes_total 0") {
		t.Errorf("series of requests that nobody makes, or none of batches:\n%s", got)
	}
}

func TestNothingFromContentBecomesALabel(t *testing.T) {
	got := scrape(t, busy())
	for _, content := range []string{"hostile.example", "autrice", "épargne", "zh-Hans", "secret"} {
		if strings.Contains(got, content) {
			t.Errorf("%q leaked into the metrics", content)
		}
	}
}
