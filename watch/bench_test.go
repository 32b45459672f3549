package watch_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch"
	"github.com/ouidire/ouidire/watch/query"
)

// function words of French stand between the others, as in any French text.
var small = strings.Fields("le la les de des du un une et à en au aux pour dans sur que qui ne pas ce se son sa est sont a ont plus avec par mais ou il elle on nous vous l’ d’ qu’ n’ s’")

// vocabulary is n invented words with French endings, accents and capitals.
func vocabulary(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	heads := strings.Fields("ba cré dou flé gra hi jau lam mon né ou pré qui res sou tra ur val voi zé")
	middles := strings.Fields("b ch d ff g l ll m nn p qu r rr s ss t v x ct rt")
	ends := strings.Fields("er ée és ation ations ement ements eur euse eux ité ités ance ances ique iques age ages ons ait aient isme able")
	words := make([]string, n)
	for i := range words {
		w := heads[r.IntN(len(heads))] + middles[r.IntN(len(middles))]
		for r.IntN(2) == 0 {
			w += []string{"a", "e", "i", "o", "ou", "é", "ai"}[r.IntN(7)] + middles[r.IntN(len(middles))]
		}
		words[i] = w + ends[r.IntN(len(ends))]
		if r.IntN(20) == 0 {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return words
}

// frenchPosts is posts of about 600 bytes whose words follow Zipf's law.
func frenchPosts(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 3))
	words := vocabulary(30_000)
	z := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
	posts := make([]string, n)
	for i := range posts {
		var b strings.Builder
		if i%20 == 19 { // one in twenty speaks of an organisation that may be watched
			fmt.Fprintf(&b, "La Caisse populaire %s hausse ses frais de service. ", name(r.IntN(5000)))
		}
		for b.Len() < 590 {
			w := words[z.Uint64()]
			if r.IntN(2) == 0 {
				w = small[r.IntN(len(small))]
			}
			b.WriteString(w)
			switch {
			case strings.HasSuffix(w, "’"):
			case r.IntN(9) == 0:
				b.WriteString(", ")
			default:
				b.WriteByte(' ')
			}
		}
		posts[i] = b.String() + "."
	}
	return posts
}

// name is the invented organisation number i: a word that no post holds.
func name(i int) string {
	syllables := strings.Fields("nor val tis mo yac lu du bru lis gan")
	s := "K"
	for n := i; ; n /= len(syllables) {
		s += syllables[n%len(syllables)]
		if n < len(syllables) {
			return s
		}
	}
}

// benchWatches is n watches as people write them, of six sorts in turn.
func benchWatches(n int) []watch.Watch {
	words := vocabulary(30_000)
	watches := make([]watch.Watch, n)
	for i := range watches {
		w := words[len(words)-1-i%20_000]
		q := [...]string{
			`"Caisse %[1]s"`,
			`"Caisse populaire %[1]s" OU @caisse%[1]s OU #%[1]s`,
			`%[1]s (frais OU service OU %[2]s) -hockey`,
			`%[1]s PROCHE/5 %[2]s`,
			`caisse%[1]s* OU "Mouvement %[1]s"`,
			`=%[1]s site:%[1]s.example`,
		}[i%6]
		watches[i] = watch.Watch{Name: fmt.Sprint(i), Query: fmt.Sprintf(q+"%.0[2]s", name(i), w)}
	}
	return watches
}

// commonWatches is n watches that ask for three words of the posts each, so that
// many posts have one of them and few have all.
func commonWatches(n int) []watch.Watch {
	r := rand.New(rand.NewPCG(5, 6))
	words := vocabulary(30_000)
	z := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
	watches := make([]watch.Watch, n)
	for i := range watches {
		watches[i] = watch.Watch{Name: fmt.Sprint(i), Query: words[z.Uint64()] + " " + words[z.Uint64()] + " " + words[z.Uint64()]}
	}
	return watches
}

func benchSet(t interface {
	Helper()
	Fatalf(string, ...any)
}, n int) *watch.Set {
	t.Helper()
	return newSet(t, watch.Options{}, benchWatches(n)...)
}

// cpu is the processor time that the program has had: on a shared machine it says
// more than the clock.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMatch measures one core: posts a second from tokens and from text,
// with the words remembered and not, for 50 to 5,000 watches, and beside it one
// regular expression per watch.
func BenchmarkMatch(b *testing.B) {
	const many = 500
	var mentions []*mention.Mention
	var docs []*query.Document
	var bytes int
	for i, p := range frenchPosts(many, 4) {
		m := &mention.Mention{Kind: mention.Post, Source: "page-" + name(i*7), URL: "https://blogue." + name(i*3) + ".example/a",
			Author: mention.Author{Name: "Marie " + name(i*5)}, Versions: []mention.Version{{Text: p}}}
		mentions = append(mentions, m)
		docs = append(docs, query.NewDocument(watch.Fields(m)))
		bytes += len(p)
	}
	perPost := func(b *testing.B, f func(i int)) {
		b.ReportAllocs()
		n := 0
		busy := cpu(b)
		for b.Loop() {
			f(n % many)
			n++
		}
		b.ReportMetric(float64(n)/(cpu(b)-busy).Seconds(), "posts/cpu-s")
		b.ReportMetric(float64(bytes)/many, "bytes/post")
	}
	for _, n := range []int{50, 1000, 5000} {
		s := benchSet(b, n)
		b.Run(fmt.Sprintf("tokens/%d", n), func(b *testing.B) {
			perPost(b, func(i int) { s.MatchDocument(mentions[i], docs[i]) })
		})
		b.Run(fmt.Sprintf("text/%d", n), func(b *testing.B) {
			perPost(b, func(i int) { s.Match(mentions[i]) })
		})
	}
	for _, n := range []int{50, 5000} { // wildcards only, then sites, sources and authors only
		var stars, fields []watch.Watch
		for i := range n {
			stars = append(stars, watch.Watch{Name: fmt.Sprint(i), Query: name(i) + "*"})
			q := [...]string{"site:%s.example", "source:page-%s", "auteur:%s"}[i%3]
			fields = append(fields, watch.Watch{Name: fmt.Sprint(i), Query: fmt.Sprintf(q, name(i))})
		}
		starred, fielded := newSet(b, watch.Options{}, stars...), newSet(b, watch.Options{}, fields...)
		b.Run(fmt.Sprintf("tokens-wildcards/%d", n), func(b *testing.B) {
			perPost(b, func(i int) { starred.MatchDocument(mentions[i], docs[i]) })
		})
		b.Run(fmt.Sprintf("tokens-fields/%d", n), func(b *testing.B) {
			perPost(b, func(i int) { fielded.MatchDocument(mentions[i], docs[i]) })
		})
	}
	common := newSet(b, watch.Options{}, commonWatches(1000)...)
	b.Run("tokens-common/1000", func(b *testing.B) {
		perPost(b, func(i int) { common.MatchDocument(mentions[i], docs[i]) })
	})
	b.Run("text-cold/1000", func(b *testing.B) { // every post meets a tokenizer that knows no word
		s := benchSet(b, 1000)
		perPost(b, func(i int) {
			docs[i].Read(new(text.Tokenizer), docs[i].Fields)
			s.MatchDocument(mentions[i], docs[i])
		})
	})
	b.Run("regexp/1000", func(b *testing.B) {
		var all []*regexp.Regexp
		for i := range 1000 {
			all = append(all, regexp.MustCompile(`(?i)\b`+name(i)+`\b`))
		}
		perPost(b, func(i int) {
			for _, re := range all {
				re.MatchString(mentions[i].Versions[0].Text)
			}
		})
	})
}
