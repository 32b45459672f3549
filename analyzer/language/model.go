package language

import (
	"embed"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.txt
var sentences embed.FS

// trained is the model, made from the embedded sentences when it is first
// needed (some milliseconds) and never changed after.
var trained = sync.OnceValue(func() *model { return train(sentences) })

const (
	bucketBits = 15
	buckets    = 1 << bucketBits
	backed     = 0.25 // the share of a gram's weight that all languages give it together
	wordWeight = 1    // a whole word counts as so many runs of letters
)

// model holds, for each bucket of grams, the log of its frequency in each
// language: naive Bayes over hashed grams.
type model struct {
	langs []string
	score [][]float32 // bucket, then language
}

// train reads one file of sentences per language, each once as it is spelt and
// once without its accents, as half of the people type.
func train(files fs.FS) *model {
	names, err := fs.Glob(files, "data/*.txt")
	if err != nil || len(names) == 0 {
		panic("language: no embedded sentences") // cannot happen: the build embeds them
	}
	m := &model{}
	var counts [][]float64
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // an embedded file that was just listed
		}
		m.langs = append(m.langs, strings.TrimSuffix(path.Base(name), ".txt"))
		counts = append(counts, count(string(text)))
	}
	m.weigh(counts)
	return m
}

// count is how large a share of a language's grams falls in each bucket.
func count(text string) []float64 {
	shares := make([]float64, buckets)
	total := 0.0
	for line := range strings.Lines(text) {
		s := read(line)
		for _, spelling := range [][]rune{s.runes, bare(s.runes)} {
			grams(spelling, func(bucket int, weight float32) {
				shares[bucket] += float64(weight)
				total += float64(weight)
			})
		}
	}
	for i := range shares {
		shares[i] /= total
	}
	return shares
}

// weigh turns shares into log probabilities, each smoothed by what all the
// languages say together: a gram that nobody has seen then favours nobody.
func (m *model) weigh(shares [][]float64) {
	m.score = make([][]float32, buckets)
	for b := range m.score {
		together := 1e-7
		for _, s := range shares {
			together += s[b] / float64(len(shares))
		}
		row := make([]float32, len(shares))
		for l, s := range shares {
			row[l] = float32(math.Log((1-backed)*s[b] + backed*together))
		}
		m.score[b] = row
	}
}

// strange is the mean log weight of a gram below which a text is in none of the
// languages of data/: those of ours that were tried stay above -9.6, Vietnamese,
// Finnish or Hungarian are below -10.
const strange = -9.8

// decide is the best of French, English and the best of the others, or Unknown
// when the second is less than need nats behind. A text like none of them is Other.
func (m *model) decide(s *sample, need float32) Lang {
	sums, total := make([]float32, len(m.langs)), float32(0)
	grams(s.runes, func(bucket int, weight float32) {
		total += weight
		for l, score := range m.score[bucket] {
			sums[l] += weight * score
		}
	})
	best := map[Lang]float32{French: -math.MaxFloat32, English: -math.MaxFloat32, Other: -math.MaxFloat32}
	for l, name := range m.langs {
		group := Parse(name)
		best[group] = max(best[group], sums[l])
	}
	found := pick(best, need)
	if found != Other && slices.Max(sums) < strange*total && !s.hasFunctionWord() {
		if s.words < minWords {
			return Unknown
		}
		return Other
	}
	return found
}

func pick(scores map[Lang]float32, need float32) Lang {
	first, second := Unknown, float32(-math.MaxFloat32)
	for _, lang := range []Lang{French, English, Other} {
		switch {
		case first == Unknown:
			first = lang
		case scores[lang] > scores[first]:
			first, second = lang, scores[first]
		default:
			second = max(second, scores[lang])
		}
	}
	if scores[first]-second < need {
		return Unknown
	}
	return first
}

// grams visits the buckets of a text: every run of two to four runes, spaces
// included, and every whole word.
func grams(text []rune, visit func(bucket int, weight float32)) {
	word := uint64(offset)
	for i, r := range text {
		h := mix(offset, r)
		for n := 1; n < 4 && i+n < len(text); n++ {
			h = mix(h, text[i+n])
			visit(bucketOf(h+uint64(n)), 1)
		}
		if r != ' ' {
			word = mix(word, r)
			continue
		}
		if word != offset {
			visit(bucketOf(word+9), wordWeight)
		}
		word = offset
	}
}

const offset = 14695981039346656037 // FNV-1a's

func mix(h uint64, r rune) uint64 { return (h ^ uint64(r)) * 1099511628211 }

func bucketOf(h uint64) int { return int((h * 0x9E3779B97F4A7C15) >> (64 - bucketBits)) }

// bare is text without the accents of its vowels.
func bare(text []rune) []rune {
	plain := make([]rune, len(text))
	for i, r := range text {
		if p, ok := accentless[r]; ok {
			r = p
		}
		plain[i] = r
	}
	return plain
}

var accentless = func() map[rune]rune {
	table := map[rune]rune{}
	for pair, whole := range composed {
		table[whole] = pair[0]
	}
	return table
}()
