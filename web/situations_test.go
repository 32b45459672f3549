package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

func TestTheListShowsWhatIsOpenFirstAndTheWeightiestInFront(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.surge(t)
	for n := range 2*settledMost + 5 {
		at := noon.Add(-time.Duration(n+1) * time.Hour)
		h.settle(t, alerting.Incident{ID: fmt.Sprint("wvieille", n), Key: fmt.Sprint(n), Rule: "nouvelles", Watch: "caisse", Severity: alerting.Urgent, State: alerting.Resolved,
			Since: at, OpenedAt: at, EndedAt: at, Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: fmt.Sprint("Vieille nouvelle ", n), Outlets: 1, At: at}}})
	}
	body := h.ask("GET", "/situations", nil).Body.String()
	surge, story, old := strings.Index(body, "/situations/wvague"), strings.Index(body, "/situations/wsituation"), strings.Index(body, "/situations/wvieille0\"")
	if surge < 0 || story < surge || old < story {
		t.Errorf("the surge stands at %d, the story at %d, what is settled at %d", surge, story, old)
	}
	if open := h.ask("GET", "/situations?show=open", nil).Body.String(); strings.Contains(open, "wvieille") || !strings.Contains(open, "wvague") {
		t.Error("what is settled is listed among what is open")
	}
	seen := map[string]int{}
	for path := "/situations?show=settled"; path != ""; {
		body := h.ask("GET", path, nil).Body.String()
		for _, part := range strings.Split(body, `href="/situations/`)[1:] {
			seen[part[:strings.IndexByte(part, '"')]]++
		}
		_, rest, _ := strings.Cut(body, `href="/situations?show=settled&amp;before=`)
		path = ""
		if rest != "" {
			path = "/situations?show=settled&before=" + rest[:strings.IndexByte(rest, '"')]
		}
	}
	if len(seen) != 2*settledMost+5 || seen["wvague"] > 0 {
		t.Errorf("%d settled situations are listed, want %d", len(seen), 2*settledMost+5)
	}
}

