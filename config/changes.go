package config

import (
	"reflect"

	"github.com/ouidire/ouidire/internal/say"
)

// Change is one difference between two configurations.
type Change struct {
	Section string // "sources", "web.listen"
	Name    string // of the entry, "" for a setting that stands alone
	Kind    ChangeKind
}

// ChangeKind is what became of an entry or a setting.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// The nouns do not agree in French whatever the gender of what follows.
var changeWords = map[ChangeKind]say.Text{
	Added:   {EN: "added: %s", FR: "ajout\u00a0: %s"},
	Removed: {EN: "removed: %s", FR: "retrait\u00a0: %s"},
	Changed: {EN: "changed: %s", FR: "modification\u00a0: %s"},
}

// In words the change: “added: source “echo””, “modification : web.listen”.
func (c Change) In(l say.Lang) string {
	if noun, ok := nouns[c.Section]; ok {
		return says(changeWords[c.Kind], says(noun, quoted(c.Name))).in(l)
	}
	return says(changeWords[c.Kind], c.Section).in(l)
}

func (c Change) String() string { return c.In(say.English) }

// Changes compares two files that Parse gave. live may be taken up while the
// daemon runs; restart waits until it starts again. Both are in the order of the
// file. The texts of secrets count, and are never shown.
func Changes(old, new *File) (live, restart []Change) {
	before, after := slotsOf(reflect.ValueOf(old).Elem()), slotsOf(reflect.ValueOf(new).Elem())
	for i, s := range before {
		for _, c := range differences(s, after[i]) {
			if c.restart {
				restart = append(restart, c.Change)
			} else {
				live = append(live, c.Change)
			}
		}
	}
	return live, restart
}

type difference struct {
	Change
	restart bool
}

// differences compares one section of two files.
func differences(old, new slot) []difference {
	if reflect.DeepEqual(old.v.Interface(), new.v.Interface()) {
		return nil
	}
	switch {
	case old.v.Kind() == reflect.Slice:
		return entries(old, new)
	case old.v.Kind() != reflect.Struct || old.restart:
		return []difference{{Change{Section: old.key, Kind: Changed}, old.restart && !takes(old.v.Interface(), new.v.Interface())}}
	}
	var out []difference
	before, after := slotsOf(old.v), slotsOf(new.v)
	for i, s := range before {
		if !reflect.DeepEqual(s.v.Interface(), after[i].v.Interface()) {
			out = append(out, difference{Change{Section: old.key + "." + s.key, Kind: Changed}, s.restart})
		}
	}
	return out
}

// Taker is settings of a store of which some hold at once when the file is read again.
type Taker interface {
	// Takes says whether next differs by such settings only.
	Takes(next any) bool
}

// takes says whether what has changed of a store holds without a new start.
func takes(old, new any) bool {
	before, ok1 := old.(Store)
	after, ok2 := new.(Store)
	if !ok1 || !ok2 || before.Kind != after.Kind {
		return false
	}
	taker, ok := before.Config.(Taker)
	return ok && taker.Takes(after.Config)
}

// entries compares two lists by the names in them.
func entries(old, new slot) []difference {
	var out []difference
	before, after := byName(old.v), byName(new.v)
	for i := range new.v.Len() {
		name := new.v.Index(i).FieldByName("Name").String()
		was, ok := before[name]
		switch {
		case !ok:
			out = append(out, difference{Change: Change{old.key, name, Added}})
		case !reflect.DeepEqual(was, after[name]):
			out = append(out, difference{Change: Change{old.key, name, Changed}})
		}
	}
	for i := range old.v.Len() {
		name := old.v.Index(i).FieldByName("Name").String()
		if _, ok := after[name]; !ok {
			out = append(out, difference{Change: Change{old.key, name, Removed}})
		}
	}
	return out
}

func byName(list reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range list.Len() {
		out[list.Index(i).FieldByName("Name").String()] = list.Index(i).Interface()
	}
	return out
}
