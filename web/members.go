package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// membersPage is who may come in under their own name, and what they may do.
type membersPage struct {
	Members []state.Member
	Roles   []state.Role // that a member may have
	Offered []state.Role // that a new one may have
	First   bool         // nobody may come in yet
	Shared  bool         // there is a password of the page
	Typed   state.Member // what was typed of a new one
	Renamed state.Member // the id of one, and the name that was typed for them and cannot be
	Invited state.Member // whose link this is
	Link    string       // shown this once; "" when nobody was invited
	Mails   bool         // a link can be sent
	Sent    string       // the address that it was sent to
	Unsent  string       // why it was not
	Changed string       // the name of whom something was changed about
	History []accessLine
	Wrong   string
}

func (s *Server) showMembers(w http.ResponseWriter, r *http.Request, code int, page membersPage) {
	all, err := s.People.Members(r.Context())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if page.History, err = s.accessHistory(r); err != nil {
		s.broken(w, r, err)
		return
	}
	page.Members, page.Roles, page.Offered = all, state.Roles(), state.Roles()
	page.Shared, page.Mails = s.door.locked, s.mails()
	if page.First = who(r).Passing; page.First {
		page.Offered = []state.Role{state.Owner}
	}
	s.render(w, r, code, "members", page)
}

// team lists the members.
func (s *Server) team(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	s.showMembers(w, r, http.StatusOK, membersPage{Changed: r.URL.Query().Get("changed")})
}

var errFirstOwner = say.Errorf(say.Text{
	EN:     "the first member must be an owner, for example you: once somebody signs in by name, nobody comes in otherwise",
	FR:     "le premier membre doit être responsable, vous par exemple\u00a0: dès que quelqu’un ouvre une session sous son nom, on n’entre plus autrement",
	France: "le premier membre doit être responsable, vous par exemple\u00a0: dès que quelqu’un se connecte sous son nom, on n’entre plus autrement",
})

// invite makes a member and shows the link that leads them in.
func (s *Server) invite(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	typed := state.Member{Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Role: state.Role(r.PostFormValue("role"))}
	if who(r).Passing && typed.Role != state.Owner {
		s.showMembers(w, r, http.StatusUnprocessableEntity, membersPage{Typed: typed, Wrong: say.Explain(errFirstOwner, s.lang(r))})
		return
	}
	page := membersPage{Typed: typed}
	var token string
	var err error
	page.Invited, token, err = s.People.Invite(r.Context(), who(r).Name, typed)
	page.Link = s.linkTo(r, token)
	if err == nil && r.PostFormValue("send") != "" {
		s.post(r, &page)
	}
	s.afterChange(w, r, err, page)
}

// mails says whether links can be sent: by e-mail, under an address that leads here.
func (s *Server) mails() bool { return s.Address != "" && s.Mail.Writes() }

// post sends a link to the address of whom it invites. Where that fails it is on the page
// all the same, for the owner to give.
func (s *Server) post(r *http.Request, page *membersPage) {
	m := page.Invited
	if m.Email == "" || !s.mails() {
		return
	}
	l, status := s.lang(r), s.Status(r.Context())
	last := until(l, m.InvitedTo, s.Now(), status.Zone)
	note := Note{Lang: l, Subject: words["letter.subject"].In(l, status.Organisation), Body: words["letter.body"].In(l, m.Name, status.Organisation, page.Link, last)}
	if err := s.Mail.WriteTo(r.Context(), m.Email, note); err != nil {
		s.Log.Warn("an invitation was not sent", "err", err)
		page.Unsent = say.Explain(err, l)
		return
	}
	page.Sent = m.Email
}

// changeMember does what a button of a member's line says.
func (s *Server) changeMember(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	deed := state.Deed{Member: r.PathValue("id"), By: who(r).Name, Spare: s.door.locked}
	var page membersPage
	var err error
	switch r.PostFormValue("do") {
	case "role":
		err = s.People.SetRole(r.Context(), deed, state.Role(r.PostFormValue("role")))
	case "name":
		page.Renamed = state.Member{ID: deed.Member, Name: r.PostFormValue("called")}
		err = s.People.SetName(r.Context(), deed, page.Renamed.Name)
	case "email":
		err = s.People.SetEmail(r.Context(), deed, r.PostFormValue("email"))
	case "disable":
		err = s.People.Disable(r.Context(), deed)
	case "enable":
		err = s.People.Enable(r.Context(), deed)
	case "link", "send":
		var token string
		page.Invited, token, err = s.People.InviteAgain(r.Context(), deed)
		page.Link = s.linkTo(r, token)
		if err == nil && r.PostFormValue("do") == "send" {
			s.post(r, &page)
		}
	default:
		s.notFound(w, r)
		return
	}
	s.afterChange(w, r, err, page)
}

// afterChange shows a link, or goes back to the list, or says what was wrong.
func (s *Server) afterChange(w http.ResponseWriter, r *http.Request, err error, page membersPage) {
	spoken := (*say.Error)(nil)
	switch {
	case errors.Is(err, state.ErrNoMember):
		s.notFound(w, r)
	case errors.As(err, &spoken):
		s.showMembers(w, r, http.StatusUnprocessableEntity, membersPage{Typed: page.Typed, Renamed: page.Renamed, Wrong: spoken.In(s.lang(r))})
	case err != nil:
		s.broken(w, r, err)
	case page.Link != "":
		w.Header().Set("Referrer-Policy", "no-referrer")
		page.Typed = state.Member{}
		s.showMembers(w, r, http.StatusOK, page)
	default:
		http.Redirect(w, r, "/settings/members?changed="+escape(r.PostFormValue("name")), http.StatusSeeOther)
	}
}

// linkTo is where an invitation is accepted.
func (s *Server) linkTo(r *http.Request, token string) string {
	return s.at(r) + invitationPath + token
}

// at is the page's address without its last slash, as people type it, else as this very
// person did.
func (s *Server) at(r *http.Request) string {
	if s.Address == "" {
		return "http://" + r.Host
	}
	return strings.TrimSuffix(s.Address, "/")
}
