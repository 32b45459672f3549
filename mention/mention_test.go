package mention

import (
	"fmt"
	"testing"
	"time"
)

func at(minute int) time.Time { return time.Date(2026, 11, 20, 9, minute, 0, 0, time.UTC) }

func ExampleNewID() {
	fmt.Println(NewID("web", "https://echo-des-moyacs.example/?p=12"))
	// Output: 3ytoxxsscujsojtd5rxithb7ra
}

func TestAQuestionAsOfAnInstantSeesWhatWasNewestThen(t *testing.T) {
	m := Mention{Versions: []Version{{At: at(0), Title: "14 comptoirs fermeront"}, {At: at(30), Title: "11 comptoirs fermeront"}}}
	for _, c := range []struct {
		asOf time.Time
		want string
	}{
		{at(0).Add(-time.Second), ""},
		{at(0), "14 comptoirs fermeront"},
		{at(29), "14 comptoirs fermeront"},
		{at(30), "11 comptoirs fermeront"},
		{time.Time{}, "11 comptoirs fermeront"},
	} {
		if got := m.VersionAt(c.asOf).Title; got != c.want {
			t.Errorf("as of %v: %q, want %q", c.asOf, got, c.want)
		}
	}
}

func TestAPersonsReadingHoldsAgainstALaterOneByTheAnalyzer(t *testing.T) {
	m := Mention{Readings: []Reading{
		{At: at(0), Label: Negative, By: "lexicon-1"},
		{At: at(10), Label: Neutral, By: Person},
		{At: at(20), Label: Positive, By: "lexicon-2"},
	}}
	for _, c := range []struct {
		asOf time.Time
		want Label
	}{{at(5), Negative}, {at(15), Neutral}, {at(25), Neutral}, {time.Time{}, Neutral}} {
		if got, ok := m.ReadingAt(c.asOf); !ok || got.Label != c.want {
			t.Errorf("as of %v: %q, want %q", c.asOf, got.Label, c.want)
		}
	}
	if _, ok := m.ReadingAt(at(0).Add(-time.Hour)); ok {
		t.Error("a reading was known before it was made")
	}
}
