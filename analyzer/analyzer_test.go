package analyzer

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/analyzer/sentiment"
	"github.com/ouidire/ouidire/mention"
)

var nine = time.Date(2026, 11, 18, 9, 12, 0, 0, time.UTC)

func comment(text string) *mention.Mention {
	return &mention.Mention{Kind: mention.Comment, Versions: []mention.Version{{At: nine, Text: text}}}
}

func ExampleAnalyzer_Read() {
	m := &mention.Mention{Versions: []mention.Version{{Text: "Bravo pour la panne, juste le jour de la paye."}}}
	New().Read(m, nil, nine)
	r, _ := m.Reading()
	fmt.Println(m.Lang, r.Label, r.Intent, r.Why)
	// Output: fr negative complaint [Bravo]
}

func TestAMentionGetsItsLanguageItsToneAndItsSignature(t *testing.T) {
	for _, c := range []struct {
		text, lang string
		label      mention.Label
	}{
		{"L’épargne de ma mère a disparu, c’est inacceptable.", "fr", mention.Negative},
		{"L'épargne de ma mère est entre bonnes mains, merci beaucoup!", "fr", mention.Positive},
		{"TABARNAK QUE VOUS ÊTES BONS 😍", "fr", mention.Positive},
		{"The app keeps crashing, this is unacceptable.", "en", mention.Negative},
		{"Thank you so much, you were all wonderful.", "en", mention.Positive},
		{"El banco no me devuelve el dinero que me robaron.", "other", ""},
		{"Я жду ответа три недели.", "other", ""},
	} {
		m := comment(c.text)
		New().Read(m, nil, nine)
		r, ok := m.Reading()
		if !ok || m.Lang != c.lang || r.Label != c.label {
			t.Errorf("%s: language %q, reading %+v; want %q, %q", c.text, m.Lang, r, c.lang, c.label)
		}
		if sum := r.Negative + r.Neutral + r.Positive; math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: probabilities sum to %v", c.text, sum)
		}
		if r.Sure || r.By != sentiment.Model || !r.At.Equal(nine) {
			t.Errorf("%s: %+v", c.text, r)
		}
		if len(m.Signature.Lead) == 0 {
			t.Errorf("%s: not signed", c.text)
		}
	}
}

func TestAnEditedMentionGetsANewReadingBesideTheOld(t *testing.T) {
	m, a := comment("Votre service est pourri."), New()
	a.Read(m, nil, nine)
	a.Read(m, nil, nine.Add(time.Minute))
	if len(m.Readings) != 1 {
		t.Fatalf("%d readings of one version, want 1", len(m.Readings))
	}
	m.Versions = append(m.Versions, mention.Version{At: nine.Add(time.Hour), Text: "Tout est réglé, merci beaucoup!"})
	a.Read(m, nil, nine.Add(time.Hour))
	var labels []mention.Label
	for _, r := range m.Readings {
		labels = append(labels, r.Label)
	}
	if diff := cmp.Diff([]mention.Label{mention.Negative, mention.Positive}, labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestAPersonsReadingStaysAndDoesNotHideAnEdit(t *testing.T) {
	m, a := comment("Votre service est pourri."), New()
	a.Read(m, nil, nine)
	m.Readings = append(m.Readings, mention.Reading{At: nine.Add(time.Minute), Label: mention.Neutral, By: mention.Person})
	a.Read(m, nil, nine.Add(2*time.Minute))
	if len(m.Readings) != 2 {
		t.Fatalf("%d readings, want the first and the person's", len(m.Readings))
	}
	if r, _ := m.Reading(); r.By != mention.Person {
		t.Errorf("the reading that holds is by %q, want the person's", r.By)
	}
}

func TestWhatCannotBeScoredIsKeptUnscored(t *testing.T) {
	for name, m := range map[string]*mention.Mention{
		"no version":      {},
		"no text":         comment(" \n"),
		"our own":         {Own: true, Versions: []mention.Version{{Text: "Nouvelles heures d'ouverture, bravo à l'équipe"}}},
		"a reader breaks": comment("n'importe quel texte en français"),
	} {
		a := New()
		if name == "a reader breaks" {
			a = With(toneFunc(func(sentiment.Text) mention.Reading { panic("broken") }))
		}
		a.Read(m, nil, nine)
		if len(m.Readings) != 0 {
			t.Errorf("%s: %d readings, want none", name, len(m.Readings))
		}
	}
}

type toneFunc func(sentiment.Text) mention.Reading

func (f toneFunc) Read(t sentiment.Text) mention.Reading { return f(t) }

func TestTheLanguageOfThePlaceHelpsShortTexts(t *testing.T) {
	m := comment("Super 👍")
	m.Lang = "fr-CA"
	New().Read(m, nil, nine)
	if m.Lang != "fr" {
		t.Errorf("language %q, want the place's", m.Lang)
	}
	long := comment("Nobody at the counter, nobody on the phone.")
	long.Lang = "fr"
	New().Read(long, nil, nine)
	if long.Lang != "en" {
		t.Errorf("language %q, want the text's own", long.Lang)
	}
}

func TestACommentOnOurPlaceSpeaksToUs(t *testing.T) {
	m := comment("Toujours fermé, c'est inacceptable.")
	m.Versions[0].Hits = []mention.Hit{{Watch: "caisse"}}
	New().Read(m, nil, nine)
	if r, _ := m.Reading(); r.Target != mention.Brand {
		t.Errorf("target %q, want brand", r.Target)
	}
}

func TestOneAnalyzerReadsInManyHands(t *testing.T) {
	a := New()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				m := comment(strings.Repeat("Ça marche pas, tabarnak! ", i+1))
				a.Read(m, nil, nine)
				if r, ok := m.Reading(); !ok || r.Label != mention.Negative {
					t.Errorf("reading %+v", r)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzRead(f *testing.F) {
	f.Add("L'épargne", "d’épargne, cafe\u0301 😡", "fr")
	f.Add("", "\xff\xfe\x00 :) :(", "")
	f.Add("DESJARDINS", strings.Repeat("a", 3000), "en")
	a := New()
	f.Fuzz(func(t *testing.T, title, body, lang string) {
		m := &mention.Mention{Lang: lang, Versions: []mention.Version{{Title: title, Text: body}}}
		a.Read(m, nil, nine)
		for _, r := range m.Readings {
			sum := r.Negative + r.Neutral + r.Positive
			if !(math.Abs(sum-1) < 1e-6) || r.Negative < 0 || r.Neutral < 0 || r.Positive < 0 {
				t.Errorf("probabilities %v %v %v", r.Negative, r.Neutral, r.Positive)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	a := New()
	texts := []string{
		"Ça fait trois fois que j'appelle pis personne me répond.", "Merci à toute l'équipe pour votre patience avec ma mère!",
		"À quelle heure ouvre la succursale le samedi?", "The app keeps crashing since the update.",
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		a.Read(comment(texts[n%len(texts)]), nil, nine)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mentions/s")
}
