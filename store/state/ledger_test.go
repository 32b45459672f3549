package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
)

func incident(id, key string, opened time.Time, s alerting.State) alerting.Incident {
	return alerting.Incident{
		ID: id, Key: key, Rule: "nouvelles", Kind: "fresh", Watch: "caisse", State: s, Severity: alerting.Inform,
		Since: opened, OpenedAt: opened, Seq: 1, Mentions: []string{"m"},
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "L'épargne d’été, « 14 »", Outlet: "echo.example", At: opened}},
	}
}

func owedRow(i alerting.Incident, channel string, at time.Time) alerting.Row {
	return alerting.Row{Key: i.ID + channel + fmt.Sprint(i.Seq), Channel: channel, Recipients: "équipe", Transition: alerting.Opened, Seq: i.Seq, At: at, Owed: i, Now: i, Fate: alerting.Waiting}
}

func TestAnIncidentAndWhatItOwesAreKeptTogetherOrNotAtAll(t *testing.T) {
	d, _ := openState(t)
	i := incident("a", "k", friday, alerting.New)
	orphan := owedRow(incident("nobody", "k", friday, alerting.New), "courriel", friday)
	err := d.Settle(t.Context(), alerting.Settlement{Rule: "nouvelles", Progress: alerting.Progress{Asked: friday},
		Incidents: []alerting.Incident{i}, Owed: []alerting.Row{owedRow(i, "courriel", friday), orphan}})
	if err == nil {
		t.Fatal("a message that belongs to no incident was kept")
	}
	rows, err := d.Pending(t.Context(), "courriel", 10)
	open, err2 := d.OpenIncidents(t.Context())
	progress, err3 := d.Progress(t.Context())
	if err := errors.Join(err, err2, err3); err != nil || len(rows)+len(open)+len(progress) != 0 {
		t.Errorf("half of it stayed: %v, %v, %v, %v", rows, open, progress, err)
	}
}

