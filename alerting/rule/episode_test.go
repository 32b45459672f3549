package rule

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const minute = time.Minute

// gate fires at four of two people, and is low under two.
func gate(blind ...time.Duration) Gate {
	return Gate{Window: 60 * minute, Hold: 30 * minute,
		Fires: func(t Tally) bool { return t.N >= 4 && t.Authors >= 2 },
		Low:   func(t Tally) bool { return t.N < 2 },
		Blind: func(_ context.Context, at time.Time) (bool, error) {
			for i := 0; i+1 < len(blind); i += 2 {
				if since := at.Sub(monday); since >= blind[i] && since < blind[i+1] {
					return true, nil
				}
			}
			return false, nil
		}}
}

// at is the episode at an instant, of what was said and seen at these minutes.
func (g Gate) at(t interface {
	Helper()
	Fatal(...any)
}, when time.Duration, said []Counted) Episode {
	t.Helper()
	asOf := monday.Add(when)
	e, err := g.At(context.Background(), asOf, func(from time.Time) (all []Counted, err error) {
		for _, c := range said {
			if !c.At.Before(from) && !c.Seen.After(asOf) {
				all = append(all, c)
			}
		}
		return all, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func said(minutes ...int) (all []Counted) {
	for i, m := range minutes {
		at := monday.Add(time.Duration(m) * minute)
		all = append(all, Counted{At: at, Seen: at, Weighs: true, Author: fmt.Sprint(i % 3), Place: "blogue", ID: fmt.Sprint(i)})
	}
	return all
}

func TestAnEpisodeBeginsAtItsLimitFluttersInPeaceAndEndsAfterACalm(t *testing.T) {
	all := said(0, 10, 20, 30, 62, 95, 130)
	for _, c := range []struct {
		at   int
		on   bool
		next int // 0 for never
	}{
		{29, false, 0}, {30, true, 110}, {61, true, 110}, {89, true, 120}, {95, true, 152}, {130, true, 185}, {184, true, 185}, {185, false, 0},
	} {
		e := gate().at(t, time.Duration(c.at)*minute, all)
		if e.On != c.on || c.next > 0 && !e.Next.Equal(monday.Add(time.Duration(c.next)*minute)) {
			t.Errorf("minute %d: on %v, next %v", c.at, e.On, e.Next.Sub(monday))
		}
	}
	over := gate().at(t, 150*minute, said(0, 10, 20, 30))
	if over.On || !over.Ended.Equal(monday.Add(110*minute)) || over.Total != 4 || over.Peak != 4 || !over.Since.Equal(monday) {
		t.Errorf("over: %+v", over)
	}
}

func TestWhatIsLowWhileASourceIsUnreadIsNoCalm(t *testing.T) {
	all := said(0, 10, 20, 30) // low from minute 80 on, over at 110
	if e := gate(100*minute, 135*minute).at(t, 120*minute, all); !e.On || !e.Next.Equal(monday.Add(140*minute)) {
		t.Errorf("while it is unread: %+v", e)
	}
	if e := gate(100*minute, 135*minute).at(t, 140*minute, all); e.On || !e.Ended.Equal(monday.Add(140*minute)) {
		t.Errorf("once it is read: %+v", e)
	}
}

func TestACalmOfADayIsBelievedAlthoughASourceIsUnread(t *testing.T) {
	if e := gate(100*minute, 1000*time.Hour).at(t, 80*minute+25*time.Hour, said(0, 10, 20, 30)); e.On || !e.Ended.Equal(monday.Add(80*minute+24*time.Hour)) {
		t.Errorf("after a day: %+v", e)
	}
}

func TestOneVoiceIsNoCrowdAndWhatComesTooLateForItsWindowIsNone(t *testing.T) {
	alone := said(0, 1, 2, 3, 4, 5)
	for i := range alone {
		alone[i].Author = "la même"
	}
	if e := gate().at(t, 6*minute, alone); e.On {
		t.Error("one person fired")
	}
	late := said(0, 1, 2, 3)
	for i := range late {
		late[i].Seen = monday.Add(2 * time.Hour)
	}
	if e := gate().at(t, 2*time.Hour, late); e.On || e.Now.N != 0 {
		t.Errorf("what came two hours late is counted: %+v", e)
	}
	nameless := said(0, 1, 2, 3)
	for i := range nameless {
		nameless[i].Author = ""
	}
	if e := gate().at(t, 3*minute, nameless); !e.On {
		t.Error("people without a name are not people")
	}
}

// TestHoweverFarItLooksBackAnEpisodeIsThatOfTheWholeHistory compares At, which reads
// as little as it can, with a walk over everything.
func TestHoweverFarItLooksBackAnEpisodeIsThatOfTheWholeHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Counted
		at := 0
		for i := range rapid.IntRange(0, 60).Draw(t, "said") {
			at += rapid.SampledFrom([]int{0, 1, 7, 25, 31, 90, 400}).Draw(t, "gap")
			late := rapid.SampledFrom([]int{0, 0, 0, 5, 50, 200}).Draw(t, "late")
			all = append(all, Counted{At: monday.Add(time.Duration(at) * minute), Seen: monday.Add(time.Duration(at+late) * minute),
				Weighs: rapid.Bool().Draw(t, "weighs"), Author: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "author"), ID: fmt.Sprint(i)})
		}
		g := gate()
		if rapid.Bool().Draw(t, "share") { // a share rises when others leave
			g.Fires, g.Low = func(t Tally) bool { return t.All >= 3 && t.Share() >= 0.6 }, func(t Tally) bool { return t.All < 2 || t.Share() < 0.4 }
		}
		asOf := monday.Add(time.Duration(rapid.IntRange(0, at+300).Draw(t, "as of")) * minute)
		var known []Counted
		for _, c := range all {
			if !c.Seen.After(asOf) {
				known = append(known, c)
			}
		}
		whole := newRun(g, monday.Add(-time.Hour), append([]Counted(nil), known...))
		if err := whole.upto(context.Background(), asOf); err != nil {
			t.Fatal(err)
		}
		want := whole.episode(asOf)
		got := g.at(t, asOf.Sub(monday), all)
		if got.On != want.On || got.On && (!got.Since.Equal(want.Since) || got.Peak != want.Peak || got.Total != want.Total) || !got.Next.Equal(want.Next) {
			t.Fatalf("at %v\n got %+v\nwant %+v", asOf.Sub(monday), got, want)
		}
		if !got.Next.IsZero() && len(known) == len(all) { // and it changes then, if nothing comes
			if after := g.at(t, got.Next.Sub(monday), known); after.On == got.On {
				t.Fatalf("it said that it would change at %v, and does not: %+v", got.Next.Sub(monday), after)
			}
		}
	})
}
