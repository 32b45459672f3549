package story

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// piece is what an outlet tells some hours after noon.
type piece struct {
	id, outlet, title, body string
	hours                   float64
	kind                    mention.Kind
}

func (p piece) item() Item {
	m := mention.Mention{ID: p.id, URL: "https://www." + p.outlet + ".example/" + p.id, Kind: p.kind,
		Versions: []mention.Version{{Title: p.title, Text: p.body}}, Signature: Sign(p.title, p.body)}
	if p.outlet == "" {
		m.URL = ""
	}
	return ItemOf(&m, noon.Add(time.Duration(p.hours*float64(time.Hour))))
}

// tellAll gives the story of each piece.
func tellAll(pieces ...piece) map[string]Told {
	x := NewIndex()
	all := map[string]Told{}
	for _, p := range pieces {
		all[p.id] = x.Tell(p.item())
	}
	return all
}

// shuffled are the articles and all their variants, each by another outlet, in an order of chance.
func shuffled(articles []article, dice *rand.Rand) (items []Item, of map[string]int) {
	of = map[string]int{}
	for i, a := range articles {
		texts := []string{a.body}
		for _, v := range variants {
			texts = append(texts, v.make(dice, a.body))
		}
		for k, body := range texts {
			p := piece{id: fmt.Sprintf("%d-%d", i, k), outlet: fmt.Sprint("o", k), title: fmt.Sprintf("Titre %d du média %d", i, k), body: body}
			of[p.id] = i
			items = append(items, p.item())
		}
	}
	dice.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	for n := range items {
		items[n].SeenAt = noon.Add(time.Duration(n) * time.Minute)
	}
	return items, of
}

// In whatever order the versions of an article come, they are one story; what is
// related to it is the same event: these are the pairs of the shared corpus that
// two newsrooms tell, found by reading them.
func TestTheOrderOfCopiesDoesNotMatter(t *testing.T) {
	events := [][2]int{{0, 9}, {2, 38}, {6, 37}, {7, 23}, {39, 40}, {47, 65}, {57, 80}, {70, 77}, {73, 79}}
	orders := 2
	if needs.Soak() {
		orders = 5
	}
	for name, load := range map[string]func(testing.TB) []article{"ours": ourArticles, "shared": sharedArticles} {
		t.Run(name, func(t *testing.T) {
			articles := load(t)
			whole, all, related, wrong := 0, 0, map[[2]int]bool{}, 0
			for seed := range orders {
				items, of := shuffled(articles, rand.New(rand.NewPCG(uint64(seed), 5)))
				x := NewIndex()
				stories := map[int]map[string]bool{}
				for _, i := range items {
					told := x.Tell(i)
					mine := of[i.Mention]
					if of[told.Story] != mine {
						t.Errorf("%s is joined to %s", i.Mention, told.Story)
					}
					if stories[mine] == nil {
						stories[mine] = map[string]bool{}
					}
					stories[mine][told.Story] = true
					if other, ok := of[told.Related]; ok && other != mine {
						pair := [2]int{min(mine, other), max(mine, other)}
						related[pair] = true
						if name != "shared" || !slices.Contains(events, pair) {
							wrong++
						}
					}
				}
				for _, s := range stories {
					all++
					if len(s) == 1 {
						whole++
					}
				}
			}
			t.Logf("%d of %d articles are one story; related pairs %v, %d answers wrong", whole, all, related, wrong)
			if whole*100 < 90*all {
				t.Errorf("%d of %d articles are one story, want nine in ten", whole, all)
			}
			if wrong > 1 {
				t.Errorf("%d stories are related to another event", wrong)
			}
			if name == "shared" && len(related) < 7 {
				t.Errorf("related are %v, want most of %v", related, events)
			}
		})
	}
}

