package shoutrrr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/needs"
)

// throughAll has this program and whatever it starts use a proxy and trust an authority,
// as the one who runs ouidire behind a firm's proxy sets it.
func throughAll(t *testing.T, proxy, authority string) {
	t.Helper()
	for name, value := range map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1", "SSL_CERT_FILE": authority} {
		t.Setenv(name, value)
	}
}

func TestAServerOfTelegramReadsTheWholeMessage(t *testing.T) {
	base := needs.Server(t, "OUIDIRE_TEST_TELEGRAM")
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	server := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }}
	proxy, authority := outside(t, "api.telegram.org", answering(server.ServeHTTP))
	throughAll(t, proxy, authority)
	const bot, token = "12345", "s3cretdelepargne"
	first, second := notifytest.Message(), notifytest.Message()
	second.Subject, second.Body = "L’été d'ici <b>&amp; ailleurs", strings.Repeat("Cœur 👩🏽‍🌾, ÉPARGNE, e\u0301te\u0301.\n", 40)
	for _, m := range []alerting.Message{first, second} {
		if err := channel(t, "telegram://"+bot+":"+token+"@telegram?chats=67890").Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	got := history(t, base, bot+":"+token)
	if len(got) != 2 {
		t.Fatalf("it has %d messages, want 2", len(got))
	}
	for i, m := range []alerting.Message{first, second} {
		if read := loud(html.UnescapeString(got[i].Message.Text)); got[i].Message.Chat != "67890" || read != "<b>"+m.Subject+"</b>\n"+strings.TrimSpace(m.Body) {
			t.Errorf("in %s it reads\n%s\nwant\n%s\n%s", got[i].Message.Chat, read, m.Subject, m.Body)
		}
	}
}

// answering is a side that answers so, whatever it is sent.
func answering(answer http.HandlerFunc) *notifytest.Side {
	return &notifytest.Side{Behave: notifytest.Accepts, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer(w, r)
		return notifytest.Got{}
	}}
}

// kept is a message that the server has.
type kept struct {
	Message struct {
		Text string
		Chat string `json:"chat_id"`
	}
}

func history(t *testing.T, base, token string) []kept {
	t.Helper()
	asked, err := json.Marshal(map[string]string{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(base+"/getUpdatesHistory", "application/json", bytes.NewReader(asked))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ Result []kept }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return got.Result
}

func TestWhatOnlyLooksLikeAnAcceptanceOfTelegramIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		answers http.HandlerFunc
		reason  alerting.Reason
		final   bool
	}{
		"a page of a firm’s proxy": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<title>Accès bloqué</title>") }, alerting.Broken, false},
		"no":                       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":false,"error_code":500}`) }, alerting.Broken, false},
		"a room it is not in": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked from the group chat"}`)
		}, alerting.Unauthorised, true},
		"a page that refuses": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Unauthorized", http.StatusUnauthorized) }, alerting.Unauthorised, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, authority := outside(t, "api.telegram.org", answering(c.answers))
			troubled(t, through(t, remote["telegram"].address, proxy, authority), c.reason, c.final)
		})
	}
}

// troubled checks what a channel says of a message that did not arrive.
func troubled(t *testing.T, n *Notifier, reason alerting.Reason, final bool) {
	t.Helper()
	err := n.Notify(t.Context(), notifytest.Message())
	trouble := (*alerting.Trouble)(nil)
	if !errors.As(err, &trouble) || trouble.Reason != reason || alerting.IsPermanent(err) != final || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v, want %s, for ever: %v", err, reason, final)
	}
}

func TestAServiceThatIsGoneIsTriedLater(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	addresses := map[string]string{"matrix": "matrix://:s3cret@" + nobody + "/?disableTLS=yes&rooms=!salon"}
	for name, address := range services {
		addresses[name] = fmt.Sprintf(address, nobody)
	}
	for name, service := range remote {
		addresses[name] = service.address
	}
	for name, address := range addresses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			troubled(t, through(t, address, "http://"+nobody, "/dev/null"), alerting.Unreachable, false)
		})
	}
}
