package app

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http/httptest"
	"net/mail"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/app/demo"
)

// audience is who is told the demonstration besides the caisse: somebody who reads
// English, and one person by e-mail in each language.
type audience struct {
	*testing.T
	english demo.Mailbox
	server  *httptest.Server
	post    *postOffice
}

func newAudience(t *testing.T) *audience {
	a := &audience{T: t, post: newPostOffice(t)}
	a.server = httptest.NewServer(&a.english)
	t.Cleanup(a.server.Close)
	return a
}

// channels are the lines of a configuration that lead to them.
func (a *audience) channels() string {
	host, port, _ := strings.Cut(a.post.Addr().String(), ":")
	const weekly = "digest: {every: week, on: monday, at: 08:00}"
	return fmt.Sprintf(`  - {name: boite-en, kind: webhook, language: en, url: %q, %[4]s}
  - {name: courriel, kind: email, host: %[2]s, port: %[3]s, security: none, from: veille@caisse-valtisse.example, to: [odette@caisse-valtisse.example], %[4]s}
  - {name: e-mail, kind: email, language: en, host: %[2]s, port: %[3]s, security: none, from: veille@caisse-valtisse.example, to: [maud@caisse-valtisse.example], %[4]s}
`, a.server.URL, host, port, weekly)
}

// check compares what was told in both languages with what the documents show.
func (a *audience) check(what string, french *demo.Mailbox) {
	a.Helper()
	a.golden(what, told(french.Letters()), "../docs/fr/demo.txt")
	a.golden(what, told(a.english.Letters()), "../docs/en/demo.txt")
}

// checkLetters compares the letter of the wave, which is text, and that of the week of the
// wave, which is a page as well, with what web makes pictures of for the documents.
func (a *audience) checkLetters() {
	a.Helper()
	for lang, is := range map[string]struct{ to, wave, week string }{
		"fr": {"odette@", "Urgent", "Résumé de la semaine"},
		"en": {"maud@", "Urgent", "Digest of the week"},
	} {
		wave, week := unfolded{}, unfolded{}
		for _, raw := range a.post.letters {
			l := a.open(raw)
			switch {
			case !strings.Contains(l.to, is.to):
			case wave.subject == "" && strings.HasPrefix(l.subject, is.wave):
				wave = l
			case wave.subject != "" && week.subject == "" && strings.HasPrefix(l.subject, is.week):
				week = l
			}
		}
		a.golden("the letter of the wave", fmt.Appendf(nil, "%s\n%s\n%s\n\n%s", wave.from, wave.to, wave.subject, wave.text), "testdata/letters/wave."+lang+".txt")
		a.golden("the letter of its week", []byte(week.page), "testdata/letters/week."+lang+".html")
	}
}

// unfolded is an e-mail as its reader's program shows it.
type unfolded struct{ from, to, subject, text, page string }

// signed finds what stands in addresses that we sign, with another key each time.
var signed = regexp.MustCompile(`(/(?:unsubscribe|act)/)[\w.~-]+`)

func (a *audience) open(raw string) (l unfolded) {
	a.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		a.Fatal(err)
	}
	var words mime.WordDecoder
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	from, err2 := words.DecodeHeader(m.Header.Get("From"))
	l = unfolded{from: strings.Trim(from, "<>"), to: strings.Trim(m.Header.Get("To"), "<>"), subject: subject}
	media, params, err3 := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err := errors.Join(err, err2, err3); err != nil {
		a.Fatal(err)
	}
	if media == "text/plain" {
		l.text = a.decoded(quotedprintable.NewReader(m.Body))
		return l
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart() // decodes quoted-printable itself
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			a.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			l.page = a.decoded(part)
		} else {
			l.text = a.decoded(part)
		}
	}
}

// decoded is a part of a letter, with one kind of line end and nothing that is signed.
func (a *audience) decoded(part io.Reader) string {
	a.Helper()
	body, err := io.ReadAll(part)
	if err != nil {
		a.Fatal(err)
	}
	return signed.ReplaceAllString(strings.ReplaceAll(string(body), "\r\n", "\n"), "${1}…")
}

// golden compares something with a golden file.
func (a *audience) golden(what string, got []byte, path string) {
	a.Helper()
	if *rewriteDemo {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			a.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		a.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		a.Errorf("%s: -want +got (go test ./app -run TenWeeks -demo.rewrite writes the file anew)\n%s", what, diff)
	}
}
