package rule

import (
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

var monday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

func comment(words string, negative float64, intent mention.Intent, author mention.Author) Comment {
	return NewComment(new(text.Tokenizer), mention.Mention{
		ID: mention.NewID("web", words), Source: "blogue", Place: "web", Author: author, PublishedAt: monday,
		Versions: []mention.Version{{Text: words}}, Readings: []mention.Reading{{Negative: negative, Intent: intent}},
	})
}

func TestExamplesAreOfDifferentPeopleSayDifferentThingsAndInsultsComeLast(t *testing.T) {
	far := mention.Author{Name: "Œdipe", Audience: 12_000}
	all := []Comment{
		comment("Bande de voleurs de grand chemin, allez tous au diable avec votre caisse", 0.99, mention.Provocation, mention.Author{}),
		comment("C'est honteux de fermer le comptoir à trois heures quand le village travaille", 0.9, "", mention.Author{}),
		comment("C’est honteux de fermer le comptoir à trois heures quand le village travaille!", 0.9, "", mention.Author{}),
		comment("My mother walks forty minutes to the branch and finds the door locked", 0.85, "", far),
		comment("Non", 0.99, "", mention.Author{}),
		comment("Qui a consulté les membres avant de décider ces horaires d’été", 0.7, "", far),
		comment("Les aînés n’ont pas tous une application ni une voiture pour la ville voisine", 0.8, "", mention.Author{}),
	}
	chosen := examples(all)
	if len(chosen) != 3 {
		t.Fatalf("chose %d", len(chosen))
	}
	for _, c := range chosen {
		if reading, _ := c.Reading(); reading.Intent == mention.Provocation || len(c.Tokens) < 5 {
			t.Errorf("chose %q", c.Text)
		}
	}
	if alike(chosen[0], chosen[1]) || alike(chosen[1], chosen[2]) || alike(chosen[0], chosen[2]) {
		t.Errorf("they repeat one another: %q, %q, %q", chosen[0].Text, chosen[1].Text, chosen[2].Text)
	}
	if ids, quotes := Examples(all); len(ids) != 3 || len(quotes) != 3 || quotes[0].Text != chosen[0].Text {
		t.Errorf("quoted %q", quotes)
	}
	if v := Voices(all); len(v) != 1 || v[0].Audience != 12_000 {
		t.Errorf("voices: %+v", v)
	}
}

func TestALongTextIsCutAtAWord(t *testing.T) {
	if got := Short("L’épargne, ça n'attend pas l’été", 20); got != "L’épargne, ça…" {
		t.Errorf("got %q", got)
	}
	if got := Short(strings.Repeat("é", 50), 20); got != strings.Repeat("é", 19)+"…" {
		t.Errorf("got %q", got)
	}
}
