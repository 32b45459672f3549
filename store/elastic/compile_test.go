package elastic

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

func parsed(t testing.TB, words string) query.Node {
	t.Helper()
	n, err := query.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func inJSON(t *testing.T, o object) string {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAQueryIsTermsAndIntervals(t *testing.T) {
	anywhere := func(english, french string) string {
		return `{"bool":{"should":[{"term":{"tokens.title.english":"` + english + `"}},{"term":{"tokens.title.french":"` + french +
			`"}},{"term":{"tokens.text.english":"` + english + `"}},{"term":{"tokens.text.french":"` + french + `"}}]}}`
	}
	for _, c := range []struct {
		said, want string
		exact      bool
	}{
		{"L’épargne", anywhere("eepargn", "repargn"), true},
		{"title:=Valtisse", `{"term":{"tokens.title.exact":"xzb56altisse"}}`, true},
		{"title:#fraude", `{"term":{"tokens.title.label":"lzb23fraude"}}`, true},
		{"title:#caisse_valtisse", `{"term":{"tokens.title.label":"lzb23caissezb5fvaltisse"}}`, true},
		{"auteur:œuvrard", `{"term":{"tokens.author":"foeuvrard"}}`, true},
		{"auteur:=Odette", `{"term":{"tokens.author":"fodette"}}`, false},
		{"auteur:od*", `{"prefix":{"tokens.author":"fod"}}`, true},
		{"titre:épar*", `{"prefix":{"tokens.title.fold":"fepar"}}`, true},
		{"site:nouvelles.example", `{"term":{"site":"nouvelles.example"}}`, true},
		{"genre:article OR langue:fr OR langue:en", `{"bool":{"should":[{"term":{"kind":"article"}},{"terms":{"lang":["fr","en"]}}]}}`, true},
		{`title:"à vendre"`, `{"intervals":{"tokens.title.english":{"all_of":{"intervals":[` +
			`{"any_of":{"intervals":[{"match":{"query":"ea","use_field":"tokens.title.english"}},{"match":{"query":"ra","use_field":"tokens.title.french"}}]}},` +
			`{"any_of":{"intervals":[{"match":{"query":"evendr","use_field":"tokens.title.english"}},{"match":{"query":"rvendr","use_field":"tokens.title.french"}}]}}` +
			`],"max_gaps":0,"ordered":true}}}}`, true},
		{`title:(="A" NEAR/2 ="B")`, `{"intervals":{"tokens.title.english":{"any_of":{"intervals":[` +
			`{"all_of":{"intervals":[{"match":{"query":"xzb41","use_field":"tokens.title.exact"}},{"match":{"query":"xzb42","use_field":"tokens.title.exact"}}],"max_gaps":2,"ordered":true}},` +
			`{"all_of":{"intervals":[{"match":{"query":"xzb42","use_field":"tokens.title.exact"}},{"match":{"query":"xzb41","use_field":"tokens.title.exact"}}],"max_gaps":2,"ordered":true}}` +
			`]}}}}`, true},
		{`titre:"frais ban*"`, `{"bool":{"filter":[{"bool":{"should":[{"term":{"tokens.title.english":"efrai"}},{"term":{"tokens.title.french":"rfrais"}}]}},` +
			`{"prefix":{"tokens.title.fold":"fban"}}]}}`, false},
		{"kind:article -titre:=Valtisse", `{"bool":{"filter":[{"term":{"kind":"article"}}],"must_not":[{"term":{"tokens.title.exact":"xzb56altisse"}}]}}`, true},
		{`kind:article -titre:"frais ban*"`, `{"bool":{"filter":[{"term":{"kind":"article"}}],"must_not":null}}`, false},
	} {
		got := compile(parsed(t, c.said))
		if diff := cmp.Diff(c.want, inJSON(t, got.query)); diff != "" || got.exact != c.exact {
			t.Errorf("%s: exact %v, want %v (- want, + got):\n%s", c.said, got.exact, c.exact, diff)
		}
	}
}

func TestAThousandNamesAreFourClauses(t *testing.T) {
	alternatives := query.Or{}
	for range query.MaxTerms {
		alternatives.Nodes = append(alternatives.Nodes, parsed(t, "valtisse"))
	}
	if clauses := compile(alternatives).query["bool"].(object)["should"].([]object); len(clauses) != 4 {
		t.Errorf("%d clauses, want one for each field of a word", len(clauses))
	}
}

func TestABoundThatCutsAMillisecondIsAskedOfMicroseconds(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	const ms = "1772323200000"
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at, at.Add(time.Hour), `[{"range":{"@timestamp":{"format":"epoch_millis","gte":` + ms + `,"lt":1772326800000}}}]`},
		{at.Add(1), time.Time{}, `[{"range":{"@timestamp":{"format":"epoch_millis","gte":` + ms + `}}},{"range":{"micro.published":{"gte":1772323200000001}}}]`},
		{time.Time{}, at.Add(time.Microsecond), `[{"range":{"@timestamp":{"format":"epoch_millis","lt":1772323200001}}},{"range":{"micro.published":{"lt":1772323200000001}}}]`},
		{time.Unix(-1, 1e9-1e6).UTC(), time.Time{}, `[{"range":{"@timestamp":{"format":"epoch_millis","gte":-1}}}]`},
	} {
		got, err := json.Marshal(appendSpan(nil, "@timestamp", "micro.published", c.from, c.to))
		if err != nil || string(got) != c.want {
			t.Errorf("%v to %v: %s (%v), want %s", c.from, c.to, got, err, c.want)
		}
	}
}

