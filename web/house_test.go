package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
)

// hostile is what a page must show as text and nothing else.
const hostile = `</title><script>alert("x")</script><img src=x onerror=alert(1)> {{.}} javascript:alert(1)`

// testsFunc sends test messages.
type testsFunc func(channel string) error

func (f testsFunc) SendTest(_ context.Context, channel string, _ say.Lang) error { return f(channel) }

func (f testsFunc) Confirm(_ context.Context, code string) (string, error) {
	if code == "123456" {
		return "courriel", nil
	}
	return "", say.Errorf(say.Text{EN: "these are not the digits", FR: "ce ne sont pas les bons chiffres"})
}

// postman writes to people; without a cart he cannot, and in a strike he does not.
type postman struct {
	cart, strike bool
	letters      []Note
	to           []string
}

func (p *postman) Writes() bool { return p.cart }

func (p *postman) WriteTo(_ context.Context, address string, n Note) error {
	if p.strike {
		return say.Errorf(say.Text{EN: "nobody answers there", FR: "personne ne répond à cette adresse"})
	}
	p.to, p.letters = append(p.to, address), append(p.letters, n)
	return nil
}

// incidents are those of a ledger, without an engine.
type incidents struct{ *state.DB }

func (i incidents) Act(ctx context.Context, a alerting.Action) (alerting.Incident, error) {
	before, _, err := i.Incident(ctx, a.Incident)
	if err != nil {
		return before, err
	}
	after, err := alerting.Apply(before, a)
	if err != nil {
		return before, err
	}
	return after, i.Settle(ctx, alerting.Settlement{Incidents: []alerting.Incident{after}, Journal: []alerting.Entry{alerting.EntryOf(a, after)}})
}

var noon = time.Date(2026, 11, 20, 17, 12, 0, 0, time.UTC) // 12 h 12 in Toronto

// house is a page over a store with a few mentions.
type house struct {
	*Server
	store   *local.Store
	state   *state.DB
	status  Status
	sent    []string
	post    postman
	blind   []alerting.Blindness
	visited []string  // sources that somebody wanted read
	turned  error     // why they are not
	behind  time.Time // up to when something was seen, while the clock is behind it
}

