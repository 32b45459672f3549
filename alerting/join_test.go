package alerting

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
)

// library is mentions with their texts, as the store would give them.
type library map[string]*mention.Mention

func (l library) texts(_ context.Context, ids []string) (all []mention.Mention, err error) {
	for _, id := range ids {
		if m := l[id]; m != nil {
			all = append(all, *m)
		}
	}
	return all, nil
}

// publish makes a mention, or another version of one.
func (l library) publish(id, title, text string, at time.Time, watches ...string) *mention.Mention {
	var hits []mention.Hit
	for _, w := range watches {
		hits = append(hits, mention.Hit{Watch: w, Words: []string{"Valtisse"}})
	}
	m := l[id]
	if m == nil {
		m = &mention.Mention{ID: id, Source: "s-" + id, URL: "https://WWW." + id + ".example:443/x", SeenAt: at}
		l[id] = m
	}
	m.Versions = append(m.Versions, mention.Version{At: at, Title: title, Text: text, Hits: hits})
	m.Signature = story.Sign(title, text)
	return m
}

func article(n int) string {
	dice := rand.New(rand.NewPCG(uint64(n), 3))
	words := []string{"l'épargne", "d’épargne", "caisse", "mairesse", "comptoir", "rivière", "œuvre", "conseil", "école", "tempête", "pêche", "usine"}
	var out []string
	for range 60 {
		out = append(out, words[dice.IntN(len(words))]+fmt.Sprint(string(rune('a'+dice.IntN(26))), string(rune('a'+dice.IntN(26)))))
	}
	return strings.Join(out, " ")
}

func TestTheSameMentionsInTheSameOrderGiveTheSameStoriesAcrossRestarts(t *testing.T) {
	l := library{}
	var order []*mention.Mention
	dice := rand.New(rand.NewPCG(7, 7))
	for i := range 120 {
		n := dice.IntN(25)
		order = append(order, l.publish(fmt.Sprint("m", i), fmt.Sprint("Titre ", n), article(n), noon.Add(time.Duration(i)*time.Minute), "caisse"))
	}
	walk := func(restarts bool) (all []Joined) {
		j := newJoiner(noon, l.texts)
		for i, m := range order {
			if restarts && i%17 == 0 {
				j = newJoiner(m.SeenAt, l.texts)
				for _, known := range all {
					j.recall(known)
				}
			}
			joined, err := j.add(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, joined...)
		}
		return all
	}
	straight, broken := walk(false), walk(true)
	if diff := cmp.Diff(straight, broken); diff != "" {
		t.Errorf("a restart changed the stories (-without +with):\n%s", diff)
	}
	stories := map[string]bool{}
	for _, m := range straight {
		stories[m.Story] = true
	}
	if len(straight) != 120 || len(stories) < 20 || len(stories) > 25 {
		t.Errorf("%d members in %d stories, want 120 in about 25", len(straight), len(stories))
	}
}

func TestAStoryCanBeJoinedForThirtyDaysAfterItsLastCopyWasLikeIt(t *testing.T) {
	l := library{}
	j := newJoiner(noon, l.texts)
	var got []string
	for i, day := range []int{0, 29, 58, 89} {
		joined, err := j.add(t.Context(), l.publish(fmt.Sprint("m", i), "Titre", article(1), noon.AddDate(0, 0, day), "caisse"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, joined[0].Story)
	}
	if want := []string{"m0", "m0", "m0", "m3"}; !slices.Equal(got, want) {
		t.Errorf("stories %v, want %v", got, want)
	}
}

func TestWhatIsSaidAtHomeIsNoStory(t *testing.T) {
	l := library{}
	m := l.publish("m", "", article(1), noon)
	m.Versions[0].Hits = []mention.Hit{{Watch: "caisse"}}
	if joined, err := newJoiner(noon, l.texts).add(t.Context(), m); len(joined) != 0 || err != nil {
		t.Errorf("got %v, %v, want nothing", joined, err)
	}
}

func TestWhatIsSaidAtHomeOfSomethingElseNamesTheOtherAlone(t *testing.T) {
	l := library{}
	m := l.publish("m", "", article(1), noon)
	m.Versions[0].Hits = []mention.Hit{{Watch: "caisse"}, {Watch: "guichets", Words: []string{"guichet"}}}
	joined, err := newJoiner(noon, l.texts).add(t.Context(), m)
	if err != nil || len(joined) != 1 || !slices.Equal(joined[0].Watches, []string{"guichets"}) {
		t.Errorf("got %+v, %v, want a member that guichets claims", joined, err)
	}
}

func TestAMentionThatAWatchClaimsLateComesIntoSightThen(t *testing.T) {
	l := library{}
	j := newJoiner(noon, l.texts)
	l.publish("m", "Titre", article(1), noon)
	later := l.publish("m", "Titre", article(1)+" Valtisse", noon.Add(time.Hour), "caisse")
	joined, err := j.add(t.Context(), later)
	if err != nil || len(joined) != 1 || !joined[0].SeenAt.Equal(noon.Add(time.Hour)) || joined[0].Outlet != "m.example" {
		t.Fatalf("got %+v, %v", joined, err)
	}
	again := l.publish("m", "Titre", article(1)+" Valtisse et la Banque Nordelune", noon.Add(2*time.Hour), "caisse", "banque")
	joined, err = j.add(t.Context(), again)
	if err != nil || len(joined) != 1 || joined[0].Change != Unchanged || !slices.Contains(joined[0].Watches, "banque") {
		t.Errorf("another watch claims it: %+v, %v", joined, err)
	}
}

func TestAWatchThatIsAddedTodayMakesNoNewsOfLastMonth(t *testing.T) {
	l := library{}
	j := newJoiner(noon, l.texts)
	if _, err := j.add(t.Context(), l.publish("known", "Titre", article(1), noon, "caisse")); err != nil {
		t.Fatal(err)
	}
	l.publish("unclaimed", "Autre titre", article(2), noon)
	for _, m := range []*mention.Mention{
		l.publish("known", "Titre", article(1), noon.AddDate(0, 0, 20), "caisse", "banque"),
		l.publish("unclaimed", "Autre titre", article(2), noon.AddDate(0, 0, 20), "banque"),
	} {
		joined, err := j.add(t.Context(), m)
		if err != nil || len(joined) != 1 || !joined[0].History {
			t.Errorf("%s: %+v, %v, want history", m.ID, joined, err)
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	l := library{}
	j := newJoiner(noon, l.texts)
	for i := range 10_000 {
		if _, err := j.add(b.Context(), l.publish(fmt.Sprint("m", i), fmt.Sprint("Titre ", i), article(i), noon.Add(time.Duration(i)*time.Second), "caisse")); err != nil {
			b.Fatal(err)
		}
	}
	n := 10_000
	b.ReportAllocs()
	for b.Loop() {
		n++
		m := l.publish(fmt.Sprint("m", n), fmt.Sprint("Titre ", n), article(n), noon.Add(time.Duration(n)*time.Second), "caisse")
		if _, err := j.add(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
