package notify

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

var sayCut = say.Text{EN: "[cut here: this channel takes no more]", FR: "[coupé ici\u00a0: ce moyen d’envoi n’en accepte pas davantage]"}

// Weigh is how much of a service's limit a piece of text takes, once written as the
// service wants it: a whole is as heavy as its parts.
type Weigh func(piece string) int

// Characters counts what Unicode calls code points, as most services do.
func Characters(s string) int { return utf8.RuneCountInString(s) }

// Bytes counts bytes.
func Bytes(s string) int { return len(s) }

const (
	bodyMost    = 512 << 10 // of what is handed to us: more than any service takes
	subjectMost = 140
	lineMost    = bodyMost
)

// Subject is the subject, made harmless.
func Subject(m alerting.Message) string { return alerting.Plain(m.Subject, subjectMost) }

// Text is the body as harmless lines that weigh at most limit: cut between words
// where it must be, and then it says so.
func Text(m alerting.Message, limit int, weigh Weigh) string {
	body := m.Body
	if len(body) > bodyMost {
		body = strings.ToValidUTF8(body[:bodyMost], "")
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")), "\n")
	for i, line := range lines {
		lines[i] = alerting.Plain(line, lineMost)
	}
	return cut(strings.Join(lines, "\n"), limit, weigh, "…\n"+sayCut.In(m.Lang))
}

// cut keeps whole characters as a reader sees them, and whole words when one ends nearby.
func cut(s string, limit int, weigh Weigh, note string) string {
	if weigh(s) <= limit {
		return s
	}
	left, end, word := limit-weigh(note), 0, 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if left -= weigh(g.Str()); left < 0 {
			break
		}
		from, to := g.Positions()
		if g.Str() == " " || g.Str() == "\n" {
			word = from
		}
		end = to
	}
	if word > end/2 {
		end = word
	}
	return strings.TrimRight(s[:end], " \n,;:.-–—") + note
}

// Piece is a part of a line: words, or an address that one may open.
type Piece struct{ Text, Address string }

// web finds addresses in what we word; those of strangers were made unreadable to
// programs before they came here (alerting.Quoted).
var web = regexp.MustCompile(`https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+`) // the characters of RFC 3986

// Links takes a line apart into words and addresses.
func Links(line string) (all []Piece) {
	at := 0
	for _, found := range web.FindAllStringIndex(line, -1) {
		address := strings.TrimRight(line[found[0]:found[1]], `.,;:!?)"'>]`)
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.User != nil {
			continue
		}
		if found[0] > at {
			all = append(all, Piece{Text: line[at:found[0]]})
		}
		all = append(all, Piece{Text: address, Address: address})
		at = found[0] + len(address)
	}
	if at < len(line) {
		all = append(all, Piece{Text: line[at:]})
	}
	return all
}

// sayOpen is on the button that leads to the page.
var sayOpen = say.Text{EN: "Open in ouidire", FR: "Ouvrir dans ouidire"}

var sayActs = map[alerting.Act]say.Text{
	alerting.Acknowledge: {EN: "I’ll handle it", FR: "Je m’en occupe"},
	alerting.FalseAlarm:  {EN: "False alarm", FR: "Fausse alerte"},
	alerting.Read:        {EN: "I have read it", FR: "J’ai lu"},
}

// Button is the label of a button of a message.
func Button(a alerting.Act, l say.Lang) string { return sayActs[a].In(l) }

// Open is the label of the button that leads to the page of a message.
func Open(l say.Lang) string { return sayOpen.In(l) }
