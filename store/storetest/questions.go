package storetest

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// asker invents questions about texts it was given, so that many have an answer.
type asker struct {
	*rand.Rand
	mentions []mention.Mention
}

// words is n words that follow one another in some text, as written.
func (a *asker) words(n int) string {
	m := pick(a.Rand, a.mentions...)
	s := pick(a.Rand, m.Current().Text, m.Current().Text, m.Current().Title, m.Author.Name)
	tokens := text.Tokens(s)
	if len(tokens) < n {
		return pick(a.Rand, "épargne", "caisses", "fermer", "œuvre", "savings", "introuvable")
	}
	i := a.IntN(len(tokens) - n + 1)
	return strings.NewReplacer(`"`, " ", "«", " ", "»", " ", "“", " ", "”", " ", "\n", " ", "(", " ", ")", " ").Replace(s[tokens[i].Start:tokens[i+n-1].End])
}

// near is two words that stand in one text.
func (a *asker) near() string {
	m := pick(a.Rand, a.mentions...)
	tokens := text.Tokens(m.Current().Text)
	l, r := pick(a.Rand, tokens...), pick(a.Rand, tokens...)
	return quoted(l.Exact) + pick(a.Rand, " NEAR/", " PROCHE/") + strconv.Itoa(a.IntN(7)) + " " + quoted(r.Exact)
}

func quoted(s string) string { return `"` + s + `"` }

// special says whether a query needs more than single words.
func special(q string) bool {
	return strings.ContainsAny(q, `"*=#`) || strings.Contains(q, "NEAR") || strings.Contains(q, "PROCHE")
}

func (a *asker) leaf() string {
	switch a.IntN(14) {
	case 0:
		return quoted(a.words(2))
	case 1:
		return quoted(a.words(3))
	case 2:
		return a.near()
	case 3:
		return "=" + quoted(a.words(1))
	case 4:
		return a.beginning()
	case 5:
		return pick(a.Rand, "#fraude", "#caisse_valtisse", "#Fraude", "@valtisse", "@nordelune.bank", "#introuvable", "a_b", "main_street")
	case 6:
		return pick(a.Rand, "title:", "titre:") + quoted(a.words(1+a.IntN(2)))
	case 7:
		return pick(a.Rand, "author:", "auteur:") + pick(a.Rand, "marie", "Valtisse", "œuvrard", "moyac", quoted("Marie Valtisse"), "anne*", "=Marie", "=valtisse", `="Marie Valtisse"`)
	case 8:
		return pick(a.Rand, "site:nouvelles.example", "site:echo.nouvelles.example", "site:example", "source:tribune", "source:page-facebook", "lang:fr", "langue:autre", "kind:review", "genre:article")
	case 9:
		return pick(a.Rand, "😡", "🎉", "👍", "1200", "1 200", "3,5", "3.5", "東京", "aujourd’hui", "centre-ville", "l'épargne", "d’épargne", "OEUVRES", "e\u0301pargner")
	}
	return quoted(a.words(1))
}

// beginning is a word cut short.
func (a *asker) beginning() string {
	w := text.Tokens(a.words(1))[0].Exact
	for range a.IntN(4) {
		if utf8.RuneCountInString(w) > 3 {
			_, size := utf8.DecodeLastRuneInString(w)
			w = w[:len(w)-size]
		}
	}
	return w + "*"
}

func (a *asker) query(depth int) string {
	if depth == 0 || a.IntN(3) == 0 {
		return a.leaf()
	}
	l, r := a.query(depth-1), a.query(depth-1)
	switch a.IntN(5) {
	case 0:
		return "(" + l + pick(a.Rand, " OR ", " OU ") + r + ")"
	case 1:
		return "(" + l + pick(a.Rand, " NOT ", " SAUF ", " -") + r + ")"
	case 2:
		return "(" + l + pick(a.Rand, " AND ", " ET ") + r + ")"
	}
	return "(" + l + " OR " + r + " OR " + a.leaf() + ")"
}

// text is a query that can be read, and its tree.
func (a *asker) text(t *testing.T) (string, query.Node) {
	t.Helper()
	for range 50 {
		s := a.query(2)
		if n, err := query.Parse(s); err == nil {
			return s, n
		}
	}
	t.Fatal("fifty queries in a row cannot be read")
	return "", nil
}

// question adds conditions to n.
func (a *asker) question(n query.Node) store.Question {
	q := store.Question{Text: n, Order: pick(a.Rand, store.NewestPublished, store.OldestSeen)}
	q.Watches = some(a, "valtisse", "mouvement", "inconnue")
	q.Sources = some(a, sources...)
	q.Places = some(a, places...)
	q.Kinds = some(a, kinds...)
	q.Langs = some(a, "fr", "en", "other", "")
	q.Labels = some(a, labels...)
	q.Targets = some(a, targets...)
	q.Threads = some(a, "thread-1", "thread-2", "thread-3", "thread-4", "thread-5")
	q.News, q.Gone = a.IntN(8) == 0, a.IntN(4) == 0
	q.Own, q.Unclaimed = a.IntN(8) == 0, a.IntN(8) == 0
	a.times(&q)
	if a.IntN(20) == 0 {
		for range 10 {
			q.IDs = append(q.IDs, pick(a.Rand, a.mentions...).ID)
		}
	}
	return q
}

// times asks for windows, some of which cut through hours, seconds and ties.
func (a *asker) times(q *store.Question) {
	if a.IntN(3) == 0 {
		q.From = a.moment()
	}
	if a.IntN(3) == 0 {
		q.To = a.moment()
	}
	if a.IntN(8) == 0 {
		q.SeenFrom = a.moment()
	}
	if a.IntN(8) == 0 {
		q.SeenTo = a.moment()
	}
	if a.IntN(8) == 0 {
		q.ChangedFrom = a.change()
	}
	if a.IntN(8) == 0 {
		q.ChangedTo = a.change()
	}
}

// change is an instant at or around which something may have changed.
func (a *asker) change() time.Time {
	after := pick(a.Rand, 0, time.Minute, time.Hour)
	return pick(a.Rand, a.mentions...).SeenAt.Add(after + pick(a.Rand, -time.Microsecond, -1, 0, 0, 1, time.Microsecond))
}

func (a *asker) moment() time.Time {
	at := pick(a.Rand, a.mentions...).PublishedAt.Add(time.Duration(a.IntN(3)-1) * time.Duration(a.IntN(1e9)))
	switch a.IntN(3) {
	case 0:
		at = at.Truncate(24 * time.Hour)
	case 1:
		at = at.Truncate(time.Second)
	}
	return at
}

// some is mostly no condition, else a few of the values.
func some[T any](a *asker, values ...T) (chosen []T) {
	if a.IntN(12) > 0 {
		return nil
	}
	for range 1 + a.IntN(2) {
		chosen = append(chosen, pick(a.Rand, values...))
	}
	return chosen
}

// zones have offsets of whole, half and three-quarter hours.
var zones = []string{"UTC", "America/Toronto", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu"}

func randomBuckets(random *rand.Rand) store.Buckets {
	zone, err := time.LoadLocation(pick(random, zones...))
	if err != nil {
		panic(err) // a machine without time zones
	}
	return store.Buckets{
		Every: pick(random, store.Hour, store.Day, store.Week, store.Month), Zone: zone,
		Split: pick(random, append(fields, "", "", store.ByLabel, store.ByWatch)...),
	}
}
