package email

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/internal/say"
)

//go:embed page.html
var pageText string

// form is the page of a message that has parts. It needs no image, and follows the dark
// or the light of its reader's program.
var form = template.Must(template.New("page").Parse(pageText))

// pageOf is what the page is filled with.
type pageOf struct {
	alerting.Layout
	Lang          say.Lang
	Subject, Open string
	Foot          []notify.Piece
}

// page writes a message that has parts; the same words as its text.
func page(m alerting.Message) (string, error) {
	var out strings.Builder
	err := form.Execute(&out, pageOf{Layout: *m.Layout, Lang: m.Lang, Subject: notify.Subject(m), Open: notify.Open(m.Lang), Foot: notify.Links(m.Layout.Foot)})
	if err != nil {
		return "", fmt.Errorf("write it as a page: %w", err)
	}
	return strings.ReplaceAll(out.String(), "\n", "\r\n"), nil
}

var sayStopIt = say.Text{EN: "Stop the messages of ouidire to me", FR: "Ne plus m’envoyer les messages d’ouidire"}

// unsubscribe is how one stops what comes at its hours (RFC 2369): a letter to whom it
// comes from, and the page where it is set, for those who may open it. Neither stops
// anything by itself, so nothing says that one click does (RFC 8058).
func (n *Notifier) unsubscribe(m alerting.Message) string {
	letter := url.URL{Scheme: "mailto", Opaque: url.PathEscape(n.from.Address), RawQuery: "subject=" + url.PathEscape(sayStopIt.In(m.Lang))}
	if m.Layout.Stop == "" {
		return "<" + letter.String() + ">"
	}
	return "<" + m.Layout.Stop + ">, <" + letter.String() + ">"
}
