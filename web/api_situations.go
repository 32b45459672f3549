package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store/state"
)

// callSituations lists situations, the newest first.
func (s *Server) callSituations(w http.ResponseWriter, r *http.Request) {
	v, err := asked(r, "show", "limit", "after")
	var limit int
	var from spot
	if err == nil {
		limit, err = limited(v)
	}
	if err == nil {
		err = oneOf("show", v.Get("show"), []string{"open", "settled"})
	}
	if err == nil {
		from, err = readSpot(v.Get("after"))
	}
	var found []alerting.Incident
	if err == nil {
		found, err = s.situationsFrom(r, v.Get("show"), from, limit+1)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	page := wire.SituationPage{Situations: []wire.Situation{}}
	for _, i := range found[:min(len(found), limit)] {
		page.Situations = append(page.Situations, alerting.Answer(i, s.reader(r)))
	}
	if len(found) > limit {
		next := url.Values{"after": {spotOf(found[limit-1]).String()}, "limit": {strconv.Itoa(limit)}}
		if show := v.Get("show"); show != "" {
			next.Set("show", show)
		}
		page.Next = "/api/v1/situations?" + next.Encode()
	}
	s.answer(w, r, page)
}

// spot is where a list of situations goes on: after this one. Many open at one instant.
type spot struct {
	opened time.Time // zero is the beginning of the list
	id     string
}

func spotOf(i alerting.Incident) spot { return spot{i.OpenedAt, i.ID} }

func (p spot) String() string { return strconv.FormatInt(p.opened.UnixMicro(), 10) + "." + p.id }

func readSpot(s string) (p spot, err error) {
	if s == "" {
		return p, nil
	}
	at, id, ok := strings.Cut(s, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return p, refusePage
	}
	return spot{time.UnixMicro(micros), id}, nil
}

// passed says whether the list has come past i.
func (p spot) passed(i alerting.Incident) bool { return p.past(i.OpenedAt, i.ID) }

// past says whether the list has come past what stands in it at an instant.
func (p spot) past(instant time.Time, id string) bool {
	at, here := instant.UnixMicro(), p.opened.UnixMicro()
	return !p.opened.IsZero() && (at > here || at == here && id <= p.id)
}

// situationsFrom are at most so many of those that stand behind a spot of the list.
func (s *Server) situationsFrom(r *http.Request, show string, from spot, most int) (list []alerting.Incident, err error) {
	if show == "open" {
		open, err := s.Incidents.OpenIncidents(r.Context())
		open = slices.DeleteFunc(open, func(i alerting.Incident) bool { return !i.IsSituation() || from.passed(i) })
		return open[:min(len(open), most)], err
	}
	return from.behind(most, func(i alerting.Incident) bool { return show == "" || i.State == alerting.Resolved }, func(upto time.Time, limit int) ([]alerting.Incident, error) {
		return s.Incidents.Incidents(r.Context(), time.Time{}, upto, limit)
	})
}

// behind are at most so many wanted incidents of those that stand behind a spot of a list;
// opened reads those that were opened before an instant, newest first.
func (p spot) behind(most int, wanted func(alerting.Incident) bool, opened func(upto time.Time, limit int) ([]alerting.Incident, error)) (list []alerting.Incident, err error) {
	const atOnce = 2 * callMost
	for {
		upto := time.Time{}
		if !p.opened.IsZero() {
			upto = p.opened.Add(time.Microsecond)
		}
		some, err := opened(upto, atOnce)
		if err != nil {
			return nil, err
		}
		behind := slices.DeleteFunc(slices.Clone(some), p.passed)
		for _, i := range behind {
			if wanted(i) {
				list = append(list, i)
			}
			if len(list) == most {
				return list, nil
			}
		}
		if len(some) < atOnce || len(behind) == 0 {
			return list, nil
		}
		p = spotOf(behind[len(behind)-1])
	}
}

// callSituation answers one situation.
func (s *Server) callSituation(w http.ResponseWriter, r *http.Request) {
	i, err := s.incidentAsked(r, alerting.Incident.IsSituation)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answerSituation(w, r, i)
}

// incidentAsked is what the address of a request names, when it is what that address is for.
func (s *Server) incidentAsked(r *http.Request, is func(alerting.Incident) bool) (alerting.Incident, error) {
	i, ok, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err == nil && (!ok || !is(i)) {
		err = refuseNothing
	}
	return i, err
}

func (s *Server) answerSituation(w http.ResponseWriter, r *http.Request, i alerting.Incident) {
	journal, err := s.Incidents.IncidentJournal(r.Context(), i.ID, i.OpenedAt)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, alerting.AnswerWhole(i, journal, s.reader(r)))
}

