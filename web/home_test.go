package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/state"
)

func TestTheVerdictSaysFirstWhatMattersMost(t *testing.T) {
	read := Source{Visit: crawler.Visit{Last: noon, LastSuccess: noon}}
	blind, open := alerting.Blindness{Source: "echo"}, alerting.Incident{Severity: alerting.Watch}
	urgent, told := alerting.Incident{Severity: alerting.Urgent}, alerting.Incident{Severity: alerting.Inform}
	for _, c := range []struct {
		name    string
		sources []Source
		open    []alerting.Incident
		blind   []alerting.Blindness
		want    string
	}{
		{"no source", nil, nil, nil, "home.nosource warn 0"},
		{"before the first visit", []Source{{}}, nil, []alerting.Blindness{blind}, "home.starting good 0"},
		{"all well", []Source{read}, nil, nil, "home.quiet good 0"},
		{"one of two not read", []Source{read, read}, nil, []alerting.Blindness{blind}, "home.blind.one warn 1"},
		{"none read", []Source{read}, nil, []alerting.Blindness{blind}, "home.blind.all bad 0"},
		{"a story for information", []Source{read}, []alerting.Incident{told}, nil, "home.quiet good 0"},
		{"a situation, and a source not read", []Source{read, read}, []alerting.Incident{open, told}, []alerting.Blindness{blind}, "home.open.one warn 1"},
		{"an urgent one", []Source{read}, []alerting.Incident{open, urgent, told}, nil, "home.open.one bad 2"},
	} {
		v := judge(c.sources, c.open, c.blind)
		if got := fmt.Sprintf("%s %s %d", v.One, v.Class, v.N); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheFirstDaysAreNoFalseCalm(t *testing.T) {
	h := newHouse(t, "")
	h.status.Sources = h.status.Sources[:1]
	say := func(lang string, want, never []string) {
		t.Helper()
		body := h.ask("GET", "/", nil, "Accept-Language", lang).Body.String()
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s: the home does not say %q", lang, words)
			}
		}
		for _, words := range never {
			if strings.Contains(body, words) {
				t.Errorf("%s: the home says %q", lang, words)
			}
		}
	}
	w := &h.status.Watches[0]
	w.Deaf, w.Wary = noon.Add(4*time.Hour), noon.Add(46*time.Hour)
	say("fr-CA", []string{"verdict warn", "<h1>Rien à signaler pour l’instant</h1>", "<p>ouidire commence à peine à écouter\u00a0: jusqu’à 16\u00a0h\u00a012, aucune vague"}, []string{"habituel"})
	say("en", []string{"<h1>Nothing to report so far</h1>", "until 16:12, no surge"}, nil)
	w.Deaf = noon
	h.status.Watches = append(h.status.Watches, Watch{Name: "mouvement", Title: "Le <Mouvement>"})
	say("fr-CA", []string{"verdict good", "<h1>Rien à signaler pour l’instant</h1>", "<p>Notre caisse\u00a0: ouidire apprend encore", "jusqu’au", "huit personnes"}, []string{"aucune vague"})
	h.status.Watches[1].Deaf, h.status.Watches[1].Wary = noon.Add(time.Hour), noon.Add(48*time.Hour)
	say("fr-CA", []string{"verdict warn", "<p>Le &lt;Mouvement&gt;\u00a0: ouidire commence", "<p>Notre caisse\u00a0: ouidire apprend"}, nil)
	h.status.Watches[0].Wary, h.status.Watches[1] = noon, Watch{Name: "mouvement", Deaf: noon, Wary: noon}
	say("fr-CA", []string{"verdict good", "<h1>Rien à signaler</h1>"}, []string{"ouidire apprend", "ouidire commence"})
}

func TestASourceThatAPersonSwitchedOffIsSaidAndIsNoBlindness(t *testing.T) {
	h := newHouse(t, "")
	h.status.Sources[1].Paused = true
	h.blind = []alerting.Blindness{{Source: "blogue"}}
	body := h.ask("GET", "/", nil).Body.String()
	for _, words := range []string{"Rien à signaler", "1\u00a0source lue", "En pause, à votre demande"} {
		if !strings.Contains(body, words) {
			t.Errorf("the home does not say %q", words)
		}
	}
	if strings.Contains(body, "jamais lue") {
		t.Error("a source that was switched off is called unread")
	}
}

