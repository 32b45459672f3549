// Package notifytest is the one battery that each channel passes: what it does
// when the other side accepts, refuses, is busy, slow, silent, hangs up or points
// elsewhere, and with words from strangers. A kind's test says how to build its
// other side, and which behaviours it cannot have.
package notifytest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// Behaviour is how the other side behaves.
type Behaviour string

// The behaviours.
const (
	Accepts          Behaviour = "accepts"
	Refuses          Behaviour = "refuses"             // for ever
	Fails            Behaviour = "fails"               // for now
	Busy             Behaviour = "busy with a hint"    // of Hint
	BusyNoHint       Behaviour = "busy without a hint" //
	Slow             Behaviour = "slow"                // answers after a while
	Silent           Behaviour = "silent"              // takes the connection and never answers
	Cuts             Behaviour = "cuts"                // hangs up in the middle
	Redirects        Behaviour = "redirects"
	WrongCredentials Behaviour = "wrong credentials"
)

// Hint is how long a Busy side asks to wait.
const Hint = 7 * time.Second

// Secret is what a channel that signs or signs in must use; no error may show it.
const Secret = "s3cret-de-l-épargne"

// Got is a message as the other side got it.
type Got struct {
	Key     string // what tells a double
	Subject string
	Body    string
	Headers []string // names of what travels beside the body, for channels that have such
	Raw     string   // what travelled, for channels that speak HTTP; the body as it is when empty
}

// Kind is a channel with its other side.
type Kind struct {
	// Start builds a side that behaves so, a channel that speaks to it, and a
	// function that gives what it has got.
	Start func(t *testing.T, b Behaviour) (alerting.Notifier, func() []Got)
	// Without is the behaviours that make no sense for it.
	Without []Behaviour
	// Limit is how many characters of a body its service takes; 0 when all are its
	// reader's business.
	Limit int
	// Never is what must not travel as a stranger wrote it: the service would act on it.
	Never []string
	// Doubles says that it knows a double itself, and sends it once.
	Doubles bool
	// Keyless says that its service has no place for a key, so that a double shows.
	Keyless bool
}

// Message is an ordinary one, in French.
func Message() alerting.Message {
	return alerting.Message{
		Key:      strings.Repeat("ab12", 16),
		Incident: "7q3k9incident",
		Seq:      1,
		Rule:     "nouvelles",
		Watch:    "caisse",
		Mentions: []string{"m1", "m2"},
		Severity: alerting.Inform,
		Lang:     say.FrenchCanada,
		Subject:  "Nouvelle\u00a0: l’épargne des aînés, ça grimpe 😀 (L'Écho des Moyacs)",
		Body:     "Où\u00a0? À Québec, d’après L'Écho.\n\nCœur, ÉPARGNE, e\u0301te\u0301, 👩🏽‍🌾.\n",
		Link:     "https://veille.caisse.example/situations/7q3k9incident",
		Buttons: []alerting.Button{{Act: alerting.Acknowledge, Link: "https://veille.caisse.example/act/passe?do=acknowledge"},
			{Act: alerting.FalseAlarm, Link: "https://veille.caisse.example/act/passe?do=false_alarm"}},
		At: time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC),
	}
}

// Run runs the battery.
func Run(t *testing.T, k Kind) {
	for b, check := range map[Behaviour]func(*testing.T, alerting.Notifier, func() []Got){
		Accepts:          k.accepts,
		Refuses:          refuses,
		Fails:            retries,
		Busy:             busy,
		BusyNoHint:       retries,
		Slow:             slow,
		Silent:           silent,
		Cuts:             retries,
		Redirects:        refuses,
		WrongCredentials: refuses,
	} {
		if slices.Contains(k.Without, b) {
			continue
		}
		t.Run(string(b), func(t *testing.T) {
			t.Parallel()
			n, got := k.Start(t, b)
			check(t, n, got)
		})
	}
	for name, check := range map[string]func(*testing.T, alerting.Notifier, func() []Got){
		"hostile words":     hostile,
		"words of a markup": k.markup,
		"too many words":    k.oversized,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, got := k.Start(t, Accepts)
			check(t, n, got)
		})
	}
	t.Run("a call that was given up", func(t *testing.T) {
		t.Parallel()
		n, got := k.Start(t, Accepts)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := n.Notify(ctx, Message()); err == nil || alerting.IsPermanent(err) {
			t.Errorf("got %v, want an error that another try can mend", err)
		}
		if all := got(); len(all) != 0 {
			t.Errorf("%d messages arrived of a call that was given up", len(all))
		}
	})
}

