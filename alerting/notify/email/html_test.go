package email

import (
	"bytes"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/say"
)

var update = flag.Bool("update", false, "write the golden files anew")

// digestIn is a digest as its channel words it for a language.
func digestIn(l say.Lang, page string) alerting.Message {
	to := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	f := alerting.EditionFacts{Kind: alerting.Digest, Channel: "courriel", Every: alerting.Daily, From: to.AddDate(0, 0, -1), To: to, More: 14, Read: 11, Open: 1,
		Now: alerting.Figures{All: 84, Own: 34, Negative: 3, Neutral: 20, Positive: 1}, Before: &alerting.Figures{All: 61, Own: 21, Negative: 1, Neutral: 15, Positive: 2},
		Unread: []alerting.Unread{{Source: "radio-moyac", Since: to.Add(-22 * time.Hour)}},
		Lines: []alerting.EditionLine{
			{ID: "a", Watch: "caisse", Own: true, Title: "L'épargne d’été <b>rapporte</b> à la CAISSE & au cœur 😀", Outlet: "echo-moyacs.example", Outlets: 1, Tone: "positive", Sure: true, URL: "https://echo-moyacs.example/?a=1&b=été"},
			{ID: "b", Watch: "caisse", Own: true, Talk: true, Title: "Nouvelles heures d’ouverture", Outlet: "blogue", New: 12, Negative: 4, URL: "javascript:alert(1)"},
			{ID: "c", Watch: "mouvement", Rank: 1, Title: "14 comptoirs fermeront d’ici deux ans", Outlet: "brumelin.example", Outlets: 17, Change: alerting.Corrected, Tone: "negative", URL: "https://brumelin.example/14"},
		}}
	zone, _ := time.LoadLocation("America/Toronto")
	reader := alerting.Reader{Lang: l, Zone: zone, Page: page, Watches: map[string]alerting.Named{"caisse": {Title: "Notre caisse"}, "mouvement": {Title: "Le Mouvement"}}}
	m := notifytest.Message()
	m.Incident, m.Lang, m.Buttons = "", l, nil
	m.Subject, m.Body, m.Layout = alerting.ComposeEdition(f, reader)
	return m
}

// forms takes the two forms of a letter apart, the plain one first.
func forms(t *testing.T, l letter) (plain, page string) {
	t.Helper()
	m, _ := read(t, l)
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %s, %v", kind, err)
	}
	_, body, _ := bytes.Cut(l.raw, []byte("\r\n\r\n"))
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	var all []string
	for i, want := range []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Type"); got != want {
			t.Errorf("form %d is %s, want %s", i+1, got, want)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return all[0], all[1]
}

func TestADigestIsAPageAfterItsText(t *testing.T) {
	languages := []say.Lang{say.FrenchCanada, say.FrenchFrance, say.English}
	files, err := filepath.Glob("testdata/digest-*.html")
	if err != nil || len(files) != len(languages) && !*update {
		t.Fatalf("%d golden files, %v, want %d", len(files), err, len(languages))
	}
	s := &server{}
	n := channel(t, serve(t, s, StartTLS))
	for i, l := range languages {
		m := digestIn(l, "https://veille.caisse.example")
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		plain, page := forms(t, s.got()[i])
		if strings.TrimSpace(plain) != strings.TrimSpace(strings.ReplaceAll(m.Body, "\n  ", "\n")) {
			t.Errorf("%s: the text is\n%s\nwant\n%s", l, plain, m.Body)
		}
		file := filepath.Join("testdata", "digest-"+string(l)+".html")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), page); diff != "" {
			t.Errorf("%s (-want +got):\n%s", l, diff)
		}
	}
}

func TestThePageOfADigestNeedsNothingElseAndRunsNothing(t *testing.T) {
	page, err := page(digestIn(say.FrenchCanada, "https://veille.caisse.example"), way{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for node := range root.Descendants() {
		switch node.Data {
		case "img", "script", "link", "iframe", "object", "form", "b":
			t.Errorf("there is a %s", node.Data)
		case "a":
			links++
		}
		for _, a := range node.Attr {
			if a.Key == "src" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	}
	if links != 4 {
		t.Errorf("%d links, want two stories, the next step and the way to stop it", links)
	}
	for _, want := range []string{"prefers-color-scheme: dark", `<html lang="fr-CA">`, "&lt;b&gt;rapporte&lt;/b&gt;", "CAISSE &amp; au cœur 😀"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

func TestADigestSaysHowToStopItAndAnAlertDoesNot(t *testing.T) {
	for page, want := range map[string]string{
		"https://veille.caisse.example": "<https://veille.caisse.example/set/channels?name=courriel>, <mailto:veille@caisse.example?subject=Ne%20plus%20m%E2%80%99envoyer%20les%20messages%20d%E2%80%99ouidire>",
		"":                              "<mailto:veille@caisse.example?subject=Ne%20plus%20m%E2%80%99envoyer%20les%20messages%20d%E2%80%99ouidire>",
	} {
		s := &server{}
		n := channel(t, serve(t, s, StartTLS))
		if err := n.Notify(t.Context(), digestIn(say.FrenchCanada, page)); err != nil {
			t.Fatal(err)
		}
		if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
			t.Fatal(err)
		}
		digest, _ := read(t, s.got()[0])
		if got := digest.Header.Get("List-Unsubscribe"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if digest.Header.Get("List-Unsubscribe-Post") != "" || digest.Header.Get("References") != "" {
			t.Error("it promises one click, or is a thread")
		}
		if alert, _ := read(t, s.got()[1]); alert.Header.Get("List-Unsubscribe") != "" {
			t.Error("an alert says how to stop it")
		}
	}
}
