package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/ouidire/ouidire/internal/say"
)

// Desk is where people change the configuration on the page. It writes the file of
// the page (PagePath), the one before it (ouidire.page.yml.before) and the secrets
// that were typed (ouidire.secrets), and never ouidire.yml. It is safe for
// concurrent use.
type Desk struct {
	Path  string // of ouidire.yml
	Kinds Kinds
	Env   func(string) (string, bool)

	mu sync.Mutex
}

// Edit is one change that a person asks for.
type Edit struct {
	Section string   // "watches", "sources", "channels", or a group: "organisation", "web", "retention"
	Name    string   // of the entry that is changed; "" for a new one, and for a group
	Kind    string   // of a new source or channel
	Given   Answered // nil removes the entry; of a group the keys that it has are set
	Seen    string   // Written.Seen of what the person had before them, "" for a new entry
}

// Conflict is the error of an edit of something that was changed meanwhile, by hand
// or in another window.
type Conflict struct{}

var textConflict = say.Text{
	EN: "this was changed meanwhile, in the file or in another window; nothing was written. Look at what it is now and save again",
	FR: "ceci a été modifié entre-temps, dans le fichier ou dans une autre fenêtre; rien n’a été écrit. Regardez ce qu’il en est maintenant, puis enregistrez de nouveau",
}

func (*Conflict) Error() string { return textConflict.In(say.English) }

// In is the sentence in l.
func (*Conflict) In(l say.Lang) string { return textConflict.In(l) }

// Written is an entry, or a group of settings, as it stands in the files.
type Written struct {
	Section, Name, Kind string
	OnPage              bool   // what holds was set on the page
	Below               bool   // ouidire.yml has it too
	Seen                string // changes when the entry does
	now                 draft
}

// sheet is both files as they stand.
type sheet struct {
	body, over  []byte // as read
	under, page draft
}

// pageHead is what the file of the page begins with.
var pageHead = say.Text{
	EN: "# What was set on the page of ouidire. The page writes this file anew each time: put\n# what you write by hand, and your comments, into %[1]s, over which this one lies.\n",
	FR: "# Ce qui a été réglé dans la page d’ouidire, qui réécrit ce fichier chaque fois. Ce que\n# vous écrivez à la main, commentaires compris, a sa place dans %[1]s, que ce fichier recouvre.\n",
}

