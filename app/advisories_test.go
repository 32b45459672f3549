package app

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store/state"
)

// parsedFile reads a configuration of watches, rules and channels.
func parsedFile(t *testing.T, body string) *config.File {
	t.Helper()
	f, err := config.Parse("ouidire.yml", []byte("organisation: {name: Mouvement Valtisse, short: le Mouvement}\n"+body), func(string) (string, bool) { return "", false }, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhoMayBeAdvisedIsWhosePeopleReadHere(t *testing.T) {
	for name, c := range map[string]struct {
		watches string
		want    map[string][]string
	}{
		"the parent's own installation": {
			"[{name: mouvement, query: m}, {name: federation, query: f, parent: mouvement}, {name: caisse, query: c, parent: federation}]",
			map[string][]string{"mouvement": {"federation", "caisse"}, "federation": {"caisse"}}},
		"an agency for a parent and its affiliates": {
			"[{name: mouvement, query: m, relation: parent}, {name: caisse, query: c, parent: mouvement}, {name: brulis, query: b}]",
			map[string][]string{"mouvement": {"caisse", "brulis"}}},
		"a caisse alone, its sisters and its parent": {
			"[{name: mouvement, query: m, relation: parent}, {name: caisse, query: c}, {name: soeur, query: s, relation: sister, parent: mouvement}]", nil},
		"what is heard of others": {
			"[{name: mouvement, query: m}, {name: rival, query: r, relation: competitor, parent: mouvement}, {name: frais, query: f, relation: theme, parent: mouvement}]", nil},
	} {
		got := affiliates(parsedFile(t, "watches: "+c.watches+"\n"))
		if !maps.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAChannelReachesThoseOfTheWatchesThatItsRulesAndItsDigestLookAt(t *testing.T) {
	const of = `watches: [{name: mouvement, query: m}, {name: caisse, query: c, parent: mouvement}, {name: brulis, query: b, parent: mouvement}]
channels:
  - {name: courriel, kind: log}
  - {name: matin, kind: log, digest: {every: day, watches: [brulis]}}
  - {name: tout, kind: log, digest: {every: week}}
`
	for name, c := range map[string]struct {
		rules string
		want  map[string]string
	}{
		"rules that name their channels": {"rules: [{name: r, kind: fresh, watch: caisse, channels: [courriel]}]\n", map[string]string{"courriel": "caisse", "matin": "brulis", "tout": "mouvement caisse brulis"}},
		"a rule for every watch":         {"rules: [{name: r, kind: fresh, channels: [courriel]}]\n", map[string]string{"courriel": "mouvement caisse brulis", "matin": "brulis", "tout": "mouvement caisse brulis"}},
		"the usual rules":                {"", map[string]string{"courriel": "mouvement caisse brulis", "matin": "mouvement caisse brulis", "tout": "mouvement caisse brulis"}},
	} {
		f := parsedFile(t, of+c.rules)
		for _, channel := range f.Channels {
			if got := strings.Join(watchesOf(f, channel), " "); got != c.want[channel.Name] {
				t.Errorf("%s: %s reaches those of %q, want %q", name, channel.Name, got, c.want[channel.Name])
			}
		}
	}
}

// network is the ouidire.yml of a parent organisation with one affiliate, whose people a
// webhook reaches.
func network(t *testing.T, hook string) (path string) {
	t.Helper()
	folder := t.TempDir()
	body := fmt.Sprintf(`organisation: {name: Mouvement Valtisse, short: le Mouvement, language: fr-CA, timezone: America/Toronto}
data: %q
web: {listen: "127.0.0.1:0"}
watches: [{name: mouvement, title: Le Mouvement, query: valtisse}, {name: caisse, title: La Caisse du Brûlis, query: brûlis, parent: mouvement}]
rules: [{name: nouvelles, kind: fresh, watch: caisse}]
channels: [{name: crochet, kind: webhook, url: %q}]
`, filepath.Join(folder, "data"), hook)
	path = filepath.Join(folder, "ouidire.yml")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// adviceForm is what a browser sends.
func adviceForm(n int) url.Values {
	return url.Values{"form": {fmt.Sprint("formulaire-", n)}, "from": {"mouvement"}, "to": {"caisse"}, "do": {"send"}, "name": {"Odette Malenfroy"},
		"day": {time.Now().AddDate(0, 0, 2).Format(time.DateOnly)}, "subject": {fmt.Sprintf("Consigne %d, l’épargne", n)}, "advice": {"Attendez midi."}}
}

// sendAdvice presses the button once, and gives where the page leads.
func sendAdvice(ctx context.Context, address string, form url.Values) (to string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/advisories/new", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("status %d", answer.StatusCode)
	}
	return answer.Header.Get("Location"), nil
}

func TestAnAdvisoryGoesFromThePageToItsAffiliatesAndBackAsAReceipt(t *testing.T) {
	hook := newReceiver(t, 0)
	p := start(t, network(t, hook.server.URL), time.Hour)
	to, err := sendAdvice(t.Context(), p.Address(), adviceForm(1))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message", func() bool { return len(hook.messages()) > 0 })
	m := hook.messages()[0]
	if m.Subject != "Consignes (le Mouvement)\u00a0: Consigne 1, l’épargne" || !strings.Contains(m.Body, "Pour\u00a0: La Caisse du Brûlis") {
		t.Errorf("told %q:\n%s", m.Subject, m.Body)
	}
	i, ok, err := p.state.Incident(t.Context(), strings.TrimSuffix(strings.TrimPrefix(to, "/advisories/"), "?sent="))
	if err != nil || !ok {
		t.Fatal(to, ok, err)
	}
	link := p.Address() + alerting.ReceiptPath + p.passes.Receipt(i, "crochet")
	if page := get(t, link); !strings.Contains(page, "Attendez midi.") {
		t.Errorf("the link shows\n%s", page)
	}
	answer, err := http.PostForm(link, url.Values{"name": {"Élodie d’Amours"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for _, want := range []string{"Élodie d’Amours", "depuis le message envoyé par crochet", "Message accepté par crochet", "Consignes envoyées par Odette Malenfroy."} {
		if page := get(t, p.Address()+to); !strings.Contains(page, want) {
			t.Errorf("its page does not say %q:\n%s", want, page)
		}
	}
	if metrics := get(t, p.Address()+"/metrics"); !strings.Contains(metrics, `ouidire_advisories{watch="caisse"} 1`+"\n") || strings.Contains(metrics, "Consigne") {
		t.Error("the boards do not see it, or see its words")
	}
	parts, other := situations{p.state}, openState(t)
	var lines [][]byte
	err = parts.Each(t.Context(), "", func(line []byte) error { lines = append(lines, line); return nil })
	if _, bad := (situations{other}).Take(t.Context(), lines); err != nil || bad != nil || len(lines) != 1 {
		t.Fatalf("carried elsewhere: %d lines, %v, %v", len(lines), err, bad)
	}
	if there, _, err := other.Incident(t.Context(), i.ID); err != nil || len(there.Facts.Advisory.Read) != 1 {
		t.Errorf("elsewhere %+v, %v", there, err)
	}
}

func openState(t *testing.T) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestNoAdvisoryIsLostOrTwoWhenTheDaemonIsKilledAndTheButtonIsPressedAgain(t *testing.T) {
	kills := 6
	if needs.Soak() {
		kills = 300
	}
	random := rand.New(rand.NewPCG(20261121, 8))
	hook := newReceiver(t, .3)
	path := network(t, hook.server.URL)
	sent := 0
	press := func(ctx context.Context, address string, from int, taken chan<- int) {
		defer close(taken)
		for n := from; ctx.Err() == nil; n = min(n+1, from+3) { // the fourth again and again
			if _, err := sendAdvice(ctx, address, adviceForm(n)); err != nil {
				return // the page died: whoever wrote it presses again when it is back
			}
			taken <- n
		}
	}
	subject := func(n int) string { return fmt.Sprintf("Consignes (le Mouvement)\u00a0: Consigne %d, l’épargne", n) }
	for range kills {
		c := startChild(t, path)
		<-c.up
		ctx, stop := context.WithCancel(t.Context())
		taken := make(chan int)
		go press(ctx, c.address, max(sent-1, 0), taken) // the last one once more
		cut := random.IntN(6)                           // so many more are accepted before the power cut, and one is on its way
		for n := range taken {
			if sent = max(sent, n+1); cut == 0 {
				c.kill(t)
			}
			cut--
		}
		stop()
		if cut >= 0 {
			t.Fatal("the page did not take what was sent")
		}
	}
	if sent < kills {
		t.Fatalf("only %d were sent over %d kills: the test proves little", sent, kills)
	}
	last := startChild(t, path)
	<-last.up
	keys, copies, doubles := map[string]string{}, map[string]int{}, 0
	within(t, 5*time.Minute, "every advisory", func() bool {
		for n := range sent {
			if !slices.ContainsFunc(hook.messages(), func(m accepted) bool { return m.Subject == subject(n) }) {
				return false
			}
		}
		return strings.Contains(get(t, last.address+"/metrics"), `ouidire_outbox_pending{channel="webhook"} 0`+"\n")
	})
	last.quit(t)
	for _, m := range hook.messages() {
		if before, ok := keys[m.Subject]; ok && before != m.Key {
			t.Errorf("%s is told under two keys", m.Subject)
		}
		if keys[m.Subject] = m.Key; copies[m.Key] > 0 {
			doubles++
		}
		copies[m.Key]++
	}
	if doubles > kills {
		t.Errorf("%d doubles over %d kills", doubles, kills)
	}
	t.Logf("%d kills: %d sent, %d accepted, %d doubles", kills, sent, len(hook.messages()), doubles)
}