// callAct does what a program asks for, in the name of its token.
func (s *Server) callAct(w http.ResponseWriter, r *http.Request) {
	s.acted(w, r, alerting.Incident.IsSituation, func(id string) (i alerting.Incident, err error) {
		act, err := s.actAsked(r, id)
		if err != nil {
			return i, err
		}
		return s.Incidents.Act(r.Context(), act)
	}, s.answerSituation)
}

// acted does what a program asks for with what its address is for, and answers with what
// became of that.
func (s *Server) acted(w http.ResponseWriter, r *http.Request, is func(alerting.Incident) bool, do func(id string) (alerting.Incident, error),
	answer func(http.ResponseWriter, *http.Request, alerting.Incident)) {
	i, err := s.incidentAsked(r, is)
	if err == nil {
		i, err = do(i.ID)
	}
	switch spoken := (*say.Error)(nil); {
	case alerting.IsUnknown(err), alerting.IsNoAdvisory(err):
		err = refuseNothing
	case errors.As(err, &spoken):
		err = refusal{http.StatusConflict, "refused", spoken.In(say.English)}
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, r, i)
}

// actAsked reads the act that a request asks for.
func (s *Server) actAsked(r *http.Request, incident string) (a alerting.Action, err error) {
	body, err := sentJSON(r)
	if err != nil {
		return a, err
	}
	given, err := readAct(body)
	if err != nil {
		return a, err
	}
	t, _ := r.Context().Value(tokenKey{}).(state.Token)
	a = alerting.Action{Incident: incident, Act: alerting.Act(given.Act), By: t.Name, At: s.Now().UTC(), Until: given.Until.UTC(), Note: given.Note}
	if a.Act == alerting.Assign {
		to, err := s.handlerCalled(r, given.To)
		if err != nil {
			return a, err
		}
		a.To, a.ToMember, a.Address = to.Name, to.ID, to.Email
	}
	return a, nil
}

// sentJSON is what a program sent, which it must call JSON.
func sentJSON(r *http.Request) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, refuseType
	}
	return io.ReadAll(r.Body)
}

// decoded reads one object. What it does not know is refused: a field that is misspelt
// would do something else.
func decoded(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.Decode(new(struct{})) != io.EOF {
		err = errors.New("there is more than one object")
	}
	return err
}

// handlerCalled is a member to whom a situation may be assigned, by name or e-mail.
func (s *Server) handlerCalled(r *http.Request, name string) (state.Member, error) {
	if name == "" || len(name) > typedMost {
		return state.Member{}, misasked("no_member", `say to whom, for example {"act":"assign","to":"Odette Malenfroy"}`)
	}
	m, ok, err := s.People.MemberCalled(r.Context(), name)
	if err == nil && (!ok || !m.Role.Covers(state.Handler)) {
		err = misasked("no_member", "nobody of this name or e-mail may handle situations: the page says who does, under Settings, Team members")
	}
	return m, err
}

// readAct reads what a program sent.
func readAct(body []byte) (a wire.Act, err error) {
	switch err = decoded(body, &a); {
	case err != nil:
		return a, misasked("bad_act", fmt.Sprintf(`this is not understood (%.200s); send for example {"act":"acknowledge"}, or {"act":"snooze","until":"2026-11-20T19:00:00Z"}`, err))
	case !alerting.Act(a.Act).Known():
		return a, misasked("bad_act", "act is one of acknowledge, assign, snooze, resolve, false_alarm, reopen")
	case a.To != "" && a.Act != string(alerting.Assign), !a.Until.IsZero() && a.Act != string(alerting.Snooze):
		return a, misasked("bad_act", "to goes with assign alone, and until with snooze alone")
	case a.Until.Year() > 9999 || a.Until.Year() < 0:
		return a, misasked("bad_act", "until is an instant, for example 2026-11-20T19:00:00Z")
	}
	return a, nil
}
