package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/ouidire/ouidire/internal/say"
)

// spareSteps is how far the walk may go beyond the length of the file: aliases of
// aliases make a short one endless.
const spareSteps = 100_000

// maxMistakes is where one gives up counting: this is another file altogether.
const maxMistakes = 500

// reader walks the YAML along the structs that it fills, and goes on after a
// mistake, so that all are found in one go.
type reader struct {
	file  string // as it was named
	lines int    // of that file, when what was set on the page is laid over it: its lines count on from there
	dir   string // of the file: where file:PATH begins
	env   func(string) (string, bool)
	kinds Kinds

	anchors map[string]ast.Node
	steps   int               // that are left
	spots   map[string]spot   // where each setting that was read stands, by path
	wrong   map[string]bool   // paths of which something was said
	hidden  []string          // values of the environment and the names to show for them, in turn
	whos    map[string]phrase // what each entry is called, by path
	literal map[string]bool   // paths of secrets written out
	entries []entryRead       // to be checked by their kinds
	found   []Mistake
	warned  []Mistake
}

// spot is where a value stands.
type spot struct {
	line, column int
	node         ast.Node
}

// entryRead is one kind's Config that was read.
type entryRead struct {
	at     where
	config any
}

// where is the setting that is being read.
type where struct {
	path string // "sources[2].url"
	who  phrase // source “echo”
	set  field
}

// below is a setting of at.
func (at where) below(f field) where {
	at.path = strings.TrimPrefix(at.path+"."+f.key, ".")
	at.set = f
	return at
}

// fault is what is wrong with a value, and what to do instead.
type fault struct {
	code     string
	what, do phrase
}

// full says that more mistakes would help nobody.
func (r *reader) full() bool { return len(r.found) >= maxMistakes }

// report notes a mistake at a place of the file.
func (r *reader) report(pos *token.Position, at where, f fault) {
	r.wrong[at.path] = true
	if r.full() {
		return
	}
	what := f.what
	if !at.who.empty() {
		what = says(say.Text{EN: "%s: %s", FR: "%s\u00a0: %s"}, at.who, f.what)
	}
	what.args, f.do.args = r.hide(what.args), r.hide(f.do.args)
	line, column := 0, 0
	if pos != nil {
		line, column = pos.Line, pos.Column
	}
	m := mistake(line, column, f.code, what, f.do)
	m.Setting = at.path
	r.found = append(r.found, *m)
}

// spent counts a step; it reports once when a file asks for too many.
func (r *reader) spent(n ast.Node, at where) bool {
	if r.steps--; r.steps == 0 {
		r.report(start(n), at, fault{"too_deep",
			says(say.Text{EN: "aliases (*) of aliases make this file endless", FR: "des renvois (*) vers des renvois rendent ce fichier sans fin"}),
			says(say.Text{EN: "write the values out", FR: "écrivez les valeurs en toutes lettres"})})
	}
	return r.steps <= 0
}

// resolve goes through anchors and aliases to the value itself; nil when there is none.
func (r *reader) resolve(n ast.Node, at where) ast.Node {
	for !r.spent(n, at) {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			target, ok := r.anchors[name]
			if !ok {
				r.report(start(v), at, fault{"syntax",
					says(say.Text{EN: "nothing in the file is called &%s", FR: "rien dans le fichier ne s’appelle &%s"}, name),
					says(say.Text{EN: "put a value that begins with * between quotation marks", FR: "mettez entre guillemets une valeur qui commence par *"})})
				return nil
			}
			n = target
		case nil, *ast.NullNode:
			return nil
		default:
			return n
		}
	}
	return nil
}

// value reads n into v. Nothing, or null, leaves v as it is.
func (r *reader) value(n ast.Node, v reflect.Value, at where) {
	n = r.resolve(n, at)
	if n == nil {
		return
	}
	p := start(n)
	r.spots[at.path] = spot{p.Line, p.Column, n}
	_, texts := v.Addr().Interface().(encoding.TextUnmarshaler)
	switch {
	case texts || v.Type() == reflect.TypeFor[time.Duration]() || v.Type() == reflect.TypeFor[Authorities]():
		r.scalar(n, v, at)
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		r.value(n, v.Elem(), at)
	case v.Kind() == reflect.Struct:
		r.group(n, v, at)
	case v.Kind() == reflect.Slice:
		r.list(n, v, at)
	case v.Kind() == reflect.Map:
		r.dictionary(n, v, at)
	default:
		r.scalar(n, v, at)
	}
}

// group reads a struct, and what its kind adds to it.
func (r *reader) group(n ast.Node, v reflect.Value, at where) {
	pairs, ok := r.pairs(n, v, at)
	if !ok {
		return
	}
	slots, known := slotsOf(v), true
	if of, ok := v.Addr().Interface().(kinded); ok {
		if s, is := of.(*Store); is {
			pairs = r.within(pairs, s, at)
		}
		config := r.kind(pairs, v, of, at)
		showKinds(slots, keysSorted(r.kinds.table(of)))
		if known = config != nil; known {
			of.hold(v.FieldByName("Kind").String(), config)
			slots = append(slots, slotsOf(reflect.ValueOf(config).Elem())...)
			r.entries = append(r.entries, entryRead{at, config})
		}
	}
	seen := r.settings(pairs, v, slots, known, at)
	for _, s := range slots {
		if s.required && !seen[s.key] && !r.wrong[at.below(s.field).path] {
			r.report(start(n), at.below(s.field), missing(at.below(s.field)))
		}
	}
}

