package alerting

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// Advisory is what the team of a parent organisation advises the watches of its
// affiliates; readers call it des consignes. It goes the way of every message: it is kept
// as an incident of no rule, durable together with what the channels of those watches are
// owed, and delivered, given up and revived as they are. It stands in no list of
// situations. Who read it is only ever added.
type Advisory struct {
	From    string    `json:"from"`             // the watch of the organisation that advises
	To      []string  `json:"to"`               // the watches that are advised
	Subject string    `json:"subject"`          // one line; this and what follows is as a person wrote it
	Advice  string    `json:"advice"`           // a few lines
	Answer  string    `json:"answer,omitempty"` // words that may be used to answer, "" for none
	By      string    `json:"by,omitempty"`     // who sent it, as the page names them
	Member  string    `json:"member,omitempty"` // their id, "" for who is no member
	Until   time.Time `json:"until"`            // the instant at which it stops holding
	About   string    `json:"about,omitempty"`  // the id of a situation, "" for none
	Story   string    `json:"story,omitempty"`  // the id of the story of that situation, "" for none

	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
	WithdrawnBy string    `json:"withdrawn_by,omitempty"`
	Withdrawer  string    `json:"withdrawer,omitempty"` // their id, "" for who is no member

	Read []Receipt `json:"read,omitempty"` // oldest first
}

// Receipt is that somebody said that they have read an advisory.
type Receipt struct {
	At      time.Time `json:"at"`
	Name    string    `json:"name,omitempty"`    // as the page names them, "" for who gave none
	Member  string    `json:"member,omitempty"`  // their id, "" for who had not signed in
	Channel string    `json:"channel,omitempty"` // whose message they said it from, "" for the page
}

// Draft is an advisory as somebody wants to send it.
type Draft struct {
	Form string // tells one sending from another: sent twice, it is one advisory
	Advisory
	Urgent bool // it goes out in quiet hours too
	At     time.Time
}

// The lengths of what a person writes in an advisory, in characters.
const (
	AdviceSubjectMost = 58 // so that the shortest frame around it is a whole subject
	AdviceMost        = 1200
	AnswerMost        = 600

	adviceLines = 60
	receiptMost = 500
	formMost    = 64
	// AdviceLasts is the longest that an advisory may hold.
	AdviceLasts = 31 * 24 * time.Hour
)

// AdvisoryKey is the key of every advisory. No rule's incidents have it, nor editions:
// theirs hold a NUL or a space.
const AdvisoryKey = "advisory"

// IsAdvisory says whether the ledger keeps an advisory here, and no situation.
func (i Incident) IsAdvisory() bool { return i.Facts.Advisory != nil }

// IsSituation says whether the ledger keeps a situation here, and neither an edition nor an
// advisory.
func (i Incident) IsSituation() bool { return !i.IsEdition() && !i.IsAdvisory() }

// Holds says whether an advisory is to be followed at an instant.
func (a *Advisory) Holds(at time.Time) bool { return a.WithdrawnAt.IsZero() && at.Before(a.Until) }

// ReadBy says whether a member, by id, has said that they read it.
func (a *Advisory) ReadBy(member string) bool {
	return slices.ContainsFunc(a.Read, func(r Receipt) bool { return member != "" && r.Member == member })
}

// Advise is the advisory of a draft as the ledger keeps it, or what is wrong with the
// draft, for its author. It is pure.
func Advise(d Draft) (Incident, error) {
	a := d.Advisory
	a.Subject, a.Advice, a.Answer, a.By = Plain(a.Subject, AdviceSubjectMost+1), lines(a.Advice, AdviceMost), lines(a.Answer, AnswerMost), Plain(a.By, nameLimit)
	a.Read, a.WithdrawnAt, a.WithdrawnBy, a.Withdrawer = nil, time.Time{}, "", ""
	if err := a.wrong(d); err != nil {
		return Incident{}, err
	}
	severity := Watch
	if d.Urgent {
		severity = Urgent
	}
	return Incident{
		ID:  mention.NewID("advisory", d.Form),
		Key: AdvisoryKey, Kind: "advisory", Watch: a.From, Severity: severity, State: Resolved, Over: true,
		Since: d.At, OpenedAt: d.At, EndedAt: d.At, MovedAt: d.At, Seq: 1, Facts: Facts{Advisory: &a},
	}, nil
}

