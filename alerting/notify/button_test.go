package notify_test

import (
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/internal/say"
)

func TestEveryButtonOfAMessageSaysWhatItDoes(t *testing.T) {
	for act, want := range map[alerting.Act][2]string{
		alerting.Acknowledge: {"I’ll handle it", "Je m’en occupe"}, alerting.FalseAlarm: {"False alarm", "Fausse alerte"}, alerting.Read: {"I have read it", "J’ai lu"},
	} {
		if got := [2]string{notify.Button(act, say.English), notify.Button(act, say.FrenchCanada)}; got != want {
			t.Errorf("%s: %q, want %q", act, got, want)
		}
	}
}