const (
	weather = `Ciel variable avec %d pour cent de probabilité d'averses en matinée. Vents du sud-ouest de %d km/h avec rafales.
		Maximum de %d degrés en après-midi. Nuit claire, minimum de %d degrés dans la vallée et sur la côte des Moyacs.`
	jobs = `La Ville de Moyac recrute. Voici les postes offerts cette semaine dans nos services : %s.
		Pour postuler, envoyez votre lettre et votre curriculum à l'hôtel de ville avant vendredi, ou par le formulaire de notre site.`
	cookies = `Ce site utilise des témoins pour améliorer votre expérience, mesurer l’auditoire et vous proposer des contenus adaptés.
		En poursuivant votre visite, vous acceptez leur emploi. Vous pouvez changer d'avis à tout moment dans les réglages de votre compte.
		Nos partenaires et nous conservons ces renseignements pendant treize mois. `
	footer = ` Lisez aussi : nos dossiers de la semaine. Abonnez-vous à l'infolettre de L'Écho des Moyacs et recevez chaque matin l'essentiel
		de l'actualité régionale dans votre boîte de courriel. Tous droits réservés, reproduction interdite sans notre accord écrit.`
	closing = `Le Mouvement Valtisse fermera quatorze comptoirs d'ici deux ans, a annoncé mercredi la direction, qui promet de garder
		tous les employés. Les membres seront servis dans la localité voisine ou par téléphone.`
	snow = `Une tempête de neige laissera de vingt à trente centimètres sur la côte samedi. Les traversiers resteront à quai et la Sûreté
		demande aux automobilistes de remettre leurs déplacements à dimanche.`
)

func TestWhatComesBackStaysApart(t *testing.T) {
	column := func(n int) string { return ourArticlesText(t, n) }
	for _, c := range []struct {
		name string
		a, b piece
	}{
		{"a headline alone, the next day", piece{title: "Météo du jour aux Moyacs", outlet: "echo"}, piece{title: "Météo du jour aux Moyacs", outlet: "echo", hours: 24}},
		{"a headline alone at another outlet, the next day", piece{title: "Offres d’emploi de la semaine", outlet: "echo"}, piece{title: "Offres d'emploi de la semaine", outlet: "radio", hours: 24}},
		{"the weather of the next day", piece{title: "Météo du jour", outlet: "echo", body: fmt.Sprintf(weather, 30, 20, 12, 3)}, piece{title: "Météo du jour", outlet: "echo", body: fmt.Sprintf(weather, 60, 40, 8, -2), hours: 24}},
		{"the jobs of the next week", piece{title: "Offres d'emploi", outlet: "ville", body: fmt.Sprintf(jobs, "sauveteuse, opérateur d'usine d'eau, brigadière scolaire")}, piece{title: "Offres d'emploi", outlet: "ville", body: fmt.Sprintf(jobs, "bibliothécaire, mécanicien de nuit, archiviste"), hours: 168}},
		{"a weekly column", piece{title: "La chronique du jeudi", outlet: "echo", body: column(0)}, piece{title: "La chronique du jeudi", outlet: "echo", body: column(1), hours: 168}},
		{"a notice above two articles", piece{title: "Quatorze comptoirs", outlet: "echo", body: cookies + column(0)}, piece{title: "Le traversier", outlet: "echo", body: cookies + column(1), hours: 1}},
		{"a notice above two short articles", piece{title: "Quatorze comptoirs", outlet: "echo", body: cookies + closing}, piece{title: "Tempête samedi", outlet: "echo", body: cookies + snow, hours: 1}},
		{"a footer below two short articles", piece{title: "Quatorze comptoirs", outlet: "echo", body: closing + footer}, piece{title: "Tempête samedi", outlet: "echo", body: snow + footer, hours: 1}},
		{"short posts that differ by a word", piece{outlet: "reseau", kind: mention.Post, body: "Ma caisse ferme à midi le samedi, c'est l'enfer pour ceux qui travaillent toute la semaine"}, piece{outlet: "reseau", kind: mention.Post, body: "Ma caisse ferme à midi le mardi, c'est l'enfer pour ceux qui travaillent toute la semaine"}},
		{"a short post that quotes the beginning of an article", piece{outlet: "echo", body: column(0)}, piece{outlet: "reseau", kind: mention.Post, body: strings.Join(strings.Fields(column(0))[:15], " ")}},
		{"comments word for word the same", piece{kind: mention.Comment, body: closing}, piece{kind: mention.Comment, body: closing}},
		{"a comment that is the article", piece{kind: mention.Article, body: closing}, piece{kind: mention.Comment, body: closing}},
		{"reviews word for word the same", piece{kind: mention.Review, body: closing}, piece{kind: mention.Review, body: closing}},
	} {
		c.a.id, c.b.id = "a", "b"
		if told := tellAll(c.a, c.b)["b"]; told.Story != "b" || told.Why != "" {
			t.Errorf("%s: %+v, want a story of its own", c.name, told)
		}
	}
}

func ourArticlesText(t *testing.T, n int) string { return ourArticles(t)[n].body }

