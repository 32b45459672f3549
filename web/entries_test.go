package web

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func TestAStoryIsOneEntryHoweverManyPagesItsMentionsSpan(t *testing.T) {
	h := newHouse(t, "")
	named := mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}}
	var all, story []mention.Mention
	for n := range 90 {
		m := aMention(n+1, mention.Article, fmt.Sprintf("Valtisse %d", n), "La Caisse Valtisse prête.", named)
		m.URL = fmt.Sprintf("https://media%d.example/%d", n, n)
		if all = append(all, m); n%3 == 0 {
			story = append(story, m)
		}
	}
	if _, _, err := h.store.Put(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	h.tell(t, story...)
	for _, q := range []string{"/mentions", "/mentions?q=valtisse", "/mentions?q=valtisse&tone=negative"} {
		shown := map[string]int{}
		for path := q; path != ""; {
			body := h.ask("GET", path, nil).Body.String()
			for _, match := range entryLink.FindAllStringSubmatch(body, -1) {
				shown[match[1]]++
			}
			path = nextPage(body)
		}
		told := 0
		for _, m := range story {
			told += shown["/mentions/"+m.ID]
		}
		if len(shown) != 61 || told != 1 || shown["/mentions/"+story[0].ID] != 1 {
			t.Errorf("%s: %d entries, the story %d times, its newest mention %d times; want 61, 1, 1", q, len(shown), told, shown["/mentions/"+story[0].ID])
		}
	}
	body := h.ask("GET", "/mentions", nil).Body.String()
	for _, want := range []string{"Reprise par 30 médias", "vue d’abord le", "/stories/" + story[len(story)-1].ID, "corrigée"} {
		if !strings.Contains(body, want) {
			t.Errorf("the entry does not say %q", want)
		}
	}
	// A filter that only one of them meets shows that one.
	body = h.ask("GET", "/mentions?q=%22valtisse+87%22", nil).Body.String()
	if !strings.Contains(body, "Valtisse 87") || !strings.Contains(body, "1 mention<") {
		t.Error("a mention of a story that alone meets the filter is not listed")
	}
}

var entryLink = regexp.MustCompile(`<h3><a href="(/mentions/[a-z0-9]{26})"`)

// nextPage is the address of the older ones, "" on the last page.
func nextPage(body string) string {
	match := regexp.MustCompile(`href="(/mentions\?[^"]*after=[^"]*)" rel="next"`).FindStringSubmatch(body)
	if match == nil {
		return ""
	}
	return strings.ReplaceAll(match[1], "&amp;", "&")
}

func TestInsultsAreMaskedInListsAndReadWholeWhenOpened(t *testing.T) {
	h := newHouse(t, "")
	named := mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}}
	post := aMention(1, mention.Post, "Nouvelles heures d’ouverture", "Valtisse vous écoute.", named)
	rude := aMention(2, mention.Comment, "", "Valtisse? Bande de connards, l'épargne c’est fini.", named)
	answer := aMention(3, mention.Comment, "", "Valtisse fait son possible.", named)
	for _, m := range []*mention.Mention{&rude, &answer} {
		m.Parent, m.Thread = post.ID, post.ID
	}
	answer.Parent = rude.ID
	if _, _, err := h.store.Put(t.Context(), []mention.Mention{post, rude, answer}); err != nil {
		t.Fatal(err)
	}
	h.joinStories(t)
	for _, path := range []string{"/", "/mentions", "/mentions?q=connards", "/mentions/" + answer.ID, "/feeds/watch/caisse.atom"} {
		body := h.ask("GET", path, nil).Body.String()
		if strings.Contains(body, "de connards") || !strings.Contains(body, "Bande de c***, l") {
			t.Errorf("%s does not mask what nobody asked to read:\n%s", path, body)
		}
	}
	if body := h.ask("GET", "/mentions/"+rude.ID, nil).Body.String(); !strings.Contains(body, "Bande de connards") || strings.Contains(body, "c***") {
		t.Error("opened, it is not as its author wrote it")
	}
}

func TestARetractionOutweighsACorrection(t *testing.T) {
	of := func(changes ...alerting.Change) alerting.Change {
		s := alerting.Story{ID: "s"}
		for _, c := range changes {
			s.Members = append(s.Members, alerting.Member{Change: c})
		}
		return changeOf(s)
	}
	for _, c := range []struct {
		got, want alerting.Change
	}{
		{of("", ""), ""}, {of("", alerting.Corrected, ""), alerting.Corrected},
		{of(alerting.Corrected, alerting.Retracted), alerting.Retracted}, {of(alerting.Retracted, alerting.Corrected), alerting.Retracted},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDaysAreThoseOfTheOrganisationWhereverTheServerStands(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC) // still the 20th in Toronto, the 21st in Auckland
	for _, c := range []struct {
		zone      string
		lang      say.Lang
		published time.Time
		want      string
	}{
		{"America/Toronto", say.FrenchCanada, now.Add(-time.Hour), "Aujourd’hui"},
		{"America/Toronto", say.FrenchCanada, now.Add(-23 * time.Hour), "Hier"},
		{"Pacific/Auckland", say.English, now.Add(-15 * time.Hour), "Today"},
		{"Pacific/Auckland", say.English, now.Add(-17 * time.Hour), "Yesterday"},
		{"America/Toronto", say.FrenchFrance, now.AddDate(0, 0, -20), "Samedi 31 octobre 2026"},
		{"America/Toronto", say.English, now.AddDate(0, 0, -20), "Saturday, October 31, 2026"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		list := []entry{{row: row{Mention: mention.Mention{PublishedAt: c.published}}}}
		if days := byDay(list, c.lang, now, zone); len(days) != 1 || days[0].Name != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.published, c.zone, days[0].Name, c.want)
		}
	}
}

func TestAnOldMentionSaysWhyItWasNeverNews(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name            string
		published, seen time.Time
		history         bool
		want            string
	}{
		{"news", noon.Add(-time.Hour), noon, false, ""},
		{"before installation", noon.Add(-90 * day), noon, true, "avant l’installation"},
		{"seen late, today", noon.Add(-20 * day), noon.Add(-time.Hour), true, "ancienne, vue aujourd’hui"},
		{"seen late, before", noon.Add(-20 * day), noon.Add(-3 * day), true, "ancienne, vue le 17\u00a0nov.\u00a02026"},
	} {
		m := mention.Mention{PublishedAt: c.published, SeenAt: c.seen, History: c.history}
		if got := old(say.FrenchCanada, m, noon, noon.Add(-60*day), time.UTC); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// many is a store that says it holds 2^20 mentions.
type many struct{ Mentions }

func (many) Count(context.Context, store.Question) (int, error) { return 1 << 20, nil }

func (many) CountUpTo(_ context.Context, _ store.Question, most int) (int, error) { return most, nil }

func TestALongListSaysThatItIsLongerThanItCounts(t *testing.T) {
	h := newHouse(t, "")
	h.Mentions = many{h.store}
	h.furnish(t)
	body := h.ask("GET", "/mentions", nil).Body.String()
	if !strings.Contains(body, "Plus de 10\u00a0000 mentions.") || !strings.Contains(body, `data-later>Les compter`) {
		t.Error("a list of more than ten thousand does not say so")
	}
	if body = h.ask("GET", "/mentions?count=1", nil).Body.String(); !strings.Contains(body, "1\u00a0048\u00a0576 mentions") || strings.Contains(body, "data-later") {
		t.Error("a reader who waits is not told the number")
	}
}
