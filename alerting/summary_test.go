package alerting

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
)

// waited is a summary's letter of these incidents, owed from 17:10 in Toronto on.
func waited(all ...Incident) letter {
	var parts []letter
	for n, i := range all {
		at := time.Date(2026, 11, 20, 22, 10+n, 0, 0, time.UTC)
		var l letter
		l.add(Row{Key: fmt.Sprint(i.ID, n), Transition: Opened, At: at, Now: i, Owed: i, Attempts: 1})
		parts = append(parts, l)
	}
	return summary("", parts)
}

// overnight is a press that never rests, and two situations.
func overnight(stories int) []Incident {
	var all []Incident
	for n := range stories {
		f := StoryFacts{Title: fmt.Sprintf("L’épargne aux Moyacs, chronique %d", n+1), Outlet: "echo-moyacs.example", Outlets: 1 + n%4, Named: n%9 == 0,
			At: time.Date(2026, 11, 21, n%13, 0, 0, 0, time.UTC), URL: fmt.Sprintf("https://echo-moyacs.example/%d?q=été", n)}
		all = append(all, Incident{ID: fmt.Sprintf("n%02d", n), Rule: "nouvelles", Watch: "mouvement", State: New, Severity: Inform, OpenedAt: f.At, Facts: Facts{Story: &f}})
	}
	wave := Incident{ID: "v1", Rule: "vagues", Watch: "caisse", State: Resolved, Severity: Urgent, Size: 34, Since: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}
	return append(all, wave)
}

func summaries() map[string]struct {
	letter
	pause
} {
	type given = struct {
		letter
		pause
	}
	night := pause{time.Date(2026, 11, 20, 22, 4, 0, 0, time.UTC), time.Date(2026, 11, 21, 13, 12, 0, 0, time.UTC)}
	weekend := pause{night.from, night.to.AddDate(0, 0, 2)}
	hostile := overnight(4)
	hostile[0].Facts.Story.Title = "Gagnez\r\n- Bcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m"
	hostile[0].Facts.Story.URL = "javascript:alert(1)"
	quiet := waited(overnight(3)[:3]...)
	for i := range quiet.rows {
		quiet.rows[i].Attempts = 0
	}
	return map[string]given{
		"quiet":   {quiet, pause{}},
		"night":   {waited(overnight(40)...), night},
		"weekend": {waited(overnight(4)...), weekend},
		"outage":  {waited(overnight(13)[:13]...), pause{}},
		"hostile": {waited(hostile...), night},
	}
}

func TestSummariesReadAsTheyWereWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/summary/*.golden")
	if err != nil || (len(files) != len(summaries()) && !*update) {
		t.Fatalf("%d golden files, %v, want one for each of %d summaries", len(files), err, len(summaries()))
	}
	for name, s := range summaries() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "summary", name+".golden")
			var out strings.Builder
			for _, r := range readers() {
				subject, body, link := composeSummary(s.letter, s.pause, r)
				if n := utf8.RuneCountInString(subject); n > subjectLimit {
					t.Errorf("subject of %d characters: %q", n, subject)
				}
				fmt.Fprintf(&out, "== %s %s\n%s\n\n%s", r.Lang, link, subject, body)
			}
			if *update {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnySummaryHasAShortSubject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := overnight(rapid.IntRange(4, 1200).Draw(t, "stories"))
		for n := range all {
			all[n].Facts.Story = map[bool]*StoryFacts{true: all[n].Facts.Story}[rapid.Bool().Draw(t, "a story")]
		}
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, _ := composeSummary(waited(all...), pause{}, Reader{Lang: lang})
		if n := utf8.RuneCountInString(subject); n > subjectLimit {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		if n := strings.Count(body, "\n- "); n > listed {
			t.Errorf("%d lines", n)
		}
	})
}

func TestTheKeyOfASummaryIsThatOfItsRowsInAnyOrder(t *testing.T) {
	all := overnight(5)
	one := waited(all...)
	var parts []letter
	for n := range all {
		i := len(all) - 1 - n
		var l letter
		l.add(Row{Key: fmt.Sprint(all[i].ID, i), Now: all[i]})
		parts = append(parts, l)
	}
	if other := summary("", parts); other.key != one.key || one.key == "" {
		t.Errorf("keys %q and %q", one.key, other.key)
	}
	if fewer := waited(all[1:]...); fewer.key == one.key {
		t.Error("other rows have the same key")
	}
}
