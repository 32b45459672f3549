package dashboards

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

// committed is where the rules of each language stand in the repository.
var committed = map[say.Lang]string{say.FrenchCanada: "../deploy/prometheus/rules.fr.yml", say.English: "../deploy/prometheus/rules.en.yml"}

func TestTheCommittedRulesAreThoseOfTheCode(t *testing.T) {
	for l, path := range committed {
		var want bytes.Buffer
		if err := WriteRules(&want, l); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is not what the code says (%v): make generate", path, err)
		}
	}
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	promtool := needs.Server(t, "OUIDIRE_TEST_PROMTOOL")
	for _, path := range committed {
		if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=all", "--lint-fatal", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

func TestEachAlertSaysAllThatAPersonNeedsInBothLanguages(t *testing.T) {
	for _, a := range alerts {
		if !strings.HasPrefix(a.name, "Ouidire") || a.severity != critical && a.severity != warning {
			t.Errorf("%s, %s: named or ranked as no other alert", a.name, a.severity)
		}
		for _, l := range []say.Lang{say.FrenchCanada, say.English} {
			if summary := a.summary.In(l); strings.Contains(summary, "{{") || !strings.HasSuffix(summary, ".") {
				t.Errorf("%s: the headline is one fixed sentence, not %q", a.name, summary)
			}
			if a.description.In(l) == "" {
				t.Errorf("%s: nothing is said of it in %s", a.name, l)
			}
		}
	}
}

func TestEachAlertHasAPageAndEachPageAnAlert(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		found, err := filepath.Glob("../docs/" + lang + "/runbooks/*.md")
		if err != nil || len(found) == 0 {
			t.Fatalf("no runbook in %s: %v", lang, err)
		}
		var pages, want []string
		for _, path := range found {
			if name := strings.TrimSuffix(filepath.Base(path), ".md"); name != "README" {
				pages = append(pages, name)
			}
		}
		for _, a := range alerts {
			want = append(want, a.name)
		}
		slices.Sort(want)
		if !slices.Equal(pages, want) {
			t.Errorf("runbooks in %s: %q, alerts: %q", lang, pages, want)
		}
	}
}

// series is what Prometheus scraped, in promtool's way of writing: a metric and its
// value each minute.
type scraped map[string]string

// story is how an alert behaves; each is told at the minutes after the beginning.
type story struct {
	bad       scraped           // the trouble is there from the beginning
	fires     map[string]string // the labels it then has, besides alertname and severity
	before    int               // not yet told
	after     int               // told
	calm      scraped
	flapping  scraped // the trouble comes and goes
	endures   bool    // then the alert stays
	whenBlind bool    // it is told when nothing at all is scraped
}