func TestIncidentsAndRowsComeBackAsTheyWere(t *testing.T) {
	d, _ := openState(t)
	i := incident("a", "k", friday, alerting.New)
	row := owedRow(i, "courriel", friday)
	next := friday.Add(time.Hour)
	settle := alerting.Settlement{Rule: "nouvelles", Progress: alerting.Progress{Asked: friday, Next: next}, Incidents: []alerting.Incident{i}, Owed: []alerting.Row{row}}
	for range 2 { // a repeat changes nothing
		if err := d.Settle(t.Context(), settle); err != nil {
			t.Fatal(err)
		}
	}
	grown := i
	grown.Size, grown.State = 7, alerting.Acknowledged
	if err := d.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{grown}}); err != nil {
		t.Fatal(err)
	}
	row.Now = grown
	got, err := d.Pending(t.Context(), "courriel", 10)
	if diff := cmp.Diff([]alerting.Row{row}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	progress, err := d.Progress(t.Context())
	if diff := cmp.Diff(map[string]alerting.Progress{"nouvelles": {Asked: friday, Next: next}}, progress); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestKnownIsTheOpenOnesAndTheNewestOfEachKey(t *testing.T) {
	d, _ := openState(t)
	other := incident("other-rule", "k1", friday, alerting.New)
	other.Rule = "vagues"
	all := []alerting.Incident{
		incident("old", "k1", friday, alerting.Resolved), incident("new", "k1", friday.Add(time.Hour), alerting.Resolved),
		incident("elsewhere", "k2", friday, alerting.Resolved), incident("open", "k3", friday.Add(time.Minute), alerting.Snoozed), other,
	}
	if err := d.Settle(t.Context(), alerting.Settlement{Incidents: all}); err != nil {
		t.Fatal(err)
	}
	known, err := d.Known(t.Context(), "nouvelles", []string{"k1", "inconnue"})
	var ids []string
	for _, i := range known {
		ids = append(ids, i.ID)
	}
	if diff := cmp.Diff([]string{"new", "open"}, ids); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatWasCalledAFalseAlarmIsFoundByItsRuleAlsoWhenItWasTakenBack(t *testing.T) {
	d, _ := openState(t)
	call := []alerting.Call{{From: friday, To: friday.Add(time.Hour), Said: friday.Add(time.Hour)}}
	back := []alerting.Call{{From: friday, To: friday.Add(time.Hour), Said: friday.Add(time.Hour), TakenBack: friday.Add(2 * time.Hour)}}
	for id, calls := range map[string][]alerting.Call{"a": call, "b": back, "c": nil} {
		for _, rule := range []string{"vagues", "vagues-2", "vague", "l’été"} {
			i := incident(rule+id, rule+"\x00"+id, friday, alerting.Resolved)
			i.Rule, i.Called = rule, calls
			if err := d.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, rule := range []string{"vagues", "l’été"} {
		found, err := d.Called(t.Context(), rule)
		if err != nil || len(found) != 2 || found[0].ID != rule+"a" || found[1].ID != rule+"b" {
			t.Fatalf("%s: found %+v, %v", rule, found, err)
		}
		if diff := cmp.Diff(back, found[1].Called); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if found, err := d.Called(t.Context(), "tristesse"); len(found) > 0 || err != nil {
		t.Errorf("of no rule: %v, %v", found, err)
	}
}

func TestTheJournalOfAnIncidentIsItsOwnAndInOrder(t *testing.T) {
	d, _ := openState(t)
	letter := &alerting.Letter{Channel: "courriel", Recipients: "équipe@caisse.example", Lang: "fr-CA", Subject: "L'épargne d’été", Body: "Un.\nDeux.\n"}
	want := []alerting.Entry{
		{At: friday, Incident: "a", What: string(alerting.Opened), Size: 34},
		{At: friday.Add(time.Minute), Incident: "a", What: alerting.EntryTold, Letter: letter},
		{At: friday.Add(time.Minute), Incident: "a", What: string(alerting.Snooze), Person: "Odette", Until: friday.Add(time.Hour)},
		{At: friday.Add(2 * time.Minute), Incident: "a", What: string(alerting.Grown), Size: 68, Reason: alerting.BecauseSnoozed},
	}
	ctx := t.Context()
	err := errors.Join(
		d.Settle(ctx, alerting.Settlement{Journal: append([]alerting.Entry{{At: friday, Incident: "b", What: string(alerting.Opened)}}, want...)}),
		d.Journal(ctx, Entry{At: friday, What: SourceHealth, Subject: "a"}),
		d.Settle(ctx, alerting.Settlement{Journal: []alerting.Entry{{At: friday.Add(-time.Hour), Incident: "a", What: string(alerting.Opened)}}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.IncidentJournal(ctx, "a", friday)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := d.Forget(ctx, time.Time{}, friday.Add(90*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.IncidentJournal(ctx, "a", time.Time{}); err != nil || len(got) != 0 {
		t.Errorf("after its time it still holds %v, %v", got, err)
	}
}

func TestARowWaitsUntilItsFateIsKnownAndThenStaysToBeShown(t *testing.T) {
	d, _ := openState(t)
	var rows []alerting.Row
	var all []alerting.Incident
	for n, id := range []string{"a", "b", "c", "d"} {
		i := incident(id, id, friday, alerting.Resolved)
		all = append(all, i)
		rows = append(rows, owedRow(i, "courriel", friday.Add(time.Duration(n)*time.Minute)))
	}
	rows[3].Channel, rows[3].Key = "relais", "d-relais"
	ctx := t.Context()
	err := errors.Join(
		d.Settle(ctx, alerting.Settlement{Incidents: all, Owed: rows}),
		d.Postpone(ctx, []string{rows[0].Key}, friday.Add(time.Hour), "busy"),
		d.Finish(ctx, []alerting.Ending{{Keys: []string{rows[1].Key}, As: alerting.Sent, Why: ""}}, friday),
		d.Finish(ctx, []alerting.Ending{{Keys: []string{rows[1].Key}, As: alerting.Dead, Why: "too late: it was sent"}}, friday),
		d.Finish(ctx, []alerting.Ending{{Keys: []string{rows[2].Key}, As: alerting.Dead, Why: "refused"}}, friday),
	)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := d.Pending(ctx, "courriel", 10)
	if err != nil || len(waiting) != 1 || waiting[0].Attempts != 1 || waiting[0].Why != "busy" || !waiting[0].NotBefore.Equal(friday.Add(time.Hour)) {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
	if sent, err := d.Deliveries(ctx, "b"); err != nil || len(sent) != 1 || sent[0].Fate != alerting.Sent {
		t.Errorf("b: %+v, %v", sent, err)
	}
	if n, err := d.Retire(ctx, []string{"courriel"}, friday); n != 1 || err != nil {
		t.Errorf("retired %d, %v, want what is owed to relais", n, err)
	}
	if n, err := d.Revive(ctx, "courriel", friday); n != 1 || err != nil {
		t.Errorf("revived %d, %v, want the refused one", n, err)
	}
	if n, err := d.ForgetAlerting(ctx, friday, friday.Add(time.Hour)); n != 4 || err != nil {
		t.Errorf("forgot %d rows, %v, want b and d with their messages: a and c still wait", n, err)
	}
	if left, err := d.Incidents(ctx, time.Time{}, time.Time{}, 10); err != nil || len(left) != 2 {
		t.Errorf("left %+v, %v", left, err)
	}
}

func TestABundleStaysOneUntilItIsFinishedOrPostponed(t *testing.T) {
	d, _ := openState(t)
	ctx := t.Context()
	var rows []alerting.Row
	var all []alerting.Incident
	for n, id := range []string{"a", "b", "c"} {
		all = append(all, incident(id, id, friday, alerting.New))
		rows = append(rows, owedRow(all[n], "courriel", friday.Add(time.Duration(n)*time.Minute)))
	}
	late := []string{rows[1].Key, rows[2].Key}
	bundles := func() (got []string) {
		t.Helper()
		waiting, err := d.Pending(ctx, "courriel", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range waiting {
			got = append(got, r.Owed.ID+r.Bundle)
		}
		return got
	}
	if err := errors.Join(d.Settle(ctx, alerting.Settlement{Incidents: all, Owed: rows}), d.Bundle(ctx, late, "+s")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b+s", "c+s", "a"}, bundles()); diff != "" {
		t.Errorf("a bundle comes first (-want +got):\n%s", diff)
	}
	if err := d.Postpone(ctx, late, friday, "busy"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, bundles()); diff != "" {
		t.Errorf("postponed (-want +got):\n%s", diff)
	}
	ends := []alerting.Ending{{Keys: late[:1], As: alerting.Sent}, {Keys: late[1:], As: alerting.Collapsed, Why: late[0]}}
	if err := errors.Join(d.Bundle(ctx, late, "+s"), d.Finish(ctx, ends, friday)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, bundles()); diff != "" {
		t.Errorf("finished (-want +got):\n%s", diff)
	}
	got, err := d.Deliveries(ctx, "c")
	if err != nil || len(got) != 1 || got[0].Fate != alerting.Collapsed || got[0].Why != late[0] {
		t.Errorf("c became %+v, %v", got, err)
	}
}

func joined(story, id string, seen time.Time, watches ...string) alerting.Joined {
	return alerting.Joined{Story: story, Member: alerting.Member{Mention: id, Source: "s", Outlet: id + ".example", Watches: watches, SeenAt: seen},
		Signature: mention.Signature{MinHash: []uint32{1, 2}, Lead: []uint32{3}, Figures: []string{"14", "3.5"}}}
}

func TestStoriesAreGivenByWatchAndSpanInOrderOfSight(t *testing.T) {
	d, c := openState(t)
	at := func(m int) time.Time { return friday.Add(time.Duration(m) * time.Minute) }
	all := []alerting.Joined{
		joined("b", "b", at(0), "banque"), joined("a", "a", at(1), "caisse"), joined("a", "a2", at(5), "mouvement"),
		joined("c", "c", at(6), "caisse"), joined("a", "a", at(9), "caisse"),
	}
	all[4].Change, all[4].Related = alerting.Corrected, "c"
	if err := errors.Join(d.Join(t.Context(), all, at(9)), d.Join(t.Context(), all[:2], at(2))); err != nil {
		t.Fatal(err)
	}
	if upto, err := d.JoinedUpto(t.Context()); err != nil || !upto.Equal(at(9)) {
		t.Errorf("joined up to %v, %v, want %v: it never moves back", upto, err, at(9))
	}
	for _, q := range []struct {
		watch    string
		from, to int
		want     []string
	}{
		{"caisse", 0, 10, []string{"a", "c"}}, {"mouvement", 0, 10, []string{"a"}}, {"", 0, 10, []string{"b", "a", "c"}},
		{"caisse", 5, 6, []string{"a"}}, {"caisse", 7, 10, []string{"a"}}, {"caisse", 2, 5, nil}, {"rien", 0, 10, nil},
	} {
		stories, err := d.Stories(t.Context(), q.watch, at(q.from), at(q.to))
		var ids []string
		for _, s := range stories {
			ids = append(ids, s.ID)
		}
		if diff := cmp.Diff(q.want, ids); err != nil || diff != "" {
			t.Errorf("%+v: %v (-want +got):\n%s", q, err, diff)
		}
	}
	stories, err := d.Stories(t.Context(), "mouvement", at(0), at(10))
	if err != nil || len(stories) != 1 || len(stories[0].Members) != 3 || stories[0].Outlets() != 2 {
		t.Fatalf("got %+v, %v, want three members of two outlets", stories, err)
	}
	if diff := cmp.Diff([]string{"caisse", "mouvement"}, stories[0].Watches); diff != "" {
		t.Errorf("watches (-want +got):\n%s", diff)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, d.db.Path(), c)
	var got []alerting.Joined
	if err := again.EachJoined(t.Context(), at(1), func(j alerting.Joined) { got = append(got, j) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all[1:], got); diff != "" {
		t.Errorf("recalled (-want +got):\n%s", diff)
	}
}

func TestAnySignatureComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.Uint32())
		want := mention.Signature{MinHash: words.Draw(t, "minhash"), Lead: words.Draw(t, "lead"), Figures: rapid.SliceOf(rapid.StringMatching(`[0-9.]*`)).Draw(t, "figures")}
		packed, err := packSignature(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackSignature(packed)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if _, err := unpackSignature(packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")]); err == nil {
			t.Error("a cut signature was read")
		}
	})
}

// FuzzUnpackSignature: a damaged file gives an error, never a panic or a huge slice.
func FuzzUnpackSignature(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, '[', ']'})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = unpackSignature(b) })
}

func BenchmarkSettle(b *testing.B) {
	d, err := Open(context.Background(), filepath.Join(b.TempDir(), "state.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		i := incident(fmt.Sprint(n), fmt.Sprint(n), friday, alerting.New)
		if err := d.Settle(b.Context(), alerting.Settlement{Rule: "nouvelles", Incidents: []alerting.Incident{i}, Owed: []alerting.Row{owedRow(i, "courriel", friday)}}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAnEditionIsCountedAsAMessageAndNeverAsASituation(t *testing.T) {
	d, _ := openState(t)
	edition := alerting.Incident{ID: "edition", Key: "digest of courriel", Kind: "digest", State: alerting.Resolved, OpenedAt: friday, Seq: 1, Facts: alerting.Facts{Edition: &alerting.EditionFacts{Channel: "courriel"}}}
	story := alerting.Incident{ID: "story", Key: "nouvelles", Rule: "nouvelles", State: alerting.New, OpenedAt: friday}
	row := func(i alerting.Incident, channel string) alerting.Row {
		return alerting.Row{Key: i.ID + channel, Channel: channel, Transition: alerting.Issued, At: friday, Owed: i, Now: i}
	}
	err := errors.Join(
		d.Settle(t.Context(), alerting.Settlement{Rule: "digest of courriel", Progress: alerting.Progress{Asked: friday}, Incidents: []alerting.Incident{edition, story},
			Owed: []alerting.Row{row(edition, "courriel"), row(story, "courriel"), row(story, "autre")}}),
		d.Finish(t.Context(), []alerting.Ending{{Keys: []string{"editioncourriel"}, As: alerting.Sent}, {Keys: []string{"storycourriel"}, As: alerting.Collapsed}, {Keys: []string{"storyautre"}, As: alerting.Sent}}, friday.Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Incidents(t.Context(), time.Time{}, time.Time{}, 10)
	if err != nil || len(all) != 1 || all[0].ID != "story" {
		t.Errorf("situations %v, %v", all, err)
	}
	for _, c := range []struct {
		from, to time.Duration
		opened   int
		accepted int
	}{{0, time.Hour, 1, 1}, {-time.Hour, 0, 0, 0}, {time.Minute, time.Hour, 0, 1}, {0, time.Minute, 1, 0}} {
		from, to := friday.Add(c.from), friday.Add(c.to)
		opened, err := d.Opened(t.Context(), from, to)
		accepted, err2 := d.Accepted(t.Context(), "courriel", from, to)
		if opened != c.opened || accepted != c.accepted || err != nil || err2 != nil {
			t.Errorf("from %v to %v: %d opened, %d accepted, %v, %v; want %d and %d", c.from, c.to, opened, accepted, err, err2, c.opened, c.accepted)
		}
	}
	got, ok, err := d.Incident(t.Context(), "edition")
	if err != nil || !ok || !got.IsEdition() {
		t.Errorf("the edition is %+v, %v, %v", got, ok, err)
	}
}