func TestNothingToReportComesWithNumbersThatWereCounted(t *testing.T) {
	h := newHouse(t, "")
	for lang, want := range map[string][]string{
		"fr-CA": {"Rien à signaler", "2\u00a0sources lues", "0\u00a0mention<", "0\u00a0question sans réponse", "Aucune mention depuis 24 heures"},
		"en":    {"Nothing to report", "2\u00a0sources read", "0\u00a0mentions<", "0\u00a0questions unanswered"},
	} {
		body := h.ask("GET", "/", nil, "Accept-Language", lang).Body.String()
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("the empty home does not say %q", words)
			}
		}
	}
	before := aMention(5, mention.Article, "L’été à l’Anse", "La Caisse Valtisse a publié ceci.", mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}})
	before.History = true
	if _, _, err := h.store.Put(t.Context(), []mention.Mention{before}); err != nil {
		t.Fatal(err)
	}
	if body := h.ask("GET", "/", nil).Body.String(); !strings.Contains(body, "avec la mention «\u00a0avant l’installation\u00a0»") || strings.Contains(body, "Aucune mention depuis 24 heures") {
		t.Error("the home of the first day does not say that there is something from before")
	}
	h.furnish(t)
	body := h.ask("GET", "/", nil).Body.String()
	for _, words := range []string{"Rien à signaler dans ce qui a pu être lu, mais 1 source", "1\u00a0source lue", "20\u00a0mentions", "1\u00a0question sans réponse",
		"non lue depuis 3\u00a0h\u00a012", "Fermé le samedi?!", "depuis 3\u00a0h", "Reprise par 4 médias", "jamais confirmé"} {
		if !strings.Contains(body, words) {
			t.Errorf("the home does not say %q", words)
		}
	}
}

func TestAQuestionIsUnansweredUntilTheOrganisationAnswersUnderIt(t *testing.T) {
	h := newHouse(t, "")
	post := aMention(40, mention.Post, "Nos heures", "Dès lundi.")
	post.Own, post.Readings = true, nil
	reply := func(hours int, to, thread mention.Mention, own bool) mention.Mention {
		m := aMention(hours, mention.Comment, "", "Et le dimanche?")
		m.Parent, m.Thread, m.Own = to.ID, thread.ID, own
		if m.Readings[0].Intent = mention.Question; own {
			m.Readings = nil
		} else {
			m.Versions[0].Hits = []mention.Hit{{Watch: "caisse"}}
		}
		return m
	}
	asked := reply(20, post, post, false)
	below := reply(19, asked, post, false)   // a question under a question
	beside := reply(18, asked, post, true)   // answers both: networks know one level
	lonely := reply(10, post, post, false)   // nobody answered
	late := reply(24*8, post, post, false)   // too long ago to be worth telling
	elsewhere := reply(9, post, post, false) // named us somewhere else: not ours to answer
	elsewhere.Versions[0].Hits[0].Words = []string{"Valtisse"}
	if _, _, err := h.store.Put(t.Context(), []mention.Mention{post, asked, below, beside, lonely, late, elsewhere}); err != nil {
		t.Fatal(err)
	}
	open, all, err := h.unanswered(t.Context(), noon)
	if err != nil || !all || len(open) != 1 || open[0].ID != lonely.ID {
		t.Errorf("%d questions are unanswered (%v), want the one nobody answered", len(open), err)
	}
}

func TestAWallOfQuestionsIsCountedAsFarAsItWasReadAndShownInPart(t *testing.T) {
	h := newHouse(t, "")
	var batch []mention.Mention
	for n := range questionsMost + 30 {
		m := aMention(n+1, mention.Comment, "", "Et le dimanche?", mention.Hit{Watch: "caisse"})
		m.PublishedAt = noon.Add(-time.Duration(n) * time.Minute)
		m.Readings[0].Intent = mention.Question
		batch = append(batch, m)
	}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	body := h.ask("GET", "/", nil).Body.String()
	_, list, _ := strings.Cut(body, "<h2>Sans réponse</h2>")
	list, _, _ = strings.Cut(list, "</ul>")
	if !strings.Contains(body, "au moins 200\u00a0questions sans réponse") || strings.Count(list, "<li>") != askedShown {
		t.Errorf("%d questions are shown, want %d of at least 200", strings.Count(list, "<li>"), askedShown)
	}
}

