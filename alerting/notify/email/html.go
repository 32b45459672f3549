package email

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/internal/say"
)

//go:embed page.html
var pageText string

// form is the page of a message that has parts. It needs no image, and follows the dark
// or the light of its reader's program. It does not repeat the subject: beside that, a
// telephone shows how the page begins.
var form = template.Must(template.New("page").Parse(pageText))

// pageOf is what the page is filled with.
type pageOf struct {
	alerting.Layout
	Lang          say.Lang
	Subject, Open string
	Foot          []notify.Piece
	Way           way
}

// page writes a message that has parts; the same words as its text.
func page(m alerting.Message, leads way) (string, error) {
	var out strings.Builder
	err := form.Execute(&out, pageOf{Layout: *m.Layout, Lang: m.Lang, Subject: notify.Subject(m), Open: notify.Open(m.Lang), Foot: notify.Links(m.Layout.Foot), Way: leads})
	if err != nil {
		return "", fmt.Errorf("write it as a page: %w", err)
	}
	return strings.ReplaceAll(out.String(), "\n", "\r\n"), nil
}
