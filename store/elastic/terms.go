package elastic

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// fieldNames is where the fields stand.
var fieldNames = map[store.Field]string{
	store.ByWatch: "watch", store.BySource: "source", store.ByPlace: "place", store.ByKind: "kind",
	store.ByLang: "lang", store.ByLabel: "sentiment.label", store.ByAuthor: "author.called",
}

// Terms is store.Store's.
func (r *reader) Terms(ctx context.Context, q store.Question, f store.Field, limit int) ([]store.Term, error) {
	if _, ok := fieldNames[f]; !ok {
		return nil, fmt.Errorf("count terms: there is no field %q", f)
	}
	counts := map[string]int{}
	err := r.ask(ctx, q, func(a *asking) error {
		clear(counts)
		return a.terms(ctx, f, limit, counts)
	})
	if err != nil {
		return nil, fmt.Errorf("count terms: %w", err)
	}
	return mostFrequent(counts, limit), nil
}

func mostFrequent(counts map[string]int, limit int) []store.Term {
	var terms []store.Term
	for value, n := range counts {
		terms = append(terms, store.Term{Value: value, Count: n})
	}
	slices.SortFunc(terms, func(a, b store.Term) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	if limit > 0 && len(terms) > limit {
		terms = terms[:limit]
	}
	return terms
}

// terms counts the values of f, at least the limit that are most frequent; all of
// them when the limit is below 1.
func (a *asking) terms(ctx context.Context, f store.Field, limit int, counts map[string]int) error {
	if a.exact {
		if a.then != nil {
			limit = 0 // what is judged is added to them: none may be left out
		}
		if err := a.sureTerms(ctx, f, limit, counts); err != nil {
			return err
		}
	}
	return a.judged(ctx, func(m *mention.Mention) bool {
		for _, v := range f.Values(m) {
			counts[v]++
		}
		return true
	})
}

// sureTerms asks for the most frequent values, and for all of them, page by page,
// when the answer does not prove to be exact.
func (a *asking) sureTerms(ctx context.Context, f store.Field, limit int, counts map[string]int) error {
	var found struct{ Values valueCounts }
	size := min(max(a.reader.limits.values, limit), bucketsMost/2)
	err := a.aggregate(ctx, object{"Values": object{"terms": object{
		"field": fieldNames[f], "size": size, "shard_size": size, "show_term_doc_count_error": true,
	}}}, &found)
	if err != nil {
		return err
	}
	add := func(c cell) { counts[c.value] += c.n }
	if !found.Values.settle(limit) {
		return a.everyCell(ctx, f, nil, add)
	}
	return a.named(ctx, f, add, func(give func(cell) error) error {
		for _, b := range found.Values.Buckets {
			if err := give(cell{value: b.Key, n: b.Count}); err != nil {
				return err
			}
		}
		return nil
	})
}

// valueCounts is how a terms aggregation counts values: each shard gives its most
// frequent ones, so that of the others only a bound is known.
type valueCounts struct {
	Error   int `json:"doc_count_error_upper_bound"`
	Others  int `json:"sum_other_doc_count"`
	Buckets []valueCount
}

// valueCount is how many have a value: no fewer than Count, no more than Error above.
type valueCount struct {
	Key   string
	Count int `json:"doc_count"`
	Error int `json:"doc_count_error_upper_bound"`
	At    stepCounts
}

// settle says whether the first limit are the most frequent, counted exactly; of no
// limit whether all are there.
func (v *valueCounts) settle(limit int) bool {
	if v.Others == 0 {
		return true
	}
	if limit < 1 || len(v.Buckets) < limit {
		return false
	}
	if v.Error == 0 { // no shard has held any back: the first are the first
		v.Buckets = v.Buckets[:limit]
		return true
	}
	least := v.Buckets[limit-1].Count
	for i, b := range v.Buckets {
		if i < limit && b.Error > 0 || i >= limit && b.Count+b.Error >= least {
			return false
		}
	}
	if v.Buckets[len(v.Buckets)-1].Count+v.Error >= least {
		return false
	}
	v.Buckets = v.Buckets[:limit]
	return true
}

// cell is how many mentions have one value, or were published in one step of a chart.
type cell struct {
	value  string
	second int64 // Unix time at which the step begins
	n      int
}

// cells gives what the values count in each step of a chart.
func (v *valueCounts) cells(give func(cell) error) error {
	for _, b := range v.Buckets {
		for _, s := range b.At.Buckets {
			if err := give(cell{value: b.Key, second: s.Key / 1000, n: s.Count}); err != nil {
				return err
			}
		}
	}
	return nil
}

// everyCell adds up all values of a field, each step by step (of no steps: as one), page
// by page, of one instant.
func (a *asking) everyCell(ctx context.Context, f store.Field, steps object, add func(cell)) error {
	if a.pit == "" {
		if err := a.hold(ctx); err != nil {
			return err
		}
		defer func() {
			a.release(ctx)
			a.pit = ""
		}()
	}
	sources := []object{{"Value": object{"terms": object{"field": fieldNames[f]}}}}
	if steps != nil {
		sources = append(sources, object{"At": steps})
	}
	composite := object{"size": a.reader.limits.values, "sources": sources}
	return a.named(ctx, f, add, func(give func(cell) error) error {
		for {
			var page struct{ Cells cellPage }
			if err := a.aggregate(ctx, object{"Cells": object{"composite": composite}}, &page); err != nil {
				return err
			}
			for _, b := range page.Cells.Buckets {
				if err := give(cell{value: b.Key.Value, second: b.Key.At / 1000, n: b.Count}); err != nil {
					return err
				}
			}
			if len(page.Cells.AfterKey) == 0 {
				return nil
			}
			composite["after"] = page.Cells.AfterKey
		}
	})
}

// cellPage is one page of a composite aggregation.
type cellPage struct {
	AfterKey json.RawMessage `json:"after_key"`
	Buckets  []struct {
		Key struct {
			Value string
			At    int64
		}
		Count int `json:"doc_count"`
	}
}

// named adds the cells that each gives, with the values that mentions have where an
// index holds no more of one than keyword leaves.
func (a *asking) named(ctx context.Context, f store.Field, add func(cell), each func(give func(cell) error) error) error {
	met := map[string]string{}
	return each(func(c cell) (err error) {
		if shortened(c.value) {
			value, ok := met[c.value]
			if !ok {
				if value, err = a.original(ctx, f, c.value); err != nil {
					return err
				}
				met[c.value] = value
			}
			c.value = value
		}
		add(c)
		return nil
	})
}

// original is the value that was shortened, as a mention has it.
func (a *asking) original(ctx context.Context, f store.Field, short string) (string, error) {
	found, err := a.search(ctx, object{"query": oneOf(fieldNames[f], []string{short}), "size": 1, "_source": []string{"body"}, "track_total_hits": false})
	if err != nil {
		return "", err
	}
	for _, h := range found.Hits.Hits {
		m, err := a.reader.docs.decode(h.Source)
		if err != nil {
			return "", err
		}
		for _, v := range f.Values(&m) {
			if keyword(v) == short {
				return v, nil
			}
		}
	}
	return short, nil // erased since it was counted
}
