package analyzer

import (
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

func TestAReplyThatOnlyAgreesLeansAndNoOtherDoes(t *testing.T) {
	l := newLeaning()
	for reply, want := range map[string]bool{
		"Même chose ici":                        true,
		"même chose ici 😡":                      true,
		"Me\u0302me chose ici!!!":               true,
		"Pareil chez nous...":                   true,
		"Ben oui, moi itou":                     true,
		"Nous autres aussi":                     true,
		"J'avoue":                               true,
		"J’avoue, tellement d’accord":           true,
		"@odette 100 % d'accord":                true,
		"T'AS BEN RAISON":                       true,
		"En plein ça":                           true,
		"mets-en":                               true,
		"+1":                                    true,
		"+ 1":                                   true,
		"+1000 👏👏":                              true,
		"Same here":                             true,
		"SO TRUE":                               true,
		"I couldn’t agree more":                 true,
		"Yes! This.":                            true,
		"you're right, happened to me too":      true,
		"":                                      false,
		"👏":                                     false,
		"@odette":                               false,
		"1":                                     false,
		"oui":                                   false,
		"yes":                                   false,
		"D'accord":                              false, // an answer to an answer: understood
		"Pas d'accord":                          false,
		"pas pareil ici":                        false,
		"Moi aussi, mais j’adore leur équipe":   false,
		"Même chose ici, le guichet est brisé":  false,
		"C'est pas vrai":                        false,
		"Moi aussi je cherche un prêt":          false,
		"I disagree":                            false,
		"same here but the staff was lovely":    false,
		"so not true":                           false,
		strings.Repeat("même chose ", 100):      false,
		"Exactement ce que je cherchais, merci": false,
		"La succursale du 1 rue Principale":     false,
		"https://nouvelles.example/meme-chose-ici":   false,
		"l'épargne, même affaire pour l’hypothèque!": false,
	} {
		if why, got := l.leans(reply); got != want {
			t.Errorf("%q leans: %v (%q), want %v", reply, got, why, want)
		}
	}
}

func TestAReplyTakesTheToneOfWhatItAnswers(t *testing.T) {
	angry := comment("Quelle honte, le service de la caisse est nul")
	New().Read(angry, nil, nine)
	corrected := comment("Wow, bravo pour les frais")
	New().Read(corrected, nil, nine)
	corrected.Readings = append(corrected.Readings, mention.Reading{At: nine.Add(time.Hour), Negative: 1, Label: mention.Negative, Intent: mention.Complaint, By: mention.Person})
	own := &mention.Mention{Own: true, Versions: []mention.Version{{At: nine, Text: "Merci à nos membres, quelle belle soirée, on vous adore!"}}}
	insult := comment("Espèces de crosseurs, bande d'incompétents")
	New().Read(insult, nil, nine)
	for name, c := range map[string]struct {
		reply  string
		parent *mention.Mention
		label  mention.Label
		intent mention.Intent
	}{
		"as it was read":          {"Même chose ici", angry, mention.Negative, mention.Complaint},
		"as a person corrected":   {"Same here", corrected, mention.Negative, mention.Complaint},
		"of our own publication":  {"Tellement!", own, mention.Positive, mention.Praise},
		"insults stay their own":  {"Tout à fait d’accord", insult, mention.Negative, mention.Complaint},
		"an unknown parent":       {"+1", nil, "", mention.Other},
		"a parent without a text": {"+1", &mention.Mention{}, "", mention.Other},
	} {
		t.Run(name, func(t *testing.T) {
			m := comment(c.reply)
			New().Read(m, func() *mention.Mention { return c.parent }, nine.Add(2*time.Hour))
			r, ok := m.Reading()
			if !ok || r.Label != c.label || r.Intent != c.intent || r.By == mention.Person || !r.At.Equal(nine.Add(2*time.Hour)) {
				t.Errorf("%q was read %+v, want %q and %s", c.reply, r, c.label, c.intent)
			}
		})
	}
}

func TestAChainOfAgreementKeepsTheTone(t *testing.T) {
	above := comment("Quelle honte, le service de la caisse est nul")
	New().Read(above, nil, nine)
	for _, reply := range []string{"Même chose ici", "idem", "me too"} {
		m := comment(reply)
		New().Read(m, func() *mention.Mention { return above }, nine)
		if r, _ := m.Reading(); r.Label != mention.Negative {
			t.Errorf("%q was read %+v, want negative", reply, r)
		}
		above = m
	}
}

func TestTheParentIsAskedForOnlyByAReplyThatLeans(t *testing.T) {
	asked := 0
	for _, reply := range []string{"Merci, excellent service", "Même chose ici, mais en mieux"} {
		New().Read(comment(reply), func() *mention.Mention { asked++; return nil }, nine)
	}
	if asked != 0 {
		t.Errorf("asked %d times, want never", asked)
	}
}

func FuzzLeans(f *testing.F) {
	f.Add("@odette +1000 même chose 👏")
	f.Add("\xff+1")
	l := newLeaning()
	f.Fuzz(func(t *testing.T, s string) {
		if why, ok := l.leans(s); ok && (why == "" || len(why) > leanMost) {
			t.Errorf("%q leans because of %q", s, why)
		}
	})
}
