package elastic

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func sample() mention.Mention {
	return mention.Mention{
		ID: "m", Source: "tribune", Place: "web", Kind: mention.Article, URL: "https://www.nouvelles.example:8443/1",
		Versions: []mention.Version{
			{At: noon, Title: "L’épargne", Text: "Rien", Hits: nil},
			{At: noon.Add(time.Hour), Title: "L’épargne", Text: "d'e\u0301pargne en œuvre 🎉 #Caisse_Valtisse", Hits: []mention.Hit{
				{Watch: "valtisse", Words: []string{"Valtisse"}}, {Watch: "frais"}, {Watch: "valtisse"}}},
		},
		Author: mention.Author{ID: "7", Name: "Odette Œuvrard", Audience: 3}, Parent: "p", Thread: "t", PublishedAt: noon.Add(1234 * time.Microsecond),
		DateFrom: "feed", SeenAt: noon, GoneAt: noon.Add(2 * time.Hour), Lang: "fr",
		Readings: []mention.Reading{
			{At: noon, Negative: .5, Neutral: .25, Positive: .25, Label: mention.Negative, Target: mention.Brand, Intent: mention.Complaint, Sure: true, Why: []string{"honteux"}, By: mention.Person},
			{At: noon.Add(time.Hour), Label: mention.Positive, By: "lexicon-1"},
		},
		Signature: mention.Signature{MinHash: []uint32{1, 1<<32 - 1}, Lead: []uint32{3}, Figures: []string{"3.5"}}, Repaired: true,
	}
}

func encoded(t *testing.T, m mention.Mention) []byte {
	t.Helper()
	source, err := new(documents).encode(&m)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestADocumentSaysHowAMentionStandsNow(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal(encoded(t, sample()), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "body")
	want := map[string]any{
		"@timestamp": "2026-03-01T12:00:00.001234Z", "seen_at": "2026-03-01T12:00:00Z", "changed_at": "2026-03-01T14:00:00Z", "gone_at": "2026-03-01T14:00:00Z",
		"micro": object{"published": 1772366400001234., "seen": 1772366400000000., "changed": 1772373600000000.},
		"id":    "m", "standing": "others-gone", "claimed": true, "own": false, "history": false, "watch": []any{"frais", "valtisse"},
		"source": "tribune", "place": "web", "kind": "article", "lang": "fr",
		"author": object{"id": "7", "name": "Odette Œuvrard", "called": "Odette Œuvrard", "audience": 3.}, "parent": "p", "thread": "t",
		"url": "https://www.nouvelles.example:8443/1", "site": []any{"www.nouvelles.example", "nouvelles.example", "example"},
		"sentiment": object{"label": "negative", "target": "brand", "intent": "complaint", "negative": .5, "sure": true},
		"title":     "L’épargne", "text": "d'e\u0301pargne en œuvre 🎉 #Caisse_Valtisse",
		"tokens": object{
			"title": object{"fold": "fepargne", "french": "repargn", "english": "eepargn", "exact": "xzbe9pargne"},
			"text": object{"fold": "fepargne fen foeuvre fze1f389 fcaisse fvaltisse", "french": "repargn ren roeuvr rze1f389 rcaiss rvalt",
				"english": "eepargn een eoeuvr eze1f389 ecaiss evaltiss", "exact": "xzbe9pargne xen xzc153uvre xze1f389 xzb43aisse xzb56altisse",
				"label": "lzb23caissezb5fvaltisse"},
			"author": "fodette foeuvrard",
		}, "tokens_version": float64(text.Version),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (- want, + got):\n%s", diff)
	}
}

// Every key of a document stands in the mapping: strict, it would refuse the whole.
func TestTheMappingKnowsEveryFieldOfADocument(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(encoded(t, sample()), &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, doc, properties map[string]any)
	walk = func(at string, doc, properties map[string]any) {
		for key, value := range doc {
			field, ok := properties[key].(map[string]any)
			if !ok {
				t.Errorf("%s%s is not in the mapping", at, key)
				continue
			}
			inner, nested := value.(map[string]any)
			below, _ := field["properties"].(map[string]any)
			if nested != (below != nil) {
				t.Errorf("%s%s holds fields in one of document and mapping only", at, key)
			}
			if nested {
				walk(at+key+".", inner, below)
			}
		}
	}
	walk("", doc, properties())
}

func TestADocumentGivesTheMentionBack(t *testing.T) {
	docs := new(documents)
	rapid.Check(t, func(t *rapid.T) {
		given := drawMention(t)
		m, err := store.Normal(&given)
		if err != nil {
			t.Fatal(err)
		}
		source, err := docs.encode(&m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := docs.decode(source)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("came back (- want, + got):\n%s", diff)
		}
	})
}

// words draws what people write: letters, emoji, what JSON escapes, pieces of markup.
func words() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "L’épargne d'OEUVRE", "e\u0301 \u2028 </script> \x00", "🎉👍🏽 #Caisse_Valtisse", strings.Repeat("é", keywordMost)}))
}

