package surge

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// facts finds what there is to say of a surge.
type facts struct {
	alerting.Asker
	*replay
	watch string
	asOf  time.Time
	now   surge.State

	comments []comment // the newest of the surge, newest first
}

// comment is a mention with its words.
type comment struct {
	mention.Mention
	text   string
	tokens []text.Token
	folded string // all of them: equal for texts that are the same word for word
}

// readMost bounds how many comments of a surge are read for its facts.
const readMost = 300

// gather answers with the facts, and the ids of the examples.
func (f *facts) gather(ctx context.Context) (*alerting.SurgeFacts, []string, error) {
	if err := f.read(ctx); err != nil {
		return nil, nil, err
	}
	s := &alerting.SurgeFacts{Count: f.now.Count, Usual: f.now.Expected, Upto: f.now.Upto, People: f.people(),
		Rising: f.now.Active && f.now.Rising, WarmUp: f.now.WarmUp, Amplifiers: f.voices(), Copies: f.copies()}
	if !f.now.Active {
		s.Total, s.Lasted = f.now.Count, f.now.Upto.Sub(f.now.Since)
	}
	var err error
	if s.Places, err = f.places(ctx); err != nil {
		return nil, nil, err
	}
	if s.Words, err = f.words(ctx); err != nil {
		return nil, nil, err
	}
	if s.Blind, s.BlindSince, err = f.blind(ctx); err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, c := range f.examples() {
		ids = append(ids, c.ID)
		s.Examples = append(s.Examples, alerting.SurgeQuote{Text: short(c.text, quoted), Place: c.Source, At: c.PublishedAt})
	}
	return s, ids, nil
}

func (f *facts) read(ctx context.Context) error {
	q := store.Question{Watches: []string{f.watch}, Kinds: kinds, From: f.now.Since, To: f.now.Upto.Add(time.Microsecond), Gone: true}
	found, _, err := f.Search(ctx, q, readMost, "")
	if err != nil {
		return err
	}
	var tokenizer text.Tokenizer
	for i := range found {
		if counts(&found[i]) {
			f.comments = append(f.comments, newComment(&tokenizer, found[i]))
		}
	}
	return nil
}

func newComment(t *text.Tokenizer, m mention.Mention) comment {
	v := m.Current()
	c := comment{Mention: m, text: strings.TrimSpace(v.Title + "\n" + v.Text)}
	c.tokens = t.Append(nil, c.text)
	var folded strings.Builder
	for _, token := range c.tokens {
		folded.WriteString(token.Fold + " ")
	}
	c.folded = folded.String()
	return c
}

// people is how many wrote; who is unknown is somebody else each time.
func (f *facts) people() int {
	known, unknown := map[string]bool{}, 0
	for _, v := range f.counted {
		switch {
		case v.at.Before(f.now.Since) || v.at.After(f.now.Upto):
		case v.author == "":
			unknown++
		default:
			known[v.author] = true
		}
	}
	return len(known) + unknown
}

// copies is how many comments are the same as another, word for word.
func (f *facts) copies() (n int) {
	same := map[string]int{}
	for _, c := range f.comments {
		if len(c.tokens) >= copyWords {
			same[c.folded]++
		}
	}
	for _, times := range same {
		if times > 1 {
			n += times
		}
	}
	return n
}

// copyWords is from how many words on it is no coincidence that two people write the same.
const copyWords = 4

// The most that a message names.
const (
	placesMost = 3
	voicesMost = 3
	quotesMost = 3
	quoted     = 400 // characters of a comment
	titled     = 120 // characters of a title
)