var stories = map[string]story{
	"OuidireDown": {
		bad: scraped{`up{job="ouidire",instance="a"}`: "0x120"}, before: 4, after: 6, whenBlind: true,
		calm:     scraped{`up{job="ouidire",instance="a"}`: "1x120"},
		flapping: scraped{`up{job="ouidire",instance="a"}`: "1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x60"},
	},
	"OuidireAllSourcesStale": {
		bad:      staleness("0x20 _x2 0x100", "0x120"),
		before:   24, // 15 minutes until it is stale, and then ten
		after:    26,
		calm:     staleness("0x120", "0+60x120"),
		flapping: staleness("0x120", twentyMinutes),
	},
	"OuidireSourceStale": {
		bad: staleness("0x20 _x2 0x100", "0+60x120"), fires: map[string]string{"source": "echo"},
		before: 24, after: 26,
		calm:     staleness("0+60x120", "0+60x120"),
		flapping: staleness(twentyMinutes, "0+60x120"),
	},
	"OuidireSourceBlind": {
		bad: scraped{`ouidire_source_blind{source="echo"}`: "1x10 _x3 1x107"}, fires: map[string]string{"source": "echo"},
		before: 29, after: 31,
		calm:     scraped{`ouidire_source_blind{source="echo"}`: "0x120"},
		flapping: scraped{`ouidire_source_blind{source="echo"}`: "0x9 1x20 0x10 1x20 0x70"},
	},
	"OuidirePipelineStalled": {
		bad: scraped{`ouidire_heartbeat_timestamp_seconds{step="searchable"}`: "0x12 _x2 0x120"}, fires: map[string]string{"step": "searchable"},
		before: 15, after: 17,
		calm:     scraped{`ouidire_heartbeat_timestamp_seconds{step="searchable"}`: "0+60x120", `ouidire_heartbeat_timestamp_seconds{step="fetched"}`: "0x120"},
		flapping: scraped{`ouidire_heartbeat_timestamp_seconds{step="searchable"}`: "0x13 840x13 1680x13 2520x13 3360x13 4200x13 5040x30"},
	},
	"OuidireFetchErrors": {
		bad: scraped{`ouidire_fetches_total{source_kind="feed"}`: "0+8x120", `ouidire_fetches_failed_total{source_kind="feed",reason="timeout"}`: "0+4x120",
			`ouidire_fetches_failed_total{source_kind="feed",reason="dns"}`: "0+2x120", `ouidire_fetches_total{source_kind="email"}`: "0+10x120"},
		fires: map[string]string{"source_kind": "feed"}, before: 29, after: 33,
		calm:     scraped{`ouidire_fetches_total{source_kind="feed"}`: "0+10x120", `ouidire_fetches_failed_total{source_kind="feed",reason="timeout"}`: "0+4x120"},
		flapping: scraped{`ouidire_fetches_total{source_kind="feed"}`: "0+10x120", `ouidire_fetches_failed_total{source_kind="feed",reason="timeout"}`: "0x19 0+10x19 200x90"},
	},
	"OuidireStoreRejects": {
		bad:    scraped{`ouidire_store_writes_total`: "0x9 1x14 2x14 3x90", `ouidire_store_writes_failed_total`: "0x9 1x14 2x14 3x90"},
		before: 18, after: 21,
		calm:     scraped{`ouidire_store_writes_total`: "0+3x120", `ouidire_store_writes_failed_total`: "7x120"},
		flapping: scraped{`ouidire_store_writes_total`: "0+2x120", `ouidire_store_writes_failed_total`: "0+1x120"},
	},
	"OuidireStoreDown": {
		bad: scraped{`ouidire_store_up`: "0x3 _x2 0x115"}, before: 4, after: 6,
		calm:     scraped{`ouidire_store_up`: "1x120"},
		flapping: scraped{`ouidire_store_up`: "1x9 0x3 1x9 0x3 1x9 0x3 1x9 0x3 1x60"},
	},
	"OuidireSpoolFilling": {
		bad: scraped{`ouidire_spool_bytes`: "1200x4 _x2 1200x114", `ouidire_spool_limit_bytes`: "2048x120"}, before: 4, after: 6,
		calm:     scraped{`ouidire_spool_bytes`: "1000x120", `ouidire_spool_limit_bytes`: "2048x120"},
		flapping: scraped{`ouidire_spool_bytes`: "0x9 1200x3 0x9 2048x3 0x9 1200x3 0x90", `ouidire_spool_limit_bytes`: "2048x120"},
	},
	"OuidireMentionsRefused": {
		bad: scraped{`ouidire_dead_letters`: "3x4 _x2 3x114"}, before: 4, after: 6,
		calm:     scraped{`ouidire_dead_letters`: "0x120"},
		flapping: scraped{`ouidire_dead_letters`: "0x9 3x3 0x9 1x3 0x9 2x3 0x90"},
	},
	"OuidireShardSilent": {
		bad: scraped{`ouidire_shard_alive{shard="1"}`: "0x3 _x2 0x115", `ouidire_shard_alive{shard="2"}`: "1x120"}, fires: map[string]string{"shard": "1"},
		before: 4, after: 6,
		calm:     scraped{`ouidire_shard_alive{shard="1"}`: "1x120"},
		flapping: scraped{`ouidire_shard_alive{shard="1"}`: "1x9 0x3 1x9 0x3 1x9 0x3 1x9 0x3 1x60"},
	},
	"OuidireShardsDisagree": {
		bad: scraped{`ouidire_shards_disagreeing`: "1x120"}, before: 14, after: 16,
		calm:     scraped{`ouidire_shards_disagreeing`: "0x120"},
		flapping: scraped{`ouidire_shards_disagreeing`: "1x10 0x5 2x10 0x5 1x10 0x60"},
	},
	"OuidireOutboxFilling": {
		bad: scraped{`ouidire_outbox_pending{channel="courriel"}`: "30x120"}, fires: map[string]string{"channel": "courriel"},
		before: 14, after: 16,
		calm:     scraped{`ouidire_outbox_pending{channel="courriel"}`: "3x120"},
		flapping: scraped{`ouidire_outbox_pending{channel="courriel"}`: "40x10 2x10 40x10 2x10 40x10 2x10 40x10 2x60"},
	},
	"OuidireNotificationsStuck": {
		bad: scraped{`ouidire_outbox_oldest_timestamp_seconds{channel="courriel"}`: "0 60x5 _x2 60x110"}, fires: map[string]string{"channel": "courriel"},
		before: 8, after: 10,
		calm:     scraped{`ouidire_outbox_oldest_timestamp_seconds{channel="courriel"}`: "0x120"},
		flapping: scraped{`ouidire_outbox_oldest_timestamp_seconds{channel="courriel"}`: "0 60x6 480x6 900x6 1320x6 1740x6 2160x6 2580x6 3000x6 3420x6 0x60"},
	},
	"OuidireNotificationsFailed": {
		bad:   scraped{`ouidire_notifications_failed_total{channel="courriel",reason="refused"}`: "0x10 1x110", `ouidire_notifications_failed_total{channel="courriel",reason="expired"}`: "0x120"},
		fires: map[string]string{"channel": "courriel"}, before: 9, after: 12,
		calm:     scraped{`ouidire_notifications_failed_total{channel="courriel",reason="refused"}`: "5x120"},
		flapping: scraped{`ouidire_notifications_failed_total{channel="courriel",reason="refused"}`: "0 1x20 2x20 3x80"}, endures: true,
	},
	"OuidireRuleFailing": {
		bad: scraped{`ouidire_rule_evaluations_failed_total{rule="vagues/caisse"}`: "0+1x120"}, fires: map[string]string{"rule": "vagues/caisse"},
		before: 15, after: 17,
		calm:     scraped{`ouidire_rule_evaluations_failed_total{rule="vagues/caisse"}`: "4x120"},
		flapping: scraped{`ouidire_rule_evaluations_failed_total{rule="vagues/caisse"}`: "0x20 1x40 2x60"},
	},
	"OuidireConfigReloadFailed": {
		bad:    scraped{`ouidire_config_last_reload_successful`: "0x5 _x2 0x113"},
		before: 9, after: 11,
		calm:     scraped{`ouidire_config_last_reload_successful`: "1x120"},
		flapping: scraped{`ouidire_config_last_reload_successful`: "1x9 0x5 1x9 0x5 1x9 0x5 1x9 0x5 1x60"},
	},
}