var (
	errNoSubject   = say.Errorf(say.Text{EN: "write in one line what it is about", FR: "écrivez en une ligne de quoi il s’agit"})
	errLongSubject = say.Errorf(say.Text{EN: "the subject is too long: %d characters at most, so that it reads whole on a telephone", FR: "l’objet est trop long\u00a0: %d caractères au plus, pour qu’il se lise en entier sur un téléphone"}, AdviceSubjectMost)
	errNoAdvice    = say.Errorf(say.Text{EN: "write what they should do, or not do", FR: "écrivez ce qu’il faut faire, ou ne pas faire"})
	errLongAdvice  = say.Errorf(say.Text{EN: "the advice is too long: %d characters and %d lines at most", FR: "les consignes sont trop longues\u00a0: %d caractères et %d lignes au plus"}, AdviceMost, adviceLines)
	errLongAnswer  = say.Errorf(say.Text{EN: "the answer is too long: %d characters and %d lines at most", FR: "la réponse est trop longue\u00a0: %d caractères et %d lignes au plus"}, AnswerMost, adviceLines)
	errNobody      = say.Errorf(say.Text{EN: "choose at least one organisation to advise", FR: "choisissez au moins une organisation à qui les adresser"})
	errNoUntil     = say.Errorf(say.Text{EN: "choose until when it holds: a day to come, within a month", FR: "choisissez jusqu’à quand elles valent\u00a0: un jour qui vient, d’ici un mois"})
	errNoForm      = say.Errorf(say.Text{EN: "this form is too old; open it anew", FR: "ce formulaire est trop vieux; ouvrez-le de nouveau"})

	errNoAdvisory = say.Errorf(say.Text{EN: "this advisory is not known; find it in the list", FR: "ces consignes sont inconnues; cherchez-les dans la liste"})
	errPastAdvice = say.Errorf(say.Text{EN: "this advisory holds no more; there is nothing to withdraw", FR: "ces consignes ne valent déjà plus; il n’y a rien à retirer"})
	errManyRead   = say.Errorf(say.Text{EN: "too many people have said so already; sign in to say it", FR: "trop de gens l’ont déjà dit; ouvrez une session pour le dire"})
)

// IsNoAdvisory tells whether somebody asked about an advisory that is not kept.
func IsNoAdvisory(err error) bool { return errors.Is(err, errNoAdvisory) }

// wrong is what keeps an advisory from being sent.
func (a *Advisory) wrong(d Draft) error {
	switch {
	case a.From == "" || len(a.To) == 0:
		return errNobody
	case a.Subject == "":
		return errNoSubject
	case utf8.RuneCountInString(a.Subject) > AdviceSubjectMost:
		return errLongSubject
	case a.Advice == "":
		return errNoAdvice
	case tooLong(a.Advice, AdviceMost):
		return errLongAdvice
	case tooLong(a.Answer, AnswerMost):
		return errLongAnswer
	case !a.Until.After(d.At) || a.Until.Sub(d.At) > AdviceLasts:
		return errNoUntil
	case d.Form == "" || len(d.Form) > formMost:
		return errNoForm
	}
	return nil
}

func tooLong(s string, most int) bool {
	return utf8.RuneCountInString(s) > most || strings.Count(s, "\n") >= adviceLines
}

// lines is what somebody wrote in a few lines, each of them harmless, with at most one
// empty line between two. Of what is far beyond the limit the rest is left out, and
// enough stays to see that it is too long.
func lines(s string, limit int) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(bounded(s, limit))
	var all []string
	for line := range strings.SplitSeq(s, "\n") {
		line = Plain(line, limit+1)
		if line != "" || len(all) > 0 && all[len(all)-1] != "" {
			all = append(all, line)
		}
	}
	return strings.TrimRight(strings.Join(all, "\n"), "\n")
}

// TakeBack gives an advisory as it stands after somebody withdrew it. One that was
// withdrawn already stays as it is. It is pure.
func TakeBack(i Incident, by Person, at time.Time) (Incident, error) {
	if !i.IsAdvisory() {
		return i, errNoAdvisory
	}
	a := *i.Facts.Advisory
	switch {
	case !a.WithdrawnAt.IsZero():
		return i, nil
	case !a.Holds(at):
		return i, errPastAdvice
	}
	a.WithdrawnAt, a.WithdrawnBy, a.Withdrawer = at, Plain(by.Name, nameLimit), by.Member
	i.Facts.Advisory, i.MovedAt = &a, at
	i.Seq++
	return i, nil
}

// Receive gives an advisory as it stands after somebody said that they have read it: who
// says it again changes nothing. It is pure.
func Receive(i Incident, r Receipt) (Incident, error) {
	if !i.IsAdvisory() {
		return i, errNoAdvisory
	}
	a := *i.Facts.Advisory
	r.Name = Plain(r.Name, nameLimit)
	known := slices.ContainsFunc(a.Read, func(o Receipt) bool {
		return r.Member == o.Member && cmp.Or(r.Member != "", r.Name == o.Name && r.Channel == o.Channel)
	})
	switch {
	case known:
		return i, nil
	case len(a.Read) >= receiptMost && r.Member == "":
		return i, errManyRead
	}
	a.Read = append(slices.Clone(a.Read), r)
	i.Facts.Advisory = &a
	return i, nil
}

// receiptOf begins what a pass for a receipt is signed for: no incident's id does.
const receiptOf = "advisory\x00"

// Receipt is the pass by which whoever gets an advisory by a channel says that they have
// read it. It lasts as long as the advisory, and at least as long as another pass.
func (p Passes) Receipt(i Incident, channel string) string {
	return p.Pass(receiptOf+i.ID+"\x00"+channel, lastOf(i.OpenedAt, i.Facts.Advisory.Until.Add(-passLasts)))
}

// ReceiptOf is the advisory and the channel that a pass is for; ok is false for one that
// was never given for this, and for one that has expired.
func (p Passes) ReceiptOf(pass string, now time.Time) (advisory, channel string, ok bool) {
	of, ok := p.Incident(pass, now)
	of, signed := strings.CutPrefix(of, receiptOf)
	advisory, channel, whole := strings.Cut(of, "\x00")
	return advisory, channel, ok && signed && whole
}

// ReceiptPath is where, under the page's address, receipts are given.
const ReceiptPath = "/read/"