func TestAQuestionThatContradictsItselfFindsNothing(t *testing.T) {
	p := indices{"o"}.plan(&store.Question{Own: true, Unclaimed: true, AsOf: noon})
	if got := inJSON(t, p.whole()); got != `{"match_none":{}}` || !p.exact {
		t.Errorf("asks for %s", got)
	}
}

func TestTermsAreSettledOnlyWhenNoneCanBeMissing(t *testing.T) {
	type v = struct{ count, err int }
	for _, c := range []struct {
		what          string
		bound, others int
		values        []v
		limit         int
		want          bool
	}{
		{"all are there", 0, 0, []v{{5, 0}, {3, 0}}, 0, true},
		{"all are asked for and some are missing", 0, 1, []v{{5, 0}}, 0, false},
		{"no shard held any back", 0, 9, []v{{5, 0}, {5, 0}, {5, 0}}, 2, true},
		{"what was held back cannot be as many", 2, 9, []v{{9, 0}, {8, 0}, {3, 2}}, 2, true},
		{"what was held back may be as many", 5, 9, []v{{9, 0}, {8, 0}, {3, 2}}, 2, false},
		{"one of the first is not counted whole", 1, 9, []v{{9, 1}, {8, 0}, {3, 0}}, 2, false},
		{"one behind may be before", 1, 9, []v{{9, 0}, {8, 0}, {7, 1}, {1, 0}}, 2, false},
		{"fewer than are asked for", 1, 9, []v{{9, 0}}, 2, false},
	} {
		counts := valueCounts{Error: c.bound, Others: c.others}
		for _, one := range c.values {
			counts.Buckets = append(counts.Buckets, valueCount{Count: one.count, Error: one.err})
		}
		if got := counts.settle(c.limit); got != c.want {
			t.Errorf("%s: settled %v, want %v", c.what, got, c.want)
		} else if got && c.limit > 0 && len(counts.Buckets) > c.limit {
			t.Errorf("%s: %d values, want %d", c.what, len(counts.Buckets), c.limit)
		}
	}
}

// Every bucket is in one stretch, and begins and ends with a step of it.
func TestAChartIsCutIntoStretchesOfWholeSteps(t *testing.T) {
	for _, c := range []struct {
		zone   string
		every  store.Every
		months int
		want   int // stretches, at most
	}{
		{"UTC", store.Day, 24, 1}, {"UTC", store.Month, 24, 1}, {"UTC", store.Hour, 24, 3}, {"Asia/Kathmandu", store.Week, 24, 1},
		{"America/Toronto", store.Day, 1, 1}, {"America/Toronto", store.Day, 24, 9}, {"America/Toronto", store.Month, 24, 12}, {"Australia/Lord_Howe", store.Day, 24, 9},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		starts, err := store.Buckets{Every: c.every, Zone: zone}.Starts(noon.AddDate(0, -c.months, 0), noon)
		if err != nil {
			t.Fatal(err)
		}
		chart, l := newChart(starts, ""), newReader(nil, indices{}, nil).limits
		stretches := 0
		for low := 0; low < len(chart.buckets); stretches++ {
			s := chart.stretch(low, l)
			if s.high <= low || s.steps() > int64(l.steps) || !s.from.Equal(starts[low]) || !s.to.Equal(starts[s.high]) {
				t.Fatalf("%s in %s: %+v after bucket %d", c.every, c.zone, s, low)
			}
			for _, start := range starts[low : s.high+1] {
				if (start.Unix()-s.from.Unix())%s.step != 0 {
					t.Fatalf("%s in %s: %v cuts a step of %d seconds", c.every, c.zone, start, s.step)
				}
			}
			low = s.high
		}
		if stretches > c.want {
			t.Errorf("%s in %s: %d stretches, want at most %d", c.every, c.zone, stretches, c.want)
		}
	}
}

func TestAChartNeverAsksForMoreBucketsThanThereAre(t *testing.T) {
	l := newReader(nil, indices{}, nil).limits
	for steps := 1; steps <= l.steps; steps++ {
		if values := l.split(int64(steps)); values < 1 || values*(steps+1)+steps > bucketsMost {
			t.Fatalf("%d steps by %d values", steps, values)
		}
	}
	if values := l.split(2 * bucketsMost); values != 0 {
		t.Errorf("too many steps by %d values, want none", values)
	}
}

func FuzzAPageIsTheOneItNames(f *testing.F) {
	for _, seed := range []string{"", ".", "zz", "9999999999999999999999.a", "-.a", mark{1772366400001234, "m.1"}.String(), mark{-1, "é"}.String()} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, after string) {
		m, err := parseMark(after)
		if err != nil {
			if !errors.Is(err, store.ErrNoPage) {
				t.Errorf("%q: %v, want ErrNoPage", after, err)
			}
			return
		}
		if again, err := parseMark(m.String()); after != "" && (err != nil || again != m) {
			t.Errorf("%q is %+v, which is named %q and read as %+v (%v)", after, m, m.String(), again, err)
		}
	})
}