func drawMention(t *rapid.T) mention.Mention {
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<32, 1<<33).Draw(t, "second"), rapid.Int64Range(0, 1e9-1).Draw(t, "nano"))
	})
	m := mention.Mention{
		ID: "i" + words().Draw(t, "id"), Source: words().Draw(t, "source"), Place: words().Draw(t, "place"), Kind: mention.Kind(words().Draw(t, "kind")),
		Own: rapid.Bool().Draw(t, "own"), URL: words().Draw(t, "url"), Parent: words().Draw(t, "parent"), Thread: words().Draw(t, "thread"),
		Author:      mention.Author{ID: words().Draw(t, "author"), Name: words().Draw(t, "name"), Audience: rapid.IntMin(0).Draw(t, "audience")},
		PublishedAt: at.Draw(t, "published"), DateFrom: words().Draw(t, "from"), SeenAt: at.Draw(t, "seen"), History: rapid.Bool().Draw(t, "history"),
		Lang: words().Draw(t, "lang"), Repaired: rapid.Bool().Draw(t, "repaired"),
		Signature: mention.Signature{MinHash: rapid.SliceOf(rapid.Uint32()).Draw(t, "minhash"), Lead: rapid.SliceOf(rapid.Uint32()).Draw(t, "lead"),
			Figures: rapid.SliceOf(words()).Draw(t, "figures")},
	}
	if rapid.Bool().Draw(t, "is gone") {
		m.GoneAt = at.Draw(t, "gone")
	}
	for range rapid.IntRange(1, 3).Draw(t, "versions") {
		v := mention.Version{At: at.Draw(t, "version"), Title: words().Draw(t, "title"), Text: words().Draw(t, "text")}
		for range rapid.IntRange(0, 2).Draw(t, "hits") {
			v.Hits = append(v.Hits, mention.Hit{Watch: words().Draw(t, "watch"), Words: rapid.SliceOf(words()).Draw(t, "words")})
		}
		m.Versions = append(m.Versions, v)
	}
	for range rapid.IntRange(0, 2).Draw(t, "readings") {
		m.Readings = append(m.Readings, mention.Reading{At: at.Draw(t, "reading"), Negative: rapid.Float64Range(0, 1).Draw(t, "negative"),
			Label: mention.Label(words().Draw(t, "label")), Target: mention.Target(words().Draw(t, "target")), Intent: mention.Intent(words().Draw(t, "intent")),
			Sure: rapid.Bool().Draw(t, "sure"), Why: rapid.SliceOf(words()).Draw(t, "why"), By: words().Draw(t, "by")})
	}
	return m
}

func TestALongKeywordKeepsItsBeginningAndStaysItself(t *testing.T) {
	long := strings.Repeat("é", keywordMost)
	got, other := keyword("a"+long), keyword("a"+long+"!")
	switch {
	case keyword(long[:keywordMost]) != long[:keywordMost] || shortened(long[:keywordMost]):
		t.Error("a keyword that fits is altered")
	case got == other || !shortened(got) || len(got) > keywordMost+70:
		t.Errorf("two long keywords became %d and %d bytes, equal: %v", len(got), len(other), got == other)
	case !strings.HasPrefix("a"+long, got[:keywordMost-1]) || strings.ContainsRune(got, '\uFFFD'):
		t.Errorf("it begins with %.20q", got)
	}
}

func TestAMentionsIndexIsThatOfItsMonth(t *testing.T) {
	n := indices{"ouidire"}
	for _, c := range []struct {
		published, seen string
		unclaimed       bool
		want            string
	}{
		{"2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z", false, "ouidire-mentions-2026-11"},
		{"2026-10-31T23:30:00Z", "2026-11-21T09:00:00Z", false, "ouidire-mentions-2026-10"},
		{"2026-10-31T23:30:00-05:00", "2026-11-21T09:00:00Z", false, "ouidire-mentions-2026-11"},
		{"2024-11-21T09:00:00Z", "2026-11-21T09:00:00Z", false, "ouidire-mentions-2024-11"},
		{"2024-11-21T08:59:59Z", "2026-11-21T09:00:00Z", false, "ouidire-mentions-old"},
		{"1998-01-01T00:00:00Z", "2026-11-21T09:00:00Z", true, "ouidire-unclaimed-2026-w47"},
		{"2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", true, "ouidire-unclaimed-2026-w53"},
	} {
		m := sample()
		m.PublishedAt, _ = time.Parse(time.RFC3339, c.published)
		m.SeenAt, _ = time.Parse(time.RFC3339, c.seen)
		if c.unclaimed {
			m.Versions[1].Hits = nil
		}
		if got := n.of(&m); got != c.want {
			t.Errorf("published %s, seen %s: %s, want %s", c.published, c.seen, got, c.want)
		}
	}
}

func TestEachStandingIsItsOwnWord(t *testing.T) {
	var all []string
	for _, isOwn := range []bool{false, true} {
		for _, hits := range [][]mention.Hit{nil, {{Watch: "valtisse"}}} {
			for _, at := range []time.Time{{}, noon} {
				all = append(all, standingOf(&mention.Mention{Own: isOwn, GoneAt: at, Versions: []mention.Version{{Hits: hits}}}))
			}
		}
	}
	want := []string{"aside", "aside-gone", "others", "others-gone", "own", "own-gone", "own", "own-gone"}
	if !slices.Equal(all, want) {
		t.Errorf("standings %v, want %v", all, want)
	}
}
