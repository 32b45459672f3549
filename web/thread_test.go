package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/mention"
)

func TestEveryTextOfAConversationStandsInItOnceWhateverItAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "texts")
		all := map[string]mention.Mention{}
		for i := range n {
			// Some answer what is not kept, themselves, or each other in a ring.
			above := rapid.IntRange(-1, n+2).Draw(t, "above")
			m := mention.Mention{ID: fmt.Sprint(i), Parent: fmt.Sprint(above), PublishedAt: noon.Add(time.Duration(i%5) * time.Hour)}
			all[m.ID] = m
		}
		here := fmt.Sprint(rapid.IntRange(0, n-1).Draw(t, "here"))
		talk := arrange(all, here)
		seen := map[string]int{}
		found := 0
		for _, one := range talk {
			seen[one.ID]++
			if one.Here {
				found++
			}
			if one.Depth < 0 || one.Depth > depthMost {
				t.Fatalf("%s stands at depth %d", one.ID, one.Depth)
			}
		}
		if len(seen) != len(talk) || found != 1 {
			t.Fatalf("%d texts, %d of them different, %d marked as the one", len(talk), len(seen), found)
		}
	})
}

func TestACommentIsShownUnderThePostItAnswers(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	body := h.ask("GET", "/mentions/"+mention.NewID("web", "3"), nil).Body.String()
	_, thread, ok := strings.Cut(body, `<ol class="thread">`)
	if !ok {
		t.Fatal("there is no conversation")
	}
	last := -1
	for _, words := range []string{"Vous", "Nos nouvelles heures d’ouverture", "Et le dimanche?", "Le dimanche aussi.", `aria-current="true"`, "Fermé le samedi?!"} {
		at := strings.Index(thread, words)
		if at <= last {
			t.Errorf("%q stands at %d, after something that stands at %d", words, at, last)
		}
		last = at
	}
	if body := h.ask("GET", "/mentions/"+mention.NewID("web", "4"), nil).Body.String(); strings.Contains(body, "thread") {
		t.Error("a mention that stands alone has a conversation")
	}
}
