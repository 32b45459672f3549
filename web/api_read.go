package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

const (
	// callUsual and callMost are how many a list holds when nobody says, and at most.
	callUsual = 50
	callMost  = 200
	// answerMost is how many bytes of mentions a list holds: of long ones it holds fewer.
	answerMost = 4 << 20
)

// asked reads what a program asks for: its fields are known, their values possible. One
// that is misspelt and ignored would answer another question.
func asked(r *http.Request, known ...string) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, misasked("misunderstood", "the part of the address after the question mark cannot be read: write each value percent-encoded")
	}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(known, key) {
			return nil, misasked("no_field", fmt.Sprintf("there is no field %.40q here: these are %s", key, strings.Join(known, ", ")))
		}
	}
	return v, nil
}

// limited is how many a program asks for.
func limited(v url.Values) (int, error) {
	given := v.Get("limit")
	if given == "" {
		return callUsual, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 || n > callMost {
		return 0, misasked("limit", fmt.Sprintf("limit is a number from 1 to %d", callMost))
	}
	return n, nil
}

// oneOf says whether a field has one of the values that there are, or none.
func oneOf(key, value string, all []string) error {
	if value == "" || slices.Contains(all, value) {
		return nil
	}
	return misasked("no_value", fmt.Sprintf("%s is one of %s", key, strings.Join(all, ", ")))
}

// searched is a question for mentions, as the fields of an address ask it.
type searched struct {
	fields  filter
	asks    store.Question
	limit   int
	after   string
	counted bool
}

func (s *Server) searched(r *http.Request) (q searched, err error) {
	v, err := asked(r, "q", "watch", "source", "tone", "kind", "lang", "from", "to", "limit", "after", "count")
	if err != nil {
		return q, err
	}
	q.fields, q.after, q.counted = readFilter(v), v.Get("after"), v.Has("count")
	if q.limit, err = limited(v); err != nil {
		return q, err
	}
	f := q.fields
	if err := cmp.Or(oneOf("tone", f.Tone, f.Tones()), oneOf("kind", f.Kind, f.Kinds()), oneOf("lang", f.Lang, f.Langs())); err != nil {
		return q, err
	}
	q.asks, err = f.question(s.Status(r.Context()).Zone)
	if wrong := (*query.Error)(nil); errors.As(err, &wrong) {
		return q, misasked("query", wrong.Error())
	}
	return q, err
}

// callMentions answers a search, newest first.
func (s *Server) callMentions(w http.ResponseWriter, r *http.Request) {
	q, err := s.searched(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	page, err := s.mentionPage(r, q)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, page)
}

// mentionPage asks the store in its turn.
func (s *Server) mentionPage(r *http.Request, q searched) (page wire.MentionPage, err error) {
	ctx, done, err := s.callerTurn(r)
	if err != nil {
		return page, err
	}
	defer done()
	next, err := s.fillPage(ctx, q, &page)
	if err != nil {
		return page, cmp.Or(ctx.Err(), err)
	}
	if next != "" {
		page.Next = q.fields.Address("/api/v1/mentions", "limit", strconv.Itoa(q.limit), "after", next)
	}
	if !q.counted {
		return page, nil
	}
	total, err := s.counted(ctx, q.asks, true, 0)
	if total.Known {
		page.Total, page.TotalMore = &total.N, total.More
	}
	return page, cmp.Or(ctx.Err(), err)
}

// callerTurn waits for the turn of a program, which has so long for its question. A program
// never has both turns of readers: people would wait behind it.
func (s *Server) callerTurn(r *http.Request) (ctx context.Context, done func(), err error) {
	ctx, cancel := context.WithTimeout(r.Context(), searchLimit)
	select {
	case s.calling <- struct{}{}:
	case <-ctx.Done():
		defer cancel()
		return nil, nil, ctx.Err()
	}
	over, err := s.turn(ctx)
	if err != nil {
		<-s.calling
		cancel()
		return nil, nil, err
	}
	return ctx, func() { over(); <-s.calling; cancel() }, nil
}

// fillPage reads as many mentions as are asked for, or as many as an answer may hold.
func (s *Server) fillPage(ctx context.Context, q searched, page *wire.MentionPage) (next string, err error) {
	for limit := q.limit; ; limit = (limit + 1) / 2 {
		found, next, err := s.Mentions.Search(ctx, q.asks, limit, q.after)
		if err != nil {
			return "", err
		}
		ids, size := make([]string, len(found)), 0
		for i, m := range found {
			ids[i] = m.ID
			size += len(m.Current().Title) + len(m.Current().Text)
		}
		if size > answerMost && limit > 1 {
			continue
		}
		stories, err := s.Stories.StoriesOf(ctx, ids)
		if err != nil {
			return "", err
		}
		page.Mentions = make([]wire.Mention, len(found))
		for i, m := range found {
			page.Mentions[i] = wire.Of(m)
			page.Mentions[i].Story = stories[m.ID].ID
		}
		return next, nil
	}
}

// callMention answers one mention with its history.
func (s *Server) callMention(w http.ResponseWriter, r *http.Request) {
	m, err := s.Mentions.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	stories, err := s.Stories.StoriesOf(r.Context(), []string{m.ID})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	whole := wire.WholeOf(m)
	whole.Signature, whole.Story = nil, stories[m.ID].ID
	s.answer(w, r, whole)
}

// callStory answers a story and who told it.
func (s *Server) callStory(w http.ResponseWriter, r *http.Request) {
	story, ok, err := s.Stories.Story(r.Context(), r.PathValue("id"))
	if err == nil && !ok {
		err = refuseNothing
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	told := wire.Story{ID: story.ID, Watches: story.Watches, Outlets: story.Outlets(), Change: string(changeOf(story)), Members: []wire.StoryMember{}}
	members := story.Members[:min(len(story.Members), storyMost)]
	told.MembersMore = len(story.Members) - len(members)
	kept, err := s.keptOf(r.Context(), members)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	for _, m := range members {
		told.Members = append(told.Members, wire.StoryMember{ID: m.Mention, Outlet: m.Outlet, SeenAt: m.SeenAt.UTC(),
			Change: string(m.Change), Related: m.Related, Mention: kept[m.Mention]})
	}
	s.answer(w, r, told)
}

// keptOf is the mentions of members that are still kept.
func (s *Server) keptOf(ctx context.Context, members []alerting.Member) (map[string]*wire.Mention, error) {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Mention
	}
	found, _, err := s.Mentions.Search(ctx, store.Question{IDs: ids, Gone: true}, len(ids), "")
	if err != nil {
		return nil, err
	}
	kept := map[string]*wire.Mention{}
	for _, m := range found {
		one := wire.Of(m)
		kept[m.ID] = &one
	}
	return kept, nil
}

// callSources answers how well each source is read.
func (s *Server) callSources(w http.ResponseWriter, r *http.Request) {
	if _, err := asked(r); err != nil {
		s.refuse(w, r, err)
		return
	}
	blind, err := s.Blind(r.Context(), "", s.Now())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	list := wire.SourceList{Sources: []wire.SourceState{}}
	for _, source := range s.Status(r.Context()).Sources {
		list.Sources = append(list.Sources, sourceState(readOf(source, blind)))
	}
	s.answer(w, r, list)
}

func sourceState(read readSource) wire.SourceState {
	visit := read.Visit
	state := wire.SourceState{Source: read.Name, Kind: read.Kind, Own: read.Own, State: read.State(), UnreadSince: read.Since.UTC(), Shard: read.Shard,
		Every: int(read.Every / time.Second), VisitedAt: visit.Last.UTC(), ReadAt: visit.LastSuccess.UTC(), NextAt: visit.Next.UTC(), NewestAt: visit.Newest.UTC()}
	if state.State == "unread" || state.State == "poorly" {
		state.Reason = visit.Reason
	}
	return state
}

// callWatches answers what is listened for.
func (s *Server) callWatches(w http.ResponseWriter, r *http.Request) {
	if _, err := asked(r); err != nil {
		s.refuse(w, r, err)
		return
	}
	list := wire.WatchList{Watches: []wire.WatchState{}}
	for _, watch := range s.Status(r.Context()).Watches {
		list.Watches = append(list.Watches, wire.WatchState{Watch: watch.Name, Title: watch.Title, Query: watch.Query, Relation: watch.Relation, Parent: watch.Parent})
	}
	s.answer(w, r, list)
}
