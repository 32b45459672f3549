package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store/state"
)

// callAdvisories lists advisories, the newest first.
func (s *Server) callAdvisories(w http.ResponseWriter, r *http.Request) {
	page, err := s.advisoryPage(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, page)
}

func (s *Server) advisoryPage(r *http.Request) (page wire.AdvisoryPage, err error) {
	v, err := asked(r, "show", "limit", "after")
	if err != nil {
		return page, err
	}
	limit, err := limited(v)
	if err != nil {
		return page, err
	}
	if err := oneOf("show", v.Get("show"), []string{"in_force", "past"}); err != nil {
		return page, err
	}
	from, err := readSpot(v.Get("after"))
	if err != nil {
		return page, err
	}
	now, show, oldest := s.Now(), v.Get("show"), time.Time{}
	if show == "in_force" {
		oldest = now.Add(-alerting.AdviceLasts)
	}
	found, err := from.behind(limit+1, func(i alerting.Incident) bool {
		return show == "" || i.Facts.Advisory.Holds(now) == (show == "in_force")
	},
		func(upto time.Time, most int) ([]alerting.Incident, error) {
			return s.Advisories.Advisories(r.Context(), oldest, upto, most)
		})
	page.Advisories = []wire.Advisory{}
	for _, i := range found[:min(len(found), limit)] {
		page.Advisories = append(page.Advisories, alerting.AnswerAdvisory(i, now, s.reader(r)))
	}
	if len(found) > limit {
		next := url.Values{"after": {spotOf(found[limit-1]).String()}, "limit": {strconv.Itoa(limit)}}
		if show != "" {
			next.Set("show", show)
		}
		page.Next = "/api/v1/advisories?" + next.Encode()
	}
	return page, err
}

// callAdvisory answers one advisory with who read it.
func (s *Server) callAdvisory(w http.ResponseWriter, r *http.Request) {
	i, err := s.incidentAsked(r, alerting.Incident.IsAdvisory)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answerAdvisory(w, r, i)
}

func (s *Server) answerAdvisory(w http.ResponseWriter, r *http.Request, i alerting.Incident) {
	whole, err := s.wholeAdvisory(r, i)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, whole)
}

func (s *Server) wholeAdvisory(r *http.Request, i alerting.Incident) (whole wire.WholeAdvisory, err error) {
	journal, err := s.Incidents.IncidentJournal(r.Context(), i.ID, i.OpenedAt)
	if err != nil {
		return whole, err
	}
	members, err := s.People.Members(r.Context())
	if err != nil {
		return whole, err
	}
	var took []string
	for _, e := range journal {
		if e.What == alerting.EntryTold && e.Letter != nil {
			took = append(took, e.Letter.Channel)
		}
	}
	whole = alerting.AnswerWholeAdvisory(i, journal, s.Now(), s.reader(r))
	whole.Unread, whole.Reached = unread(i.Facts.Advisory, members), []wire.AdvisedWatch{}
	for _, to := range reachedBy(i.Facts.Advisory, s.Status(r.Context()), took) {
		whole.Reached = append(whole.Reached, wire.AdvisedWatch{Watch: to.Watch, Channels: to.Channels, Took: to.Took, Read: len(to.Read)})
	}
	return whole, nil
}

// callAdvise sends the advisory that a program asks for, in the name of its token.
func (s *Server) callAdvise(w http.ResponseWriter, r *http.Request) {
	var i alerting.Incident
	draft, err := s.adviceAsked(r)
	if err == nil {
		i, err = s.Advisories.Advise(r.Context(), draft)
		if spoken := (*say.Error)(nil); errors.As(err, &spoken) {
			err = misasked("bad_advisory", spoken.In(say.English))
		}
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answerAdvisory(w, r, i)
}

// keyMost is how long a key may be that tells one sending from another.
const keyMost = 64

// adviceAsked is the draft of the advisory that a request asks for.
func (s *Server) adviceAsked(r *http.Request) (d alerting.Draft, err error) {
	body, err := sentJSON(r)
	if err != nil {
		return d, err
	}
	var given wire.Advise
	if err := decoded(body, &given); err != nil {
		return d, misasked("bad_advisory", fmt.Sprintf("this is not understood (%.200s); the documentation shows one", err))
	}
	if given.Key == "" || utf8.RuneCountInString(given.Key) > keyMost {
		return d, misasked("bad_advisory", fmt.Sprintf("key tells this sending from others, so that it goes out once however often it is sent: 1 to %d characters", keyMost))
	}
	t, _ := r.Context().Value(tokenKey{}).(state.Token)
	form := sha256.Sum256([]byte(t.ID + "\x00" + given.Key)) // another program may count from 1 as well
	d = alerting.Draft{Form: hex.EncodeToString(form[:]), Urgent: given.Urgent, At: s.Now().UTC(), Advisory: alerting.Advisory{
		From: given.From, About: given.About, Until: given.Until.UTC(), Subject: given.Subject, Advice: given.Advice, Answer: given.Answer, By: t.Name}}
	if d.To, err = s.advisedBy(r, given); err != nil {
		return d, err
	}
	if _, err := s.adviseOn(r, &d); err != nil {
		return d, err
	}
	if d.About != given.About {
		return d, misasked("bad_advisory", "about is the id of a situation of the organisation that advises")
	}
	return d, nil
}

// advisedBy are the watches that an advisory of a program is for.
func (s *Server) advisedBy(r *http.Request, given wire.Advise) (to []string, err error) {
	var able []string
	for _, sender := range senders(s.Status(r.Context()).Watches) {
		if able = append(able, sender.Name); sender.Name != given.From {
			continue
		}
		for _, watch := range given.To {
			if !slices.Contains(sender.Affiliates, watch) {
				return nil, misasked("bad_advisory", fmt.Sprintf("to are some of %s", strings.Join(sender.Affiliates, ", ")))
			}
		}
		if len(given.To) == 0 {
			return slices.Clone(sender.Affiliates), nil
		}
		return given.To, nil
	}
	if len(able) == 0 {
		return nil, misasked("bad_advisory", "no watch here is that of an organisation with affiliates that are listened to")
	}
	return nil, misasked("bad_advisory", fmt.Sprintf("from is the watch of an organisation that has affiliates: one of %s", strings.Join(able, ", ")))
}

// callAdvisoryAct notes that an advisory was read, or withdraws it, in the name of a token.
func (s *Server) callAdvisoryAct(w http.ResponseWriter, r *http.Request) {
	s.acted(w, r, alerting.Incident.IsAdvisory, func(id string) (alerting.Incident, error) { return s.actOnAdvisory(r, id) }, s.answerAdvisory)
}

func (s *Server) actOnAdvisory(r *http.Request, id string) (i alerting.Incident, err error) {
	body, err := sentJSON(r)
	if err != nil {
		return i, err
	}
	var given wire.AdvisoryAct
	err = decoded(body, &given)
	t, _ := r.Context().Value(tokenKey{}).(state.Token)
	switch {
	case err != nil:
		return i, misasked("bad_act", fmt.Sprintf(`this is not understood (%.200s); send for example {"act":"read"}`, err))
	case given.Act == "read":
		return s.Advisories.Receive(r.Context(), id, alerting.Receipt{At: s.Now().UTC(), Name: t.Name})
	case given.Act == "withdraw":
		return s.Advisories.TakeBack(r.Context(), id, alerting.Person{Name: t.Name}, s.Now().UTC())
	}
	return i, misasked("bad_act", "act is one of read, withdraw")
}
