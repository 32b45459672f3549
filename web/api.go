package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// The API: what the page shows, as JSON, for programs, and the acts on situations
// and advisories
// (api_read.go, api_thread.go, api_situations.go, api_advisories.go). What it answers has the names that the command line
// gives it, in package wire, and is described by docs/output.schema.json; an error is
// {"code": a stable word, "error": a sentence that says what to do}.
//
// A token opens it and nothing else does: a browser sends its cookies, and a password it
// was once told, along with whatever a page of another site asks for; a token it does
// not have. Who may use which address is in the table of routes.

const apiPath = "/api/"

// Answers are what the API answers, by the name that the published schema gives each.
func Answers() map[string]any {
	return map[string]any{
		"mentions": wire.MentionPage{}, "history": wire.Whole{}, "story_told": wire.Story{},
		"conversation": wire.Conversation{},
		"situations":   wire.SituationPage{}, "situation": wire.WholeSituation{},
		"advisories": wire.AdvisoryPage{}, "advisory": wire.WholeAdvisory{}, "advise": wire.Advise{}, "advisory_act": wire.AdvisoryAct{},
		"sources": wire.SourceList{}, "watches": wire.WatchList{},
		"act": wire.Act{}, "error": wire.Failure{},
	}
}

// refusal is why a program gets no answer.
type refusal struct {
	status int
	code   string
	said   string
}

func (r refusal) Error() string { return r.said }

var (
	refuseToken    = refusal{http.StatusUnauthorized, "no_token", "this wants a token: make one on the page under Settings, Tokens for programs, and send it in the header Authorization: Bearer TOKEN"}
	refuseScope    = refusal{http.StatusForbidden, "other_scope", "this token is for something else: make one that may do this, on the page under Settings, Tokens for programs"}
	refuseGuesses  = refusal{http.StatusTooManyRequests, "guessing", "too many wrong tokens came from here: wait a minute"}
	refusePace     = refusal{http.StatusTooManyRequests, "too_fast", "this token asks too often: at most 60 times at once, then twice a second; wait as long as Retry-After says"}
	refuseClock    = refusal{http.StatusServiceUnavailable, "clock", "the clock of this computer is behind what was already seen: nothing is answered until it is right"}
	refuseNothing  = refusal{http.StatusNotFound, "not_found", "there is nothing at this address: look it up in the documentation, or it is no longer kept"}
	refuseSlow     = refusal{http.StatusServiceUnavailable, "slow", "this took too long: search for rarer words, or within fewer days"}
	refuseBroken   = refusal{http.StatusInternalServerError, "failed", "this did not work, and the log says why: try again in a minute"}
	refusePage     = refusal{http.StatusBadRequest, "no_page", "there is no such page any more: begin again without after"}
	refuseType     = refusal{http.StatusUnsupportedMediaType, "not_json", "send JSON, with the header Content-Type: application/json"}
	refuseTooLarge = refusal{http.StatusRequestEntityTooLarge, "too_large", "this is more than 64 KiB: send less"}
)

// refuseAway says why the server that mentions are kept on gave no answer.
func refuseAway(why error) refusal {
	return refusal{http.StatusServiceUnavailable, "store_away", "nothing is lost, but mentions cannot be asked for right now: " + say.Explain(why, say.English)}
}

// misasked is a question that cannot be understood; said tells what would be.
func misasked(code, said string) refusal { return refusal{http.StatusBadRequest, code, said} }

// called lets a program in whose token covers least, as often as it may come.
func (s *Server) called(least state.Scope, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		t, wait, err := s.door.caller(r, least)
		_, behind := s.Behind()
		switch {
		case wait:
			w.Header().Set("Retry-After", "60")
			err = refuseGuesses
		case errors.Is(err, state.ErrNoToken):
			w.Header().Set("WWW-Authenticate", `Bearer realm="ouidire"`)
			err = refuseToken
		case errors.Is(err, errOtherScope):
			err = refuseScope
		case err == nil && behind:
			w.Header().Set("Retry-After", "5")
			err = refuseClock
		case err == nil:
			if later := s.paces.wait(t.ID, s.Now()); later > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(later.Seconds()))))
				err = refusePace
			}
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), tokenKey{}, t)))
	})
}

type tokenKey struct{}

// caller is the token that a program comes with, or state.ErrNoToken; wrong ones are
// guessed as slowly as passwords.
func (d *door) caller(r *http.Request, least state.Scope) (t state.Token, wait bool, err error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return t, false, state.ErrNoToken
	}
	p, wait, err := d.try(visitor(r), func() (person, error) {
		var err error
		t, err = d.token(r.Context(), strings.TrimSpace(secret), least)
		if errors.Is(err, state.ErrNoToken) {
			return person{}, nil
		}
		return person{Role: state.Reader}, err
	})
	if err == nil && !wait && !p.known() {
		err = state.ErrNoToken
	}
	return t, wait, err
}

// paces is how often each token comes.
type paces struct {
	mu sync.Mutex
	of map[string]*rate.Limiter // by token; emptied when it grows
}

// wait is how long a token has to wait before it may come again, 0 when it may now.
func (p *paces) wait(token string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	own, known := p.of[token]
	if !known {
		if len(p.of) > 1000 {
			clear(p.of)
		}
		own = rate.NewLimiter(2, 60)
		p.of[token] = own
	}
	turn := own.ReserveN(now, 1)
	later := turn.DelayFrom(now)
	if later > 0 {
		turn.CancelAt(now)
	}
	return later
}

// answer writes an answer, whole or not at all.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v any) {
	body, err := wire.Encode(v, true)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.write(w, http.StatusOK, body)
}

func (s *Server) write(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // a program that went away gets no more
}

// refuse says why there is no answer, and the log what it has to know.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	why := s.meaning(r, err)
	if why.status >= http.StatusInternalServerError && r.Context().Err() != context.Canceled {
		s.Log.Warn("a program got no answer", "path", logged(r), "code", why.code, "err", err)
	}
	body, err := wire.Encode(wire.Failure{Code: why.code, Error: why.said}, true)
	if err != nil {
		s.Log.Error("an error could not be written", "err", err)
	}
	s.write(w, why.status, body)
}

// meaning is what an error means for a program.
func (s *Server) meaning(r *http.Request, err error) refusal {
	var (
		why    refusal
		spoken *say.Error
		large  *http.MaxBytesError
	)
	switch trouble := s.away(err); {
	case errors.As(err, &why):
		return why
	case errors.As(err, &large):
		return refuseTooLarge
	case errors.Is(err, store.ErrNotFound):
		return refuseNothing
	case errors.Is(err, store.ErrNoPage):
		return refusePage
	case errors.As(err, &spoken) && !errors.Is(err, store.ErrAway):
		return misasked("misunderstood", spoken.In(say.English))
	case trouble != nil:
		return refuseAway(trouble)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(r.Context().Err(), context.DeadlineExceeded):
		return refuseSlow
	}
	return refuseBroken
}

// noCall is an address of the API at which there is nothing.
func (s *Server) noCall(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, refuseNothing) }
