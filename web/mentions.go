package web

import (
	"cmp"
	"context"
	"errors"
	"maps"
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

// filter is the search form, as its address carries it.
type filter struct {
	Query, Watch, Source, Tone, Kind, Lang, From, To string
}

func readFilter(v url.Values) filter {
	get := func(key string) string { return strings.TrimSpace(v.Get(key)) }
	return filter{Query: get("q"), Watch: get("watch"), Source: get("source"), Tone: get("tone"),
		Kind: get("kind"), Lang: get("lang"), From: get("from"), To: get("to")}
}

// values is the fields of the form that are not empty.
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

// Address is a page with the filter, and other fields as pairs of key and value.
func (f filter) Address(path string, more ...string) string {
	v := f.values()
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			v.Set(more[i], more[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// field is one field of a form.
type field struct{ Key, Value string }

// Hidden is what a form that asks for other words must keep of the filter.
func (f filter) Hidden() []field {
	f.Query = ""
	return f.fields()
}

// Beside is what the page of tones must keep: it has its own words, watch and time.
func (f filter) Beside() []field {
	f.Query, f.Watch, f.From, f.To = "", "", "", ""
	return f.fields()
}

func (f filter) fields() (all []field) {
	v := f.values()
	for _, key := range slices.Sorted(maps.Keys(v)) {
		all = append(all, field{key, v.Get(key)})
	}
	return all
}

// Narrow says whether more than words is asked for.
func (f filter) Narrow() bool { return len(f.Hidden()) > 0 }

// Tones, Kinds and Langs are what the form offers.
func (filter) Tones() []string { return []string{"negative", "neutral", "positive", unsure} }

// Kinds is what Tones says.
func (filter) Kinds() []string { return []string{"article", "post", "comment", "review"} }

// Langs is what Tones says.
func (filter) Langs() []string { return []string{"fr", "en", "other"} }

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
		}, excerpt(s, 40))
	}
	return t.AddDate(0, 0, later), nil
}

type mentionsPage struct {
	Filter  filter
	Guide   guide
	Saved   []saved
	Here    string // the filter as a saved one is kept
	Named   bool   // it is saved already
	Total   total
	Days    []dayOf
	Next    string // address of the older ones, "" when there are none
	Newest  string // address of the first page, "" on it
	Later   string // where the list is, when that takes too long for a page
	Count   string // address of this page with the number, however long it takes; "" on that
	Tone    string // address of their tone over time
	Misread bool   // the search could not be understood: there is no list
	Wrong   error  // why the search could not be understood, or the filter not saved
	Narrow  bool   // a filter is set
	Watches []Watch
	Sources []Source
}

// mentions is what was said, newest first.
func (s *Server) mentions(w http.ResponseWriter, r *http.Request) {
	s.showMentions(w, r, http.StatusOK, nil)
}

// showMentions shows them with what went wrong before, nil for nothing.
func (s *Server) showMentions(w http.ResponseWriter, r *http.Request, code int, wrong error) {
	status := s.Status(r.Context())
	f := readFilter(r.URL.Query())
	page := mentionsPage{Filter: f, Narrow: f != filter{}, Watches: status.Watches, Sources: status.Sources, Wrong: wrong,
		Here: f.values().Encode()}
	var err error
	if page.Saved, err = s.savedFilters(r.Context()); err != nil {
		s.broken(w, r, err)
		return
	}
	page.Named = slices.ContainsFunc(page.Saved, func(one saved) bool { return one.Filter == page.Here })
	q, err := f.question(status.Zone)
	page.Guide = guideOf(q.Text, f, s.lang(r))
	if err != nil {
		page.Wrong, page.Misread = err, true
		s.render(w, r, http.StatusUnprocessableEntity, "mentions", page)
		return
	}
	if err := s.fill(r, &page, q); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, code, "mentions", page)
}

