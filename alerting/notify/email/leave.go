package email

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// notifyEach sends what comes at its hours: to each person their own letter, since each
// has their own link out of it, and to nobody who took it.
func (n *Notifier) notifyEach(ctx context.Context, m alerting.Message) error {
	owed, err := n.subscribed(ctx, m)
	if err != nil {
		return &alerting.Trouble{Reason: alerting.Broken, Err: fmt.Errorf("recall who wants no digests: %w", err)}
	}
	if len(owed) == 0 {
		return n.sum(m.Key, nil)
	}
	s, err := n.dial(ctx)
	if err != nil {
		return fmt.Errorf("reach mail server %s: %w", n.config.Host, judge(err))
	}
	defer s.close()
	fates := map[string]error{}
	for i, to := range owed {
		letter, err := n.letter(m, []*netmail.Address{to})
		if err != nil {
			return alerting.Permanent(fmt.Errorf("write the e-mail: %w", err))
		}
		one, err := s.deliver(n.from.Address, []string{to.Address}, letter)
		if err != nil { // of the connection, or of a letter that is the same for all
			for _, rest := range owed[i:] {
				fates[rest.Address] = fmt.Errorf("hand the e-mail to %s: %w", n.config.Host, err)
			}
			break
		}
		if fates[to.Address] = one[to.Address]; one[to.Address] != nil {
			_ = s.Reset() // a server that does not begin anew refuses the next one, who is tried again
		}
	}
	return n.sum(m.Key, fates)
}

// subscribed is who is owed an edition and has not left it.
func (n *Notifier) subscribed(ctx context.Context, m alerting.Message) ([]*netmail.Address, error) {
	owed := n.owed(m.Key)
	if n.left == nil {
		return owed, nil
	}
	left, err := n.left.Unsubscribed(ctx, m.Layout.Leave.Channel)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(owed, func(a *netmail.Address) bool { return slices.Contains(left, strings.ToLower(a.Address)) }), nil
}

var (
	sayStopIt = say.Text{EN: "Stop the messages of ouidire to me", FR: "Ne plus m’envoyer les messages d’ouidire"}
	sayLeave  = say.Text{EN: "No more of these to %s", FR: "Ne plus les envoyer à %s"}
)

// way is how one reader gets no more of what comes at its hours.
type way struct {
	Link, Words string // the page to say so on, "" when its address is not known
	line        string // both in a line of text
	id          string // of the letter to this reader
	stop        string // the page where the digest itself is set
	letter      string // to whom one writes
}

func (n *Notifier) wayOut(m alerting.Message, to *netmail.Address) way {
	letter := url.URL{Scheme: "mailto", Opaque: url.PathEscape(n.from.Address), RawQuery: "subject=" + url.PathEscape(sayStopIt.In(m.Lang))}
	id := sha256.Sum256([]byte(m.Key + "\x00" + to.Address))
	w := way{Words: sayLeave.In(m.Lang, to.Address), id: hex.EncodeToString(id[:]), stop: m.Layout.Stop, letter: letter.String()}
	if pass := n.passes.Leave(m.Layout.Leave.Channel, to.Address); pass != "" && m.Layout.Leave.Page != "" && n.left != nil {
		w.Link = m.Layout.Leave.Page + alerting.LeavePath + pass
		w.line = "\n" + w.Words + m.Lang.Colon() + " " + w.Link
	}
	return w
}

// headers says it to mail programs, which show a button of their own: a page and a letter
// (RFC 2369), and that one click does it, where the page is reached safely (RFC 8058).
func (w way) headers(msg *mail.Msg) {
	ways := "<" + w.letter + ">"
	if first := cmp.Or(w.Link, w.stop); first != "" {
		ways = "<" + first + ">, " + ways
	}
	msg.SetGenHeader(mail.HeaderListUnsubscribe, ways)
	if strings.HasPrefix(w.Link, "https://") {
		msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}
