package email

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

// mailbox is that of equipe@caisse.example at another server, and a channel that leads
// there, with TLS from the first byte.
func mailbox(t *testing.T) Config {
	t.Helper()
	c := external(t, needs.Server(t, "OUIDIRE_TEST_GREENMAIL"))
	c.Security, c.From, c.To = TLS, "Veille d’été <veille@caisse.example>", []string{"équipe de l'épargne <equipe@caisse.example>"}
	return c
}

// found is a letter as somebody finds it in a mailbox.
type found struct {
	Headers map[string]string
	Parts   []struct{ Type, Text string }
	Faults  []string
	// How the server itself takes it apart.
	Envelope, Structure string
}

// find waits for no one: what the server took is there.
func find(t *testing.T, id string) found {
	t.Helper()
	read := exec.CommandContext(t.Context(), "python3", "testdata/read.py", needs.Server(t, "OUIDIRE_TEST_GREENMAIL_IMAP"),
		needs.Server(t, "OUIDIRE_TEST_SMTP_CA"), "equipe", "secret")
	read.Stderr = t.Output()
	out, err := read.Output()
	if err != nil {
		t.Fatalf("read the mailbox: %v", err)
	}
	for line := range bytes.Lines(out) {
		var f found
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(f.Headers["message-id"], id) {
			return f
		}
	}
	t.Fatalf("no letter has the id %s", id)
	return found{}
}

func TestAnotherServerUnderstandsAnAlertAsItIsMeant(t *testing.T) {
	n := channel(t, mailbox(t))
	first, second := notifytest.Message(), notifytest.Message()
	first.Key, second.Key = strings.Repeat("9a", 32), strings.Repeat("9b", 32)
	second.Subject, second.Severity = "Urgent\u00a0: "+strings.Repeat("l’épargne d'été, œuvre & CŒUR 👩🏽‍🌾 ", 3)+"e\u0301te\u0301", alerting.Urgent
	second.Body = strings.Repeat("Où\u00a0? L’ÉCHO des Moyacs <b>l'a dit</b> 👩🏽‍🌾.\n.\n", 3000)
	for _, m := range []alerting.Message{first, second} {
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := find(t, m.Key[:32])
		for header, want := range map[string]string{
			"subject":          alerting.Plain(m.Subject, 200),
			"from":             "Veille d’été <veille@caisse.example>",
			"to":               "équipe de l'épargne <equipe@caisse.example>",
			"message-id":       "<" + m.Key[:32] + "@caisse.example>",
			"in-reply-to":      "<7q3k9incident.situation@caisse.example>",
			"references":       "<7q3k9incident.situation@caisse.example>",
			"auto-submitted":   "auto-generated",
			"content-language": "fr-CA",
		} {
			if got.Headers[header] != want {
				t.Errorf("%s: %q, want %q", header, got.Headers[header], want)
			}
		}
		if want := notify.Text(m, bodyMost, notify.Characters); len(got.Parts) != 1 || got.Parts[0].Type != "text/plain" || !strings.HasPrefix(got.Parts[0].Text, want+"\n") {
			t.Errorf("it reads %+v\nwant %s", got.Parts, want)
		}
		if len(got.Faults) > 0 || !strings.Contains(got.Envelope, `"<`+m.Key[:32]+`@caisse.example>"`) {
			t.Errorf("faults %v, envelope %s", got.Faults, got.Envelope)
		}
		if high := got.Headers["importance"] != ""; high != (m.Severity == alerting.Urgent) {
			t.Errorf("%s: importance %q", m.Severity, got.Headers["importance"])
		}
	}
}

func TestAnotherServerUnderstandsBothFormsOfADigest(t *testing.T) {
	here := &server{}
	for _, l := range []say.Lang{say.FrenchCanada, say.English} {
		m := digestIn(l, "https://veille.caisse.example")
		m.Key = string(l)
		for _, c := range []Config{serve(t, here, TLS), mailbox(t)} {
			n := leavable(t, c, nobody)
			n.to = n.to[:1]
			n.to[0].Address = "equipe@caisse.example"
			if err := n.Notify(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		sent := here.got()[len(here.got())-1]
		letter, _ := read(t, sent)
		plain, whole := forms(t, sent)
		got := find(t, strings.Trim(letter.Header.Get("Message-Id"), "<>"))
		link := "<https://veille.caisse.example/unsubscribe/" + passes.Leave("courriel", "equipe@caisse.example") + ">"
		if !strings.HasPrefix(got.Headers["list-unsubscribe"], link) || got.Headers["list-unsubscribe-post"] != "List-Unsubscribe=One-Click" || got.Headers["subject"] != alerting.Plain(m.Subject, 200) {
			t.Errorf("%s: headers %v", l, got.Headers)
		}
		if len(got.Parts) != 2 || got.Parts[0].Type != "text/plain" || got.Parts[0].Text != plain || got.Parts[1].Type != "text/html" || got.Parts[1].Text != whole {
			t.Errorf("%s: it reads %+v\nwant\n%s\n%s", l, got.Parts, plain, whole)
		}
		if structure := strings.ToLower(got.Structure); len(got.Faults) > 0 || !strings.Contains(structure, `"alternative"`) || strings.Count(structure, `"charset" "utf-8"`) != 2 {
			t.Errorf("%s: faults %v, structure %s", l, got.Faults, got.Structure)
		}
	}
}

func TestAnotherServerWithTLSSaysWhatItRefuses(t *testing.T) {
	c := mailbox(t)
	c.Password = config.NewSecret("s3cret-faux")
	trouble := (*alerting.Trouble)(nil)
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); !alerting.IsPermanent(err) || !errors.As(err, &trouble) || trouble.Reason != alerting.Unauthorised || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a wrong password: %v", err)
	}
	c = mailbox(t)
	c.Security = StartTLS
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := channel(t, c).Notify(ctx, notifytest.Message()); err == nil || alerting.IsPermanent(err) {
		t.Errorf("STARTTLS where TLS is spoken: %v, want an error that another try can mend", err)
	}
}
