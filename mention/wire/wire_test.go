package wire

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

func TestAMentionReadsInJSONAsTheContractSays(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 12, 0, 0, time.FixedZone("", -5*3600))
	m := mention.Mention{ID: "a1", Source: "echo", Place: "web", Kind: mention.Article, URL: "https://echo.example/1",
		Versions:    []mention.Version{{At: at, Title: "avant"}, {At: at.Add(time.Hour), Title: "L’épargne", Text: "Été", Hits: []mention.Hit{{Watch: "caisse"}}}},
		PublishedAt: at, DateFrom: "feed", SeenAt: at,
		Readings: []mention.Reading{{At: at, Neutral: 1, By: "lexicon-1", Target: mention.Brand, Intent: mention.Praise}}}
	got, err := json.Marshal(Of(m))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a1","source":"echo","place":"web","kind":"article","url":"https://echo.example/1","title":"L’épargne","text":"Été",` +
		`"published_at":"2026-11-20T14:12:00Z","date_from":"feed","seen_at":"2026-11-20T14:12:00Z","edited_at":"2026-11-20T15:12:00Z",` +
		`"watches":[{"watch":"caisse","words":[]}],` +
		`"sentiment":{"label":"","negative":0,"neutral":1,"positive":0,"sure":false,"why":[],"by":"lexicon-1","at":"2026-11-20T14:12:00Z"},` +
		`"target":"brand","intent":"praise"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, _ := json.Marshal(Of(mention.Mention{ID: "b"})); string(got) != `{"id":"b"}` {
		t.Errorf("what is absent was not left out: %s", got)
	}
}

func TestALineIsTextUnlessItIsAJSONObject(t *testing.T) {
	for line, want := range map[string]string{
		"d’épargne":                  "d’épargne",
		`{"id":"x","text":"œuvre"}`:  "œuvre",
		`  {"id":"x","text":"ÉTÉ"}`:  "ÉTÉ",
		`[crochets] et "guillemets"`: `[crochets] et "guillemets"`,
		`{ironie} Bravo!`:            `{ironie} Bravo!`,
		"":                           "",
		"  ":                         "  ",
		"{}":                         "",
	} {
		if got, err := new(Lines).Read(line); err != nil || got.Text != want {
			t.Errorf("Read(%q) = %q, %v, want %q", line, got.Text, err, want)
		}
	}
	for _, line := range []string{`{"id":`, `{"id":{}}`, `{"id":true}`, `{"text":5}`, `{"text":"a"} b`} {
		if _, err := new(Lines).Read(line); err == nil {
			t.Errorf("%s was read", line)
		}
	}
}

func TestAFileThatHasHeldAMentionHoldsOnlyMentions(t *testing.T) {
	var l Lines
	for _, c := range []struct {
		line string
		ok   bool
	}{{"d'abord un texte", true}, {`{"text":"l'épargne"}`, true}, {"pas du JSON", false}, {"null", false}, {"", true}, {`{"text":"encore"}`, true}} {
		if _, err := l.Read(c.line); (err == nil) != c.ok {
			t.Errorf("Read(%q): %v", c.line, err)
		}
	}
}

func TestAnIdentifierIsKeptAsItWasWritten(t *testing.T) {
	for line, want := range map[string]string{
		`{"id":"a\u00e9"}`: `"a\u00e9"`, `{"id":12}`: "12", `{"id":12345678901234567890}`: "12345678901234567890",
		`{"id":""}`: "", `{"id":null}`: "", `{"text":"x"}`: "",
	} {
		if got, err := new(Lines).Read(line); err != nil || string(got.ID) != want {
			t.Errorf("the id of %s is %s, %v, want %s", line, got.ID, err, want)
		}
	}
}

func FuzzALineFromElsewhere(f *testing.F) {
	for _, seed := range []string{"l’épargne", `{"id":"a","text":"d'épargne","author":{"name":"Éloïse"},"published_at":"2026-11-20T09:12:00-05:00"}`, `{"id":1}`, "{", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := new(Lines).Read(line)
		if err != nil {
			return
		}
		if got.ID != nil && !json.Valid(got.ID) {
			t.Errorf("Read(%q) gives the id %s, which is no JSON", line, got.ID)
		}
		if m := got.Mention.Mention(); m.Current().Text != got.Text {
			t.Errorf("Read(%q) loses the text %q", line, got.Text)
		}
	})
}

func TestAWholeMentionComesBackAsItWas(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	m := mention.Mention{ID: "a1", Source: "echo", Place: "web", Kind: mention.Comment, URL: "https://echo.example/1", Own: true, Parent: "p", Thread: "t",
		Versions: []mention.Version{{At: at, Title: "L'épargne", Hits: []mention.Hit{{Watch: "caisse", Words: []string{"Épargne"}}, {Watch: "lieu"}}},
			{At: at.Add(time.Hour), Text: "œuvre"}},
		Author: mention.Author{ID: "7", Name: "Éloïse", Audience: 12}, PublishedAt: at, DateFrom: "feed", SeenAt: at, GoneAt: at.Add(time.Hour), History: true, Lang: "fr",
		Readings:  []mention.Reading{{At: at, Negative: .25, Neutral: .5, Positive: .25, Why: []string{"plate"}, By: "lexicon-1"}, {At: at, Positive: 1, Label: mention.Positive, Target: mention.Brand, Intent: mention.Praise, Sure: true, By: mention.Person}},
		Signature: mention.Signature{MinHash: []uint32{1, 4294967295}, Lead: []uint32{7}, Figures: []string{"14"}}, Repaired: true}
	line, err := json.Marshal(WholeOf(m))
	if err != nil {
		t.Fatal(err)
	}
	var back Whole
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Whole(); !reflect.DeepEqual(got, m) {
		t.Errorf("got  %+v\nwant %+v", got, m)
	}
}
