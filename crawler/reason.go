package crawler

import (
	"context"
	"errors"
	"time"

	"github.com/ouidire/ouidire/internal/freshness"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
)

// What only the crawler can find wrong; the other reasons are polite's.
const (
	reasonPanic = "panic" // a fault of ours
	reasonOther = "other" // the source gave no reason
	// It answers, and has brought nothing new for longer than it ever does.
	reasonSilent = "silent"
)

// Reasons are all words that Visit.Reason can be, for metrics that start at zero.
func Reasons() []string {
	words := []string{reasonPanic, reasonOther, reasonSilent}
	for _, r := range polite.Reasons() {
		words = append(words, string(r))
	}
	return words
}

func reason(err error) string {
	switch r := polite.ReasonOf(err); {
	case r != "":
		return string(r)
	case errors.Is(err, context.DeadlineExceeded):
		return string(polite.Timeout)
	}
	return reasonOther
}

// Lasting tells a source that has not been read for a week, and will not mend by itself.
func (v Visit) Lasting(now time.Time) bool {
	return v.Failures > 0 && !v.Since.IsZero() && now.Sub(v.Since) >= aWeek
}

// Say tells a person who reads l what is wrong with a source and what to do, ""
// when nothing is.
func (v Visit) Say(l say.Lang, now time.Time) string {
	switch {
	case v.Reason == "" && v.Blind:
		return notKept.In(l, v.Source)
	case v.Reason == "":
		return ""
	case v.Reason == reasonSilent:
		return v.saySilence(l, now)
	}
	text, ok := polite.Reason(v.Reason).Text()
	if !ok {
		text = ours
	}
	if v.Lasting(now) {
		return text.In(l, v.Source) + " " + forAWeek.In(l, l.Span(now.Sub(v.Since)))
	}
	return text.In(l, v.Source)
}

// saySilence also tells how long this place is silent otherwise.
func (v Visit) saySilence(l say.Lang, now time.Time) string {
	h, err := freshness.Parse(v.History)
	if err != nil || h.Usual() == 0 {
		return silent.In(l, v.Source)
	}
	return silentFor.In(l, v.Source, l.Span(now.Sub(h.New)), l.Span(h.Usual()))
}

var (
	notKept = say.Text{
		EN: "What %s brings cannot be kept for now. Check that the disk on which ouidire keeps its data is not full.",
		FR: "Ce que %s apporte ne peut être conservé pour le moment. Vérifiez que le disque où ouidire garde ses données n’est pas plein.",
	}
	silent = say.Text{
		EN: "%s answers, but has brought nothing new for longer than ever. Open its site: if there is news there, correct the address in the configuration.",
		FR: "%s répond, mais n’a rien apporté de nouveau depuis plus longtemps que jamais. Ouvrez son site\u00a0: s’il y a du nouveau, corrigez l’adresse dans la configuration.",
	}
	silentFor = say.Text{
		EN: "%s answers, but has brought nothing new for %s; its silences seldom last more than %s. Open its site: if there is news there, correct the address in the configuration.",
		FR: "%s répond, mais n’a rien apporté de nouveau depuis %s; ses silences dépassent rarement %s. Ouvrez son site\u00a0: s’il y a du nouveau, corrigez l’adresse dans la configuration.",
	}
	ours = say.Text{
		EN: "%s could not be read because of an error in ouidire. We will try again on our own. If it lasts, send us the log.",
		FR: "Impossible de lire %s à cause d’une erreur dans ouidire. Nous réessaierons de nous-mêmes. Si cela dure, envoyez-nous le journal.",
	}
	forAWeek = say.Text{
		EN: "It has not been read for %s: correct it in the configuration, or remove it.",
		FR: "Cette source n’a pas été lue depuis %s\u00a0: corrigez-la dans la configuration ou retirez-la.",
	}
	goneForGood = say.Text{
		EN: "%s has told us that it is gone for good. Replace its address in the configuration, or remove it.",
		FR: "%s nous a annoncé sa disparition pour de bon. Remplacez son adresse dans la configuration ou retirez-la.",
	}
	leftAlone = say.Text{
		EN: "%s asks to be left alone for another %s. It will be read then.",
		FR: "%s demande d’attendre encore %s. La lecture se fera à ce moment-là.",
	}
)

// span is a duration as each language writes it.
func span(d time.Duration) say.Text {
	return say.Text{EN: say.English.Span(d), FR: say.FrenchCanada.Span(d)}
}
