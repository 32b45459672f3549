package alerting

import (
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

func TestWhoeverWasRenamedIsCalledSoInWhatTheyDidBefore(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	today := Reader{Lang: say.FrenchCanada, Member: func(id string) string { return map[string]string{"o": "Odette L’Heureux", "z": "Zoé"}[id] }}
	taken := Incident{ID: "w", State: Acknowledged, By: "Odette Malenfroy", ByMember: "o", For: "Quelqu’un"}
	if got := today.Today(taken); got.By != "Odette L’Heureux" || got.For != "Quelqu’un" || taken.By != "Odette Malenfroy" {
		t.Errorf("it is %q's, for %q", got.By, got.For)
	}
	if got := today.Today(Incident{By: "Parti", ByMember: "p"}).By; got != "Parti" {
		t.Errorf("whose id nobody has is called %q", got)
	}
	if got := (Reader{}).Today(taken).By; got != "Odette Malenfroy" {
		t.Errorf("where there is no team she is called %q", got)
	}
	sent := Incident{Facts: Facts{Advisory: &Advisory{By: "Odette Malenfroy", Member: "o", Read: []Receipt{{At: at, Name: "Zoë", Member: "z"}, {At: at, Name: "Zoë"}}}}}
	if a := today.Today(sent).Facts.Advisory; a.By != "Odette L’Heureux" || a.Read[0].Name != "Zoé" || a.Read[1].Name != "Zoë" || sent.Facts.Advisory.Read[0].Name != "Zoë" {
		t.Errorf("the advisory is %+v, and was %+v", a, sent.Facts.Advisory)
	}
	if e := today.TodayIn(Entry{Person: "Odette Malenfroy", Member: "o", To: "Zoë", ToMember: "z"}); e.Person != "Odette L’Heureux" || e.To != "Zoé" {
		t.Errorf("the journal says %+v", e)
	}
}

func TestWhoeverWasRenamedIsNotAskedTwice(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	i := Incident{ID: "w", State: New}
	for n, c := range []struct {
		to, member string
		seq        int
	}{{"Zoé", "z", 1}, {"Zoé L’Heureux", "z", 1}, {"Zoé L’Heureux", "y", 2}, {"Zoé", "", 3}} {
		var err error
		if i, err = Apply(i, Action{Incident: "w", Act: Assign, To: c.to, ToMember: c.member, At: at}); err != nil || i.Seq != c.seq || i.For != c.to {
			t.Errorf("assignment %d: for %q, told %d times, want %d, %v", n, i.For, i.Seq, c.seq, err)
		}
	}
}