func TestTheRoomOfASurgeSaysAllThatIsKnownOfIt(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.surge(t)
	for lang, wants := range map[string][]string{
		"fr-CA": {"90 commentaires négatifs en 2 h 12, 3 d’habitude (la Caisse)", "sous votre publication", "48 000 abonnés", "page-facebook n’a pas été lu depuis 8 h 52", "ce peut être une fausse alerte", "elle peut se tromper",
			"Situation ouverte : 34 commentaires négatifs.", "Message accepté par courriel (equipe@caisse.example).", "Mise en attente jusqu’à 10 h 32 par Odette.", "Elle a grossi : 71 commentaires négatifs; personne n’a été prévenu, puisqu’elle était en attente.",
			"Message non livré par courriel", "Un message attend d’être envoyé par relais.", "Commentaires négatifs par tranche de 15 min", "Bande de c***!", "Me le rappeler plus tard", "Me prévenir seulement si ça empire", "Demain (9 h)"},
		"en": {"90 negative comments in 2 h 12 min, usually 3 (la Caisse)", "48,000 followers", "We could not read page-facebook since 8:52", "Snoozed until 10:32 by Odette.", "Tell me only if it gets worse", "Negative comments per 15 min"},
	} {
		body := strings.ReplaceAll(h.ask("GET", "/situations/wvague", nil, "Accept-Language", lang).Body.String(), "\u00a0", " ")
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("in %s it does not say %q", lang, want)
			}
		}
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`, "connards"} {
			if strings.Contains(body, bad) {
				t.Errorf("in %s the page holds %s", lang, bad)
			}
		}
		if n := strings.Count(body, `<details class="letter">`); n != 1 {
			t.Errorf("the message that two channels took is shown %d times", n)
		}
	}
}

func TestAChartOfASurgeCountsEachCommentOnce(t *testing.T) {
	h := newHouse(t, "")
	h.surge(t)
	i, _, err := h.state.Incident(t.Context(), "wvague")
	if err != nil {
		t.Fatal(err)
	}
	c, ok := h.surgeChart(t.Context(), i, alerting.Reader{Lang: say.FrenchCanada, Zone: h.status.Zone})
	if !ok || c.Total() != 90 || len(c.Bars) > surgeBars+1 {
		t.Errorf("%d comments in %d bars, want 90", c.Total(), len(c.Bars))
	}
	i.Facts.Surge.Upto = i.Since.AddDate(3, 0, 0) // a fact that nobody can draw
	if c, _ = h.surgeChart(t.Context(), i, alerting.Reader{Zone: time.UTC}); len(c.Bars) > surgeBars+1 {
		t.Errorf("%d bars", len(c.Bars))
	}
}

func TestAPersonSignsOnceAndTheirNameIsRemembered(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	at := "/situations/wsituation"
	w := h.ask("POST", at, url.Values{"act": {"acknowledge"}, "name": {"Odette\r\nSet-Cookie: x=1; <b>é"}})
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 || cookies[0].Name != nameCookie || !cookies[0].HttpOnly {
		t.Fatalf("status %d, cookies %v", w.Code, cookies)
	}
	body := h.ask("GET", at, nil, "Cookie", nameCookie+"="+cookies[0].Value).Body.String()
	for _, want := range []string{`value="Odette Set-Cookie: x=1; &lt;b&gt;é"`, "prise en charge par Odette", "Prise en charge par Odette"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if w := h.ask("POST", at, url.Values{"act": {"resolve"}}); w.Result().Cookies()[0].MaxAge >= 0 {
		t.Error("who wants no name any more keeps it")
	}
}

func TestASituationIsPutAsideUntilWhatThePersonChose(t *testing.T) {
	for _, c := range []struct {
		act       string
		day, hour string
		want      string // of the organisation; "" for until worse
		code      int
	}{
		{"snooze:hour", "", "", "2026-11-20 13:12", http.StatusSeeOther},
		{"snooze:afternoon", "", "", "2026-11-20 14:00", http.StatusSeeOther},
		{"snooze:tomorrow", "", "", "2026-11-21 09:00", http.StatusSeeOther},
		{"snooze:at", "2026-11-24", "16:30", "2026-11-24 16:30", http.StatusSeeOther},
		{"snooze:worse", "", "", "", http.StatusSeeOther},
		{"snooze:at", "2026-11-20", "12:00", "", http.StatusConflict},
		{"snooze:at", "demain", "16:30", "", http.StatusConflict},
		{"snooze:jamais", "", "", "", http.StatusConflict},
	} {
		h := newHouse(t, "")
		h.furnish(t)
		w := h.ask("POST", "/situations/wsituation", url.Values{"act": {c.act}, "day": {c.day}, "hour": {c.hour}})
		i, _, err := h.state.Incident(t.Context(), "wsituation")
		until := ""
		if !i.SnoozedUntil.IsZero() {
			until = i.SnoozedUntil.In(h.status.Zone).Format("2006-01-02 15:04")
		}
		if err != nil || w.Code != c.code || until != c.want || (i.State == alerting.Snoozed) != (c.code == http.StatusSeeOther) {
			t.Errorf("%s %s %s: status %d, %s until %q, want %q", c.act, c.day, c.hour, w.Code, i.State, until, c.want)
		}
	}
}

func TestTomorrowAtNineIsNineWhenClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []time.Time{time.Date(2026, 3, 7, 20, 0, 0, 0, zone), time.Date(2026, 10, 31, 20, 0, 0, 0, zone)} {
		at, err := wakeAt("tomorrow", "", day, zone)
		if err != nil || at.In(zone).Format("15:04") != "09:00" || at.In(zone).Day() != day.AddDate(0, 0, 1).Day() {
			t.Errorf("the day after %s it is %s, %v", day.Format(time.DateOnly), at.In(zone), err)
		}
	}
	evening := newSnoozes(say.FrenchCanada, time.Date(2026, 11, 20, 20, 0, 0, 0, zone), zone)
	if len(evening.Soon) != 2 {
		t.Errorf("in the evening one can choose %v, want no afternoon", evening.Soon)
	}
}

func TestAFalseAlarmSaysWhatItChanges(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.surge(t)
	if w := h.ask("POST", "/situations/wvague", url.Values{"act": {"false_alarm"}, "name": {"Odette"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	body := h.ask("GET", "/situations/wvague", nil).Body.String()
	for _, want := range []string{"De tels commentaires passent alors pour habituels", "l’erreur est comptée", "Rouvrir", "Marquée comme fausse alerte par Odette."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
