package web

import (
	"errors"
	"net/http"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// tokensPage is what programs come in with.
type tokensPage struct {
	Tokens []state.Token
	Scopes []state.Scope
	Typed  state.Token
	Secret string // of the token just made, shown this once
	Wrong  string
}

func (s *Server) showTokens(w http.ResponseWriter, r *http.Request, code int, page tokensPage) {
	var err error
	if page.Tokens, err = s.People.Tokens(r.Context()); err != nil {
		s.broken(w, r, err)
		return
	}
	page.Scopes = state.Scopes()
	s.render(w, r, code, "tokens", page)
}

// tokens lists them.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	s.showTokens(w, r, http.StatusOK, tokensPage{})
}

// makeToken makes one and shows it, once.
func (s *Server) makeToken(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	page := tokensPage{Typed: state.Token{Name: r.PostFormValue("name"), Scope: state.Scope(r.PostFormValue("scope"))}}
	var err error
	page.Secret, err = s.People.MakeToken(r.Context(), who(r).Name, page.Typed)
	if spoken := (*say.Error)(nil); errors.As(err, &spoken) {
		page.Wrong = spoken.In(s.lang(r))
		s.showTokens(w, r, http.StatusUnprocessableEntity, page)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.showTokens(w, r, http.StatusOK, page)
}

// revokeToken makes one worthless.
func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if err := s.People.RevokeToken(r.Context(), who(r).Name, state.Token{ID: r.PathValue("id")}); err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/settings/tokens", http.StatusSeeOther)
}