// read reads both files. Its error is for a person.
func (d *Desk) read() (*sheet, error) {
	s := &sheet{}
	var err error
	if s.body, _, err = read(d.Path); err != nil {
		return nil, err
	}
	if s.over, _, err = read(PagePath(d.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if s.under, err = d.draft(d.Path, s.body); err != nil {
		return nil, err
	}
	s.page, err = d.draft(PagePath(d.Path), s.over)
	return s, err
}

func (d *Desk) draft(path string, body []byte) (draft, error) {
	if path != d.Path && onlyComments(body) {
		return nil, nil
	}
	r, root, err := open(path, body, d.Env, d.Kinds)
	if err != nil {
		return nil, err
	}
	return r.drafted(root), nil
}

// onlyComments says whether a file says nothing.
func onlyComments(body []byte) bool {
	root, bad := tree(body, 0)
	return root == nil && bad == nil
}

// Find is the entry of a section with that name, or a whole group; ok is false when
// there is none.
func (d *Desk) Find(section, name string) (e Written, ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.read()
	if err != nil {
		return Written{}, false, err
	}
	e, ok = s.entry(section, name)
	return e, ok, nil
}

// entry is what holds of an entry or a group.
func (s *sheet) entry(section, name string) (Written, bool) {
	e := Written{Section: section, Name: name}
	below, above := s.under.of(section), s.page.of(section)
	if isGroup(section) {
		e.now, e.OnPage, e.Below = below.group, above.group != nil, true
		for _, set := range above.group {
			e.now = e.now.with(set.key, set.value)
		}
	} else {
		i, j := indexOf(below.list, name), indexOf(above.list, name)
		e.OnPage, e.Below = j >= 0, i >= 0
		switch {
		case j >= 0:
			e.now = above.list[j].group
		case i >= 0 && !slices.ContainsFunc(s.page.of("removed."+section).list, func(v value) bool { return v.text == name }):
			e.now = below.list[i].group
		default:
			return Written{}, false
		}
		e.Kind = e.now.of("kind").shown()
	}
	var b strings.Builder
	e.now.write(&b, "", "")
	sum := sha256.Sum256([]byte(b.String()))
	e.Seen = hex.EncodeToString(sum[:8])
	return e, true
}

func indexOf(list []value, name string) int {
	return slices.IndexFunc(list, func(v value) bool { return v.group.of("name").text == name })
}

func isGroup(section string) bool {
	s, ok := find(slotsOf(reflect.ValueOf(&Page{}).Elem()), section)
	return ok && s.v.Kind() == reflect.Struct
}

// Form is the fields of an entry or a group with what they are now, or of a new
// entry of a kind.
func (d *Desk) Form(e Written) []Field {
	var out []Field
	for _, a := range d.Kinds.settingsOf(e.Section, e.Kind) {
		out = append(out, a.fieldIn(e.now.of(a.path)))
	}
	return out
}

// Change makes an edit: both files are read again, and what they say together is
// handed to accept before anything is written. Its error is a *Conflict,
// *Problems, that of accept, or one of the disk; nothing has changed then.
func (d *Desk) Change(e Edit, accept func(*File) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.read()
	if err != nil {
		return err
	}
	now, known := s.entry(e.Section, e.Name)
	if e.Name != "" && (!known || now.Seen != e.Seen) || isGroup(e.Section) && now.Seen != e.Seen {
		return &Conflict{}
	}
	keep := &secrets{dir: secretsDir(d.Path)}
	page, err := d.edited(s, e, now, keep)
	if err == nil {
		err = d.settle(s, page, accept)
	}
	if err != nil {
		return errors.Join(err, keep.undo())
	}
	keep.sweep(page, s.page)
	return nil
}

// settle writes the file of the page once everybody accepts it.
func (d *Desk) settle(s *sheet, page draft, accept func(*File) error) error {
	over := d.spell(s, page)
	f, err := ParseBoth(d.Path, s.body, over, d.Env, d.Kinds)
	if err != nil {
		return err
	}
	if err := accept(f); err != nil {
		return err
	}
	path := PagePath(d.Path)
	switch now, _, err := read(path); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case !bytes.Equal(now, s.over):
		return &Conflict{}
	}
	if len(s.over) > 0 {
		if err := Replace(path+".before", s.over); err != nil {
			return unwritten(path, err)
		}
	}
	if err := Replace(path, over); err != nil {
		return unwritten(path, err)
	}
	return nil
}

func unwritten(path string, err error) error {
	return say.Errorf(say.Text{EN: "%s cannot be written: %v", FR: "impossible d’écrire %s\u00a0: %v"}, path, err)
}

// spell writes the file of the page out.
func (d *Desk) spell(s *sheet, page draft) []byte {
	var b strings.Builder
	lang := say.Lang(s.under.of("organisation.language").text)
	if lang == "" {
		lang = say.FrenchCanada
	}
	b.WriteString(pageHead.In(lang, filepath.Base(d.Path)))
	for _, section := range page {
		b.WriteString(inKey(section.key) + ":\n")
		if section.value.list == nil {
			section.value.group.write(&b, "  ", "  ")
			continue
		}
		for _, entry := range section.value.list {
			entry.group.write(&b, "  - ", "    ")
		}
	}
	return []byte(b.String())
}

// edited is the page's file after an edit.
func (d *Desk) edited(s *sheet, e Edit, now Written, keep *secrets) (draft, error) {
	if isGroup(e.Section) {
		group, err := d.group(s, e, keep)
		return s.page.with(e.Section, value{group: group}), err
	}
	name, list := e.Name, slices.Clone(s.page.of(e.Section).list)
	i := indexOf(list, name)
	if e.Given == nil {
		if i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
		return s.remove(e.Section, name, now.Below).with(e.Section, value{list: some(list)}), nil
	}
	if name == "" {
		name, now = d.named(s, e), Written{Section: e.Section, Kind: e.Kind}
	}
	entry, err := d.filled(now, name, e.Given, keep)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		list = append(list, value{group: entry})
	} else {
		list[i].group = entry
	}
	return s.remove(e.Section, name, false).with(e.Section, value{list: list}), nil
}

