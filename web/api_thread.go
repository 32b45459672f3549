package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
)

// callConversation answers what was said around a mention, newest first.
func (s *Server) callConversation(w http.ResponseWriter, r *http.Request) {
	v, err := asked(r, "limit", "after")
	var limit int
	var from spot
	if err == nil {
		limit, err = limited(v)
	}
	if err == nil {
		from, err = readSpot(v.Get("after"))
	}
	var talk wire.Conversation
	if err == nil {
		talk, err = s.talkPage(r, from, limit)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, talk)
}

func (s *Server) talkPage(r *http.Request, from spot, limit int) (talk wire.Conversation, err error) {
	ctx, done, err := s.callerTurn(r)
	if err != nil {
		return talk, err
	}
	defer done()
	m, err := s.Mentions.Get(ctx, r.PathValue("id"))
	if err != nil {
		return talk, cmp.Or(ctx.Err(), err)
	}
	root := cmp.Or(m.Thread, m.Parent, m.ID)
	switch first, err := s.Mentions.Get(ctx, root); {
	case err == nil:
		began := wire.Of(first)
		talk.Root = &began
	case !errors.Is(err, store.ErrNotFound):
		return talk, cmp.Or(ctx.Err(), err)
	}
	said, err := s.saidFrom(ctx, root, from, limit+1)
	if err != nil {
		return talk, cmp.Or(ctx.Err(), err)
	}
	keep := within(said[:min(len(said), limit)])
	talk.Mentions = []wire.Mention{}
	for _, one := range said[:keep] {
		talk.Mentions = append(talk.Mentions, wire.Of(one))
	}
	if len(said) > keep {
		last := said[keep-1]
		next := url.Values{"after": {spot{last.PublishedAt, last.ID}.String()}, "limit": {strconv.Itoa(limit)}}
		talk.Next = "/api/v1/mentions/" + url.PathEscape(m.ID) + "/conversation?" + next.Encode()
	}
	return talk, nil
}

// within is how many of these an answer may hold: at least one of those that there are.
func within(all []mention.Mention) (n int) {
	size := 0
	for n < len(all) {
		size += len(all[n].Current().Title) + len(all[n].Current().Text)
		if n > 0 && size > answerMost {
			break
		}
		n++
	}
	return n
}

// saidFrom are at most so many texts of a conversation that stand behind a spot of it,
// newest first: what others said, and what the organisation answered.
func (s *Server) saidFrom(ctx context.Context, root string, from spot, most int) (all []mention.Mention, err error) {
	upto := time.Time{}
	if !from.opened.IsZero() {
		upto = from.opened.Add(time.Microsecond)
	}
	for _, own := range []bool{false, true} {
		q := store.Question{Threads: []string{root}, Own: own, Gone: true, To: upto}
		for found, after := 0, ""; ; {
			some, next, err := s.Mentions.Search(ctx, q, callMost, after)
			if err != nil {
				return nil, err
			}
			some = slices.DeleteFunc(some, func(m mention.Mention) bool { return m.ID == root || from.past(m.PublishedAt, m.ID) })
			all, found = append(all, some...), found+len(some)
			if after = next; after == "" || found >= most {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b mention.Mention) int {
		return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), most)], nil
}
