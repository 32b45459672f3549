package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// saved is a filter that somebody gave a name, for everybody who comes here.
type saved struct {
	Name   string `json:"name"`
	Filter string `json:"filter"` // the fields of its address
}

const (
	savedKey   = "web.filters"
	savedMost  = 30
	nameLength = 60 // characters
)

// Address is where it leads.
func (f saved) Address() string {
	if f.Filter == "" {
		return "/mentions"
	}
	return "/mentions?" + f.Filter
}

var (
	errName = say.Errorf(say.Text{
		EN: "Give this filter a name of at most 60 characters, for example “Complaints about fees”.",
		FR: "Donnez à ce filtre un nom d’au plus 60 caractères, par exemple «\u00a0Plaintes sur les frais\u00a0».",
	})
	errNothing = say.Errorf(say.Text{
		EN: "There is nothing to save yet: search for something or choose a filter first.",
		FR: "Il n’y a rien à enregistrer pour l’instant\u00a0: cherchez d’abord quelque chose ou choisissez un filtre.",
	})
	errSavedMost = say.Errorf(say.Text{
		EN: "30 filters are saved already; remove one first.",
		FR: "Il y a déjà 30 filtres enregistrés; retirez-en un d’abord.",
	})
)

// savedFilters is all of them, in the order in which they were saved.
func (s *Server) savedFilters(ctx context.Context) (all []saved, err error) {
	value, ok, err := s.Settings.Get(ctx, savedKey)
	if err != nil || !ok {
		return nil, err
	}
	if err := json.Unmarshal(value, &all); err != nil {
		return nil, fmt.Errorf("read the saved filters: %w", err)
	}
	return all, nil
}

// save keeps the filter that a form describes; one of the same name is replaced.
func (s *Server) save(w http.ResponseWriter, r *http.Request) {
	name := strings.Join(strings.Fields(r.PostFormValue("name")), " ")
	v, err := url.ParseQuery(r.PostFormValue("filter"))
	f := readFilter(v).values().Encode()
	switch {
	case err != nil || f == "":
		err = errNothing
	case name == "" || utf8.RuneCountInString(name) > nameLength:
		err = errName
	default:
		err = s.changeSaved(r.Context(), func(all []saved) ([]saved, error) {
			if i := slices.IndexFunc(all, func(one saved) bool { return one.Name == name }); i >= 0 {
				all[i].Filter = f
				return all, nil
			}
			if len(all) >= savedMost {
				return nil, errSavedMost
			}
			return append(all, saved{name, f}), nil
		})
	}
	s.afterSaving(w, r, f, err)
}

// unsave forgets a saved filter.
func (s *Server) unsave(w http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("name")
	err := s.changeSaved(r.Context(), func(all []saved) ([]saved, error) {
		return slices.DeleteFunc(all, func(one saved) bool { return one.Name == name }), nil
	})
	s.afterSaving(w, r, "", err)
}

// afterSaving goes back to the list, or shows it with what the person has to change.
func (s *Server) afterSaving(w http.ResponseWriter, r *http.Request, f string, err error) {
	if spoken := (*say.Error)(nil); errors.As(err, &spoken) {
		r.URL.RawQuery = f
		s.showMentions(w, r, http.StatusUnprocessableEntity, spoken)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, saved{Filter: f}.Address(), http.StatusSeeOther)
}

// changeSaved changes the list while nobody else does.
func (s *Server) changeSaved(ctx context.Context, change func([]saved) ([]saved, error)) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	all, err := s.savedFilters(ctx)
	if err != nil {
		return err
	}
	if all, err = change(all); err != nil {
		return err
	}
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return s.Settings.Set(ctx, savedKey, value)
}