// some is a list that is left out when nothing is in it.
func some(list []value) []value {
	if len(list) == 0 {
		return nil
	}
	return list
}

// remove notes whether an entry of the other file is left out, and forgets those
// that are no longer there.
func (s *sheet) remove(section, name string, out bool) draft {
	path := "removed." + section
	list := slices.DeleteFunc(slices.Clone(s.page.of(path).list), func(v value) bool {
		return v.text == name || indexOf(s.under.of(section).list, v.text) < 0
	})
	if out {
		list = append(list, value{text: name})
	}
	return s.page.with(path, value{list: some(list)})
}

// named is a free name for a new entry: the one given, else one made of its title
// or its kind.
func (d *Desk) named(s *sheet, e Edit) string {
	if name := e.Given.one("name"); name != "" {
		return name
	}
	taken := map[string]bool{}
	for _, list := range [][]value{s.under.of(e.Section).list, s.page.of(e.Section).list} {
		for _, v := range list {
			taken[v.group.of("name").text] = true
		}
	}
	base := e.Kind
	if title := e.Given.one("title"); title != "" {
		base = title
	}
	if base = Slug(base); taken[base] {
		return free(base, taken)
	}
	return base
}

// Spell is a new entry of a section as a person would write it, for Answers. It
// takes no secret: there is no file yet that one could lie beside.
func (k Kinds) Spell(section, kind string, given Answered) (string, error) {
	d := &Desk{Kinds: k}
	given = maps.Clone(given)
	maps.DeleteFunc(given, func(key string, _ []string) bool {
		return slices.ContainsFunc(k.settingsOf(section, kind), func(a asked) bool { return a.path == key && shapeOf(bare(a.typ)) == Hidden })
	})
	entry, err := d.filled(Written{Section: section, Kind: kind}, Slug(given.one("name")), given, nil)
	var b strings.Builder
	entry.write(&b, "", "")
	return b.String(), err
}

// filled is an entry with what a form gave. Settings that the form did not ask for
// stay as they are.
func (d *Desk) filled(now Written, name string, given Answered, keep *secrets) (draft, error) {
	entry := now.now.with("name", literal(name))
	if now.Kind != "" {
		entry = entry.with("kind", value{text: now.Kind})
	}
	for _, a := range d.Kinds.settingsOf(now.Section, now.Kind) {
		if a.path == "name" || a.path == "kind" {
			continue
		}
		v, stays, err := a.answer(given, keep.keeper(now.Section+"-"+Slug(name)))
		if err != nil {
			return nil, err
		}
		if !stays {
			entry = entry.with(a.path, v)
		}
	}
	return entry, nil
}

// group is what the page's file says of a group: what differs from the other file.
func (d *Desk) group(s *sheet, e Edit, keep *secrets) (draft, error) {
	group := s.page.of(e.Section).group
	for _, a := range d.Kinds.settingsOf(e.Section, "") {
		if _, asked := e.Given[a.path]; !asked {
			continue
		}
		v, stays, err := a.answer(e.Given, keep.keeper(e.Section))
		if err != nil {
			return nil, err
		}
		if stays {
			continue
		}
		if below := s.under.of(e.Section + "." + a.path); below.shown() == v.shown() {
			v = value{}
		}
		group = group.with(a.path, v)
	}
	return group, nil
}

// Problem is the sentence about a setting of an edited entry among what Change found
// wrong, and whether it is about that setting.
func (p *Problems) Problem(f *Field) (m Mistake, ok bool) {
	for _, m := range p.List {
		if _, key, _ := strings.Cut(m.Setting, "]."); key == f.Key || strings.HasPrefix(key, f.Key+"[") {
			return m, true
		}
	}
	return Mistake{}, false
}
