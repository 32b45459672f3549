package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

// expressions are all that a board asks of Prometheus, with whether each is asked for
// one value of the whole span.
func expressions(m model) map[string]bool {
	all := map[string]bool{}
	for _, p := range everyPanel(m) {
		for _, target := range p.Targets {
			if expr := str(target["expr"]); expr != "" {
				all[expr] = target["instant"] == true
			}
		}
	}
	for _, a := range listOf(m.Annotations) {
		if expr := str(a["expr"]); expr != "" {
			all[expr] = false
		}
	}
	return all
}

var (
	spans    = regexp.MustCompile(`\[([^\]]*)\]`)
	counters = regexp.MustCompile(`(\w*\(?)\b((?:ouidire|process)_\w+_(?:total|bucket))\b`)
	seriesOf = regexp.MustCompile(`\b(?:\w+:)?(?:ouidire|process|up)(?:_\w+|\b)(?::\w+)?(\{[^}]*\})?`)
	named    = regexp.MustCompile(`\b(?:\w+:)?ouidire_\w+(?::\w+)?`)
)

func TestCountersAreAskedForTheirIncreaseOverASpanThatFitsTheChart(t *testing.T) {
	asked := 0
	eachBoard(t, func(t *testing.T, m model) {
		for expr, whole := range expressions(m) {
			asked++
			for _, span := range spans.FindAllStringSubmatch(expr, -1) {
				if span[1] != "$__rate_interval" && !(span[1] == "$__range" && (whole || strings.Contains(expr, "max_over_time"))) {
					t.Errorf("%s: the span %s does not fit", expr, span[1])
				}
			}
			for _, counter := range counters.FindAllStringSubmatch(expr, -1) {
				if counter[1] != "rate(" && counter[1] != "increase(" {
					t.Errorf("%s: %s is a counter", expr, counter[2])
				}
			}
		}
	})
	if asked < 60 {
		t.Errorf("%d expressions: the test is broken", asked)
	}
}

func TestTheStateOfTheSystemIsAskedOfTheProgramsThatWereChosen(t *testing.T) {
	all := made(t)[say.English]["ouidire-state-en"]
	if len(expressions(all)) < 25 {
		t.Errorf("%d expressions: the test is broken", len(expressions(all)))
	}
	for expr := range expressions(all) {
		for _, s := range seriesOf.FindAllStringSubmatch(expr, -1) {
			if !strings.Contains(s[1], of) {
				t.Errorf("%s: %s may be of another program", expr, s[0])
			}
		}
	}
}

func TestABoardDrawsOnlyWhatIsExportedOrRecorded(t *testing.T) {
	known := map[string]bool{}
	families, err := busy().Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		known[f.GetName()], known[f.GetName()+"_bucket"] = true, true
	}
	for _, r := range recordings {
		known[r.record] = true
	}
	check := func(t *testing.T, expr string) {
		t.Helper()
		for _, name := range named.FindAllString(expr, -1) {
			if !known[name] {
				t.Errorf("%s: nothing exports %s", expr, name)
			}
		}
	}
	eachBoard(t, func(t *testing.T, m model) {
		for expr := range expressions(m) {
			check(t, expr)
		}
		for _, v := range listOf(m.Templating) {
			check(t, str(v["definition"]))
		}
	})
	for _, a := range alerts {
		check(t, a.expr)
	}
	for _, r := range recordings {
		check(t, r.expr)
	}
}

func TestABoardOfMentionsReadsTheFieldsThatAreKeptAndSaysWhenThereAreNone(t *testing.T) {
	kept := []string{"@timestamp", "seen_at", "watch", "source", "place", "kind", "lang", "sentiment.label", "author.name", "title", "text", "url", "own", "gone_at"}
	m := made(t)[say.English]["ouidire-mentions-en"]
	fields := regexp.MustCompile(`([a-z@.][a-z@_.]+):|_exists_:([a-z_]+)`)
	asked, said := 0, false
	checkQuery := func(query string) {
		for _, field := range fields.FindAllStringSubmatch(query, -1) {
			if name := field[1] + field[2]; !slices.Contains(kept, name) {
				t.Errorf("%s asks about %s", query, name)
			}
		}
	}
	for _, a := range listOf(m.Annotations)[1:] {
		asked++
		target, _ := a["target"].(map[string]any)
		checkQuery(str(target["query"]))
		if !slices.Contains(kept, str(a["textField"])) || str(a["timeField"]) != "@timestamp" {
			t.Errorf("the mark %v reads %v at %v", a["name"], a["textField"], a["timeField"])
		}
	}
	for _, p := range everyPanel(m) {
		said = said || strings.Contains(str(p.Options["content"]), "stays empty")
		for _, target := range p.Targets {
			asked++
			if str(target["timeField"]) != "@timestamp" {
				t.Errorf("panel %d is not sorted as Grafana sorts", p.ID)
			}
			checkQuery(str(target["query"]))
			for _, list := range []string{"metrics", "bucketAggs"} {
				all, _ := target[list].([]any)
				for _, one := range all {
					if field := str(one.(map[string]any)["field"]); field != "" && !slices.Contains(kept, field) {
						t.Errorf("panel %d asks about %s", p.ID, field)
					}
				}
			}
		}
	}
	if asked < 7 || !said {
		t.Errorf("%d questions, said that it may be empty: %v", asked, said)
	}
}
