package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// server is one that mentions are kept on, as the page sees it.
type server struct {
	is      store.State
	letters []store.DeadLetter
	sent    []int64 // the newest order; nil of all
	shard   int     // whose, of one
	orders  int
}

func (k *server) State() store.State { k.is.Dead = len(k.letters); return k.is }

func (k *server) DeadLetters(_ context.Context, limit int) ([]store.DeadLetter, error) {
	return k.letters[:min(limit, len(k.letters))], nil
}

func (k *server) Resend(_ context.Context, shard int, seqs ...int64) (n int, err error) {
	before := len(k.letters)
	k.sent, k.shard, k.orders = seqs, shard, k.orders+1
	k.letters = slices.DeleteFunc(k.letters, func(l store.DeadLetter) bool { return l.Shard == shard && slices.Contains(seqs, l.Seq) })
	return before - len(k.letters), nil
}

func (k *server) ResendAll(context.Context) (n int, err error) {
	n = len(k.letters)
	k.sent, k.letters, k.orders = nil, nil, k.orders+1
	return n, nil
}

var aTrouble = say.Errorf(say.Text{EN: "Elasticsearch does not answer at https://recherche.example (no answer).", FR: "Elasticsearch ne répond pas à l’adresse https://recherche.example (aucune réponse)."})

// refuse makes the house one whose server refused a mention with hostile words, a
// deletion, and one of which nothing is known but its id.
func (h *house) refuse() *server {
	why := say.Errorf(say.Text{EN: "in the index %s a field is of another kind", FR: "dans l’index %s, un champ n’est pas du bon genre"}, "ouidire-mentions-2026-11")
	bad := aMention(2, mention.Article, hostile, hostile)
	bad.URL = "javascript:alert(1)"
	plain := aMention(1, mention.Comment, "", "L’épargne à l'Anse, bande de connards!")
	k := &server{is: store.State{Limit: 1 << 30}, letters: []store.DeadLetter{
		{Seq: 7, ID: bad.ID, What: store.ToKeep, Mention: bad, At: noon.Add(-2 * time.Hour), Died: noon.Add(-time.Hour), Why: why, Reason: "Elasticsearch answered 400: document_parsing_exception: Preview of field's value: '" + hostile + "'"},
		{Seq: 6, ID: plain.ID, What: store.ToGo, Mention: plain, At: noon.Add(-3 * time.Hour), Died: noon.Add(-time.Hour), Why: why, Reason: "Elasticsearch answered 400"},
		{Seq: 5, ID: "l’inconnue", What: store.ToJudge, At: noon.Add(-4 * time.Hour), Died: noon.Add(-time.Hour), Why: why, Reason: "Elasticsearch answered 400"},
	}}
	h.Keeping = k
	return k
}

func (h *house) shows(t *testing.T, path string) string {
	t.Helper()
	w := h.ask("GET", path, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d", path, w.Code)
	}
	return strings.ReplaceAll(w.Body.String(), "\u00a0", " ")
}