func TestOneStoryIsFound(t *testing.T) {
	wire := ourArticles(t)[0]
	cut := strings.Join(strings.Fields(wire.body)[:60], " ")
	for _, c := range []struct {
		name string
		a, b piece
		want Kind
	}{
		{"a copy", piece{outlet: "a", title: wire.title, body: wire.body}, piece{outlet: "b", title: "Fermetures", body: wire.body}, Same},
		{"with the dateline of a wire", piece{outlet: "a", body: wire.body}, piece{outlet: "b", body: "ANSE-AUX-MOYACS (Agence Brumelin) — " + wire.body + " (Agence Brumelin)"}, Same},
		{"its beginning", piece{outlet: "a", body: wire.body}, piece{outlet: "b", body: cut + "… Lire la suite"}, Excerpt},
		{"the whole after its beginning", piece{outlet: "a", body: cut}, piece{outlet: "b", body: wire.body}, Excerpt},
		{"with a word in ten changed", piece{outlet: "a", body: wire.body}, piece{outlet: "b", body: edited(rand.New(rand.NewPCG(1, 1)), wire.body, 0.10)}, Edited},
		{"one outlet, corrected the next day at another address", piece{outlet: "a", title: "14 comptoirs", body: wire.body}, piece{outlet: "a", title: "Onze comptoirs", body: strings.ReplaceAll(wire.body, "quatorze", "onze"), hours: 24}, Same},
		{"a headline alone, two hours later", piece{outlet: "a", title: wire.title}, piece{outlet: "b", title: wire.title, hours: 2}, Same},
		{"short posts that are the same", piece{outlet: "reseau", kind: mention.Post, body: "Ma caisse ferme à midi le samedi, c'est l'enfer pour ceux qui travaillent toute la semaine"}, piece{outlet: "reseau", kind: mention.Post, body: "ma caisse ferme à midi le samedi c’est l’enfer pour ceux qui travaillent toute la semaine!!"}, Same},
		{"without addresses", piece{body: wire.body}, piece{body: cut, hours: 30}, Excerpt},
	} {
		c.a.id, c.b.id = "a", "b"
		if told := tellAll(c.a, c.b)["b"]; told.Story != "a" || told.Why != c.want {
			t.Errorf("%s: %+v, want %s", c.name, told, c.want)
		}
	}
}

func TestAStoryEndsThirtyDaysAfterItsLastCopy(t *testing.T) {
	body := ourArticles(t)[0].body
	var got []string
	x := NewIndex()
	for n, day := range []float64{0, 29, 58, 89} {
		got = append(got, x.Tell(piece{id: fmt.Sprint(n), outlet: fmt.Sprint(n), body: body, hours: 24 * day}.item()).Story)
	}
	if want := []string{"0", "0", "0", "3"}; !slices.Equal(got, want) {
		t.Errorf("stories %v, want %v", got, want)
	}
}

func TestAnIndexThatForgotAndOneThatWasToldAgainSayTheSame(t *testing.T) {
	items, _ := shuffled(ourArticles(t), rand.New(rand.NewPCG(3, 3)))
	for n := range items {
		items[n].SeenAt = noon.Add(time.Duration(n) * 6 * time.Hour) // some fall out of the window
	}
	plain, forgetful, told := NewIndex(), NewIndex(), []Told{}
	for n, i := range items {
		want := plain.Tell(i)
		if forgetful.Expired() > 10 {
			forgetful.Forget()
		}
		if n%50 == 49 { // as after a restart
			forgetful = NewIndex()
			for k := range n {
				forgetful.Keep(items[k], told[k])
			}
		}
		if got := forgetful.Tell(i); got != want {
			t.Fatalf("item %d: %+v, want %+v", n, got, want)
		}
		told = append(told, want)
	}
}

// BenchmarkIndex tells a text of 160 words beside a hundred thousand others, whose
// words come as often as those of a language do.
func BenchmarkIndex(b *testing.B) {
	dice := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(dice, 1.1, 3, 30_000)
	text := func() string {
		var out []string
		for range 160 {
			out = append(out, fmt.Sprint("mot", zipf.Uint64()))
		}
		return strings.Join(out, " ")
	}
	const others = 100_000
	told := func(n int) piece {
		return piece{id: fmt.Sprintf("%026d", n), outlet: "echo", title: fmt.Sprint("Le titre de la nouvelle ", n), body: text(), hours: float64(n) / 200}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := NewIndex()
	for n := range others {
		item := told(n).item()
		x.Keep(item, Told{Story: item.Mention})
		x.forgetTopics(item.SeenAt)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	var items []Item
	for n := range 200 {
		items = append(items, told(others+n).item())
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		x.Tell(items[n%len(items)])
		n++
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/others, "bytes/member")
}
