package shoutrrr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// TestMain lets this program be the process that sends, as the command does; but it
// reaches nobody outside this machine, whatever goes wrong.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == Command {
		http.DefaultTransport.(*http.Transport).DialContext = (&net.Dialer{Control: onlyHere, Resolver: &net.Resolver{PreferGo: true, Dial: noName}}).DialContext
		if err := Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var errOutside = errors.New("this is not on this machine")

func onlyHere(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().IsLoopback() {
		return errOutside
	}
	return nil
}

func noName(context.Context, string, string) (net.Conn, error) { return nil, errOutside }

func channel(t *testing.T, address string) *Notifier {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := Config{URL: config.NewSecret(address)}
	if wrong := c.Check(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	n, err := New(c, alerting.Deps{Program: program, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// loud takes the invisible characters away, as a reader does.
func loud(s string) string { return strings.ReplaceAll(s, "\u2060", "") }

// services are two of the library that can have their other side on this machine: one
// that posts JSON wherever one likes by the transport of the process, and one that makes a
// transport of its own.
var services = map[string]string{
	"generic": "generic://%s/s3cret?template=json&disabletls=yes",
	"gotify":  "gotify://%s/As3cretS3cretS3?disabletls=yes",
}

func TestShoutrrrPassesTheBattery(t *testing.T) {
	for name, address := range services {
		t.Run(name, func(t *testing.T) {
			start := func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
				s := &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, _ *http.Request, body []byte) notifytest.Got {
					var got struct{ Title, Message string }
					if err := json.Unmarshal(body, &got); err != nil {
						t.Error(err)
					}
					fmt.Fprint(w, "{}")
					return notifytest.Got{Subject: loud(got.Title), Body: loud(got.Message), Raw: got.Title + got.Message}
				}}
				return channel(t, fmt.Sprintf(address, strings.TrimPrefix(s.Serve(t).URL, "http://"))), s.Got
			}
			notifytest.Run(t, notifytest.Kind{Limit: usual.most, Keyless: true, Start: start, Never: []string{"@channel", "@everyone", "@all", "<!", "<@", "](http"}})
		})
	}
}

func TestAnAddressThatTheLibraryCannotReadIsRefusedForEverAndShownNowhere(t *testing.T) {
	err := channel(t, "discord://s3cret-sans-identifiant").Notify(t.Context(), notifytest.Message())
	if !alerting.IsPermanent(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestAServiceWithAKindOfItsOwnIsSentThere(t *testing.T) {
	for address, want := range map[string]string{
		"discord://jeton@123": "", "telegram://1:a@telegram?chats=1": "", "matrix://u:p@h.example/?rooms=!salon": "", "matrix://u:p@h.example": "into which room", "generic+https://h.example": "", "": "",
		"slack://hook:A-B-C@webhook": "kind: slack", "smtp://h.example": "kind: email", "teams://x": "kind: teams", "ntfy://x": "kind: ntfy",
		"logger://": "knows no such service", "colombe://x": "knows no such service", "discord": "knows no such service", "%zz": "knows no such service",
	} {
		c := Config{URL: config.NewSecret(address)}
		said := ""
		for _, p := range c.Check() {
			said += p.Text.EN
		}
		if !strings.Contains(said, want) || (want == "") != (said == "") {
			t.Errorf("%s: %q, want %q", address, said, want)
		}
	}
}

func TestRecipientsTellTheServiceAndNotThePassword(t *testing.T) {
	one, other := channel(t, "discord://s3cret@123").Recipients(), channel(t, "discord://autre@123").Recipients()
	if one == other || strings.Contains(one, "s3cret") || !strings.HasPrefix(one, "https://discord/#") {
		t.Errorf("%q and %q", one, other)
	}
}

// snoop is a program that answers with its environment as a hint.
const snoop = "#!/bin/sh\nprintf '{\"hint\":\"%s\"}' \"$(env | tr '\\n\"' '  ')\"\n"

// programOf is a file that runs a script. While it is written no other process may begin,
// which would hold it open for writing: nobody can run it then.
func programOf(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ouidire")
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheOtherProcessSeesNoSecretOfOurs(t *testing.T) {
	t.Setenv("OUIDIRE_SMTP_PASSWORD", notifytest.Secret)
	t.Setenv("NO_PROXY", "127.0.0.1")
	said, err := (&Notifier{program: programOf(t, snoop)}).ask(t.Context(), nil)
	if err != nil || strings.Contains(said.Hint, "s3cret") || !strings.Contains(said.Hint, "NO_PROXY=127.0.0.1") {
		t.Errorf("it sees %q, %v", said.Hint, err)
	}
}

func TestAMessageIsNoLongerThanItsServiceTakes(t *testing.T) {
	there := (&router.ServiceRouter{}).ListServices()
	for service := range limits {
		if !slices.Contains(there, service) {
			t.Errorf("the library has no service %s", service)
		}
	}
	inBytes, inCharacters := func(s string) int { return len(s) }, utf8.RuneCountInString
	for service, takes := range map[string]struct {
		most  int // as the service, or the library for it, has it
		count func(string) int
	}{
		"telegram": {4096, inBytes}, "lark": {4096, inBytes}, "wecom": {4096, inBytes},
		"pushover": {1024, inCharacters}, "pagerduty": {1024, inCharacters}, "discord": {2000, inCharacters}, "rocketchat": {5000, inCharacters}, "zulip": {10_000, inBytes},
	} {
		for _, words := range []string{"l’épargne d'été, œuvre ", "👩🏽‍🌾", "<b>@tous</b>\n"} {
			m := notifytest.Message()
			m.Body = strings.Repeat(words, 1000)
			n := &Notifier{url: config.NewSecret(service + "://jeton@serveur.example")}
			if o := n.order(m); takes.count(o.Text) > takes.most || takes.count(o.Text) < takes.most/8 || !strings.Contains(o.Text, "[coupé ici") {
				t.Errorf("%s gets %d of %d for a message of %q: …%s", service, takes.count(o.Text), takes.most, words, o.Text[len(o.Text)-100:])
			}
		}
	}
}

func TestEveryServiceWithATitleIsOneOfTheLibrary(t *testing.T) {
	there := (&router.ServiceRouter{}).ListServices()
	for _, service := range titled {
		if !slices.Contains(there, service) {
			t.Errorf("the library has no service %s", service)
		}
	}
}