func TestTimeWhenOuidireDidNotRunIsTold(t *testing.T) {
	zone := time.UTC
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 4, 0, 0, zone) }
	spans := []state.Span{{Start: at(18, 8), Until: at(19, 17)}, {Start: at(20, 8), Until: at(20, 9)}, {Start: at(20, 11), Until: at(20, 17)}}
	read := []Source{{Visit: crawler.Visit{LastSuccess: at(20, 10)}}}
	var told []string
	for _, p := range pauses(spans, read) {
		told = append(told, pausedFor(say.FrenchCanada, p, at(20, 17), zone))
	}
	want := []string{
		"ouidire était arrêté de 9\u00a0h\u00a004 à 11\u00a0h\u00a004; le rattrapage est en cours.",
		"ouidire était arrêté du 19\u00a0nov.\u00a02026, 17\u00a0h\u00a004 à 8\u00a0h\u00a004; le rattrapage est fait.",
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", told, want)
	}
	if got := pauses(spans[:1], read); got != nil {
		t.Errorf("before the first start there is a pause: %v", got)
	}
}

func TestAVisitLastsUntilThirtyMinutesWithoutAPage(t *testing.T) {
	h := newHouse(t, "")
	now := noon
	h.Now = func() time.Time { return now }
	cookie := visitCookie + "=0.0"
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "Les 24 dernières heures"},
		{10 * time.Minute, "Les 24 dernières heures"},
		{20 * time.Minute, "Les 24 dernières heures"},
		{3 * time.Hour, "Depuis votre dernière visite, 12\u00a0h\u00a042"},
		{time.Minute, "Depuis votre dernière visite, 12\u00a0h\u00a042"},
	} {
		now = now.Add(c.after)
		w := h.ask("GET", "/", nil, "Cookie", cookie)
		if !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("at %v the home does not say %q", now, c.want)
		}
		for _, one := range w.Result().Cookies() {
			if one.Name == visitCookie {
				cookie = one.Name + "=" + one.Value
			}
		}
	}
	for _, bad := range []string{"x", "9999999999999.9999999999999", "-5.-5", "1.2.3", ".", "99999999999999999999.1"} {
		if w := h.ask("GET", "/", nil, "Cookie", visitCookie+"="+bad); w.Code != http.StatusOK {
			t.Errorf("a cookie of %q got status %d", bad, w.Code)
		}
	}
}

func TestAWeekIsDrawnFromTheFirstDayThatReadersKnow(t *testing.T) {
	friday := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	for l, want := range map[say.Lang]string{say.FrenchCanada: "2026-11-15", say.English: "2026-11-15", say.FrenchFrance: "2026-11-16"} {
		over := lastWeeks(friday, time.UTC, l, 1)
		if got := over.From.Format(time.DateOnly); got != want || over.To.Sub(over.From) != 7*24*time.Hour {
			t.Errorf("%s: the week begins on %s, want %s", l, got, want)
		}
	}
	sunday := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	if got := lastWeeks(sunday, time.UTC, say.English, 1).From.Format(time.DateOnly); got != "2026-11-22" {
		t.Errorf("on a Sunday the week begins on %s", got)
	}
}

func TestToneIsDrawnWithTheSameFiguresInATable(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	for path, want := range map[string][]string{
		"/tone":                            {"Tonalité des mentions, par jour", ">20\u00a0nov.<", `href="/mentions?from=2026-11-20&amp;to=2026-11-20"`, "Du 22\u00a0oct.\u00a02026 au 20\u00a0nov.\u00a02026. Mentions\u00a0: 28."},
		"/tone?span=quarter":               {"par semaine", "Semaine du", `href="/mentions?from=2026-11-15&amp;to=2026-11-21"`},
		"/tone?span=year":                  {"Semaine du", ">23\u00a0nov.\u00a02025<", ">15\u00a0nov.\u00a02026<"},
		"/tone?q=introuvable":              {"Il n’y a aucune mention pendant cette période"},
		"/tone?q=%22ouvert":                {"n’a pas été comprise"},
		"/tone?tone=negative&watch=caisse": {`<input type="hidden" name="tone" value="negative">`, `<option value="caisse" selected>`},
	} {
		body := h.ask("GET", path, nil).Body.String()
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
	}
}
