package app

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// postOffice takes letters by SMTP, as far as a channel needs it.
type postOffice struct {
	net.Listener
	// fate says what becomes of the next letter, took is told of each; nil for a post
	// office that always works.
	fate func() outcome
	took func(letter string)

	mu      sync.Mutex
	letters []string
	lost    int // taken, and the answer did not arrive
}

func newPostOffice(t *testing.T) *postOffice {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return openPostOffice(t, l)
}

// openPostOffice is one that takes them there.
func openPostOffice(t *testing.T, l net.Listener) *postOffice {
	p := &postOffice{Listener: l}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	return p
}

func (p *postOffice) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewScanner(c)
	fmt.Fprint(c, "220 courriel.caisse.example\r\n")
	for in.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch verb {
		case "DATA":
			if !p.data(c, in) {
				return
			}
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

// data takes a letter, unless it is to fail; hold is false when it hangs up.
func (p *postOffice) data(c net.Conn, in *bufio.Scanner) (hold bool) {
	what := accepts
	if p.fate != nil {
		what = p.fate()
	}
	switch what {
	case broken, busy:
		fmt.Fprint(c, "451 try again later\r\n")
		return true
	case hangsUp:
		return false
	}
	fmt.Fprint(c, "354 go on\r\n")
	var letter strings.Builder
	for in.Scan() && in.Text() != "." {
		letter.WriteString(strings.TrimPrefix(in.Text(), ".") + "\n") // a line that begins with a dot got another on its way
	}
	if in.Text() != "." {
		return false // its sender went away in the middle
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, letter.String())
	if p.took != nil {
		p.took(letter.String())
	}
	if what == losesAnswer {
		p.lost++
		return false
	}
	fmt.Fprint(c, "250 taken\r\n")
	return true
}

var sixDigits = regexp.MustCompile(`\b(\d{3})(?:=C2=A0| |\x{a0})(\d{3})\b`)

func (p *postOffice) digits() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, letter := range p.letters {
		if m := sixDigits.FindStringSubmatch(letter); m != nil {
			return m[1] + m[2]
		}
	}
	return ""
}

func TestAnEmailChannelIsAddedTriedAndConfirmedOnThePage(t *testing.T) {
	hook, p, post := newReceiver(t, 0), newPress(t), newPostOffice(t)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}
	path := s.write(t)
	app := start(t, path, time.Second)
	_, port, _ := net.SplitHostPort(post.Addr().String())
	answers := url.Values{"f.name": {"courriel"}, "f.host": {"127.0.0.1"}, "f.port": {port}, "f.security": {"none"}, "f.from": {"veille@caisse.example"}, "f.to": {"personne"}}
	if status, body := app.fill(t, "/set/channels?kind=email", answers); status != http.StatusUnprocessableEntity || !strings.Contains(body, "adresse de courriel") {
		t.Errorf("an address that is none: status %d", status)
	}
	answers.Set("f.to", "equipe@caisse.example\r\ngestion@caisse.example")
	if status, body := app.fill(t, "/set/channels?kind=email", answers); status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", status, body)
	}
	if status, body := app.fill(t, "/messages/test", url.Values{"channel": {"courriel"}}); status != http.StatusSeeOther {
		t.Fatalf("test message: status %d\n%s", status, body)
	}
	eventually(t, "a letter with six digits", func() bool { return post.digits() != "" })
	if status, body := app.fill(t, "/messages/confirm", url.Values{"code": {post.digits()}}); status != http.StatusSeeOther {
		t.Fatalf("confirmation: status %d\n%s", status, body)
	}
	for _, c := range app.channelsShown(t.Context()) {
		if c.Name == "courriel" && c.Confirmed.IsZero() {
			t.Error("the channel is not confirmed")
		}
	}
	// With a password for the server: kept apart, and never shown again.
	secured := url.Values{"f.host": {"courriel.caisse.example"}, "f.security": {"starttls"}, "f.username": {"veille"}, "f.password": {"l’œuvre-secrète"}, "f.from": {"veille@caisse.example"}, "f.to": {"equipe@caisse.example"}}
	if status, body := app.fill(t, "/set/channels?name=courriel", secured); status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", status, body)
	}
	if got := get(t, app.Address()+"/set/channels?name=courriel"); strings.Contains(got, "secrète") || !strings.Contains(got, "jamais montré") {
		t.Error("the form shows the password, or does not say that there is one")
	}
	files, err := filepath.Glob(filepath.Join(s.folder, "ouidire.*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		if body, err := os.ReadFile(file); err == nil && strings.Contains(string(body), "secrète") {
			t.Errorf("%s holds the password", file)
		}
	}
}
