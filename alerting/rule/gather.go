package rule

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Comment is a mention with its words.
type Comment struct {
	mention.Mention
	Text   string
	Tokens []text.Token
	Folded string // all of them: equal for texts that are the same word for word
}

// NewComment reads the words of m.
func NewComment(t *text.Tokenizer, m mention.Mention) Comment {
	v := m.Current()
	c := Comment{Mention: m, Text: strings.TrimSpace(v.Title + "\n" + v.Text)}
	c.Tokens = t.Append(nil, c.Text)
	var folded strings.Builder
	for _, token := range c.Tokens {
		folded.WriteString(token.Fold + " ")
	}
	c.Folded = folded.String()
	return c
}

// The most that a message names.
const (
	placesMost = 3
	voicesMost = 3
	quotesMost = 3
	quoted     = 400 // characters of a comment
	titled     = 120 // characters of a title
)

// Places is where people write, most first.
func Places(ctx context.Context, ask alerting.Asker, comments []Comment) ([]alerting.SurgePlace, error) {
	count, example := map[string]int{}, map[string]Comment{}
	for _, c := range comments {
		key := PlaceOf(&c.Mention)
		count[key]++
		example[key] = c
	}
	keys := Most(count, placesMost)
	roots, err := roots(ctx, ask, keys)
	if err != nil {
		return nil, err
	}
	var places []alerting.SurgePlace
	for _, key := range keys {
		p := alerting.SurgePlace{Title: example[key].Source, Share: float64(count[key]) / float64(len(comments))}
		if root, ok := roots[key]; ok {
			v := root.Current()
			p.Title, p.Own, p.URL = Short(cmp.Or(v.Title, v.Text, root.Source), titled), root.Own, root.URL
		}
		places = append(places, p)
	}
	return places, nil
}

// roots are the mentions that conversations began with, as far as they are kept.
func roots(ctx context.Context, ask alerting.Asker, ids []string) (map[string]mention.Mention, error) {
	roots := map[string]mention.Mention{}
	if len(ids) == 0 {
		return roots, nil
	}
	for _, q := range []store.Question{{Own: true}, {}, {Unclaimed: true}} {
		q.IDs, q.Gone = ids, true
		found, _, err := ask.Search(ctx, q, len(ids), "")
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			roots[m.ID] = m
		}
	}
	return roots, nil
}

// Most are the keys that count most, equal ones by name.
func Most(count map[string]int, limit int) []string {
	keys := make([]string, 0, len(count))
	for key := range count {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return keys[:min(limit, len(keys))]
}

// heard is from how many readers on somebody carries a thing far.
const heard = 1000

// Voices are those whom most people listen to.
func Voices(comments []Comment) (voices []alerting.SurgeVoice) {
	for _, c := range comments {
		named := slices.ContainsFunc(voices, func(v alerting.SurgeVoice) bool { return v.Name == c.Author.Name })
		if c.Author.Audience >= heard && c.Author.Name != "" && !named {
			voices = append(voices, alerting.SurgeVoice{Name: c.Author.Name, Audience: c.Author.Audience})
		}
	}
	slices.SortStableFunc(voices, func(a, b alerting.SurgeVoice) int { return cmp.Compare(b.Audience, a.Audience) })
	return voices[:min(voicesMost, len(voices))]
}

// Examples are comments of different people that say different things, the most
// telling first; provocations last.
func Examples(comments []Comment) (ids []string, quotes []alerting.SurgeQuote) {
	for _, c := range examples(comments) {
		ids = append(ids, c.ID)
		quotes = append(quotes, alerting.SurgeQuote{Text: Short(c.Text, quoted), Place: c.Source, At: c.PublishedAt})
	}
	return ids, quotes
}

func examples(comments []Comment) (chosen []Comment) {
	candidates := slices.DeleteFunc(slices.Clone(comments), func(c Comment) bool { return len(c.Tokens) == 0 || !c.GoneAt.IsZero() })
	slices.SortStableFunc(candidates, func(a, b Comment) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range candidates {
		repeats := slices.ContainsFunc(chosen, func(o Comment) bool { return sameVoice(o, c) || alike(o, c) })
		if !repeats && len(chosen) < quotesMost {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// rank is how telling a comment is: how surely negative, and that it says a few words.
func rank(c Comment) float64 {
	reading, _ := c.Reading()
	telling := reading.Negative * min(float64(len(c.Tokens)), tellingWords) / tellingWords
	if reading.Intent == mention.Provocation {
		return telling - 1
	}
	return telling
}

// tellingWords is how many words say what it is about.
const tellingWords = 12

func sameVoice(a, b Comment) bool {
	return AuthorOf(&a.Mention) != "" && AuthorOf(&a.Mention) == AuthorOf(&b.Mention)
}

// alike says that two comments share most of their words.
func alike(a, b Comment) bool {
	of, both := map[string]bool{}, 0
	for _, t := range a.Tokens {
		of[t.Fold] = true
	}
	all := len(of)
	seen := map[string]bool{}
	for _, t := range b.Tokens {
		switch {
		case seen[t.Fold]:
		case of[t.Fold]:
			both++
		default:
			all++
		}
		seen[t.Fold] = true
	}
	return 10*both > 6*all
}

// Short is at most so many characters, cut at a word.
func Short(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	cut := string(runes[:limit-1])
	if space := strings.LastIndexAny(cut, " \n"); space > len(cut)/2 {
		cut = cut[:space]
	}
	return cut + "…"
}