// accepts: the words arrive as they are, and a double can be told as one.
func (k Kind) accepts(t *testing.T, n alerting.Notifier, got func() []Got) {
	m := Message()
	for range 2 {
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatalf("accepted, but we were told %v", err)
		}
	}
	all := got()
	if k.Doubles && len(all) == 1 {
		all = append(all, all[0])
	}
	if len(all) != 2 {
		t.Fatalf("%d messages arrived, want 2", len(all))
	}
	if !k.Keyless && (all[0].Key == "" || all[0].Key != all[1].Key || !strings.Contains(all[0].Key, m.Key[:32])) {
		t.Errorf("keys %q and %q, want the same, made of %q", all[0].Key, all[1].Key, m.Key)
	}
	if all[0].Subject != m.Subject {
		t.Errorf("subject %q, want %q", all[0].Subject, m.Subject)
	}
	if want := strings.TrimSpace(m.Body); strings.TrimSpace(all[0].Body) != want {
		t.Errorf("body %q, want %q", all[0].Body, want)
	}
	m.Key = strings.Repeat("cd34", 16)
	if err := n.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if all = got(); !k.Keyless && all[len(all)-1].Key == all[0].Key {
		t.Error("two messages have the same key")
	}
}

func refuses(t *testing.T, n alerting.Notifier, got func() []Got) {
	err := n.Notify(t.Context(), Message())
	if !alerting.IsPermanent(err) {
		t.Errorf("got %v, want a refusal for ever", err)
		return
	}
	for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
		if said := say.Explain(err, l); said == err.Error() {
			t.Errorf("nothing for a person who reads %s: %v", l, err)
		}
	}
	nothing(t, err, got)
}

func retries(t *testing.T, n alerting.Notifier, got func() []Got) {
	err := n.Notify(t.Context(), Message())
	if err == nil || alerting.IsPermanent(err) {
		t.Errorf("got %v, want an error that another try can mend", err)
	}
	nothing(t, err, got)
}

func busy(t *testing.T, n alerting.Notifier, got func() []Got) {
	err := n.Notify(t.Context(), Message())
	b := (*alerting.Busy)(nil)
	if !errors.As(err, &b) || b.RetryAfter != Hint || alerting.IsPermanent(err) {
		t.Errorf("got %v, want busy for %v", err, Hint)
	}
	nothing(t, err, got)
}

func nothing(t *testing.T, err error, got func() []Got) {
	t.Helper()
	if all := got(); len(all) != 0 {
		t.Errorf("%d messages arrived all the same", len(all))
	}
	if err != nil && strings.Contains(err.Error(), secretBegins) {
		t.Errorf("the secret stands in the error: %v", err)
	}
}

// secretBegins is the secret however its accents are written.
const secretBegins = "s3cret"

func slow(t *testing.T, n alerting.Notifier, got func() []Got) {
	if err := n.Notify(t.Context(), Message()); err != nil {
		t.Errorf("a slow acceptance is one, but we were told %v", err)
	}
	if all := got(); len(all) != 1 {
		t.Errorf("%d messages arrived, want 1", len(all))
	}
}

// patience is how long a silent side is borne in the test.
const patience = 300 * time.Millisecond

func silent(t *testing.T, n alerting.Notifier, got func() []Got) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	err := n.Notify(ctx, Message())
	if err == nil || alerting.IsPermanent(err) {
		t.Errorf("got %v, want an error that another try can mend", err)
	}
	if took := time.Since(began); took > 10*patience {
		t.Errorf("it held on for %v after its context ended", took)
	}
	nothing(t, err, got)
}

