package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Corpus invents many mentions of about 600 bytes, for benchmarks: words of French
// and English sound, some far more frequent than others, over two years.
type Corpus struct {
	Words []string // those at the beginning are the most frequent
	Start time.Time
	Made  int

	random *rand.Rand
	often  *rand.Zipf
	step   time.Duration
}

// NewCorpus is a corpus whose mentions are published a step apart. Equal seeds give
// equal mentions.
func NewCorpus(seed uint64, step time.Duration) *Corpus {
	random := rand.New(rand.NewPCG(seed, 7))
	c := &Corpus{random: random, Start: time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC), step: step}
	syllables := strings.Fields("ba cè dé fi go hu ja ké li mo nu pa qui ré sa to vu ya ze ché gla bri prê œu oi an en on in eau ique tion ment age eur esse able ness ing ly er ou ai é")
	known := map[string]bool{}
	for len(c.Words) < 30000 {
		var b strings.Builder
		for range 1 + random.IntN(3) + random.IntN(2) {
			b.WriteString(syllables[random.IntN(len(syllables))])
		}
		if w := b.String(); !known[w] {
			known[w] = true
			c.Words = append(c.Words, w)
		}
	}
	c.often = rand.NewZipf(random, 1.1, 4, uint64(len(c.Words)-1))
	return c
}

func (c *Corpus) text(words int) string {
	var b strings.Builder
	for range words {
		b.WriteString(c.Words[c.often.Uint64()])
		b.WriteString([]string{" ", " ", " ", " ", ", ", ". ", " l'", " d’"}[c.random.IntN(8)])
	}
	return b.String()
}

// Next is n mentions, each published a step after the one before.
func (c *Corpus) Next(n int) []mention.Mention {
	batch := make([]mention.Mention, n)
	for i := range batch {
		batch[i] = c.one()
	}
	return batch
}

func (c *Corpus) one() mention.Mention {
	c.Made++
	at := c.Start.Add(time.Duration(c.Made) * c.step).Truncate(time.Second)
	seen := at.Add(time.Duration(c.random.IntN(3600)) * time.Second)
	v := mention.Version{At: seen, Title: c.text(8), Text: c.text(80), Hits: []mention.Hit{{Watch: fmt.Sprint("watch-", c.random.IntN(8)), Words: []string{"Valtisse"}}}}
	if c.random.IntN(20) == 0 {
		v.Hits = append(v.Hits, mention.Hit{Watch: "parent", Words: []string{"Mouvement"}})
	}
	labels := []mention.Label{mention.Negative, mention.Neutral, mention.Neutral, mention.Positive, ""}
	m := mention.Mention{
		ID: mention.NewID("web", fmt.Sprint(c.Made)), Source: fmt.Sprint("source-", c.random.IntN(40)), Place: "web", Kind: mention.Article,
		URL: fmt.Sprintf("https://nouvelles-%d.example/%d", c.random.IntN(40), c.Made), Versions: []mention.Version{v},
		Author:      mention.Author{Name: fmt.Sprint("Auteur ", c.random.IntN(5000))},
		PublishedAt: at, SeenAt: seen, DateFrom: "feed", Lang: []string{"fr", "fr", "en"}[c.random.IntN(3)], History: c.random.IntN(50) == 0,
		Readings: []mention.Reading{{At: seen, Negative: .2, Neutral: .5, Positive: .3, Label: labels[c.random.IntN(5)], By: "lexicon-1"}},
	}
	for range 128 {
		m.Signature.MinHash = append(m.Signature.MinHash, c.random.Uint32())
	}
	return m
}