// places is where people write, most first.
func (f *facts) places(ctx context.Context) ([]alerting.SurgePlace, error) {
	count, example := map[string]int{}, map[string]comment{}
	for _, c := range f.comments {
		key := cmp.Or(c.Thread, c.Source)
		count[key]++
		example[key] = c
	}
	keys := most(count, placesMost)
	roots, err := f.roots(ctx, keys)
	if err != nil {
		return nil, err
	}
	var places []alerting.SurgePlace
	for _, key := range keys {
		p := alerting.SurgePlace{Title: example[key].Source, Share: float64(count[key]) / float64(len(f.comments))}
		if root, ok := roots[key]; ok {
			v := root.Current()
			p.Title, p.Own, p.URL = short(cmp.Or(v.Title, v.Text, root.Source), titled), root.Own, root.URL
		}
		places = append(places, p)
	}
	return places, nil
}

// roots are the mentions that conversations began with, as far as they are kept.
func (f *facts) roots(ctx context.Context, ids []string) (map[string]mention.Mention, error) {
	roots := map[string]mention.Mention{}
	if len(ids) == 0 {
		return roots, nil
	}
	for _, q := range []store.Question{{Own: true}, {}, {Unclaimed: true}} {
		q.IDs, q.Gone = ids, true
		found, _, err := f.Search(ctx, q, len(ids), "")
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			roots[m.ID] = m
		}
	}
	return roots, nil
}

// most are the keys that count most, equal ones by name.
func most(count map[string]int, limit int) []string {
	keys := make([]string, 0, len(count))
	for key := range count {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return keys[:min(limit, len(keys))]
}

// heard is from how many readers on somebody carries a thing far.
const heard = 1000

// voices are those whom most people listen to.
func (f *facts) voices() (voices []alerting.SurgeVoice) {
	for _, c := range f.comments {
		named := slices.ContainsFunc(voices, func(v alerting.SurgeVoice) bool { return v.Name == c.Author.Name })
		if c.Author.Audience >= heard && c.Author.Name != "" && !named {
			voices = append(voices, alerting.SurgeVoice{Name: c.Author.Name, Audience: c.Author.Audience})
		}
	}
	slices.SortStableFunc(voices, func(a, b alerting.SurgeVoice) int { return cmp.Compare(b.Audience, a.Audience) })
	return voices[:min(voicesMost, len(voices))]
}

// blind is what cannot be read now, and since when at the longest; zero is never.
func (f *facts) blind(ctx context.Context) (sources []string, since time.Time, err error) {
	blind, err := f.Blind(ctx, f.watch, f.asOf)
	for i, b := range blind {
		sources = append(sources, b.Source)
		if i == 0 || b.Since.Before(since) {
			since = b.Since
		}
	}
	return sources, since, err
}

// examples are comments of different people that say different things, the most
// telling first; provocations last.
func (f *facts) examples() (chosen []comment) {
	candidates := slices.DeleteFunc(slices.Clone(f.comments), func(c comment) bool { return len(c.tokens) == 0 || !c.GoneAt.IsZero() })
	slices.SortStableFunc(candidates, func(a, b comment) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range candidates {
		repeats := slices.ContainsFunc(chosen, func(o comment) bool { return sameVoice(o, c) || alike(o, c) })
		if !repeats && len(chosen) < quotesMost {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// rank is how telling a comment is: how surely negative, and that it says a few words.
func rank(c comment) float64 {
	reading, _ := c.Reading()
	telling := reading.Negative * min(float64(len(c.tokens)), tellingWords) / tellingWords
	if reading.Intent == mention.Provocation {
		return telling - 1
	}
	return telling
}

// tellingWords is how many words say what it is about.
const tellingWords = 12

func sameVoice(a, b comment) bool {
	return authorOf(&a.Mention) != "" && authorOf(&a.Mention) == authorOf(&b.Mention)
}

// alike says that two comments share most of their words.
func alike(a, b comment) bool {
	of, both := map[string]bool{}, 0
	for _, t := range a.tokens {
		of[t.Fold] = true
	}
	all := len(of)
	seen := map[string]bool{}
	for _, t := range b.tokens {
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

// short is at most so many characters, cut at a word.
func short(s string, limit int) string {
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