// settings reads each pair into its slot and tells which were given, if only by a
// misspelled name. known is false when the kind is not, so that its settings cannot be judged.
func (r *reader) settings(pairs []*ast.MappingValueNode, v reflect.Value, slots []slot, known bool, at where) map[string]bool {
	seen, written := map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		key, pos := keyOf(p), start(p.Key)
		s, ok := find(slots, key)
		switch {
		case seen[key]:
			r.report(pos, at.below(field{key: key}), twice(key))
		case ok:
			child := at.below(s.field)
			r.value(p.Value, s.v, child)
			_, written[key] = r.spots[child.path]
		case r.isKind(v, key):
			r.report(pos, at.below(field{key: key}), nestedKind(key))
			written["kind"] = true // one more fault would be the same
		case known || nearest(key, keysOf(slots)) == "kind": // its own misspelling is why it is not
			r.report(pos, at.below(field{key: key}), unknown(key, slots))
			written[nearest(key, keysOf(slots))] = true // misspelled is not missing
		}
		seen[key] = true
	}
	return written
}

// isKind says whether a word is one of the kinds that an entry may be of.
func (r *reader) isKind(v reflect.Value, word string) bool {
	of, ok := v.Addr().Interface().(kinded)
	return ok && r.kinds.table(of)[word] != nil
}

// kind makes the Config that the entry's kind asks for; nil when there is none.
func (r *reader) kind(pairs []*ast.MappingValueNode, v reflect.Value, of kinded, at where) any {
	table := r.kinds.table(of)
	name, node := v.FieldByName("Kind").String(), ast.Node(nil)
	at = at.below(field{key: "kind"})
	for _, p := range pairs {
		if keyOf(p) == "kind" {
			node = r.resolve(p.Value, at)
		}
	}
	if p, ok := written(node); ok {
		name = p.raw
	} else if node != nil {
		return nil // of a wrong type: said when the setting is read
	}
	if build, ok := table[name]; ok {
		return build()
	}
	if node != nil {
		r.report(start(node), at, notOne("unknown_kind", "kind", name, keysSorted(table)))
	}
	return nil
}

// within is what a store is given; its kind may stand around that, as a key: a store has no
// name by which it would be one of several.
func (r *reader) within(pairs []*ast.MappingValueNode, s *Store, at where) []*ast.MappingValueNode {
	if len(pairs) != 1 || r.kinds.Stores[keyOf(pairs[0])] == nil {
		return pairs
	}
	s.Kind = keyOf(pairs[0])
	n := r.resolve(pairs[0].Value, at)
	if n == nil {
		return nil
	}
	inner, _ := r.pairs(n, reflect.ValueOf(s).Elem(), at)
	return inner
}

// showKinds makes the first kind there is the example of the setting kind.
func showKinds(slots []slot, names []string) {
	i := slices.IndexFunc(slots, func(s slot) bool { return s.key == "kind" })
	if i >= 0 && len(names) > 0 {
		slots[i].example = names[0]
	}
}

// list reads a list; it replaces a default as a whole.
func (r *reader) list(n ast.Node, v reflect.Value, at where) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.report(start(n), at, r.mistyped(n, v, at))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		if r.spent(n, at) {
			return
		}
		child := at
		child.path = fmt.Sprintf("%s[%d]", at.path, i)
		if noun, ok := nouns[at.path]; ok {
			child.who = r.called(noun, i, item, child)
			r.whos[child.path] = child.who
		}
		if r.resolve(item, at) == nil && !r.wrong[child.path] {
			r.report(start(item), child, r.mistyped(item, out.Index(i), at))
			continue
		}
		r.value(item, out.Index(i), child)
	}
	v.Set(out)
}

// dictionary reads a map from text to anything.
func (r *reader) dictionary(n ast.Node, v reflect.Value, at where) {
	pairs, ok := r.pairs(n, v, at)
	if !ok {
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, p := range pairs {
		f := field{key: keyOf(p), typ: v.Type().Elem()}
		name := reflect.ValueOf(f.key).Convert(v.Type().Key())
		if out.MapIndex(name).IsValid() {
			r.report(start(p.Key), at.below(f), twice(f.key))
			continue
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		r.value(p.Value, elem, at.below(f))
		out.SetMapIndex(name, elem)
	}
	v.Set(out)
}

// pairs are the settings of a group, as they stand.
func (r *reader) pairs(n ast.Node, v reflect.Value, at where) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	r.report(start(n), at, r.mistyped(n, v, at))
	return nil, false
}

// nouns name an entry of each section to people.
var nouns = map[string]say.Text{
	"watches":  {EN: "watch %s", FR: "veille %s"},
	"sources":  {EN: "source %s", FR: "source %s"},
	"rules":    {EN: "rule %s", FR: "règle d’alerte %s"},
	"channels": {EN: "channel %s", FR: "moyen d’envoi %s"},
}

// called names an entry by its name, else by its number.
func (r *reader) called(noun say.Text, i int, item ast.Node, at where) phrase {
	if m, ok := r.resolve(item, at).(*ast.MappingNode); ok {
		j := slices.IndexFunc(m.Values, func(p *ast.MappingValueNode) bool { return keyOf(p) == "name" })
		if j >= 0 {
			if p, ok := written(m.Values[j].Value); ok && p.raw != "" {
				return says(noun, quoted(p.raw))
			}
		}
	}
	return says(noun, strconv.Itoa(i+1))
}

// keyOf is the name of a setting as it stands.
func keyOf(p *ast.MappingValueNode) string {
	key := p.Key.GetToken()
	if k, ok := p.Key.(*ast.MappingKeyNode); ok && k.Value != nil {
		key = k.Value.GetToken()
	}
	return shownBraces.Replace(key.Value)
}

// start is where the first character of n stands.
func start(n ast.Node) *token.Position {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return start(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(v.Key)
	case nil:
		return nil
	}
	if t := n.GetToken(); t != nil {
		return t.Position
	}
	return nil
}