// twentyMinutes is a source that should be read every five minutes and is read every twenty.
const twentyMinutes = "0x19 1200x19 2400x19 3600x19 4800x19 6000x19"

// staleness is two sources that are due every five minutes, and when each was read last.
func staleness(echo, blog string) scraped {
	return scraped{
		`ouidire_source_last_success_timestamp_seconds{source="echo"}`: echo, `ouidire_source_interval_seconds{source="echo"}`: "300x120",
		`ouidire_source_last_success_timestamp_seconds{source="blogue"}`: blog, `ouidire_source_interval_seconds{source="blogue"}`: "300x120",
	}
}

// The form of promtool's tests.
type (
	unitTest struct {
		// Order is that of the groups. It is random without, and what is recorded may
		// then come a minute late.
		Order     []string    `yaml:"group_eval_order"`
		RuleFiles []string    `yaml:"rule_files"`
		Every     string      `yaml:"evaluation_interval"`
		Tests     []testGroup `yaml:"tests"`
	}
	testGroup struct {
		Name     string           `yaml:"name"`
		Interval string           `yaml:"interval"`
		Series   []inputSeries    `yaml:"input_series"`
		Alerts   []alertTest      `yaml:"alert_rule_test,omitempty"`
		Exprs    []map[string]any `yaml:"promql_expr_test,omitempty"`
	}
	inputSeries struct{ Series, Values string }
	alertTest   struct {
		At   string `yaml:"eval_time"`
		Name string `yaml:"alertname"`
		Want []any  `yaml:"exp_alerts"`
	}
)

func group(name string, in scraped) testGroup {
	g := testGroup{Name: name, Interval: "1m"}
	for _, series := range slices.Sorted(maps.Keys(in)) {
		g.Series = append(g.Series, inputSeries{series, in[series]})
	}
	return g
}

// told expects an alert, or none, at a minute.
func (g *testGroup) told(a alert, minute int, labels map[string]string, is bool) {
	test := alertTest{At: fmt.Sprintf("%dm", minute), Name: a.name, Want: []any{}}
	if is {
		all := map[string]string{"severity": a.severity}
		maps.Copy(all, labels)
		test.Want = []any{map[string]any{"exp_labels": all}}
	}
	g.Alerts = append(g.Alerts, test)
}

// withoutWords writes the rules without what they say: promtool would want it word
// for word.
func withoutWords(t *testing.T, folder string) (path string, groups []string) {
	t.Helper()
	var whole bytes.Buffer
	if err := WriteRules(&whole, say.English); err != nil {
		t.Fatal(err)
	}
	var rules ruleFile
	if err := yaml.Unmarshal(whole.Bytes(), &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		groups = append(groups, g.Name)
		for i := range g.Rules {
			g.Rules[i].Annotations = nil
		}
	}
	return writeYAML(t, folder, "rules.yml", rules), groups
}

