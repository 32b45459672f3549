package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch"
	"github.com/ouidire/ouidire/watch/query"
)

// What a preview may cost: the newest mentions of thirty days, claimed or not, as
// many as can be asked in a few seconds.
const (
	previewBack  = 30 * 24 * time.Hour
	previewMost  = 10_000
	previewTime  = 5 * time.Second
	previewPage  = 200
	previewShown = 5
)

// preview is what a watch would have brought.
type preview struct {
	Read     int  // mentions that were asked about
	Whole    bool // they are all of the last thirty days
	Counts   []counted
	Doubtful int // of the first count: found by one word, where the query knows more telling ones
	Fresh    int // not brought by the watch as it is
	Lost     int // brought by it, and no longer
	Examples struct{ Fresh, Doubtful, Lost []row }
}

// counted is how many mentions a watch would have brought.
type counted struct {
	Watch
	Count int
}

// previewOf asks a changed watch, and those above it, about what is kept. was is its
// query as it is, "" for a new one.
func (s *Server) previewOf(ctx context.Context, w Watch, was string, all []Watch) (*preview, error) {
	t, err := newTrial(w, was, all)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	t.Whole = true
	for _, unclaimed := range []bool{false, true} {
		err := s.tried(ctx, t, store.Question{SeenFrom: s.Now().Add(-previewBack), Unclaimed: unclaimed})
		if errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Whole = false
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return &t.preview, nil
}

// tried asks about the mentions of one question, half of the whole at most.
func (s *Server) tried(ctx context.Context, t *trial, q store.Question) error {
	for after, read := "", 0; ; {
		found, next, err := s.Mentions.Search(ctx, q, previewPage, after)
		if err != nil {
			return err
		}
		for i := range found {
			t.ask(&found[i])
		}
		read += len(found)
		if next == "" {
			return nil
		}
		if read >= previewMost/2 {
			t.Whole = false
			return nil
		}
		after = next
	}
}

// trial is a preview under way.
type trial struct {
	preview
	set, before *watch.Set
	name        string
	telling     bool // the query has phrases: one word of it alone tells less
}

func newTrial(w Watch, was string, all []Watch) (*trial, error) {
	t := &trial{name: w.Name}
	list := []watch.Watch{{Name: w.Name, Query: w.Query, Relation: watch.Self}}
	t.Counts = []counted{{Watch: w}}
	for above := w.Parent; above != ""; {
		next := ""
		for _, other := range all {
			if other.Name == above && len(t.Counts) < 4 {
				list = append(list, watch.Watch{Name: other.Name, Query: other.Query})
				t.Counts = append(t.Counts, counted{Watch: other})
				next = other.Parent
			}
		}
		above = next
	}
	var err error
	if t.set, err = watch.New(list, watch.Options{}); err != nil {
		return nil, err
	}
	if was != "" {
		if t.before, err = watch.New([]watch.Watch{{Name: w.Name, Query: was}}, watch.Options{}); err != nil {
			return nil, err
		}
	}
	n, _ := t.set.Query(w.Name)
	t.telling = hasPhrase(n)
	return t, nil
}

// hasPhrase says whether a query looks for words that stand together.
func hasPhrase(n query.Node) bool {
	switch n := n.(type) {
	case query.Phrase:
		return len(n.Terms) > 1
	case query.And:
		return true
	case query.Or:
		for _, one := range n.Nodes {
			if hasPhrase(one) {
				return true
			}
		}
	}
	return false
}

// ask counts one mention.
func (t *trial) ask(m *mention.Mention) {
	t.Read++
	mine := false
	for _, hit := range t.set.Match(m) {
		for i := range t.Counts {
			if t.Counts[i].Name == hit.Watch {
				t.Counts[i].Count++
			}
		}
		if hit.Watch == t.name {
			mine = true
			if t.telling && oneWord(hit.Words) {
				t.Doubtful++
				t.Examples.Doubtful = example(t.Examples.Doubtful, m, hit)
			}
		}
	}
	had := t.before != nil && len(t.before.Match(m)) > 0
	switch {
	case mine && !had:
		t.Fresh++
		t.Examples.Fresh = example(t.Examples.Fresh, m, mention.Hit{})
	case had && !mine:
		t.Lost++
		t.Examples.Lost = example(t.Examples.Lost, m, mention.Hit{})
	}
}

func example(list []row, m *mention.Mention, hit mention.Hit) []row {
	if len(list) >= previewShown {
		return list
	}
	r := newRow(*m)
	if hit.Words != nil {
		r.Words = hit.Words
	}
	return append(list, r)
}

// oneWord says whether a single word, however often, is all that was found.
func oneWord(words []string) bool {
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		if !strings.EqualFold(w, words[0]) || strings.ContainsAny(w, " -\u00a0") {
			return false
		}
	}
	return true
}
