package alerting_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// confirming is the page where one types a code.
type confirming struct {
	*testing.T
	*alerting.Confirmations
	inbox   *inbox
	channel alerting.Channel
}

func confirmations(t *testing.T, tell func(c *confirming)) {
	synctest.Test(t, func(t *testing.T) {
		db, err := state.Open(context.Background(), filepath.Join(t.TempDir(), "state.db"), state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		c := &confirming{T: t, inbox: &inbox{}, Confirmations: &alerting.Confirmations{Settings: db, Now: time.Now}}
		c.channel = alerting.Channel{Name: "courriel", Recipients: "equipe", Notifier: c.inbox,
			Reader: alerting.Reader{Lang: say.FrenchCanada, Page: "https://veille.caisse.example"}}
		tell(c)
	})
}

// send sends a test message and reads its code.
func (c *confirming) send() string {
	c.Helper()
	if err := c.SendTest(context.Background(), c.channel); err != nil {
		c.Fatal(err)
	}
	m := c.inbox.messages()[len(c.inbox.messages())-1]
	code := regexp.MustCompile(`code=(\d{6})$`).FindStringSubmatch(m.Link)
	if code == nil || !m.Test || m.Key == "" {
		c.Fatalf("no code in %+v", m)
	}
	return code[1]
}

func (c *confirming) confirmed() bool {
	c.Helper()
	_, ok, err := c.Confirmed(context.Background(), c.channel)
	if err != nil {
		c.Fatal(err)
	}
	return ok
}

// wrong is a code that is not this one.
func wrong(code string) string { return code[1:] + string('0'+(code[0]-'0'+1)%10) + "x9" }

func TestAChannelIsConfirmedByTheCodeThatAPersonReads(t *testing.T) {
	confirmations(t, func(c *confirming) {
		if c.confirmed() {
			t.Error("confirmed before anybody was sent anything")
		}
		code := c.send()
		if c.confirmed() {
			t.Error("confirmed because the channel took the message")
		}
		if _, err := c.Confirm(context.Background(), wrong(code)); err == nil || c.confirmed() {
			t.Error("a wrong code confirmed")
		}
		if name, err := c.Confirm(context.Background(), " "+code[:3]+"\u00a0"+code[3:]+"\n"); name != "courriel" || err != nil || !c.confirmed() {
			t.Errorf("the right code: %q, %v", name, err)
		}
		if _, err := c.Confirm(context.Background(), code); err == nil {
			t.Error("a code works twice")
		}
		c.channel.Recipients = "direction"
		if c.confirmed() {
			t.Error("other people are reached now, and nobody of them has confirmed")
		}
	})
}

func TestACodeEndsAfterADayOrTenWrongTries(t *testing.T) {
	confirmations(t, func(c *confirming) {
		code := c.send()
		for range 10 {
			_, err := c.Confirm(context.Background(), wrong(code))
			if got := say.Explain(err, say.FrenchCanada); got != "ce code n’est pas le bon ou n’est plus valable; envoyez un autre message d’essai" {
				t.Fatalf("got %q", got)
			}
		}
		if _, err := c.Confirm(context.Background(), code); err == nil {
			t.Error("the right code worked after ten wrong ones")
		}
		code = c.send()
		time.Sleep(24*time.Hour - time.Second)
		if _, err := c.Confirm(context.Background(), code); err != nil {
			t.Errorf("within a day: %v", err)
		}
		code = c.send()
		time.Sleep(24 * time.Hour)
		if _, err := c.Confirm(context.Background(), code); err == nil {
			t.Error("a code worked after a day")
		}
		if !c.confirmed() {
			t.Error("what was confirmed before is forgotten")
		}
	})
}

func TestATestThatTheChannelRefusesSaysSo(t *testing.T) {
	confirmations(t, func(c *confirming) {
		c.inbox.behave(func(alerting.Message) error { return alerting.Permanent(errors.New("535")) })
		if err := c.SendTest(context.Background(), c.channel); !alerting.IsPermanent(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAPageKnowsChannelsByTheirNames(t *testing.T) {
	confirmations(t, func(c *confirming) {
		tests := alerting.Tests{Confirmations: c.Confirmations, Channels: func() []alerting.Channel { return []alerting.Channel{c.channel} }}
		if err := tests.SendTest(context.Background(), "courriel", say.English); err != nil || c.inbox.messages()[0].Lang != say.English {
			t.Errorf("got %v, %+v", err, c.inbox.messages())
		}
		err := tests.SendTest(context.Background(), "pigeon\u202e", say.English)
		if got := say.Explain(err, say.FrenchCanada); got != "aucun moyen d’envoi ne s’appelle pigeon; regardez sous channels: dans ouidire.yml" {
			t.Errorf("got %q", got)
		}
	})
}
