package shoutrrr

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

// synapse is a real Matrix server, which tools/with-servers started.
type synapse struct {
	t    *testing.T
	base string
}

// ask asks it something in the name of an account.
func (s synapse) ask(method, path, token string, body any, into any) {
	s.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+"/_matrix/client/v3"+path, bytes.NewReader(sent))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: status %d, %v, %s", method, path, answer.StatusCode, err, said)
	}
	if err := json.Unmarshal(said, into); err != nil {
		s.t.Fatal(err)
	}
}

// account makes an account, and gives its token.
func (s synapse) account(name string) (token string) {
	s.t.Helper()
	var made struct {
		AccessToken string `json:"access_token"`
	}
	s.ask(http.MethodPost, "/register", "", map[string]any{"username": name, "password": notifytest.Secret, "auth": map[string]string{"type": "m.login.dummy"}}, &made)
	return made.AccessToken
}

// room makes a room of token's, to which others are invited.
func (s synapse) room(token string, invited ...string) (id string) {
	s.t.Helper()
	var made struct {
		RoomID string `json:"room_id"`
	}
	ids := []string{}
	for _, name := range invited {
		ids = append(ids, "@"+name+":localhost")
	}
	s.ask(http.MethodPost, "/createRoom", token, map[string]any{"preset": "private_chat", "invite": ids}, &made)
	return made.RoomID
}

// said is what was said in a room, oldest first.
type said struct{ Sender, Body, Format string }

func (s synapse) said(token, room string) (all []said) {
	s.t.Helper()
	var got struct {
		Chunk []struct {
			Type, Sender string
			Content      struct{ Body, Format string }
		}
	}
	s.ask(http.MethodGet, "/rooms/"+url.PathEscape(room)+"/messages?dir=f&limit=100", token, nil, &got)
	for _, e := range got.Chunk {
		if e.Type == "m.room.message" {
			all = append(all, said{e.Sender, e.Content.Body, e.Content.Format})
		}
	}
	return all
}

func (s synapse) address(account, password string, rooms ...string) string {
	return "matrix://" + url.UserPassword(account, password).String() + "@" + strings.TrimPrefix(s.base, "http://") + "/?disableTLS=yes&rooms=" + url.QueryEscape(strings.Join(rooms, ","))
}

func TestARealMatrixRoomReadsTheWholeMessage(t *testing.T) {
	s := synapse{t, needs.Server(t, "OUIDIRE_TEST_MATRIX")}
	team, ouidire := s.account("equipe"), s.account("ouidire")
	room := s.room(team, "ouidire")
	m := notifytest.Message()
	if err := channel(t, s.address("", ouidire, room)).Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.said(team, room)
	if len(got) != 1 || got[0].Sender != "@ouidire:localhost" || got[0].Format != "" {
		t.Fatalf("the room reads %+v", got)
	}
	if body := loud(got[0].Body); !strings.HasPrefix(body, m.Subject) || !strings.Contains(body, strings.TrimSpace(m.Body)) {
		t.Errorf("the room reads\n%s\nwant\n%s\n%s", body, m.Subject, m.Body)
	}
	if err := channel(t, s.address("ouidire", notifytest.Secret, room)).Notify(t.Context(), m); err != nil {
		t.Errorf("by its password: %v", err)
	}
	m.Body = "L’été d'ici, ÉPARGNE, <b>e\u0301te\u0301</b> @room 👩🏽‍🌾\n" + strings.Repeat("l’épargne 👩🏽‍🌾 ", 10_000)
	if err := channel(t, s.address("", ouidire, room)).Notify(t.Context(), m); err != nil {
		t.Errorf("more than it takes: %v", err)
	}
	got = s.said(team, room)
	if len(got) != 3 {
		t.Fatalf("the room has %d messages", len(got))
	}
	if long := loud(got[2].Body); !strings.HasPrefix(long, m.Subject+"\n\n"+m.Body[:1000]) || !strings.HasSuffix(long, "[coupé ici\u00a0: ce moyen d’envoi n’en accepte pas davantage]") || strings.Contains(got[2].Body, "@room") {
		t.Errorf("of a long message the room reads\n%s", long)
	}
}

func TestWhatARealMatrixServerRefusesIsSaidInWords(t *testing.T) {
	s := synapse{t, needs.Server(t, "OUIDIRE_TEST_MATRIX")}
	team, ouidire := s.account("equipe-refus"), s.account("ouidire-refus")
	closed, open := s.room(team), s.room(team, "ouidire-refus")
	for name, c := range map[string]struct {
		address string
		reason  alerting.Reason
	}{
		"a wrong token":          {s.address("", "syt_s3cret_faux", open), alerting.Unauthorised},
		"a wrong password":       {s.address("ouidire-refus", "pas le bon", open), alerting.Unauthorised},
		"a room of others":       {s.address("", ouidire, closed), alerting.Unauthorised},
		"a room that is nowhere": {s.address("", ouidire, "#nulle-part:localhost"), alerting.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			err := channel(t, c.address).Notify(t.Context(), notifytest.Message())
			trouble := (*alerting.Trouble)(nil)
			if !errors.As(err, &trouble) || trouble.Reason != c.reason || !alerting.IsPermanent(err) {
				t.Errorf("got %v, want %s", err, c.reason)
			}
			for _, l := range []say.Lang{say.English, say.FrenchCanada} {
				if words := say.Explain(err, l); strings.Contains(words, "s3cret") || strings.Contains(words, "M_") || strings.Contains(words, ouidire) {
					t.Errorf("it says %s", words)
				}
			}
		})
	}
}

func TestARealMatrixServerInAHurryIsAskedLater(t *testing.T) {
	s := synapse{t, needs.Server(t, "OUIDIRE_TEST_MATRIX")}
	team, ouidire := s.account("equipe-presse"), s.account("ouidire-presse")
	room := s.room(team, "ouidire-presse")
	n := channel(t, s.address("", ouidire, room))
	for range 30 { // its settings let ten through at once
		err := n.Notify(t.Context(), notifytest.Message())
		if err == nil {
			continue
		}
		busy := (*alerting.Busy)(nil)
		if alerting.IsPermanent(err) || errors.As(err, &busy) && busy.RetryAfter > time.Minute {
			t.Errorf("got %v", err)
		}
		if len(s.said(team, room)) == 0 {
			t.Error("nothing was let through")
		}
		return
	}
	t.Error("it was never in a hurry: the test is broken")
}
