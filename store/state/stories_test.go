package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
)

func minute(m int) time.Time { return friday.Add(time.Duration(m) * time.Minute) }

func TestTheStoriesOfMentionsAreGivenWhole(t *testing.T) {
	d, _ := openState(t)
	corrected := joined("a", "a", minute(9), "caisse")
	corrected.Change = alerting.Corrected
	err := d.Join(t.Context(), []alerting.Joined{
		joined("a", "a", minute(1), "caisse"), joined("b", "b", minute(2), "banque"),
		joined("a", "a2", minute(5), "mouvement"), joined("c", "c", minute(6), "caisse"), corrected,
	}, minute(9))
	if err != nil {
		t.Fatal(err)
	}
	of := must[map[string]alerting.Story](t)(d.StoriesOf(t.Context(), []string{"a2", "b", "l'inconnue", "a2"}))
	got := map[string]string{}
	for mention, s := range of {
		got[mention] = s.ID
	}
	if diff := cmp.Diff(map[string]string{"a2": "a", "b": "b"}, got); diff != "" {
		t.Errorf("stories (-want +got):\n%s", diff)
	}
	if s := of["a2"]; len(s.Members) != 3 || s.Outlets() != 2 || s.Members[2].Change != alerting.Corrected {
		t.Errorf("got %+v, want all members of a, its correction last", s)
	}
	one, ok, err := d.Story(t.Context(), "a")
	if diff := cmp.Diff(of["a2"], one); !ok || err != nil || diff != "" {
		t.Errorf("ok %t, %v (-of its member +by its id):\n%s", ok, err, diff)
	}
	if s, ok, err := d.Story(t.Context(), "a2"); ok || err != nil {
		t.Errorf("a later member names the story %+v, %v", s, err)
	}
	if none := must[map[string]alerting.Story](t)(d.StoriesOf(t.Context(), nil)); len(none) != 0 {
		t.Errorf("no mention is in %v", none)
	}
}

func TestTheNewestStoriesAreThoseThatGotAMemberLast(t *testing.T) {
	d, _ := openState(t)
	err := d.Join(t.Context(), []alerting.Joined{
		joined("old", "old", minute(0)), joined("a", "a", minute(1)), joined("b", "b", minute(2)), joined("c", "c", minute(3)), joined("a", "a2", minute(4)),
	}, minute(4))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		since, limit int
		want         []string
	}{{1, 10, []string{"a", "c", "b"}}, {0, 2, []string{"a", "c"}}, {4, 10, []string{"a"}}, {5, 10, nil}} {
		stories := must[[]alerting.Story](t)(d.NewestStories(t.Context(), minute(c.since), c.limit))
		var got []string
		for _, s := range stories {
			got = append(got, s.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("since %d, at most %d: %v, want %v", c.since, c.limit, got, c.want)
		}
	}
}

const million = 1_000_000

// memberName is a name in no order of time.
func memberName(n int) string { return fmt.Sprintf("%026d", n*7919%million) }

// openMillion is a state.db of a million members, in stories of three. It is built
// once in the folder named by OUIDIRE_BENCH_DIR, or for this run when there is none.
func openMillion(b *testing.B) *DB {
	b.Helper()
	dir := os.Getenv("OUIDIRE_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	d := openAt(b, filepath.Join(dir, "stories.db"), &hands{at: friday})
	if upto, err := d.JoinedUpto(b.Context()); err != nil || !upto.IsZero() {
		return d
	}
	const batch = 5000
	for n := 0; n < million; n += batch {
		var members []alerting.Joined
		for i := n; i < n+batch; i++ {
			m := joined(memberName(i/3*3), memberName(i), minute(i), "caisse")
			m.Signature = mention.Signature{MinHash: make([]uint32, 128), Lead: make([]uint32, 98)} // as large as real ones
			members = append(members, m)
		}
		upto := time.Time{}
		if n+batch == million {
			upto = minute(million)
		}
		if err := d.Join(b.Context(), members, upto); err != nil {
			b.Fatal(err)
		}
	}
	return d
}

// BenchmarkStories asks for the stories of a page of mentions, and for the newest.
func BenchmarkStories(b *testing.B) {
	d := openMillion(b)
	n := 0
	b.Run("of twenty mentions", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var ids []string
			for range 20 {
				n += 3331
				ids = append(ids, memberName(n%million))
			}
			if of, err := d.StoriesOf(b.Context(), ids); err != nil || len(of) < 20 {
				b.Fatal(len(of), err)
			}
		}
	})
	b.Run("the newest hundred of a week", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got, err := d.NewestStories(b.Context(), minute(million-7*24*60), 100); err != nil || len(got) != 100 {
				b.Fatal(len(got), err)
			}
		}
	})
}

func TestAConversationIsGivenWithWhatItBeganWithInOrderOfSight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	before(t, path, 8, func(tx *sqlite.Tx) error { // which kept no conversations
		_, err := tx.Exec(context.Background(), `INSERT INTO story_member (mention, seen, story, source, outlet, watches, history, change, signature)
			VALUES ('vieille', ?, 'vieille', 's', 's.example', '["caisse"]', 0, '', ?)`, micros(minute(1)), must[[]byte](t)(packSignature(mention.Signature{})))
		return err
	})
	d := openAt(t, path, &hands{at: friday})
	in := func(conversation, id string, m int) alerting.Joined {
		j := joined(id, id, minute(m), "caisse")
		j.Conversation = conversation
		return j
	}
	ok(t, d.Join(t.Context(), []alerting.Joined{
		in("fil", "z", 2), in("fil", "b", 4), in("fil", "a", 4), in("autre", "c", 5), in("", "d", 5), in("fil", "fil", 6), in("", "autre", 7), in("fil", "e", 8),
	}, minute(9)))
	for _, c := range []struct {
		conversation string
		from, to     int
		want         []string
	}{
		{"fil", 0, 9, []string{"z", "a", "b", "fil", "e"}},
		{"fil", 4, 8, []string{"a", "b", "fil"}},
		{"autre", 0, 9, []string{"c", "autre"}},
		{"vieille", 0, 9, []string{"vieille"}},
		{"personne", 0, 9, nil},
		{"", 0, 9, nil},
	} {
		var got []string
		for _, m := range must[[]alerting.Member](t)(d.Talk(t.Context(), c.conversation, minute(c.from), minute(c.to))) {
			got = append(got, m.Mention)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in [%d, %d): %q, want %q", c.conversation, c.from, c.to, got, c.want)
		}
	}
	if s, known, err := d.Story(t.Context(), "z"); !known || err != nil || s.Members[0].Conversation != "fil" {
		t.Errorf("%+v, %v", s, err)
	}
}
