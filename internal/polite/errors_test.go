package polite_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
	"github.com/ouidire/ouidire/internal/say"
)

func TestEveryAnswerThatIsNoSuccessHasItsReason(t *testing.T) {
	for status, want := range map[int]struct {
		reason polite.Reason
		kind   string
	}{
		206: {polite.Parse, "*polite.Status"},
		300: {polite.Redirects, "*polite.Status"},
		304: {polite.Redirects, "*polite.Status"}, // to a question that was not conditional
		400: {polite.HTTP4xx, "*polite.Status"},
		401: {polite.Auth, "*polite.Status"},
		403: {polite.Auth, "*polite.Status"},
		404: {polite.HTTP4xx, "*polite.Status"},
		410: {polite.Gone410, "*polite.Gone"},
		429: {polite.RateLimited, "*polite.Busy"},
		451: {polite.HTTP4xx, "*polite.Status"},
		500: {polite.HTTP5xx, "*polite.Status"},
		503: {polite.HTTP5xx, "*polite.Busy"},
		599: {polite.HTTP5xx, "*polite.Status"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []polite.Exchange
			web := webtest.New(t)
			web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "90")
				w.WriteHeader(status)
			}))
			c := web.Client(t, polite.Config{Observe: func(e polite.Exchange) { told = append(told, e) }})
			_, err := c.Get(t.Context(), polite.Request{URL: echo})
			if got := polite.ReasonOf(err); got != want.reason || fmt.Sprintf("%T", err) != want.kind {
				t.Errorf("%d: %T %q (%v), want %s %q", status, err, got, err, want.kind, want.reason)
			}
			var busy *polite.Busy
			if errors.As(err, &busy) && busy.RetryAfter != 90*time.Second {
				t.Errorf("%d: retry after %v, want 90 s", status, busy.RetryAfter)
			}
			if len(told) != 1 || told[0].Status != status || told[0].Reason != want.reason || told[0].Conditional {
				t.Errorf("%d: the observer was told %+v", status, told)
			}
		})
	}
}

func TestANameThatDoesNotExistAndAPortNobodyListensAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Serve("echo-des-moyacs.example:81", func(net.Listener) {})
		c := web.Client(t, polite.Config{})
		for address, want := range map[string]polite.Reason{"http://nulle-part.example/": polite.DNS, echo: polite.Network} {
			if _, err := c.Get(t.Context(), polite.Request{URL: address}); polite.ReasonOf(err) != want {
				t.Errorf("%s: %v, want %s", address, err, want)
			}
		}
	})
}

func TestEveryReasonTellsAPersonWhatToDoInBothLanguages(t *testing.T) {
	for _, reason := range polite.Reasons() {
		text, ok := reason.Text()
		if !ok {
			t.Errorf("%s has no text", reason)
			continue
		}
		for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
			got := text.In(l, "L’Écho des Moyacs")
			if strings.Count(got, "L’Écho des Moyacs") != 1 || strings.Contains(got, "%!") {
				t.Errorf("%s in %s: %q does not name the place once", reason, l, got)
			}
			if strings.Contains(got, "'") || strings.ContainsAny(strings.ReplaceAll(got, "\u00a0:", ""), ";!?") {
				t.Errorf("%s in %s: %q has a straight apostrophe, or a sign that the two Frenches space differently", reason, l, got)
			}
			if strings.Contains(got, " :") || strings.Contains(got, "« ") {
				t.Errorf("%s in %s: %q can be broken before a sign", reason, l, got)
			}
		}
	}
}

func TestAnErrorExplainsItselfInTheReadersLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.NotFoundHandler())
		_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: echo})
		err = fmt.Errorf("read the feed: %w", err)
		const want = "echo-des-moyacs.example répond qu’il n’y a rien à cette adresse. Ouvrez-la dans un navigateur et corrigez-la dans la configuration."
		if got := say.Explain(err, say.FrenchCanada); got != want {
			t.Errorf("explained as %q, want %q", got, want)
		}
		if got, want := err.Error(), "read the feed: ask echo-des-moyacs.example: http_4xx: status 404"; got != want {
			t.Errorf("logged as %q, want %q", got, want)
		}
	})
}
