package email

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/say"
)

// leftFunc knows who left a channel.
type leftFunc func(channel string) ([]string, error)

func (f leftFunc) Unsubscribed(_ context.Context, channel string) ([]string, error) {
	return f(channel)
}

var passes = alerting.Passes{Key: []byte("la clé de la maison")}

// leavable is a channel to several people, who may leave it.
func leavable(t *testing.T, c Config, left leftFunc) *Notifier {
	t.Helper()
	c.To = []string{"Éloïse d'Amours <Eloise@caisse.example>", "odette@caisse.example", "zoe@caisse.example"}
	n, err := New(c, alerting.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler), Passes: passes, Unsubscribed: left})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func nobody(string) ([]string, error) { return nil, nil }

// reached is to whom letters went, one to each.
func reached(t *testing.T, s *server) (all []string) {
	t.Helper()
	for _, l := range s.got() {
		if len(l.to) != 1 {
			t.Errorf("one letter went to %v", l.to)
		}
		all = append(all, l.to...)
	}
	slices.Sort(all)
	return all
}

func TestEachReaderOfADigestHasALinkOfTheirOwn(t *testing.T) {
	for page, oneClick := range map[string]string{"https://veille.caisse.example": "List-Unsubscribe=One-Click", "http://veille.caisse.example": ""} {
		s := &server{}
		n := leavable(t, serve(t, s, StartTLS), nobody)
		m := digestIn(say.FrenchCanada, page)
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if want := []string{"Eloise@caisse.example", "odette@caisse.example", "zoe@caisse.example"}; !slices.Equal(reached(t, s), want) {
			t.Fatalf("letters went to %v", reached(t, s))
		}
		ids := map[string]bool{}
		for _, l := range s.got() {
			letter, _ := read(t, l)
			ids[letter.Header.Get("Message-Id")] = true
			link := page + "/unsubscribe/" + passes.Leave("courriel", l.to[0])
			want := "<" + link + ">, <mailto:veille@caisse.example?subject=Ne%20plus%20m%E2%80%99envoyer%20les%20messages%20d%E2%80%99ouidire>"
			if got := letter.Header.Get("List-Unsubscribe"); got != want || letter.Header.Get("List-Unsubscribe-Post") != oneClick {
				t.Errorf("headers %q and %q", got, letter.Header.Get("List-Unsubscribe-Post"))
			}
			if to := letter.Header.Get("To"); !strings.Contains(to, l.to[0]) || strings.Contains(to, ",") {
				t.Errorf("it says that it is to %q", to)
			}
			plain, whole := forms(t, l)
			words := "Ne plus les envoyer à " + l.to[0]
			if !strings.Contains(plain, words+"\u00a0: "+link) || !strings.Contains(whole, `<a href="`+link+`">`+words+"</a>") {
				t.Errorf("the letter to %s does not lead out:\n%s\n%s", l.to[0], plain, whole)
			}
			channel, address, ok := passes.Leaver(strings.TrimPrefix(link, page+"/unsubscribe/"))
			if !ok || channel != "courriel" || address != strings.ToLower(l.to[0]) {
				t.Errorf("its link is of %q and %q, %v", channel, address, ok)
			}
		}
		if len(ids) != 3 {
			t.Errorf("three letters have %d ids", len(ids))
		}
	}
}

func TestWhoHasLeftGetsAlertsAndNoDigest(t *testing.T) {
	s := &server{}
	n := leavable(t, serve(t, s, StartTLS), func(channel string) ([]string, error) {
		return map[string][]string{"courriel": {"eloise@caisse.example"}, "autre": {"odette@caisse.example"}}[channel], nil
	})
	if err := n.Notify(t.Context(), digestIn(say.English, "https://veille.caisse.example")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"odette@caisse.example", "zoe@caisse.example"}; !slices.Equal(reached(t, s), want) {
		t.Errorf("the digest went to %v", reached(t, s))
	}
	if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatal(err)
	}
	if alert := s.got()[2]; len(alert.to) != 3 || strings.Contains(string(alert.raw), "/unsubscribe/") {
		t.Errorf("the alert went to %v", alert.to)
	}
}

func TestADigestThatEverybodyHasLeftIsSentToNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	n := leavable(t, Config{Host: "127.0.0.1", Port: port, Security: None, From: "veille@caisse.example"}, func(string) ([]string, error) {
		return []string{"eloise@caisse.example", "odette@caisse.example", "zoe@caisse.example"}, nil
	})
	if err := n.Notify(t.Context(), digestIn(say.English, "")); err != nil {
		t.Errorf("it was tried all the same: %v", err)
	}
}

func TestADigestWaitsWhileNobodyKnowsWhoHasLeft(t *testing.T) {
	s := &server{}
	n := leavable(t, serve(t, s, StartTLS), func(string) ([]string, error) { return nil, errors.New("disk full") })
	err := n.Notify(t.Context(), digestIn(say.English, "https://veille.caisse.example"))
	if err == nil || alerting.IsPermanent(err) || len(s.got()) != 0 {
		t.Errorf("%v, and %d letters", err, len(s.got()))
	}
}

func TestOneWhoCannotBeReachedKeepsNobodyElseFromTheirDigest(t *testing.T) {
	s := &server{}
	c := serve(t, s, StartTLS)
	n := leavable(t, c, nobody)
	for i, who := range []string{"inconnu@caisse.example", "plustard@caisse.example"} {
		a, err := parse(who)
		if err != nil {
			t.Fatal(err)
		}
		n.to = slices.Insert(n.to, i, a)
	}
	m := digestIn(say.English, "https://veille.caisse.example")
	if err := n.Notify(t.Context(), m); err == nil || alerting.IsPermanent(err) {
		t.Errorf("one is to be tried again, and it says %v", err)
	}
	if got := reached(t, s); len(got) != 3 {
		t.Errorf("letters went to %v", got)
	}
	n.to = slices.Delete(n.to, 1, 2)
	if err := n.Notify(t.Context(), m); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if got := reached(t, s); len(got) != 3 {
		t.Errorf("who had it got it again: %v", got)
	}
}
