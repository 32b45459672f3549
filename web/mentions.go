package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// perPage is how many mentions a page shows.
const perPage = 20

// filter is the search form, as its address carries it.
type filter struct {
	Query, Watch, Source, Tone, Kind, Lang, From, To string
}

func readFilter(v url.Values) filter {
	get := func(key string) string { return strings.TrimSpace(v.Get(key)) }
	return filter{Query: get("q"), Watch: get("watch"), Source: get("source"), Tone: get("tone"),
		Kind: get("kind"), Lang: get("lang"), From: get("from"), To: get("to")}
}

// values is the address of the form, empty fields left out.
func (f filter) values() url.Values {
	v := url.Values{}
	for key, value := range map[string]string{"q": f.Query, "watch": f.Watch, "source": f.Source, "tone": f.Tone,
		"kind": f.Kind, "lang": f.Lang, "from": f.From, "to": f.To} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return v
}

// unsure is the value of the tone filter for what was not judged.
const unsure = "unsure"

// question is what a filter asks of the store. Days are those of zone.
func (f filter) question(zone *time.Location) (store.Question, error) {
	var q store.Question
	if f.Query != "" {
		node, err := query.Parse(f.Query)
		if err != nil {
			return q, err
		}
		q.Text = node
	}
	one := func(value string) []string {
		if value == "" {
			return nil
		}
		return []string{value}
	}
	q.Watches, q.Sources, q.Langs = one(f.Watch), one(f.Source), one(f.Lang)
	if f.Kind != "" {
		q.Kinds = []mention.Kind{mention.Kind(f.Kind)}
	}
	switch f.Tone {
	case "":
	case unsure:
		q.Labels = []mention.Label{""}
	default:
		q.Labels = []mention.Label{mention.Label(f.Tone)}
	}
	var err error
	if q.From, err = day(f.From, zone, 0); err != nil {
		return q, err
	}
	q.To, err = day(f.To, zone, 1)
	return q, err
}

// day is the beginning of a day, some days later; the zero time for none.
func day(s string, zone *time.Location, later int) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}, say.Errorf(say.Text{
			EN: "“%s” is not a date; write for example 2026-11-20",
			FR: "«\u00a0%s\u00a0» n’est pas une date; écrivez par exemple 2026-11-20",
		}, s)
	}
	return t.AddDate(0, 0, later), nil
}

// row is one mention in a list.
type row struct {
	mention.Mention
	Version mention.Version
	Reading mention.Reading
	Read    bool
	Words   []string // that matched, each once
}

func newRow(m mention.Mention) row {
	r := row{Mention: m, Version: m.Current()}
	r.Reading, r.Read = m.Reading()
	for _, hit := range r.Version.Hits {
		for _, word := range hit.Words {
			if !slices.Contains(r.Words, word) {
				r.Words = append(r.Words, word)
			}
		}
	}
	return r
}

type mentionsPage struct {
	Filter  filter
	Total   int
	Counted bool // Total is known
	Rows    []row
	Next    string // address of the older ones, "" when there are none
	Wrong   error  // why the search could not be understood
	Narrow  bool   // a filter is set
	Watches []Watch
	Sources []Source
}

// mentions is the first room: what was said, newest first.
func (s *Server) mentions(w http.ResponseWriter, r *http.Request) {
	status := s.Status(r.Context())
	f := readFilter(r.URL.Query())
	page := mentionsPage{Filter: f, Narrow: f != filter{}, Watches: status.Watches, Sources: status.Sources}
	q, err := f.question(status.Zone)
	if err != nil {
		page.Wrong = err
		s.render(w, r, http.StatusUnprocessableEntity, "mentions", page)
		return
	}
	if err := s.fill(r, &page, q); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "mentions", page)
}

// What readers' searches may cost. The store answers four questions at once and the
// rules ask it too, so that some of its time is never theirs: among ten thousand
// mentions a query of two thousand prefixes takes 20 s.
const (
	searchesAtOnce = 2
	searchLimit    = 10 * time.Second // waiting for a turn counts
	// countLimit is how long a reader waits for the number of what was found. Among a
	// million mentions a phrase of very common words takes longer to count than to read.
	countLimit = time.Second
)

// search asks the store in its turn. Its error is that of ctx once that has ended.
func (s *Server) search(ctx context.Context, page *mentionsPage, q store.Question, after string) (found []mention.Mention, next string, err error) {
	select {
	case s.searches <- struct{}{}:
		defer func() { <-s.searches }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, countLimit)
	defer cancel()
	total, err := s.Mentions.Count(limited, q)
	page.Total, page.Counted = total, err == nil
	if err != nil && limited.Err() == nil {
		return nil, "", err
	}
	found, next, err = s.Mentions.Search(ctx, q, perPage, after)
	return found, next, cmp.Or(ctx.Err(), err)
}

func (s *Server) fill(r *http.Request, page *mentionsPage, q store.Question) error {
	ctx, cancel := context.WithTimeout(r.Context(), searchLimit)
	defer cancel()
	found, next, err := s.search(ctx, page, q, r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	for _, m := range found {
		page.Rows = append(page.Rows, newRow(m))
	}
	if next != "" {
		v := page.Filter.values()
		v.Set("after", next)
		page.Next = "/mentions?" + v.Encode()
	}
	return nil
}
