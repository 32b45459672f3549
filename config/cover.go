package config

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/ouidire/ouidire/internal/say"
)

// Page is the file of what people set on the page. It lies over ouidire.yml, which
// the page never writes: an entry takes the place of the one of the same name, a
// setting that of the same setting, and what is removed is as if it had not been
// written. Whoever reads ouidire.yml alone is warned of each of these.
type Page struct {
	Removed      LeftOut      `yaml:"removed" doc:"Entries of the other file that are left out."`
	Organisation Organisation `yaml:"organisation" doc:"Who you are."`
	Web          Web          `yaml:"web" doc:"The pages."`
	Retention    Retention    `yaml:"retention" doc:"How long things are kept."`
	Watches      []Watch      `yaml:"watches" doc:"What you listen for."`
	Sources      []Source     `yaml:"sources" doc:"Where you listen."`
	Channels     []Channel    `yaml:"channels" doc:"How you are told."`
	Rules        []Rule       `yaml:"rules" doc:"When you want to be told."`
}

// LeftOut names entries that are left out.
type LeftOut struct {
	Watches  []string `yaml:"watches" doc:"Watches." example:"[nordelune]"`
	Sources  []string `yaml:"sources" doc:"Sources." example:"[echo]"`
	Channels []string `yaml:"channels" doc:"Channels." example:"[courriel]"`
	Rules    []string `yaml:"rules" doc:"Rules." example:"[nouvelles]"`
}

// of is the names removed of a section.
func (r *LeftOut) of(section string) *[]string {
	switch section {
	case "watches":
		return &r.Watches
	case "sources":
		return &r.Sources
	case "rules":
		return &r.Rules
	}
	return &r.Channels
}

// PagePath is where what people set on the page is kept: ouidire.page.yml beside
// ouidire.yml.
func PagePath(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".page" + ext
}

// cover lays what was set on the page over root. Its lines count on from those of
// the other file, so that each place is in one of the two.
func (r *reader) cover(root ast.Node, body, over []byte) (ast.Node, error) {
	if len(over) == 0 {
		return root, nil
	}
	r.lines = bytes.Count(body, []byte("\n")) + bytes.Count(body, []byte("\r")) + 1
	r.steps += 2 * len(over)
	top, bad := tree(over, r.lines)
	if bad != nil {
		bad.File = PagePath(r.file)
		return nil, &Problems{File: r.file, List: []Mistake{*bad}}
	}
	if top == nil {
		return root, nil
	}
	ast.Walk(r, top)
	return r.lay(root, top), nil
}

// line is the number of a line within its own file.
func (r *reader) line(n int) int {
	if r.lines > 0 && n > r.lines {
		return n - r.lines
	}
	return n
}

// local gives each mistake its file.
func (r *reader) local(list []Mistake) []Mistake {
	for i := range list {
		if m := &list[i]; r.lines > 0 && m.Line > r.lines {
			m.File, m.Line = PagePath(r.file), m.Line-r.lines
		}
	}
	return list
}

// lay is what two files say together.
func (r *reader) lay(under, over ast.Node) ast.Node {
	below, ok := mapping(r.resolve(under, where{}))
	if !ok {
		return under // said when it is read
	}
	var page Page
	pairs, ok := r.pairs(over, reflect.ValueOf(&page).Elem(), where{})
	if !ok {
		return under
	}
	slots, seen := slotsOf(reflect.ValueOf(&page).Elem()), map[string]bool{}
	for _, p := range pairs {
		key := keyOf(p)
		at := where{path: key, set: field{key: key}}
		s, known := find(slots, key)
		switch {
		case seen[key]:
			r.report(start(p.Key), at, twice(key))
		case !known:
			r.report(start(p.Key), at, unknown(key, slots))
		case key == "removed":
			r.value(p.Value, s.v, where{path: key, set: s.field})
		}
		seen[key] = true
	}
	for _, p := range pairs {
		if s, known := find(slots, keyOf(p)); known && s.key != "removed" {
			below = r.section(below, p, s, &page.Removed)
		}
	}
	for _, section := range []string{"watches", "sources", "channels", "rules"} {
		if names := *page.Removed.of(section); len(names) > 0 && !seen[section] {
			below = r.section(below, nil, slot{field: field{key: section}}, &page.Removed)
		}
	}
	return below
}

// mapping copies a group, so that its settings can be exchanged.
func mapping(n ast.Node) (*ast.MappingNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		out := *n
		out.Values = slices.Clone(n.Values)
		return &out, true
	case *ast.MappingValueNode:
		return &ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: n.Start, Values: []*ast.MappingValueNode{n}}, true
	}
	return nil, false
}

