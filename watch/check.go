package watch

import (
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

// Problems is everything that is wrong with a list of watches, in its order.
type Problems []error

func (p Problems) Error() string { return p.In(say.English) }

// In is one sentence a line.
func (p Problems) In(l say.Lang) string {
	lines := make([]string, len(p))
	for i, err := range p {
		lines[i] = say.Explain(err, l)
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each problem to errors.Is and errors.As.
func (p Problems) Unwrap() []error { return p }

var (
	errNoName = say.Text{
		EN: "watch number %d has no name; give it one, for example: caisse-valtisse",
		FR: "la veille numéro %d n’a pas de nom. Donnez-lui-en un, par exemple\u00a0: caisse-valtisse"}
	errSameName = say.Text{
		EN: "two watches are named “%[1]s”; rename one, for example: %[1]s-2",
		FR: "deux veilles s’appellent «\u00a0%[1]s\u00a0». Renommez-en une, par exemple\u00a0: %[1]s-2"}
	errQuery = say.Text{
		EN: "the query of the watch “%s”, %s",
		FR: "la recherche de la veille «\u00a0%s\u00a0», %s"}
	errRelation = say.Text{
		EN: "the watch “%s” does not know the relation “%s”; write one of: %s",
		FR: "la veille «\u00a0%s\u00a0» ne connaît pas la relation «\u00a0%s\u00a0». Écrivez l’une de celles-ci\u00a0: %s"}
	errParent = say.Text{
		EN: "the watch “%s” has “%s” for parent, and no watch has that name; write one of: %s",
		FR: "la veille «\u00a0%s\u00a0» nomme «\u00a0%s\u00a0» comme organisation mère, et aucune veille ne porte ce nom. Écrivez l’une de celles-ci\u00a0: %s"}
	errCycle = say.Text{
		EN: "the parents of the watch “%s” lead back to it (%s); remove the parent of the one that stands at the top",
		FR: "les organisations mères de la veille «\u00a0%s\u00a0» ramènent à elle (%s). Enlevez celle de la veille qui est au sommet"}
)

// check fills nodes and byName, or gives every reason why it cannot.
func (s *Set) check() error {
	var wrong Problems
	for i, w := range s.watches {
		if w.Name == "" {
			wrong = append(wrong, say.Errorf(errNoName, i+1))
			continue
		}
		if _, ok := s.byName[w.Name]; ok {
			wrong = append(wrong, say.Errorf(errSameName, w.Name))
			continue
		}
		s.byName[w.Name] = int32(i)
		if w.Query == "" && len(w.OwnSources) > 0 {
			continue
		}
		n, err := query.Parse(w.Query)
		if err != nil {
			wrong = append(wrong, say.Errorf(errQuery, w.Name, err))
			continue
		}
		s.nodes[i] = n
	}
	for _, w := range s.watches {
		wrong = append(wrong, s.checkTree(w)...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

func (s *Set) checkTree(w Watch) (wrong Problems) {
	switch w.Relation {
	case "", Self, Parent, Sister, Competitor, Theme:
	default:
		wrong = append(wrong, say.Errorf(errRelation, w.Name, string(w.Relation), "self, parent, sister, competitor, theme"))
	}
	if w.Parent == "" {
		return wrong
	}
	if _, ok := s.byName[w.Parent]; !ok {
		return append(wrong, say.Errorf(errParent, w.Name, w.Parent, s.others(w.Name)))
	}
	if above := s.Above(w.Name); slices.Contains(above, w.Name) {
		return append(wrong, say.Errorf(errCycle, w.Name, w.Name+" → "+strings.Join(above, " → ")))
	}
	return wrong
}

// others names the watches that name could have for parent, up to ten.
func (s *Set) others(name string) string {
	var names []string
	for _, w := range s.watches {
		if w.Name != name && w.Name != "" && len(names) < 10 {
			names = append(names, w.Name)
		}
	}
	return strings.Join(names, ", ")
}
