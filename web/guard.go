package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/ouidire/ouidire/store/state"
)

// guarded asks people to sign in before anything inside.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := s.door.who(r)
		if err != nil {
			s.shut(w, r, err)
			return
		}
		if !p.known() {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		w.Header().Set("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), whoKey{}, p)))
	})
}

// recognised serves everybody, and knows whoever has signed in.
func (s *Server) recognised(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p, err := s.door.who(r); err == nil && p.known() {
			r = r.WithContext(context.WithValue(r.Context(), whoKey{}, p))
		}
		next(w, r)
	}
}

// only serves those whose role covers least.
func (s *Server) only(least state.Role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !who(r).Role.Covers(least) {
			s.render(w, r, http.StatusForbidden, "sorry", sorryPage{Title: "sorry.role", Text: "sorry.role.text"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errOtherScope is a token that is good for something else.
var errOtherScope = errors.New("this token is for something else: make one for this under Settings")

// programs lets a program in, a scraper or a feed reader: by a token of its scope, by
// HTTP Basic with what one would sign in with, or by a session.
func (s *Server) programs(scope state.Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait := false
		p, err := s.door.who(r)
		if err == nil && !p.known() {
			p, wait, err = s.door.program(r, scope)
		}
		switch {
		case errors.Is(err, errOtherScope):
			http.Error(w, err.Error(), http.StatusForbidden)
		case err != nil:
			s.shut(w, r, err)
		case wait:
			w.Header().Set("Retry-After", "60")
			http.Error(w, "too many wrong passwords: wait a minute", http.StatusTooManyRequests)
		case !p.known():
			w.Header().Set("WWW-Authenticate", `Basic realm="ouidire", charset="UTF-8"`)
			w.Header().Add("WWW-Authenticate", `Bearer realm="ouidire"`)
			http.Error(w, "this wants a token, or by HTTP Basic the page's password under any name", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// program is whoever a program comes for, by what it sends with its request.
func (d *door) program(r *http.Request, scope state.Scope) (p person, wait bool, err error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return d.try(visitor(r), func() (person, error) { return d.byToken(r.Context(), strings.TrimSpace(secret), scope) })
	}
	if name, password, given := r.BasicAuth(); given {
		return d.try(visitor(r), func() (person, error) { return d.identify(r.Context(), name, password) })
	}
	return person{}, false, nil
}

// byToken lets a program read what its token is for.
func (d *door) byToken(ctx context.Context, secret string, scope state.Scope) (person, error) {
	switch _, err := d.token(ctx, secret, scope); {
	case errors.Is(err, state.ErrNoToken):
		return person{}, nil
	case err != nil:
		return person{}, err
	}
	return person{Role: state.Reader}, nil
}

// token is the one of a secret, or state.ErrNoToken, or errOtherScope for one that does
// not cover least. That it was used is noted.
func (d *door) token(ctx context.Context, secret string, least state.Scope) (state.Token, error) {
	t, err := d.people.Token(ctx, secret)
	switch {
	case err != nil:
		return state.Token{}, err
	case !t.Scope.Covers(least):
		return state.Token{}, errOtherScope
	}
	if d.now().Sub(t.LastUsed) >= noted {
		if err := d.people.TokenUsed(ctx, t.ID); err != nil && ctx.Err() == nil {
			d.log.Warn("the use of a token is not noted", "err", err)
		}
	}
	return t, nil
}