func TestWhatTheServerRefusedIsShownWithTheReasonAndSentAgain(t *testing.T) {
	h := newHouse(t, "")
	k := h.refuse()
	page := h.shows(t, "/keeping")
	for _, want := range []string{"Ce qu’Elasticsearch a refusé", "Dans l’index ouidire-mentions-2026-11, un champ n’est pas du bon genre", "document_parsing_exception",
		"sa suppression", "un jugement sur sa tonalité", "Mention l’inconnue", "Tout renvoyer", `name="seq" value="6"`, "refusée le "} {
		if !strings.Contains(page, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, `href="javascript`) || strings.Contains(page, "connards") {
		t.Error("words of strangers are more than text, or an insult stands open")
	}
	if w := h.ask("POST", "/keeping/resend", url.Values{"seq": {"6"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/keeping?sent=1" || !slices.Equal(k.sent, []int64{6}) {
		t.Errorf("one is sent again: status %d to %s, %v", w.Code, w.Header().Get("Location"), k.sent)
	}
	if page := h.shows(t, "/keeping?sent=1"); !strings.Contains(page, "1 est repartie") {
		t.Error("nobody says that it is on its way")
	}
	if w := h.ask("POST", "/keeping/resend", url.Values{"all": {"1"}}); w.Header().Get("Location") != "/keeping?sent=2" || len(k.sent) != 0 {
		t.Errorf("all are sent again: to %s, %v", w.Header().Get("Location"), k.sent)
	}
	if page := h.shows(t, "/keeping?sent=0"); !strings.Contains(page, "Rien. Tout ce qui a été trouvé est conservé") || strings.Contains(page, "Tout renvoyer") {
		t.Error("nothing is left, and something is offered")
	}
	before := k.orders
	for _, wrong := range []url.Values{{}, {"seq": {"l’un"}}, {"seq": {"7"}, "shard": {"l’autre"}}, {"seq": {"7"}, "shard": {"-1"}}} {
		if w := h.ask("POST", "/keeping/resend", wrong); w.Code != http.StatusNotFound || k.orders != before {
			t.Errorf("%v: status %d, and %d orders", wrong, w.Code, k.orders-before)
		}
	}
}

func TestWhatWasRefusedOfAnotherMachineIsSentAgainThere(t *testing.T) {
	h := newHouse(t, "")
	k := h.refuse()
	k.letters[0].Shard, k.letters[1].Shard, k.letters[1].Asked = 2, 1, true
	page := h.shows(t, "/keeping")
	for want, times := range map[string]int{
		"trouvée par une autre machine (processus 2)": 1, "trouvée par une autre machine (processus 1)": 1,
		"Le renvoi a été demandé au processus 1": 1, `name="shard" value="2"`: 1, `name="shard"`: 1, `name="seq" value="5"`: 1, `name="seq" value="6"`: 0,
	} {
		if got := strings.Count(page, want); got != times {
			t.Errorf("%d times %q, want %d", got, want, times)
		}
	}
	if w := h.ask("POST", "/keeping/resend", url.Values{"seq": {"7"}, "shard": {"2"}}); w.Header().Get("Location") != "/keeping?sent=1" || k.shard != 2 || !slices.Equal(k.sent, []int64{7}) {
		t.Errorf("to %s, of shard %d: %v", w.Header().Get("Location"), k.shard, k.sent)
	}
}

func TestTheFirstPageSaysWhatIsWrongWithTheServerAndNothingElse(t *testing.T) {
	h := newHouse(t, "")
	if page := h.shows(t, "/"); strings.Contains(page, "/keeping") {
		t.Error("mentions are kept on this machine, and a server is spoken of")
	}
	k := &server{is: store.State{Limit: 100}}
	h.Keeping = k
	if page := h.shows(t, "/"); strings.Contains(page, "/keeping") {
		t.Error("all is well, and a server is spoken of")
	}
	k.is.Bytes = 50
	if page := h.shows(t, "/"); !strings.Contains(page, "au moins la moitié de la place prévue") {
		t.Error("that the spool fills is not said")
	}
	k.is.Bytes, k.is.Trouble, k.is.Since = 100, aTrouble, noon.Add(-3*time.Hour)
	if page := h.shows(t, "/"); !strings.Contains(page, "depuis 9 h 12") || !strings.Contains(page, "Il n’y a plus de place") {
		t.Error("that the spool is full, or since when, is not said")
	}
	if page := h.shows(t, "/keeping"); !strings.Contains(page, "Elasticsearch ne répond pas à l’adresse") {
		t.Error("why is not said")
	}
	h.status.Sources = h.status.Sources[:1]
	if page := h.shows(t, "/"); !strings.Contains(page, "ce qui est trouvé ne peut plus être cherché</h1>") || strings.Contains(page, "Rien à signaler</h1>") {
		t.Error("all is said to be quiet, and nobody can know")
	}
	h.refuse()
	if page := h.shows(t, "/"); !strings.Contains(page, "mais 3 mentions n’ont pas pu l’être</h1>") {
		t.Error("all is said to be quiet without what is missing")
	}
	if page := h.shows(t, "/"); !strings.Contains(page, "3 mentions n’ont pas pu être conservées") || !strings.Contains(page, `href="/keeping#refused"`) {
		t.Error("what was refused is not said")
	}
}

func TestAPageThatNeedsAServerThatIsAwaySaysWhy(t *testing.T) {
	h := newHouse(t, "")
	h.Keeping = &server{is: store.State{Limit: 100, Trouble: aTrouble, Since: noon}}
	h.Mentions = failing{h.Mentions, errors.New("away")}
	w := h.ask("GET", "/mentions", nil)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Elasticsearch ne répond pas à l’adresse") || !strings.Contains(w.Body.String(), "rien n’est perdu") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// failing is a store that answers nothing.
type failing struct {
	Mentions
	why error
}

func (f failing) Search(context.Context, store.Question, int, string) ([]mention.Mention, string, error) {
	return nil, "", f.why
}

func (f failing) Get(context.Context, string) (mention.Mention, error) {
	return mention.Mention{}, f.why
}

func (f failing) Histogram(context.Context, store.Question, store.Buckets) ([]store.Bucket, error) {
	return nil, f.why
}

func (f failing) AddReading(context.Context, string, mention.Reading) error { return f.why }

// gone is a house whose server went away a moment ago: whoever asks is told, and nobody
// has noticed yet that nothing can be written.
func gone(t *testing.T, password string) *house {
	t.Helper()
	h := newHouse(t, password)
	h.furnish(t)
	h.Keeping = &server{is: store.State{Limit: 100}}
	h.Mentions = failing{h.Mentions, fmt.Errorf("search: %w", &say.Error{Text: aTrouble.Text, Err: errors.Join(store.ErrAway, errors.New("dial tcp: refused"))})}
	return h
}

func TestAServerThatWentAwayAMomentAgoIsNamedOnEveryPageThatAsksIt(t *testing.T) {
	h := gone(t, "")
	for lang, want := range map[string][]string{
		"fr-CA": {"Elasticsearch ne répond pas à l’adresse https://recherche.example", "rien n’est perdu"},
		"en":    {"Elasticsearch does not answer at https://recherche.example", "nothing is lost"},
	} {
		for _, path := range []string{"/", "/mentions", "/mentions?q=%C3%A9pargne&whole=1", "/mentions/" + mention.NewID("web", "1"), "/tone?draw=1"} {
			w := h.ask("GET", path, nil, "Accept-Language", lang)
			for _, words := range want {
				if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), words) {
					t.Errorf("%s in %s: status %d without %q: %s", path, lang, w.Code, words, w.Body)
				}
			}
			if strings.Contains(w.Body.String(), "dial tcp") {
				t.Errorf("%s shows what only the log should say", path)
			}
		}
	}
	w := h.ask("POST", "/mentions/"+mention.NewID("web", "1")+"/tone", url.Values{"tone": {"neutral"}})
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Elasticsearch ne répond pas") {
		t.Errorf("a judgement: status %d: %s", w.Code, w.Body)
	}
}

func TestAProgramIsToldThatTheServerWentAwayAndNotThatItAskedWrong(t *testing.T) {
	h := gone(t, password)
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	w := p.call("GET", "/api/v1/mentions?q=valtisse", "")
	var why wire.Failure
	if err := json.Unmarshal(w.Body.Bytes(), &why); err != nil || w.Code != http.StatusServiceUnavailable || why.Code != "store_away" || !strings.Contains(why.Error, "Elasticsearch does not answer at https://recherche.example") {
		t.Errorf("status %d, %+v (%v)", w.Code, why, err)
	}
	feed := p.call("GET", "/feeds/watch/caisse.atom", "", "Accept-Language", "fr")
	if feed.Code != http.StatusServiceUnavailable || !strings.Contains(feed.Body.String(), "Elasticsearch ne répond pas") {
		t.Errorf("a feed: status %d: %s", feed.Code, feed.Body)
	}
}

func TestAStrangerIsNotToldWhereMentionsAreKept(t *testing.T) {
	h := newHouse(t, password)
	h.Keeping = &server{is: store.State{Limit: 100, Trouble: aTrouble, Since: noon}}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/login", nil)
	h.broken(w, r, fmt.Errorf("look up: %w", aTrouble))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "recherche.example") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestWhileTheIndexIsRenewedAPageOfMentionsSaysSo(t *testing.T) {
	h := newHouse(t, "")
	if page := h.shows(t, "/mentions"); strings.Contains(page, "réindexer") || strings.Contains(page, "relecture") {
		t.Error("nothing is renewed, and it is said")
	}
	h.status.Outdated = 12400
	if page := h.shows(t, "/mentions?q=valtisse"); !strings.Contains(page, "12 400 mentions restent à réindexer") {
		t.Error("a search may miss something, and nobody says so")
	}
	h.status.Outdated, h.status.Rereading = 0, true
	if page := h.shows(t, "/mentions"); !strings.Contains(page, "en cours de relecture") || strings.Contains(page, "réindexer") {
		t.Error("tones may change, and nobody says so")
	}
}

func TestASourceOfAnotherMachineIsNamedAsSuch(t *testing.T) {
	h := newHouse(t, "")
	if page := h.shows(t, "/sources"); strings.Contains(page, "autre machine") {
		t.Error("there is no other machine")
	}
	h.status.Sources[1].Shard = 2
	if page := h.shows(t, "/sources"); strings.Count(page, "lue par une autre machine (processus 2)") != 1 {
		t.Error("nobody says who reads it")
	}
}

func TestASourceIsReadAtOnceWhenAPersonAsksOrThePageSaysWhyNot(t *testing.T) {
	h := newHouse(t, "")
	name := h.status.Sources[0].Name
	if page := h.shows(t, "/sources"); !strings.Contains(page, `aria-label="Lire maintenant : `+name+`"`) {
		t.Error("nobody is asked whether it should be read now")
	}
	if w := h.ask("POST", "/sources/visit", url.Values{"name": {name}}); w.Code != http.StatusSeeOther || !slices.Equal(h.visited, []string{name}) {
		t.Errorf("status %d, asked for %v", w.Code, h.visited)
	}
	if page := h.shows(t, "/sources?visited="+url.QueryEscape(name)); !strings.Contains(page, "« "+name+" » est en cours de lecture") {
		t.Error("nobody says that it is read")
	}
	h.turned = say.Errorf(say.Text{EN: "“%s” is read by another machine.", FR: "« %s » est lue par une autre machine."}, "l’écho <b>d'été</b>")
	w := h.ask("POST", "/sources/visit", url.Values{"name": {"l’écho"}})
	if body := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(body, "est lue par une autre machine.") || strings.Contains(body, "<b>") {
		t.Errorf("status %d: %s", w.Code, body)
	}
}