func newHouse(t *testing.T, password string) *house {
	t.Helper()
	folder := t.TempDir()
	s, err := local.Open(t.Context(), filepath.Join(folder, "mentions.db"), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := state.Open(t.Context(), filepath.Join(folder, "state.db"), state.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, state: db, status: Status{Organisation: "Caisse Valtisse", Lang: say.FrenchCanada, Zone: zone,
		Watches: []Watch{{Name: "caisse", Title: "Notre caisse", Query: "valtisse", Relation: "self"}},
		Sources: []Source{
			{Name: "echo", Kind: "feed", Every: time.Hour, Visit: crawler.Visit{Source: "echo", Last: noon, LastSuccess: noon, Next: noon.Add(time.Hour), Newest: noon, Health: crawler.Well}},
			{Name: "blogue", Kind: "feed", Own: true, Every: 5 * time.Minute, Visit: crawler.Visit{Source: "blogue", Last: noon, Health: crawler.Poorly, Failures: 3, Reason: "timeout"}},
		},
		Named:    map[string]alerting.Named{"caisse": {Title: "Notre caisse", Whom: "la Caisse"}},
		Channels: []Channel{{Name: "courriel", Kind: "email"}}}}
	h.Server, err = New(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, Options{
		Mentions: s, Sessions: db, People: db, Unsubscriptions: db, Mail: &h.post, Password: password,
		Tests:     testsFunc(func(channel string) error { h.sent = append(h.sent, channel); return nil }),
		Passes:    alerting.Passes{Key: []byte("la clé de la maison")},
		Incidents: incidents{db}, Advisories: incidents{db}, Stories: db, Uptime: db, Settings: db,
		Blind:   func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return h.blind, nil },
		Status:  func(context.Context) Status { return h.status },
		Visit:   func(source string) error { h.visited = append(h.visited, source); return h.turned },
		Ready:   func(context.Context) error { return nil },
		Behind:  func() (time.Time, bool) { return h.behind, !h.behind.IsZero() },
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ouidire_build_info 1") }),
		Now:     func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.patience = patience{time.Minute, time.Minute} // this machine may be busy
	return h
}

// furnish puts mentions in: a plain one, a hostile one, a conversation under an own
// post, a story of four outlets that was corrected, an old one, and a pause.
func (h *house) furnish(t *testing.T) {
	t.Helper()
	named := mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}}
	article := aMention(1, mention.Article, "L’épargne à la Caisse Valtisse", "C’est trop cher, dit-on à l’Anse.", named)
	bad := aMention(2, mention.Article, hostile, hostile, mention.Hit{Watch: "caisse", Words: []string{hostile}})
	bad.URL, bad.Author.Name = "javascript:alert(1)", hostile
	post := aMention(40, mention.Post, "Nos nouvelles heures d’ouverture", "Dès lundi, nous fermons le samedi.")
	post.Own, post.Readings = true, nil
	comment := aMention(3, mention.Comment, "", "Fermé le samedi?!", mention.Hit{Watch: "caisse"})
	comment.Parent, comment.Thread, comment.Readings[0].Intent = post.ID, post.ID, mention.Question
	answered := aMention(9, mention.Comment, "", "Et le dimanche?", mention.Hit{Watch: "caisse"})
	answered.Parent, answered.Thread, answered.Readings[0].Intent = post.ID, post.ID, mention.Question
	answer := aMention(8, mention.Comment, "", "Le dimanche aussi.")
	answer.Own, answer.Readings, answer.Parent, answer.Thread = true, nil, answered.ID, post.ID
	long := aMention(4, mention.Article, strings.Repeat("Valtisse ", 44), "Un titre de quatre cents caractères.", named)
	batch := []mention.Mention{article, bad, post, comment, answered, answer, long}
	for n := 10; n < 34; n++ {
		m := aMention(n, mention.Article, fmt.Sprintf("Valtisse, nouvelle %d", n), "Rien de spécial.", named)
		m.Readings[0].Label, m.Readings[0].Sure = []mention.Label{mention.Neutral, mention.Positive, "", mention.Negative}[n%4], n%3 == 0
		batch = append(batch, m)
	}
	story := batch[7:11]
	for i := range story {
		story[i].URL = fmt.Sprintf("https://media%d.example/nouvelle", i)
	}
	old := &batch[len(batch)-1]
	old.PublishedAt, old.History = noon.AddDate(-15, 0, 0), true
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	edited := story[0]
	edited.Versions = []mention.Version{{At: noon, Title: edited.Versions[0].Title, Text: "Rien de très spécial.", Hits: edited.Versions[0].Hits}}
	if _, _, err := h.store.Put(t.Context(), []mention.Mention{edited}); err != nil {
		t.Fatal(err)
	}
	h.tell(t, story...)
	h.blind = []alerting.Blindness{{Source: "blogue", Since: noon.Add(-9 * time.Hour)}}
	h.settle(t, alerting.Incident{ID: "wsituation", Key: "k", Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform,
		State: alerting.New, Since: noon, OpenedAt: noon, Mentions: []string{article.ID, bad.ID},
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: hostile, Outlet: "echo-des-moyacs.example", Outlets: 17, At: noon}}})
}

