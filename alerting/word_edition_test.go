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
	"github.com/ouidire/ouidire/mention"
)

// monday is 7:30 in Toronto.
var monday = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

func editions() map[string]EditionFacts {
	quiet := EditionFacts{Kind: Digest, Channel: "courriel", Every: Daily, From: monday.AddDate(0, 0, -1), To: monday, Now: Figures{All: 6}, Read: 12}
	full := quiet
	full.Now, full.Before, full.Read, full.Open, full.More = Figures{84, 34, 3, 20, 1}, &Figures{61, 21, 1, 15, 2}, 11, 1, 14
	full.Unread = []Unread{{"radio-moyac", monday.Add(-22 * time.Hour)}}
	full.Lines = []EditionLine{
		{ID: "a", Watch: "caisse", Own: true, Title: "L'épargne d’été rapporte à la Caisse", Outlet: "echo-moyacs.example", Outlets: 1, Tone: mention.Positive, Sure: true, URL: "https://echo-moyacs.example/épargne"},
		{ID: "b", Watch: "caisse", Own: true, Talk: true, Title: "Nouvelles heures d’ouverture", Outlet: "blogue", New: 12, Negative: 4, URL: "https://caisse.example/heures"},
		{ID: "c", Watch: "mouvement", Rank: 1, Title: "14 comptoirs fermeront d’ici deux ans", Outlet: "brumelin.example", Outlets: 17, Change: Corrected, Tone: mention.Negative},
	}
	for n := range 9 {
		full.Lines = append(full.Lines, EditionLine{ID: fmt.Sprint("d", n), Watch: "brulis", Rank: 2, Title: fmt.Sprintf("CŒUR du Brûlis, été %d", n+1), Outlet: "radio-moyac.example", Outlets: 2})
	}
	troubled := quiet
	troubled.Partly = []string{"echo"}
	troubled.Stopped = &Stop{monday.Add(-11 * time.Hour), monday.Add(-time.Hour)}
	troubled.Read, troubled.Unread = 0, []Unread{{Source: "a"}, {Source: "b"}, {Source: "c"}, {Source: "d"}, {Source: "e"}}
	week := full
	week.Every, week.From, week.Open, week.Unread, week.Lines, week.More = Weekly, monday.AddDate(0, 0, -7), 0, nil, full.Lines[:3], 0
	hostile := week
	hostile.Every = Daily
	hostile.Lines = []EditionLine{
		{ID: "x", Watch: "caisse", Own: true, Title: "Gagnez\r\n- Bcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m <b>http://piege.example</b>", Outlet: "x", URL: "javascript:alert(1)"},
		{ID: "y", Watch: "caisse", Own: true, Talk: true, Outlet: "blogue", New: 1, Negative: 1, URL: "https://caisse.example/\"><script>"},
	}
	sign := quiet
	sign.Kind, sign.Every, sign.From, sign.Opened, sign.Sent = SignOfLife, Weekly, monday.AddDate(0, 0, -7).Add(-time.Microsecond), 3, 5
	mute := sign
	mute.Now, mute.Opened, mute.Sent, mute.Read, mute.Unread = Figures{}, 0, 0, 11, full.Unread
	return map[string]EditionFacts{"quiet": quiet, "full": full, "troubled": troubled, "week": week, "hostile": hostile, "sign-of-life": sign, "sign-of-life-troubled": mute}
}

func TestEditionsReadAsTheyWereWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/edition/*.golden")
	if err != nil || (len(files) != len(editions()) && !*update) {
		t.Fatalf("%d golden files, %v, want one for each of %d editions", len(files), err, len(editions()))
	}
	for name, f := range editions() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "edition", name+".golden")
			var out strings.Builder
			for _, r := range readers() {
				subject, body, layout := ComposeEdition(f, r)
				if n := utf8.RuneCountInString(subject); n > subjectLimit {
					t.Errorf("subject of %d characters: %q", n, subject)
				}
				fmt.Fprintf(&out, "== %s %s %s\n%s\n\n%s", r.Lang, layout.Link, layout.Stop, subject, body)
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

// toRead is the lines of a body that a person reads: not its links, not its footer.
func toRead(layout *Layout) (n int) {
	n = 2 + len(layout.Lines) // the lead and the next step
	for _, rest := range layout.Rest {
		n += 1 + strings.Count(rest, "\n")
	}
	return n
}

func TestAnyEditionHasAShortSubjectAndTwelveLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := EditionFacts{Kind: rapid.SampledFrom([]EditionKind{Digest, SignOfLife}).Draw(t, "kind"), Every: rapid.SampledFrom([]Every{Daily, Weekly}).Draw(t, "every"),
			From: monday.AddDate(0, 0, -1), To: monday, More: rapid.IntRange(0, 1e6).Draw(t, "more"), Open: rapid.IntRange(0, 40).Draw(t, "open"),
			Read: rapid.IntRange(0, 2000).Draw(t, "read"), Now: Figures{All: rapid.IntRange(0, 1e7).Draw(t, "all"), Own: rapid.IntRange(0, 1000).Draw(t, "own")}}
		for n := range rapid.IntRange(0, linesMost).Draw(t, "lines") {
			f.Lines = append(f.Lines, EditionLine{ID: fmt.Sprint(n), Watch: rapid.StringN(0, 200, -1).Draw(t, "watch"), Talk: rapid.Bool().Draw(t, "talk"), Own: rapid.Bool().Draw(t, "own"),
				Title: rapid.StringN(0, 400, -1).Draw(t, "title"), Outlets: rapid.IntRange(0, 99999).Draw(t, "outlets"), New: 3, Negative: 2})
		}
		if rapid.Bool().Draw(t, "stopped") {
			f.Stopped, f.Partly = &Stop{f.From, f.To}, []string{"echo"}
		}
		for range rapid.IntRange(0, 30).Draw(t, "unread") {
			f.Unread = append(f.Unread, Unread{Source: rapid.StringN(1, 100, -1).Draw(t, "source")})
		}
		if f.Kind == SignOfLife {
			f.Lines, f.More = nil, 0
		}
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, layout := ComposeEdition(f, Reader{Lang: lang})
		if n := utf8.RuneCountInString(subject); n > subjectLimit {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		if n := toRead(layout); n > editionLines {
			t.Errorf("%d lines to read:\n%s", n, body)
		}
	})
}

func TestEditionsThatFollowOneAnotherSayTogetherWhatEachWouldHaveSaid(t *testing.T) {
	all := editions()
	one, two := all["full"], all["full"]
	one.From, one.To = one.From.AddDate(0, 0, -1), two.From
	two.Lines = append([]EditionLine{{ID: "a", Watch: "caisse", Own: true, Title: "L'épargne d’été rapporte à la Caisse", Outlets: 3, New: 2}}, EditionLine{ID: "z", Rank: 1, Watch: "mouvement", Outlets: 40})
	both := merged([]EditionFacts{one, two})
	if both.From != one.From || both.To != two.To || both.Now.All != 168 || both.Before != nil || both.More != 28 {
		t.Errorf("together they are %+v", both)
	}
	if both.Lines[1].ID != "a" || both.Lines[1].Outlets != 3 {
		t.Errorf("the story that both tell is %+v", both.Lines[1])
	}
	if len(both.Lines) != len(one.Lines)+1 {
		t.Errorf("%d lines", len(both.Lines))
	}
}
