package alerting

import (
	_ "embed"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/ouidire/ouidire/internal/text"
)

// quoteMost bounds what is looked at of a stranger's words.
const quoteMost = 2000

// Quoted makes a stranger's words fit for people who did not ask for them: plain in
// one line, insults masked, and addresses written so that no program makes a link
// of them. It is at most limit characters long. The original is one click away.
func Quoted(s string, limit int) string {
	return shorten(masked(defanged(Plain(s, quoteMost))), limit)
}

// Masked is Plain with insults masked: for lists, that people read who did not ask for
// each of these words. The original is one click away.
func Masked(s string, limit int) string {
	return shorten(masked(Plain(s, 2*limit)), limit) // an insult may reach over the end
}

// brief is Quoted, and at most so many words as well: a hostile text may be made of
// words of one letter.
func brief(s string, limit, words int) string { return firstWords(Quoted(s, limit), words) }

// firstWords is at most so many words of s.
func firstWords(s string, words int) string {
	all := strings.Fields(s)
	if len(all) <= words {
		return s
	}
	return strings.TrimRight(strings.Join(all[:words], " "), " ,;:.-–—…") + "…"
}

// addresses finds what a program would make a link of: with a scheme, or a host
// name alone, also in an e-mail address.
var addresses = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S*|(?:[\pL\pN_-]+\.)+\pL{2,}`)

// defanged writes the host of each address with its points in brackets, and nothing
// of what comes after a scheme's host.
func defanged(s string) string {
	return addresses.ReplaceAllStringFunc(s, func(found string) string {
		_, rest, whole := strings.Cut(found, "://")
		if !whole {
			if sentence(found) {
				return found
			}
			return strings.ReplaceAll(found, ".", "[.]")
		}
		host := rest
		if u, err := url.Parse("https://" + rest); err == nil {
			host = u.Hostname()
		} else if end := strings.IndexAny(host, "/?#"); end >= 0 {
			host = host[:end]
		}
		return strings.ReplaceAll(host, ".", "[.]")
	})
}

// sentence says whether what looks like a host name is the end of a sentence and
// the beginning of another: fermé.Les.
func sentence(host string) bool {
	last := []rune(host[strings.LastIndexByte(host, '.')+1:])
	return unicode.IsUpper(last[0]) && unicode.IsLower(last[1])
}

//go:embed insults.txt
var insultList string

// insults are the phrases of the list as folded words, by the first of them.
var insults = sync.OnceValue(func() map[string][][]string {
	all := map[string][][]string{}
	for line := range strings.Lines(insultList) {
		if !strings.HasPrefix(line, "#") {
			phrase := folds(text.Tokens(line))
			first := singular(phrase[0])
			all[first] = append(all[first], phrase)
		}
	}
	return all
})

func singular(word string) string { return strings.TrimSuffix(word, "s") }

func folds(tokens []text.Token) (all []string) {
	for _, t := range tokens {
		all = append(all, t.Fold)
	}
	return all
}

// masked leaves the first letter of each insult.
func masked(s string) string {
	tokens := text.Tokens(s)
	words := folds(tokens)
	var out strings.Builder
	end := 0
	for i := 0; i < len(tokens); {
		n := insult(words[i:])
		if n == 0 {
			i++
			continue
		}
		start := tokens[i].Start
		out.WriteString(s[end:start] + firstLetter(s[start:]) + "***")
		end = tokens[i+n-1].End
		i += n
	}
	return out.String() + s[end:]
}

// insult is how many words make the longest insult that these begin with, 0 for none.
func insult(words []string) (n int) {
	for _, phrase := range insults()[singular(words[0])] {
		if len(phrase) <= n || len(phrase) > len(words) {
			continue
		}
		last := len(phrase) - 1
		if slices.Equal(phrase[:last], words[:last]) && singular(words[last]) == singular(phrase[last]) {
			n = len(phrase)
		}
	}
	return n
}

func firstLetter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
