package story

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func itemAt(id, outlet, title, body string, at time.Time) Item {
	m := mention.Mention{ID: id, URL: "https://" + outlet + "/" + id, Kind: mention.Article,
		Versions: []mention.Version{{Title: title, Text: body}}, Signature: Sign(title, body)}
	if outlet == "" {
		m.URL = ""
	}
	return ItemOf(&m, at)
}

func TestOrders(t *testing.T) {
	for name, load := range map[string]func(testing.TB) []article{"ours": ourArticles, "shared": sharedArticles} {
		articles := load(t)
		all, whole, alone := 0, 0, 0
		for seed := range 5 {
			dice := rand.New(rand.NewPCG(uint64(seed), 5))
			var items []Item
			of := map[string]int{}
			for i, a := range articles {
				for k, v := range append(variants[:len(variants):len(variants)], struct {
					name string
					make func(r *rand.Rand, body string) string
				}{"original", func(_ *rand.Rand, b string) string { return b }}) {
					id := fmt.Sprintf("%d-%s", i, v.name)
					of[id] = i
					items = append(items, itemAt(id, fmt.Sprintf("o%d.example", k), fmt.Sprintf("Titre %d", k), v.make(dice, a.body), noon))
				}
			}
			dice.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			x := NewIndex()
			stories := map[int]map[string]int{}
			for n, i := range items {
				i.SeenAt = noon.Add(time.Duration(n) * time.Minute)
				told := x.Tell(i)
				if stories[of[i.Mention]] == nil {
					stories[of[i.Mention]] = map[string]int{}
				}
				stories[of[i.Mention]][told.Story]++
				if of[told.Story] != of[i.Mention] {
					t.Errorf("%s is joined to %s", i.Mention, told.Story)
				}
				if told.Related != "" && of[told.Related] != of[i.Mention] {
					fmt.Println("related", name, of[i.Mention], of[told.Related])
				}
			}
			for _, s := range stories {
				all++
				if len(s) == 1 {
					whole++
				}
				alone += len(s) - 1
			}
		}
		fmt.Println(name, "articles", all, "whole", whole, "extra stories", alone)
	}
}
