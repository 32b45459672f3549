package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// First writes a first configuration; the demonstration ends then.
type First interface {
	// Entry spells a source out for Answers.Sources.
	Entry(kind string, given config.Answered) (string, error)
	// Propose is the configuration that answers lead to. Its error is for a person.
	Propose(a config.Answers) (*config.File, error)
	// Begin writes it and ends the demonstration. It never overwrites one.
	Begin(a config.Answers) error
}

// startPage is the wizard: who one is, what is read, and it begins. Each step
// carries the answers of those before in its form, so that nothing is remembered
// here and two windows do not meet.
type startPage struct {
	Step     int
	Answers  config.Answers
	Langs    []say.Lang
	Proposed []config.Watch
	Chosen   []chosen
	Add      *addPage
	Wrong    []string
}

// chosen is a source that was chosen, as the form carries it.
type chosen struct {
	Carried string
	Name    string
	URL     string
	Own     bool
}

// startForm begins the wizard.
func (s *Server) startForm(w http.ResponseWriter, r *http.Request) {
	if s.First == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.showStart(w, r, http.StatusOK, startPage{Step: 1, Answers: config.Answers{Language: s.lang(r)}})
}

func (s *Server) showStart(w http.ResponseWriter, r *http.Request, code int, page startPage) {
	page.Langs = []say.Lang{say.FrenchCanada, say.FrenchFrance, say.English}
	s.render(w, r, code, "start", page)
}

// start takes a step of the wizard.
func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	if s.First == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	page, err := s.typedStart(r)
	if err == nil {
		var f *config.File
		if f, err = s.First.Propose(page.Answers); err == nil {
			page.Proposed = f.Watches
		}
	}
	if err != nil {
		page.Step, page.Wrong = 1, refill(nil, nil, err, s.lang(r))
		s.showStart(w, r, http.StatusUnprocessableEntity, page)
		return
	}
	switch r.PostFormValue("do") {
	case "back":
		page.Step = 1
	case "look":
		add := s.looked(r)
		page.Add = &add
	case "begin":
		s.begin(w, r, page)
		return
	}
	s.showStart(w, r, http.StatusOK, page)
}

// begin writes the configuration and ends the demonstration.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, page startPage) {
	if err := s.First.Begin(page.Answers); err != nil {
		page.Wrong = refill(nil, nil, err, s.lang(r))
		s.showStart(w, r, http.StatusConflict, page)
		return
	}
	w.Header().Set("Refresh", "3; url=/welcome")
	s.render(w, r, http.StatusOK, "begun", page)
}

// mostChosen is how many sources the wizard carries.
const mostChosen = 20

// typedStart reads what the form carries, and what was added or dropped just now.
func (s *Server) typedStart(r *http.Request) (startPage, error) {
	f := r.PostForm
	page := startPage{Step: 2, Answers: config.Answers{Name: f.Get("name"), Short: f.Get("short"), Parent: f.Get("parent"), Place: f.Get("place"), Language: say.Lang(f.Get("language"))}}
	carried := f["source"]
	if f.Get("do") == "add" {
		added := url.Values{"kind": {f.Get("kind")}}
		for key, v := range answered(f) {
			added[answerPrefix+key] = v
		}
		carried = append(carried, added.Encode())
	}
	if len(carried) > mostChosen {
		return page, say.Errorf(say.Text{EN: "these are enough sources to begin with; the others can be added afterwards", FR: "voilà assez de sources pour commencer; les autres s’ajouteront ensuite"})
	}
	for _, c := range carried {
		if c == f.Get("drop") {
			continue
		}
		if err := s.carry(&page, c); err != nil {
			return page, err
		}
	}
	return page, nil
}

// carry takes one chosen source along.
func (s *Server) carry(page *startPage, c string) error {
	v, err := url.ParseQuery(c)
	if err != nil {
		return errors.New("the form carries a source that cannot be read")
	}
	given := answered(v)
	name := config.Slug(strings.Join(given["name"], ""))
	for _, other := range page.Chosen {
		if other.Name == name {
			name = config.Slug(name + " " + strings.Join(given["url"], ""))
		}
	}
	given["name"] = []string{name}
	entry, err := s.First.Entry(v.Get("kind"), given)
	if err != nil {
		return err
	}
	page.Answers.Sources = append(page.Answers.Sources, entry)
	page.Chosen = append(page.Chosen, chosen{Carried: c, Name: name, URL: strings.Join(given["url"], ""), Own: len(given["own"]) > 0})
	return nil
}

// welcome is the third step, in the program itself: it watches already, and asks how
// to tell people.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		http.Redirect(w, r, "/start", http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, "welcome", s.Setup.Ways())
}
