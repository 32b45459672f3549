package local

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/mention"
)

// hourlyOf reads the hourly counts, and what they should be by every body.
func hourlyOf(t *rapid.T, s *Store) (got, want map[string]int) {
	got, want = map[string]int{}, map[string]int{}
	rows, err := s.db.Read().Query(`SELECT ifnull(w.value, ''), h.hour, l.value, h.history, h.n
		FROM hourly h LEFT JOIN name w ON w.id = h.watch JOIN name l ON l.id = h.label`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var watch, label string
		var hour int64
		var history bool
		var n int
		if err := rows.Scan(&watch, &hour, &label, &history, &n); err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprint(watch, hour, label, history)] = n
	}
	bodies, err := s.db.Read().Query(`SELECT body FROM body`)
	if err != nil {
		t.Fatal(err)
	}
	defer bodies.Close()
	for bodies.Next() {
		var b []byte
		if err := bodies.Scan(&b); err != nil {
			t.Fatal(err)
		}
		m, err := s.decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if m.Own || len(m.Watches()) == 0 || !m.GoneAt.IsZero() {
			continue
		}
		r, _ := m.Reading()
		for _, watch := range append(m.Watches(), "") {
			want[fmt.Sprint(watch, m.PublishedAt.Unix()/3600, r.Label, m.History)]++
		}
	}
	return got, want
}

// drawMention is one of few, so that most are met again.
func drawMention(t *rapid.T) mention.Mention {
	n := rapid.IntRange(0, 30).Draw(t, "id")
	at := noon.Add(time.Duration(n) * 17 * time.Minute)
	m := one(fmt.Sprint("m", n), at, rapid.SampledFrom([]string{"Valtisse", "la caisse", "l’épargne"}).Draw(t, "text"))
	m.Own, m.History = n%9 == 0, n%4 == 0
	m.Versions[0].Hits = nil
	for _, watch := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"valtisse", "mouvement", "frais"}), 0, 3, rapid.ID).Draw(t, "watches") {
		m.Versions[0].Hits = append(m.Versions[0].Hits, mention.Hit{Watch: watch})
	}
	m.Readings = []mention.Reading{drawReading(t)}
	return m
}

func drawReading(t *rapid.T) mention.Reading {
	return mention.Reading{
		At:    noon.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "read at")) * time.Minute),
		Label: rapid.SampledFrom([]mention.Label{mention.Negative, mention.Positive, ""}).Draw(t, "label"),
		By:    rapid.SampledFrom([]string{mention.Person, "lexicon-1"}).Draw(t, "by"),
	}
}

func TestHourlyCountsAreWhatCountingGivesWhateverHappens(t *testing.T) {
	s := openTest(t)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				batch := []mention.Mention{drawMention(t), drawMention(t)}
				if _, _, err := s.Put(ctx, batch); err != nil {
					t.Fatal(err)
				}
			},
			"correct": func(t *rapid.T) {
				id := drawMention(t).ID
				if _, err := s.Get(ctx, id); err != nil {
					t.Skip("not kept")
				}
				if err := s.AddReading(ctx, id, drawReading(t)); err != nil {
					t.Fatal(err)
				}
			},
			"gone": func(t *rapid.T) {
				if err := s.MarkGone(ctx, []string{drawMention(t).ID}, noon); err != nil {
					t.Fatal(err)
				}
			},
			"forget": func(t *rapid.T) {
				if rapid.IntRange(0, 4).Draw(t, "rarely") > 0 {
					t.Skip("not now")
				}
				upto := noon.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "upto")) * time.Minute)
				if _, err := s.Forget(ctx, upto, upto); err != nil {
					t.Fatal(err)
				}
			},
		})
		got, want := hourlyOf(t, s)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("hourly counts (- want, + got):\n%s", diff)
		}
	})
}
