package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store/state"
)

// advice is what a program sends, with changes.
func advice(t *testing.T, change func(*wire.Advise)) string {
	t.Helper()
	a := wire.Advise{Key: "1", From: "mouvement", To: []string{"caisse"}, Subject: "Ne répondez pas encore au sujet des comptoirs", Advice: "Le chiffre de 14 est faux.", Until: noon.AddDate(0, 0, 2)}
	change(&a)
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAProgramSendsAnAdvisoryOnceReadsItAndWithdrawsIt(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	h.affiliate()
	p, reads := h.gives(t, "Intranet", state.ScopeAct), h.gives(t, "Tableau", state.ScopeAPI)
	var sent wire.WholeAdvisory
	for range 2 {
		w := p.call("POST", "/api/v1/advisories", advice(t, func(a *wire.Advise) { a.To = nil }))
		if w.Code != http.StatusOK {
			t.Fatalf("status %d, %s", w.Code, w.Body)
		}
		held(t, "advisory", w.Body.Bytes())
		if err := json.Unmarshal(w.Body.Bytes(), &sent); err != nil {
			t.Fatal(err)
		}
	}
	if all := h.sentAdvisories(t); len(all) != 1 || sent.By != "Intranet" || sent.State != "in_force" || !slices.Equal(sent.To, []string{"caisse", "brulis"}) || len(sent.Reached) != 2 || !slices.Equal(sent.Reached[0].Channels, []string{"courriel", "mail"}) {
		t.Fatalf("%d were sent: %+v", len(all), sent)
	}
	other := h.gives(t, "Autre", state.ScopeAct)
	if w := other.call("POST", "/api/v1/advisories", advice(t, func(*wire.Advise) {})); w.Code != http.StatusOK || len(h.sentAdvisories(t)) != 2 {
		t.Errorf("another program that counts from 1 as well: status %d, %d were sent", w.Code, len(h.sentAdvisories(t)))
	}
	at := "/api/v1/advisories/" + sent.ID
	for _, act := range []string{`{"act":"read"}`, `{"act":"read"}`, `{"act":"withdraw"}`, `{"act":"withdraw"}`} {
		if w := reads.call("POST", at, act); w.Code != http.StatusForbidden {
			t.Errorf("one that may only read: status %d", w.Code)
		}
		if w := p.call("POST", at, act); w.Code != http.StatusOK {
			t.Errorf("%s: status %d, %s", act, w.Code, w.Body)
		}
	}
	got := gets[wire.WholeAdvisory](t, reads, at, "advisory")
	if got.State != "withdrawn" || got.WithdrawnBy != "Intranet" || len(got.Read) != 1 || got.Read[0].Name != "Intranet" || got.Readers != 1 {
		t.Errorf("it stands as %+v", got)
	}
	for show, want := range map[string]int{"": 2, "in_force": 1, "past": 1} {
		if list := gets[wire.AdvisoryPage](t, reads, "/api/v1/advisories?show="+show, "advisories"); len(list.Advisories) != want {
			t.Errorf("%q lists %d, want %d", show, len(list.Advisories), want)
		}
	}
}

func TestAnAdvisoryThatAProgramMisspellsIsNotSent(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	h.affiliate()
	h.surge(t)
	p := h.gives(t, "Intranet", state.ScopeAct)
	for name, c := range map[string]struct {
		body, want string
	}{
		"no key":                 {advice(t, func(a *wire.Advise) { a.Key = "" }), "key tells"},
		"a long key":             {advice(t, func(a *wire.Advise) { a.Key = strings.Repeat("é", 65) }), "key tells"},
		"nobody's":               {advice(t, func(a *wire.Advise) { a.From = "caisse" }), "one of mouvement"},
		"to a stranger":          {advice(t, func(a *wire.Advise) { a.To = []string{"mouvement"} }), "caisse, brulis"},
		"about another's matter": {advice(t, func(a *wire.Advise) { a.About = "wvague" }), "about is"},
		"a long subject":         {advice(t, func(a *wire.Advise) { a.Subject = strings.Repeat("é", 59) }), "58"},
		"for ever":               {advice(t, func(a *wire.Advise) { a.Until = noon.AddDate(1, 0, 0) }), "within a month"},
		"no advice":              {advice(t, func(a *wire.Advise) { a.Advice = "\u202e \n" }), "what they should do"},
		"another field":          {`{"key":"1","sujet":"x"}`, "sujet"},
		"no JSON":                {`consignes`, "not understood"},
	} {
		w := p.call("POST", "/api/v1/advisories", c.body)
		held(t, "error", w.Body.Bytes())
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.want) || len(h.sentAdvisories(t)) != 0 {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
	}
	if w := p.call("POST", "/api/v1/advisories", advice(t, func(*wire.Advise) {}), "Content-Type", "text/plain"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("as text: status %d", w.Code)
	}
	id := h.advise(t, "")
	for target, c := range map[string]struct {
		body   string
		status int
	}{
		"/api/v1/advisories/" + id: {`{"act":"resolve"}`, 400}, "/api/v1/advisories/" + id + "?": {`{"act":"read","name":"Odette"}`, 400},
		"/api/v1/advisories/wvague": {`{"act":"read"}`, 404}, "/api/v1/advisories/rien": {`{"act":"withdraw"}`, 404},
	} {
		if w := p.call("POST", target, c.body); w.Code != c.status {
			t.Errorf("%s %s: status %d, want %d", target, c.body, w.Code, c.status)
		}
	}
}

func TestAProgramWalksAdvisoriesOfOneInstantEachOnce(t *testing.T) {
	h := newHouse(t, password)
	for n := range 9 {
		i, err := alerting.Advise(alerting.Draft{Form: fmt.Sprint(n), At: noon.Add(-time.Duration(n/4) * time.Hour), Advisory: alerting.Advisory{From: "mouvement", To: []string{"caisse"}, Subject: "Objet", Advice: "Rien.", Until: noon.Add(time.Duration(n%2*2-1)*time.Minute).AddDate(0, 0, n%2)}})
		if err != nil && n%2 == 1 {
			t.Fatal(err)
		}
		if err == nil {
			h.settle(t, i)
		}
	}
	kept := len(h.sentAdvisories(t))
	p := h.gives(t, "Tableau", state.ScopeAPI)
	var seen []string
	for next := "/api/v1/advisories?limit=2"; next != ""; {
		page := gets[wire.AdvisoryPage](t, p, next, "advisories")
		for _, a := range page.Advisories {
			seen = append(seen, a.ID)
		}
		next = page.Next
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(seen)))); kept < 4 || n != kept || len(seen) != kept {
		t.Errorf("walked %d, of which %d differ, want %d, each once", len(seen), n, kept)
	}
}