// section lays one setting of the page over the whole of the other file; over is
// nil when entries are removed and none is given.
func (r *reader) section(below *ast.MappingNode, over *ast.MappingValueNode, s slot, removed *LeftOut) *ast.MappingNode {
	i := slices.IndexFunc(below.Values, func(p *ast.MappingValueNode) bool { return keyOf(p) == s.key })
	at := where{path: s.key, set: s.field}
	var was, is ast.Node
	if i >= 0 {
		was = r.resolve(below.Values[i].Value, at)
	}
	if over != nil {
		is = r.resolve(over.Value, at)
	}
	if s.v.IsValid() && s.v.Kind() == reflect.Struct {
		is = both(was, is)
	} else {
		is = r.entriesOver(was, is, s, *removed.of(s.key))
	}
	switch {
	case is == nil:
	case i >= 0:
		pair := *below.Values[i]
		pair.Value = is
		below.Values[i] = &pair
	default:
		pair := *over
		pair.Value = is
		below.Values = append(below.Values, &pair)
	}
	return below
}

// both is a group with the settings of another in the place of its own. One that
// is no group stands alone, and is said when it is read.
func both(was, is ast.Node) ast.Node {
	under, ok := mapping(was)
	over, given := mapping(is)
	if !given || !ok {
		if is == nil {
			return was
		}
		return is
	}
	for _, p := range over.Values {
		i := slices.IndexFunc(under.Values, func(u *ast.MappingValueNode) bool { return keyOf(u) == keyOf(p) })
		if i >= 0 {
			under.Values[i] = p
		} else {
			under.Values = append(under.Values, p)
		}
	}
	return under
}

// entriesOver is a list without what is removed, the entries of the page in the
// place of those they are named for, and then the others.
func (r *reader) entriesOver(was, is ast.Node, s slot, removed []string) ast.Node {
	over, given := is.(*ast.SequenceNode)
	if is != nil && !given {
		return is // said when it is read
	}
	under, ok := was.(*ast.SequenceNode)
	if was != nil && !ok {
		return was
	}
	if under == nil {
		return is
	}
	out := *under
	out.Values = nil
	taken := map[ast.Node]bool{}
	for _, item := range under.Values {
		name := r.nameOf(item)
		switch mine := r.named(over, name); {
		case mine != nil:
			out.Values = append(out.Values, mine)
			taken[mine] = true
			r.covered(item, "changed_on_page", changedOnPage, s.key, name)
		case name != "" && slices.Contains(removed, name):
			r.covered(item, "removed_on_page", removedOnPage, s.key, name)
		default:
			out.Values = append(out.Values, item)
		}
	}
	if over != nil {
		out.Values = append(out.Values, slices.DeleteFunc(slices.Clone(over.Values), func(n ast.Node) bool { return taken[n] })...)
	}
	return &out
}

var (
	changedOnPage = say.Text{EN: "%s was changed on the page, and what this file says of it does not count (%s)",
		FR: "%s a été modifiée dans la page, et ce que ce fichier en dit ne compte pas (%s)"}
	removedOnPage = say.Text{EN: "%s was removed on the page, and what this file says of it does not count (%s)",
		FR: "%s a été retirée dans la page, et ce que ce fichier en dit ne compte pas (%s)"}
	changeThere = say.Text{EN: "change it on the page", FR: "modifiez-la dans la page"}
)

// covered warns whoever reads the other file alone.
func (r *reader) covered(item ast.Node, code string, t say.Text, section, name string) {
	p := start(item)
	m := mistake(p.Line, p.Column, code, says(t, says(entryCalled[section], quoted(name)), PagePath(filepath.Base(r.file))), says(changeThere))
	r.warned = append(r.warned, *m)
}

// entryCalled is nouns as the subject of a sentence; all of one gender in French.
var entryCalled = map[string]say.Text{
	"watches":  {EN: "the watch %s", FR: "la veille %s"},
	"sources":  {EN: "the source %s", FR: "la source %s"},
	"channels": {EN: "the channel %s", FR: "l’entrée %s"},
}

// named is the entry of that name, nil when there is none.
func (r *reader) named(list *ast.SequenceNode, name string) ast.Node {
	if list == nil || name == "" {
		return nil
	}
	for _, item := range list.Values {
		if r.nameOf(item) == name {
			return item
		}
	}
	return nil
}

// nameOf is the name that an entry gives itself, "" when it has none.
func (r *reader) nameOf(item ast.Node) string {
	pairs, ok := mapping(r.resolve(item, where{}))
	if !ok {
		return ""
	}
	for _, p := range pairs.Values {
		if v, ok := written(r.resolve(p.Value, where{})); ok && keyOf(p) == "name" {
			return v.raw
		}
	}
	return ""
}
