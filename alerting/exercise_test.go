package alerting

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// mute is a rule that has no words of its own; loud has.
type mute struct{}

func (mute) Eval(context.Context, Asker, time.Time) ([]Signal, time.Time, error) {
	return nil, time.Time{}, nil
}

type loud struct{ mute }

func (loud) Exercise(at time.Time) Signal {
	titles := []Phrase{Say(say.Text{EN: "%s mentions in %s of a very long afternoon by the sea (%s)", FR: "%s mentions en %s d’un très long après-midi au bord de l’eau (%s)"}, Number(34), Span(15*time.Minute), Whom("caisse"))}
	return Signal{Watch: "caisse", Severity: Urgent, Since: at, Size: 34, Facts: Facts{Notice: &Notice{Titles: titles, Next: Say(say.Text{EN: "Next: breathe.", FR: "À faire\u00a0: respirez."})}}}
}

func TestAnExerciseSaysSoInItsSubjectBeforeItAndAfterIt(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	for _, rule := range []Rule{mute{}, loud{}} {
		for _, r := range readers() {
			m := Exercise(NamedRule{Name: "vagues", Kind: "surge", Rule: rule}, Channel{Name: "courriel", Recipients: "equipe", Reader: r}, "x1", at)
			begins, inside, ends := "Exercice", "Ceci est un exercice", "Fin de l’exercice."
			if r.Lang == say.English {
				begins, inside, ends = "Exercise:", "This is an exercise", "End of the exercise."
			}
			if !strings.HasPrefix(m.Subject, begins) || !strings.HasPrefix(m.Body, inside) || !strings.HasSuffix(strings.TrimSpace(m.Body), ends) {
				t.Errorf("%s\n%s", m.Subject, m.Body)
			}
			if !m.Test || m.Link != "" || m.Incident != "" || strings.Contains(m.Body, "/situations/") || utf8.RuneCountInString(m.Subject) > subjectLimit {
				t.Errorf("%+v", m)
			}
			other := Exercise(NamedRule{Name: "vagues", Rule: rule}, Channel{Name: "courriel", Recipients: "equipe", Reader: r}, "x2", at)
			if other.Key == m.Key {
				t.Error("two exercises have one key: a channel would drop the second")
			}
		}
	}
}
