package alerting

import (
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

var (
	sayExercise     = say.Text{EN: "Exercise", FR: "Exercice"}
	sayIsExercise   = say.Text{EN: "This is an exercise: nothing has happened, and every figure is made up. The rule %s would tell you in this way.", FR: "Ceci est un exercice\u00a0: il ne s’est rien passé, et chaque chiffre est inventé. La règle d’alerte %s vous préviendrait ainsi."}
	sayEndsExercise = say.Text{EN: "End of the exercise.", FR: "Fin de l’exercice."}
)

// Exercise is what a rule would say to a channel, with figures that were made up, and
// marked so in its subject, before it and after it. id tells two exercises apart.
func Exercise(r NamedRule, c Channel, id string, at time.Time) Message {
	s := Signal{Watch: r.Watch, Severity: Inform, Since: at}
	if e, can := As[Exercised](r.Rule); can {
		s = e.Exercise(at)
	}
	s.Rule, s.Kind = r.Name, r.Kind
	i := opening(s, at)
	i.hear(s)
	reader := c.Reader
	reader.Page = "" // there is no such situation
	happened := []Transition{Opened}
	_, body, _ := Compose(i, happened, reader)
	m := Message{Rule: r.Name, Watch: s.Watch, Severity: s.Severity, Lang: reader.Lang, At: at, Test: true}
	m.Key = idempotencyKey(Due{Incident: Incident{ID: "exercise " + id}}, c)
	m.Subject = fitSubject(tellerOf(i, happened, reader), reader, sayExercise.In(reader.Lang)+reader.Lang.Colon()+" ")
	m.Body = strings.Join([]string{sayIsExercise.In(reader.Lang, Plain(r.Name, outletLimit)), strings.TrimSpace(body), sayEndsExercise.In(reader.Lang)}, "\n\n") + "\n"
	return m
}