// hostile: a stranger's words stay words.
func hostile(t *testing.T, n alerting.Notifier, got func() []Got) {
	m := Message()
	m.Subject = "Nouvelle\r\nBcc: volee@moyac.example\r\nX-Evil: oui\x00\u202Egnp.eriuq\u202C " + strings.Repeat("é", 5000)
	m.Body = "Bonjour\r\n.\r\nQUIT\r\n\x1b[31mrouge\u2066\n" + strings.Repeat("l’épargne ", 40_000)
	m.Incident = "abc>\r\nX-Evil: oui"
	m.Key = strings.Repeat("e", 64) + ">\r\nX-Evil: oui"
	if err := n.Notify(t.Context(), m); err != nil {
		if !alerting.IsPermanent(err) {
			t.Errorf("hostile words are tried for ever: %v", err)
		}
		return
	}
	all := got()
	if len(all) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(all))
	}
	for _, h := range all[0].Headers {
		if strings.EqualFold(h, "X-Evil") || strings.EqualFold(h, "Bcc") {
			t.Errorf("the words became a header %s", h)
		}
	}
	if !strings.Contains(all[0].Body, "QUIT") {
		t.Error("the body was cut at a full stop of its own")
	}
}

// Markup is what a stranger writes to make a service act: call everybody, show a
// link as another, look important.
const Markup = "<!channel> <!here|ici> @everyone @channel @all @here <at>tous</at> <@U024BE7LH> **gras** _très_ `code` [gagnez](https://moyac.example/x) <b>H&M</b> &lt;i&gt; # titre :fire: ~~non~~ > cité | $x$"

// markup: it arrives as words.
func (k Kind) markup(t *testing.T, n alerting.Notifier, got func() []Got) {
	m := Message()
	m.Subject = "<!channel> @all *L’épargne* <b>d'ici</b> & ailleurs"
	m.Body = "Œuvre de Moyac\n" + Markup + "\n- l’été\n"
	if err := n.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	all := got()
	if len(all) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(all))
	}
	if all[0].Subject != m.Subject {
		t.Errorf("subject %q, want %q", all[0].Subject, m.Subject)
	}
	if want := strings.TrimSpace(m.Body); strings.TrimSpace(all[0].Body) != want {
		t.Errorf("body\n%s\nwant\n%s", all[0].Body, want)
	}
	for _, never := range k.Never {
		if strings.Contains(all[0].Raw, never) {
			t.Errorf("%s travels as it was written: %s", never, all[0].Raw)
		}
	}
}

// oversized: what is too long is cut between words, never within a character, and it
// says so.
func (k Kind) oversized(t *testing.T, n alerting.Notifier, got func() []Got) {
	if k.Limit == 0 {
		t.Skip("it takes what it is given")
	}
	const farmer, word = "👩🏽‍🌾", "l’épargne"
	for _, body := range []string{strings.Repeat(word+" ", 40_000), strings.Repeat(farmer, 10_000), strings.Repeat("é&\n", 40_000)} {
		m := Message()
		m.Key = strings.Repeat("ef56", 15) + string(rune('a'+len(got()))) // another message
		m.Body = body
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		all := got()
		kept := strings.TrimSpace(all[len(all)-1].Body)
		if length := utf8.RuneCountInString(kept); length > k.Limit || length < k.Limit/64 {
			t.Errorf("%d characters arrived, want at most %d and not much less", length, k.Limit)
		}
		words, note, _ := strings.Cut(kept, "…\n")
		if note != "[coupé ici\u00a0: ce moyen d’envoi n’en accepte pas davantage]" {
			t.Errorf("it does not say that it was cut: %q", note)
		}
		if rest := strings.NewReplacer(word, "", farmer, "", "é&", "", " ", "", "\n", "").Replace(words); rest != "" && rest != "é" {
			t.Errorf("cut within a word or a character: %q is left", rest)
		}
	}
}
