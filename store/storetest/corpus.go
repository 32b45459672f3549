package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/ouidire/ouidire/mention"
)

// The pieces of which texts are made. All of it is invented.
var (
	subjects = []string{
		"La Caisse Valtisse", "la caisse d’économie Valtisse", "Le Mouvement Valtisse", "La Banque Nordelune", "L'Écho des Moyacs",
		"The credit union", "Nordelune Bank", "Une cliente de l’Anse-aux-Moyacs", "Un membre de la coopérative", "Mme Odette Bréhaut",
		"The branch manager", "Notre équipe", "Le cœur du village", "An élite of savers", "Aujourd'hui la caisse", "VALTISSE",
	}
	verbs = []string{
		"ferme", "fermera", "a fermé", "annonce", "annonçait", "opens", "opened", "closes", "is closing", "augmente", "charges", "a perdu",
		"rembourse", "will refund", "épargne", "saves", "déplore", "refuses to answer about", "célèbre", "manœuvre pour garder",
	}
	objects = []string{
		"l'épargne des aînés", "d’épargne en épargne", "le guichet automatique", "les guichets automatiques", "its fees", "the fee of 12 $",
		"des frais de 1 200 $", "des frais de 1,200 dollars", "3,5 % d’intérêt", "une œuvre d'art", "des œuvres", "the ATM on Main_Street",
		"le compte a_b de test", "le festival de l’érable", "les files d’attente", "la succursale du centre-ville", "the downtown branch",
		"l’hypothèque à taux fixe", "mortgages and savings", "a loan", "la marge de crédit",
	}
	tails = []string{
		"", ".", " !", " 😡", " 😡😡 c’est honteux", " 🎉", " 👍🏽 merci", " #fraude", " #Caisse_Valtisse", " @valtisse", " @nordelune.bank aide-moi",
		" voir https://nouvelles.example/valtisse/frais-2026?x=1", " depuis 2019", " pis c’est plate en titi", " and nobody cares",
		" — encore!", " (selon la rumeur)", " « jamais vu »", " jusqu'à demain", " 東京", " AVEC DES CAPITALES ACCENTUÉES ÉÀÇ", " qu'on se le dise",
	}
	titles  = []string{"", "", "Frais bancaires", "L’épargne en péril", "Valtisse : fermeture", "Breaking: branch closing", "Une caisse, une œuvre", "ÉCHO des MOYACS", "Question", "#fraude à la caisse"}
	authors = []string{"", "Marie Valtisse", "Ghislain Œuvrard", "J. O'Moyac", "Anne-Sophie Nordé", "moyac_42", "MARIE VALTISSE"}
	sources = []string{"page-facebook", "echo-des-moyacs", "nouvelles", "avis-google", "tribune"}
	places  = []string{"web", "facebook", "mastodon"}
	kinds   = []mention.Kind{mention.Article, mention.Post, mention.Comment, mention.Review}
	hosts   = []string{"https://nouvelles.example/a/", "https://www.echo.nouvelles.example:8443/", "https://valtisse.example/", "", "https://sub.nordelune.example/p?id="}
	labels  = []mention.Label{mention.Negative, mention.Neutral, mention.Positive, ""}
	targets = []mention.Target{mention.Brand, mention.Third, mention.None, ""}
)

// moments is around what is hard about time: the days clocks change in Toronto
// and in Paris, ends of weeks, months and years, one crowded second.
var moments = []time.Time{
	time.Date(2026, 3, 8, 6, 30, 0, 0, time.UTC), time.Date(2026, 3, 29, 0, 45, 0, 0, time.UTC),
	time.Date(2025, 11, 2, 5, 15, 0, 0, time.UTC), time.Date(2025, 10, 26, 0, 10, 0, 0, time.UTC),
	time.Date(2025, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(2026, 2, 28, 22, 0, 0, 0, time.UTC),
}

var crowded = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// sentence is one text, written in one of the ways people's machines write.
func sentence(random *rand.Rand) string {
	s := pick(random, subjects...) + " " + pick(random, verbs...) + " " + pick(random, objects...) + pick(random, tails...)
	switch random.IntN(8) {
	case 0:
		s = norm.NFD.String(s)
	case 1:
		s = strings.ToUpper(s)
	case 2:
		s = strings.ReplaceAll(s, "’", "'")
	case 3:
		s = strings.ReplaceAll(s, "'", "’")
	case 4:
		s = strings.Replace(s, " ", "\u00a0", 2)
	}
	return s
}

// newMention invents one; n makes its id.
func newMention(random *rand.Rand, n int) mention.Mention {
	at := pick(random, moments...).Add(time.Duration(random.IntN(96*60)-48*60)*time.Minute + time.Duration(random.IntN(3))*time.Millisecond)
	if random.IntN(6) == 0 {
		at = crowded
	}
	seen := at.Add(time.Duration(random.IntN(300)) * time.Minute)
	m := mention.Mention{
		ID: mention.NewID("storetest", fmt.Sprint(n)), Source: pick(random, sources...), Place: pick(random, places...), Kind: pick(random, kinds...),
		Own: random.IntN(12) == 0, Author: mention.Author{Name: pick(random, authors...), ID: fmt.Sprint("a", random.IntN(5))},
		Thread: fmt.Sprint("thread-", random.IntN(20)), PublishedAt: at, SeenAt: seen, DateFrom: "feed", History: random.IntN(5) == 0,
		Lang: pick(random, "fr", "fr", "en", "other", ""),
	}
	if host := pick(random, hosts...); host != "" {
		m.URL = host + fmt.Sprint(n)
	}
	m.Versions = []mention.Version{newVersion(random, seen)}
	if random.IntN(4) > 0 {
		m.Readings = []mention.Reading{newReading(random, seen, "lexicon-1")}
	}
	for range 16 * random.IntN(2) {
		m.Signature.MinHash = append(m.Signature.MinHash, random.Uint32())
	}
	return m
}

func newVersion(random *rand.Rand, at time.Time) mention.Version {
	text := sentence(random)
	for range random.IntN(3) {
		text += "\n\n" + sentence(random)
	}
	return claim(mention.Version{At: at, Title: pick(random, titles...), Text: text})
}

// claim gives the hits that watches on two names would.
func claim(v mention.Version) mention.Version {
	for _, name := range []string{"Mouvement", "Valtisse"} {
		if strings.Contains(strings.ToLower(v.Title+" "+v.Text), strings.ToLower(name)) {
			v.Hits = append(v.Hits, mention.Hit{Watch: strings.ToLower(name), Words: []string{name}})
		}
	}
	return v
}

func newReading(random *rand.Rand, at time.Time, by string) mention.Reading {
	return mention.Reading{At: at, Negative: .25, Neutral: .5, Positive: .25, Label: pick(random, labels...),
		Target: pick(random, targets...), Intent: mention.Complaint, Why: []string{"honteux"}, By: by}
}

// Mentions invents n of them, of every sort that a store may be given, for tests of
// what carries a store's contents elsewhere. Equal seeds give equal mentions.
func Mentions(seed uint64, n int) []mention.Mention { return newMentions(seeded(seed), n) }

func newMentions(random *rand.Rand, n int) []mention.Mention {
	mentions := make([]mention.Mention, n)
	for i := range mentions {
		mentions[i] = newMention(random, i)
	}
	return mentions
}
