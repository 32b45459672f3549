package web

import (
	"net/http"
	"slices"

	"github.com/ouidire/ouidire/store/state"
)

// unsubscribePage is where whoever gets a digest says that they want no more of them.
type unsubscribePage struct {
	Channel, Address string // Channel is "" when it is gone: what is said is of all
	Gone             bool   // the link was never given
	Left             bool   // they get none
	Back             bool   // they have just said that they want them again
}

// leaving is who leaves what by the link of a request; where that is nobody, it has answered.
func (s *Server) leaving(w http.ResponseWriter, r *http.Request) (page unsubscribePage, ok bool) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "private, no-store")
	page.Channel, page.Address, ok = s.Passes.Leaver(r.PathValue("pass"))
	if !ok {
		s.render(w, r, http.StatusNotFound, "unsubscribe", unsubscribePage{Gone: true})
	}
	if !slices.ContainsFunc(s.Status(r.Context()).Channels, func(c Channel) bool { return c.Name == page.Channel }) {
		page.Channel = "" // it may be called otherwise now
	}
	return page, ok
}

// unsubscribeForm asks whether it shall be done. It changes nothing: mail scanners open links.
func (s *Server) unsubscribeForm(w http.ResponseWriter, r *http.Request) {
	page, ok := s.leaving(w, r)
	if !ok {
		return
	}
	all, err := s.Unsubscriptions.Unsubscriptions(r.Context())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page.Left = slices.ContainsFunc(all, func(u state.Unsubscription) bool { return u.From(page.Channel) && u.Address == page.Address })
	s.render(w, r, http.StatusOK, "unsubscribe", page)
}

// unsubscribe does it, with one click of a mail program (RFC 8058: it has no cookie, says
// nothing but List-Unsubscribe=One-Click and follows no redirect) or by the button; or
// takes it back.
func (s *Server) unsubscribe(w http.ResponseWriter, r *http.Request) {
	page, ok := s.leaving(w, r)
	if !ok {
		return
	}
	var err error
	if page.Back = r.PostFormValue("do") == "resubscribe"; page.Back {
		err = s.Unsubscriptions.Resubscribe(r.Context(), "", page.Channel, page.Address)
	} else {
		page.Left = true
		err = s.Unsubscriptions.Unsubscribe(r.Context(), page.Channel, page.Address)
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "unsubscribe", page)
}

// resubscribe sends somebody the digests again, as an owner decides.
func (s *Server) resubscribe(w http.ResponseWriter, r *http.Request) {
	if !s.parsed(w, r) {
		return
	}
	channel, address := r.PostForm.Get("channel"), r.PostForm.Get("address")
	if err := s.Unsubscriptions.Resubscribe(r.Context(), who(r).Name, channel, address); err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/messages", http.StatusSeeOther)
}
