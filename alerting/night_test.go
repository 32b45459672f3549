package alerting_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

func TestInQuietHoursWhatIsUrgentComesAndTheRestIsOneSummaryInTheMorning(t *testing.T) {
	within(t, func(w *world) {
		w.stop()
		night := &inbox{}
		w.more = []alerting.Channel{{Name: "nuit", Notifier: night, Quiet: alerting.Quiet{From: 21 * time.Hour, To: 7 * time.Hour},
			Reader: alerting.Reader{Lang: say.FrenchCanada, Zone: time.UTC}}}
		w.rules = []alerting.NamedRule{w.fresh(alerting.Terms{Watch: "mouvement"}), w.fresh(alerting.Terms{Watch: "caisse", Severity: alerting.Urgent})}
		w.rules[1].Name = "urgences"
		w.run()
		w.wait(time.Hour) // one in the morning
		w.keep(said{id: "a", source: "a", title: "La Caisse en flammes", text: strings.Repeat("Le feu a pris à la Caisse Valtisse cette nuit. ", 9), watches: []string{"caisse"}})
		w.keep(said{id: "b", source: "b", title: "Un bilan", text: closures})
		w.keep(said{id: "c", source: "c", title: "Une fête", text: strings.Repeat("La fête du Mouvement Valtisse aura lieu samedi, avec un concert d’été. ", 9)})
		w.wait(time.Hour)
		if got := night.subjects(); len(got) != 1 || got[0] != "Nouvelle : La Caisse en flammes (a.example)" {
			t.Errorf("at two in the morning: %q", got)
		}
		w.wait(5*time.Hour + time.Minute)
		got := night.messages()
		if len(got) != 2 || !strings.Contains(got[1].Subject, "2") || !strings.Contains(got[1].Body, "heures de tranquillité") {
			t.Errorf("in the morning: %q", night.subjects())
		}
		if len(w.inbox.subjects()) != 3 {
			t.Errorf("the other channel has no quiet hours: %q", w.inbox.subjects())
		}
	})
}