func writeYAML(t *testing.T, folder, name string, value any) (path string) {
	t.Helper()
	body, err := yaml.Marshal(value)
	path = filepath.Join(folder, name)
	if err == nil {
		err = os.WriteFile(path, body, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func runPromtool(t *testing.T, groups ...testGroup) {
	t.Helper()
	promtool := needs.Server(t, "OUIDIRE_TEST_PROMTOOL")
	folder := t.TempDir()
	rules, order := withoutWords(t, folder)
	tests := unitTest{Order: order, RuleFiles: []string{rules}, Every: "1m", Tests: groups}
	path := writeYAML(t, folder, "tests.yml", tests)
	if out, err := exec.CommandContext(t.Context(), promtool, "test", "rules", path).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestEachAlertIsToldInTimeAndNotForNothing(t *testing.T) {
	if len(stories) != len(alerts) {
		t.Errorf("%d alerts have %d stories", len(alerts), len(stories))
	}
	for _, a := range alerts {
		t.Run(a.name, func(t *testing.T) {
			s, ok := stories[a.name]
			if !ok {
				t.Fatal("nothing is tested of it")
			}
			bad, calm, flapping, absent := group("bad", s.bad), group("calm", s.calm), group("flapping", s.flapping), group("nothing scraped", scraped{})
			bad.told(a, s.before, s.fires, false)
			bad.told(a, s.after, s.fires, true)
			for minute := 5; minute <= 60; minute += 5 {
				calm.told(a, minute, nil, false)
				flapping.told(a, minute, s.fires, s.endures)
			}
			absent.told(a, 60, nil, s.whenBlind)
			runPromtool(t, bad, calm, flapping, absent)
		})
	}
}

// labelled finds the labels that a description shows.
var labelled = regexp.MustCompile(`\$labels\.(\w+)`)

func TestADescriptionShowsOnlyLabelsThatTheAlertHas(t *testing.T) {
	shown := 0
	for _, a := range alerts {
		for _, l := range []say.Lang{say.FrenchCanada, say.English} {
			for _, label := range labelled.FindAllStringSubmatch(a.description.In(l), -1) {
				shown++
				if _, ok := stories[a.name].fires[label[1]]; !ok {
					t.Errorf("%s shows the label %s, which it has not", a.name, label[1])
				}
			}
		}
	}
	if shown == 0 {
		t.Error("no description shows a label: the test is broken")
	}
}

func TestARecordingAddsUpWhatItSays(t *testing.T) {
	in := scraped{
		`ouidire_mentions_total{watch="caisse",source_kind="feed",sentiment="negative"}`: "0+1x60",
		`ouidire_mentions_total{watch="caisse",source_kind="feed",sentiment="positive"}`: "0+2x60",
		`ouidire_mentions_total{watch="caisse",source_kind="page",sentiment="negative"}`: "0+1x60",
		`ouidire_mentions_total{watch="calme",source_kind="feed",sentiment="negative"}`:  "3x60",
	}
	maps.Copy(in, staleness("0x60", "0+60x60"))
	maps.Copy(in, stories["OuidireFetchErrors"].bad)
	g := group("recordings", in)
	at := time.Hour
	for expr, want := range map[string]float64{
		`watch:ouidire_mentions:increase1h{watch="caisse"}`:                                240,
		`watch:ouidire_mentions_negative:increase1h{watch="caisse"}`:                       120,
		`watch:ouidire_mentions_negative_per_mentions:ratio_increase1h{watch="caisse"}`:    0.5,
		`source:ouidire_source_staleness:ratio{source="echo"}`:                             12,
		`source:ouidire_source_staleness:ratio{source="blogue"}`:                           0,
		`source_kind:ouidire_fetches_failed_per_fetches:ratio_rate30m{source_kind="feed"}`: 0.75,
	} {
		g.Exprs = append(g.Exprs, map[string]any{"expr": expr, "eval_time": at.String(), "exp_samples": []any{map[string]any{"labels": expr, "value": want}}})
	}
	// A watch about which nothing was said has no share, rather than one of nothing.
	calm := `watch:ouidire_mentions_negative_per_mentions:ratio_increase1h{watch="calme"}`
	g.Exprs = append(g.Exprs, map[string]any{"expr": calm, "eval_time": at.String(), "exp_samples": []any{}})
	runPromtool(t, g)
}
