package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store"
)

// wordpress is a real one, spoken to as people and their tools do.
type wordpress struct{ address string }

// call makes an XML-RPC call as the administrator and gives the answer's one string.
func (w wordpress) call(t *testing.T, method string, fields map[string]string, before ...string) string {
	t.Helper()
	var b strings.Builder
	value := func(s string) string { return "<value><string>" + html.EscapeString(s) + "</string></value>" }
	fmt.Fprintf(&b, "<?xml version=\"1.0\"?><methodCall><methodName>%s</methodName><params>", method)
	for _, arg := range append([]string{"1", "admin", "motdepasse"}, before...) {
		fmt.Fprintf(&b, "<param>%s</param>", value(arg))
	}
	b.WriteString("<param><value><struct>")
	for name, text := range fields {
		fmt.Fprintf(&b, "<member><name>%s</name>%s</member>", name, value(text))
	}
	b.WriteString("</struct></value></param></params></methodCall>")
	res, err := http.Post(w.address+"/xmlrpc.php", "text/xml", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Value string    `xml:"params>param>value>string"`
		Fault *struct{} `xml:"fault"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Fault != nil {
		t.Fatalf("%s: %v: %s", method, err, body)
	}
	return answer.Value
}

func (w wordpress) publish(t *testing.T, title, text string) (id string) {
	return w.call(t, "wp.newPost", map[string]string{"post_title": title, "post_content": text, "post_status": "publish", "comment_status": "open"})
}

func (w wordpress) edit(t *testing.T, id, title, text string) {
	w.call(t, "wp.editPost", map[string]string{"post_title": title, "post_content": text}, id)
}

// comment fills the public form in.
func (w wordpress) comment(t *testing.T, article, author, text string) {
	t.Helper()
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.PostForm(w.address+"/wp-comments-post.php", url.Values{
		"comment": {text}, "author": {author}, "email": {"membre@valtisse.example"}, "comment_post_ID": {article}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusFound {
		t.Fatalf("comment refused: %s", res.Status)
	}
}

// letter is one e-mail that the SMTP server took.
type letter struct {
	TLS   bool   `json:"tls"`
	Login string `json:"login"`
	Data  string `json:"data"`
}

func letters(t *testing.T, log string) (all []letter) {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l letter
		if err := json.Unmarshal(lines.Bytes(), &l); err == nil {
			all = append(all, l)
		}
	}
	return all
}

// plain is a letter's plain text.
func (l letter) plain(t *testing.T) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(l.Data))
	if err != nil {
		t.Fatal(err)
	}
	var body io.Reader = m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnArticleAndACommentOfARealWordPressWalkTheWholeLine(t *testing.T) {
	site := wordpress{needs.Server(t, "OUIDIRE_TEST_WORDPRESS")}
	host, port, _ := strings.Cut(needs.Server(t, "OUIDIRE_TEST_SMTP"), ":")
	log := needs.Server(t, "OUIDIRE_TEST_SMTP_LOG")
	hook := newReceiver(t, 0)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{site.address + "/feed/"}}
	s.extra = fmt.Sprintf("  - {name: commentaires, kind: feed, url: %q, every: 1h, own: true, comments: true}\n", site.address+"/comments/feed/")
	path := s.write(t)
	addChannel(t, path, fmt.Sprintf("  - {name: courriel, kind: email, host: %s, port: %s, ca: %q, username: ouidire, password: secret, from: veille@valtisse.example, to: [gestion@valtisse.example]}\n",
		host, port, needs.Server(t, "OUIDIRE_TEST_SMTP_CA")))
	app := start(t, path, 500*time.Millisecond)
	app.readAll(t)

	// The site may have been used before: this must be a story of its own.
	text := "<p>La Caisse Valtisse fermera 14&nbsp;comptoirs d’ici l’été. " + tale(rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))) + "</p>"
	published := time.Now()
	article := site.publish(t, "Valtisse : « l’été des comptoirs »", text)
	site.comment(t, article, "Éloïse", "C’est ben trop loin pour ma mère, tabarnouche!")

	eventually(t, "the webhook", func() bool { return len(hook.messages()) == 1 })
	var got letter
	eventually(t, "the e-mail", func() bool {
		for _, l := range letters(t, log) {
			if strings.Contains(l.plain(t), "l’été des comptoirs") {
				got = l
				return true
			}
		}
		return false
	})
	if !got.TLS || got.Login != "ouidire" {
		t.Errorf("the e-mail went without encryption or login: %+v", got)
	}
	q := store.Question{Sources: []string{"commentaires"}, Watches: []string{"caisse"}, News: true}
	eventually(t, "the comment, claimed for its place", func() bool {
		n, err := app.store.Count(t.Context(), q)
		return err == nil && n == 1
	})
	comments, _, err := app.store.Search(t.Context(), q, 1, "")
	if err != nil || len(comments) != 1 {
		t.Fatal(comments, err)
	}
	parent, err := app.store.Get(t.Context(), comments[0].Parent)
	if err != nil || !strings.Contains(parent.Current().Title, "l’été des comptoirs") {
		t.Errorf("the comment does not find its article: %q, %v", parent.Current().Title, err)
	}
	if reading, ok := comments[0].Reading(); !ok || comments[0].Lang != "fr" {
		t.Errorf("the comment was not read: %+v in %q", reading, comments[0].Lang)
	}
	// WordPress dates its feed by the second: an edit within that of the article
	// would never change what it answers to a conditional request.
	eventually(t, "another second", func() bool { return time.Now().Unix() > published.Unix()+1 })
	site.edit(t, article, "Valtisse : « l’été des comptoirs »", strings.Replace(text, "14", "11", 1))
	eventually(t, "the correction", func() bool { return len(hook.messages()) == 2 })
	if told := hook.messages()[1]; !strings.Contains(told.Body, "11") {
		t.Errorf("the second message is no correction: %+v", told)
	}
	checkScraped(t, app.Address())
}

// addChannel writes one more channel into a configuration.
func addChannel(t *testing.T, path, entry string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body = bytes.Replace(body, []byte("sources:\n"), []byte(entry+"sources:\n"), 1)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkScraped has a real Prometheus scrape the program and asks it what it saw.
func checkScraped(t *testing.T, address string) {
	t.Helper()
	binary := needs.Server(t, "OUIDIRE_TEST_PROMETHEUS")
	folder := t.TempDir()
	scrape := fmt.Sprintf("scrape_configs:\n- job_name: ouidire\n  scrape_interval: 1s\n  static_configs: [{targets: [%q]}]\n", strings.TrimPrefix(address, "http://"))
	if err := os.WriteFile(filepath.Join(folder, "p.yml"), []byte(scrape), 0o600); err != nil {
		t.Fatal(err)
	}
	listen := freePort(t)
	cmd := exec.CommandContext(t.Context(), binary, "--config.file="+filepath.Join(folder, "p.yml"),
		"--storage.tsdb.path="+filepath.Join(folder, "tsdb"), "--web.listen-address="+listen)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	question := "http://" + listen + "/api/v1/query?query=" + url.QueryEscape(`sum(ouidire_mentions_total{watch="caisse",source_kind="feed"})`)
	eventually(t, "what Prometheus scraped", func() bool {
		res, err := http.Get(question)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return err == nil && strings.Contains(string(body), `,"2"]`)
	})
}