// surge is a surge under the own post, as rule, engine and channels leave it.
func (h *house) surge(t *testing.T) {
	t.Helper()
	began := noon.Add(-3 * time.Hour)
	var batch []mention.Mention
	for n := range 90 {
		m := aMention(3, mention.Comment, "", fmt.Sprintf("Fermé le samedi, c’est non, dit la personne %d", n), mention.Hit{Watch: "caisse"})
		m.ID, m.PublishedAt = mention.NewID("web", fmt.Sprint("vague", n)), began.Add(time.Duration(n*n)*time.Second)
		batch = append(batch, m)
	}
	batch[0].Versions[0].Text = "Bande de connards! " + hostile
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	facts := alerting.SurgeFacts{Count: 90, Usual: 3.2, Upto: batch[89].PublishedAt, People: 70, Rising: true, WarmUp: true,
		Places:     []alerting.SurgePlace{{Title: "Nos nouvelles heures d’ouverture", Own: true, Share: .81, URL: "https://blogue.example/heures"}, {Title: hostile, Share: .1, URL: "javascript:alert(1)"}},
		Words:      []string{"samedi", hostile},
		Amplifiers: []alerting.SurgeVoice{{Name: "Radio Moyac", Audience: 48_000}, {Name: hostile, Audience: 12}},
		Examples:   []alerting.SurgeQuote{{Text: batch[0].Versions[0].Text, Place: "blogue", At: began}},
		Copies:     3, Blind: []string{"page-facebook"}, BlindSince: began.Add(-20 * time.Minute)}
	i := alerting.Incident{ID: "wvague", Key: "v", Rule: "vagues", Kind: "surge", Watch: "caisse", Severity: alerting.Urgent, State: alerting.New,
		Since: began, OpenedAt: began.Add(15 * time.Minute), Size: 90, Seq: 2, Mentions: []string{batch[0].ID, batch[1].ID, batch[2].ID}, Facts: alerting.Facts{Surge: &facts}}
	at := func(minutes int) time.Time { return began.Add(time.Duration(minutes) * time.Minute) }
	told := &alerting.Letter{Channel: "courriel", Recipients: "equipe@caisse.example", Lang: "fr-CA", Subject: "Urgent : 34 commentaires négatifs en 15 min, 3 d’habitude (la Caisse)", Body: "Depuis 9 h 12.\n\n" + hostile + "\n"}
	waiting := alerting.Row{Key: "attend", Channel: "relais", Transition: alerting.Grown, Seq: 2, At: at(31), Owed: i, Now: i, Fate: alerting.Waiting}
	err := h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}, Owed: []alerting.Row{waiting}, Journal: []alerting.Entry{
		{At: at(15), Incident: i.ID, What: string(alerting.Opened), Size: 34},
		{At: at(16), Incident: i.ID, What: alerting.EntryTold, Letter: told},
		{At: at(16), Incident: i.ID, What: alerting.EntryTold, Letter: &alerting.Letter{Channel: "relais", Lang: "fr-CA", Subject: told.Subject, Body: told.Body}},
		{At: at(20), Incident: i.ID, What: string(alerting.Snooze), Person: "Odette", Until: at(80)},
		{At: at(30), Incident: i.ID, What: string(alerting.Grown), Size: 71, Reason: alerting.BecauseSnoozed},
		{At: at(31), Incident: i.ID, What: alerting.EntryGivenUp, Reason: "refused", Letter: told},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// aMention is one published so many hours before noon.
func aMention(hours int, kind mention.Kind, title, text string, hits ...mention.Hit) mention.Mention {
	at := noon.Add(-time.Duration(hours) * time.Hour)
	return mention.Mention{ID: mention.NewID("web", fmt.Sprint(hours)), Source: "echo", Place: "web", Kind: kind,
		URL: fmt.Sprintf("https://www.echo-des-moyacs.example/%d", hours), Author: mention.Author{Name: "Odette Malenfroy"},
		PublishedAt: at, DateFrom: "feed", SeenAt: at.Add(time.Minute), Lang: "fr",
		Versions: []mention.Version{{At: at.Add(time.Minute), Title: title, Text: text, Hits: hits}},
		Readings: []mention.Reading{{At: at, Negative: .7, Neutral: .2, Positive: .1, Label: mention.Negative, Why: []string{"trop cher"}, By: "lexicon-1"}}}
}

// tell makes one story of mentions, the first of which is the newest; the last
// outlet corrects it.
func (h *house) tell(t *testing.T, members ...mention.Mention) {
	t.Helper()
	var joined []alerting.Joined
	for i, m := range slices.Backward(members) {
		one := alerting.Joined{Story: members[len(members)-1].ID, Member: alerting.Member{Mention: m.ID, Source: m.Source,
			Outlet: host(m.URL), Watches: []string{"caisse"}, SeenAt: m.SeenAt}}
		if i == 0 {
			one.Change = alerting.Corrected
		}
		joined = append(joined, one)
	}
	if err := h.state.Join(t.Context(), joined, noon); err != nil {
		t.Fatal(err)
	}
}

func (h *house) settle(t *testing.T, i alerting.Incident) {
	t.Helper()
	if err := h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}}); err != nil {
		t.Fatal(err)
	}
}

// ask sends one request as a browser would.
func (h *house) ask(method, target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "fr-CA,fr;q=0.9")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