func TestAProgramWalksAConversationFromAnyTextOfIt(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	post := mention.NewID("web", "40")
	var more []mention.Mention
	for n := range 7 { // in one second, as places that know no shorter ones say
		m := aMention(5, mention.Comment, "", fmt.Sprintf("Encore %d", n), mention.Hit{Watch: "caisse"})
		m.ID, m.Parent, m.Thread, m.Own = mention.NewID("web", fmt.Sprint("encore", n)), mention.NewID("web", "9"), post, n == 3
		more = append(more, m)
	}
	if _, _, err := h.store.Put(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	p := h.gives(t, "Tableau", state.ScopeAPI)
	for _, from := range []string{post, mention.NewID("web", "3"), more[0].ID} {
		var seen []string
		own := 0
		last := noon.Add(time.Hour)
		for next := "/api/v1/mentions/" + from + "/conversation?limit=2"; next != ""; {
			talk := gets[wire.Conversation](t, p, next, "conversation")
			if talk.Root == nil || talk.Root.ID != post || !talk.Root.Own || len(talk.Mentions) > 2 {
				t.Fatalf("%s: the root is %+v, with %d texts", next, talk.Root, len(talk.Mentions))
			}
			for _, m := range talk.Mentions {
				if m.PublishedAt.After(last) || m.Parent == "" {
					t.Errorf("%s stands behind what is older, or answers nothing", m.ID)
				}
				if last = m.PublishedAt; m.Own {
					own++
				}
				seen = append(seen, m.ID)
			}
			next = talk.Next
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(seen)))); n != 10 || len(seen) != 10 || own != 2 {
			t.Errorf("from %s: walked %d texts, %d of them different, %d of our own; want 10, each once, and 2", from, len(seen), n, own)
		}
	}
	alone := gets[wire.Conversation](t, p, "/api/v1/mentions/"+mention.NewID("web", "4")+"/conversation", "conversation")
	if alone.Root == nil || len(alone.Mentions) != 0 || alone.Next != "" {
		t.Errorf("a mention that stands alone: %+v", alone)
	}
	for target, status := range map[string]int{"/api/v1/mentions/inconnu/conversation": 404, "/api/v1/mentions/" + post + "/conversation?q=x": 400,
		"/api/v1/mentions/" + post + "/conversation?after=x": 400, "/api/v1/mentions/" + post + "/conversation?limit=201": 400} {
		if w := p.call("GET", target, ""); w.Code != status {
			t.Errorf("%s: status %d, want %d", target, w.Code, status)
		}
	}
}

func TestAConversationOfLongTextsHoldsFewerOfThem(t *testing.T) {
	long := mention.Mention{Versions: []mention.Version{{Text: strings.Repeat("é", answerMost/3)}}}
	for _, c := range []struct {
		texts []mention.Mention
		want  int
	}{{nil, 0}, {[]mention.Mention{long}, 1}, {[]mention.Mention{long, long, long}, 1}, {make([]mention.Mention, 9), 9}} {
		for i := range c.texts {
			if len(c.texts[i].Versions) == 0 {
				c.texts[i].Versions = []mention.Version{{Text: "court"}}
			}
		}
		if got := within(c.texts); got != c.want {
			t.Errorf("of %d texts it holds %d, want %d", len(c.texts), got, c.want)
		}
	}
}