// What readers' searches may cost. The store answers four questions at once and the
// rules ask it too, so that some of its time is never theirs: among ten thousand
// mentions a query of two thousand prefixes takes 20 s.
const (
	searchesAtOnce = 2
	searchLimit    = 10 * time.Second // waiting for a turn counts
	// countLeast is what a page gives a count in any case.
	countLeast = 15 * time.Millisecond
)

// patience is for how long, from when a page began to look, it waits for its list or
// its chart, and for the number of what it lists. What takes longer comes after the
// page, which is there within 100 ms: the script asks for it, a browser without script
// does at once, and it may then take searchLimit. Among a million mentions that is a
// beginning of four letters, and a year's tone of a word of most texts; and a phrase of
// common words takes much longer to count than to read.
type patience struct{ shows, counts time.Duration }

var usual = patience{shows: 70 * time.Millisecond, counts: 45 * time.Millisecond}

// fill asks the store in its turn.
func (s *Server) fill(r *http.Request, page *mentionsPage, q store.Question) error {
	ctx, cancel := context.WithTimeout(r.Context(), searchLimit)
	defer cancel()
	done, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	after, began := r.URL.Query().Get("after"), time.Now()
	list, next, err := s.listed(ctx, r, q, after)
	if errors.Is(err, errLater) {
		page.Later = page.Filter.Address("/mentions", "after", after, "whole", "1")
		return nil
	}
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	if page.Total, err = s.counted(ctx, q, r.URL.Query().Has("count"), max(s.patience.counts-time.Since(began), countLeast)); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	page.Days = byDay(list, s.lang(r), s.Now(), s.Status(r.Context()).Zone)
	if next != "" {
		page.Next = page.Filter.Address("/mentions", "after", next)
	}
	if !r.URL.Query().Has("count") {
		page.Count = page.Filter.Address("/mentions", "after", after, "count", "1")
	}
	page.Tone = page.Filter.Address("/tone")
	if after != "" {
		page.Newest = page.Filter.Address("/mentions")
	}
	return nil
}

// listed is the list: within the patience of a page, or to the end for a reader who
// wants to wait.
func (s *Server) listed(ctx context.Context, r *http.Request, q store.Question, after string) ([]entry, string, error) {
	if r.URL.Query().Has("whole") || r.URL.Query().Has("count") {
		return s.list(ctx, q, after)
	}
	limited, cancel := context.WithTimeout(ctx, s.patience.shows)
	defer cancel()
	list, next, err := s.list(limited, q, after)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return nil, "", errLater
	}
	return list, next, err
}

// turn waits until the store may be asked one more of readers' searches. Its error is
// that of ctx.
func (s *Server) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.searches <- struct{}{}:
		return func() { <-s.searches }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// countMost is the number beyond which a list does not say how long it is.
const countMost = 10_000

// total is how many mentions a list has.
type total struct {
	N     int
	Known bool // N was counted
	More  bool // there are more than N
}

// roundBelow is the largest number of one digit and zeros below n, and 0 for what is
// not worth a word.
func roundBelow(n int) int {
	digit := 10
	for n > 10*digit {
		digit *= 10
	}
	return max(n-1, 0) / digit * digit
}

// counted counts what q asks for: up to countMost within so long, or to the end for a
// reader who wants to wait; when that does not come, as far as it is known.
func (s *Server) counted(ctx context.Context, q store.Question, wanted bool, within time.Duration) (t total, err error) {
	if wanted {
		t.N, err = s.Mentions.Count(ctx, q)
		if err != nil && ctx.Err() != nil && roundBelow(t.N) > 0 {
			return total{N: roundBelow(t.N), Known: true, More: true}, nil
		}
		t.Known = err == nil
		return t, err
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	t.N, err = s.Mentions.CountUpTo(limited, q, countMost+1)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return total{}, nil
	}
	t.Known = err == nil
	if t.N > countMost {
		t.N, t.More = countMost, true
	}
	return t, err
}
