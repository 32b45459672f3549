package config

import (
	"encoding"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/ouidire/ouidire/internal/say"
)

// plainValue is one value of the file that is neither a list nor a group.
type plainValue struct {
	raw   string // as written, without its quotation marks
	text  string // with the environment in its place
	typed bool   // written as a number or a truth value, or came from the environment
}

// scalar reads text, a number, a truth value or a length of time into v.
func (r *reader) scalar(n ast.Node, v reflect.Value, at where) {
	p, ok := written(n)
	if !ok {
		r.report(start(n), at, r.mistyped(n, v, at))
		return
	}
	var bad *fault
	if p.text, bad = r.expand(p.raw); bad != nil {
		r.report(start(n), at, *bad)
		return
	}
	p.typed = p.typed || p.text != p.raw
	if bad = r.fill(n, v, p, at); bad == nil {
		bad = bounded(v, p, at.set)
	}
	if bad != nil {
		r.report(start(n), at, *bad)
	}
}

// written is the text of a plain value.
func written(n ast.Node) (plainValue, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return plainValue{raw: shownBraces.Replace(n.Value)}, true
	case *ast.LiteralNode:
		return plainValue{raw: shownBraces.Replace(n.Value.Value)}, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return plainValue{raw: strings.TrimSpace(n.GetToken().Value), typed: true}, true
	}
	return plainValue{}, false
}

// inMarks is the value within the quotation marks it was written in: they may be
// the whole mistake.
func (p plainValue) inMarks(n ast.Node) string {
	switch n.GetToken().Type {
	case token.SingleQuoteType:
		return "'" + p.raw + "'"
	case token.DoubleQuoteType:
		return `"` + p.raw + `"`
	}
	return p.raw
}

// fill puts p into v, whatever v takes.
func (r *reader) fill(n ast.Node, v reflect.Value, p plainValue, at where) *fault {
	switch to := v.Addr().Interface().(type) {
	case *Secret:
		value, bad := r.secret(p.raw, p.text)
		*to = value
		if bad == nil && value.IsZero() && p.raw != "" {
			bad = &fault{"empty_variable",
				says(say.Text{EN: "%s is empty: the environment gives %s no value", FR: "%s est vide\u00a0: l’environnement ne donne pas de valeur à %s"}, at.set.key, quoted(p.raw)),
				says(say.Text{EN: "set the variable, or remove %s", FR: "définissez la variable, ou retirez %s"}, at.set.key)}
		}
		r.literal[at.path] = p.raw != "" && p.text == p.raw && !strings.HasPrefix(p.raw, "file:")
		return bad
	case *Authorities:
		value, bad := r.authorities(p, at)
		*to = value
		return bad
	case *time.Duration:
		d, err := ParseDuration(p.text)
		*to = d
		return unreadable(p, err, at)
	case encoding.TextUnmarshaler:
		return unreadable(p, to.UnmarshalText([]byte(p.text)), at)
	}
	ok := true
	switch v.Kind() {
	case reflect.String:
		if _, truth := n.(*ast.BoolNode); !truth {
			v.SetString(p.text)
			return chosen(p, at.set)
		}
		ok = false
	case reflect.Bool:
		v.SetBool(strings.EqualFold(p.text, "true"))
		ok = p.typed && (v.Bool() || strings.EqualFold(p.text, "false"))
	default:
		ok = p.typed && number(v, p.text)
	}
	if !ok {
		bad := r.mistyped(n, v, at)
		return &bad
	}
	return nil
}

// number reads a number that fits into v.
func number(v reflect.Value, text string) bool {
	text = strings.ReplaceAll(text, "_", "")
	switch {
	case v.CanInt():
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(i)
		return err == nil
	case v.CanUint():
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(u)
		return err == nil
	case v.CanFloat():
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
		return err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	return false
}

// chosen refuses a word that is none of the choices.
func chosen(p plainValue, f field) *fault {
	if f.choices == nil || slices.Contains(f.choices, p.text) {
		return nil
	}
	bad := notOne("not_a_choice", f.key, p.raw, f.choices)
	if near := nearest(p.raw, f.choices); near != "" && f.typ.Kind() == reflect.Slice {
		bad.do = says(write, f.key, given("["+near+"]"))
	}
	return &bad
}

// unreadable words why a value could not be read; nil when it was.
func unreadable(p plainValue, err error, at where) *fault {
	if err == nil {
		return nil
	}
	what := says(say.Text{EN: "%s is not a value for %s", FR: "%s ne convient pas à %s"}, quoted(p.raw), at.set.key)
	if _, ours := err.(*say.Error); ours {
		what = says(say.Text{EN: "%s: %s %s", FR: "%s\u00a0: %s %s"}, at.set.key, quoted(p.raw), err)
	}
	return &fault{"bad_value", what, forExample(at.set)}
}

// bounded refuses what lies outside min and max.
func bounded(v reflect.Value, p plainValue, f field) *fault {
	if bound := f.min; bound != "" && compare(v, bound) < 0 {
		return &fault{"too_small",
			says(say.Text{EN: "%s must be at least %s, not %s", FR: "%s doit être d’au moins %s, et non de %s"}, f.key, length(bound), quoted(p.raw)), forExample(f)}
	}
	if bound := f.max; bound != "" && compare(v, bound) > 0 {
		return &fault{"too_large",
			says(say.Text{EN: "%s must be at most %s, not %s", FR: "%s doit être d’au plus %s, et non de %s"}, f.key, length(bound), quoted(p.raw)), forExample(f)}
	}
	return nil
}

// compare orders v and a bound typed as v is.
func compare(v reflect.Value, bound string) int {
	var got, limit float64
	switch x := v.Interface().(type) {
	case time.Duration:
		d, _ := ParseDuration(bound)
		got, limit = float64(x), float64(d)
	case Period:
		p, _ := ParsePeriod(bound)
		got, limit = float64(x.approx()), float64(p.approx())
	default:
		limit, _ = strconv.ParseFloat(bound, 64)
		switch {
		case v.CanInt():
			got = float64(v.Int())
		case v.CanUint():
			got = float64(v.Uint())
		case v.CanFloat():
			got = v.Float()
		}
	}
	switch {
	case got < limit:
		return -1
	case got > limit:
		return 1
	}
	return 0
}

// mistyped says what v takes and what stands there instead.
func (r *reader) mistyped(n ast.Node, v reflect.Value, at where) fault {
	got := says(say.Text{EN: "nothing", FR: "rien"})
	switch n := n.(type) {
	case *ast.SequenceNode:
		got = says(say.Text{EN: "a list", FR: "une liste"})
	case *ast.MappingNode, *ast.MappingValueNode:
		got = says(say.Text{EN: "a group of settings", FR: "un groupe de réglages"})
	default:
		if p, ok := written(n); ok {
			got = says(say.Text{EN: "%s", FR: "%s"}, quoted(p.inMarks(n)))
		}
	}
	takes := kindOf(v.Type())
	if at.set.key == "" {
		return fault{"wrong_type", says(say.Text{EN: "the file takes %s, not %s", FR: "le fichier attend %s, et non %s"}, takes.name, got),
			says(say.Text{EN: "begin with organisation: {name: …}", FR: "commencez par organisation: {name: …}"})}
	}
	return fault{"wrong_type",
		says(say.Text{EN: "%s takes %s, not %s", FR: "%s attend %s, et non %s"}, at.set.key, takes.name, got), forExample(at.set)}
}

// shape is a type as people and editors call it.
type shape struct {
	name    say.Text
	example string
}

func kindOf(t reflect.Type) shape {
	switch t {
	case reflect.TypeFor[time.Duration](), reflect.TypeFor[Period]():
		return shape{say.Text{EN: "a length of time", FR: "une durée"}, "1h"}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return shape{say.Text{EN: "text", FR: "du texte"}, ""}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Struct, reflect.Map:
		return shape{say.Text{EN: "a group of settings", FR: "un groupe de réglages"}, ""}
	case reflect.Slice:
		return shape{say.Text{EN: "a list", FR: "une liste"}, "[…]"}
	case reflect.Bool:
		return shape{say.Text{EN: "true or false", FR: "true (oui) ou false (non)"}, "true"}
	case reflect.Float32, reflect.Float64:
		return shape{say.Text{EN: "a number", FR: "un nombre"}, "0.5"}
	case reflect.String:
		return shape{say.Text{EN: "text", FR: "du texte"}, "…"}
	}
	return shape{say.Text{EN: "a whole number", FR: "un nombre entier"}, "3"}
}

// How one shows what works.
var (
	writeExample = say.Text{EN: "write for example %s: %s", FR: "écrivez par exemple %s: %s"}
	write        = say.Text{EN: "write %s: %s", FR: "écrivez %s: %s"}
	choose       = say.Text{EN: "choose %s", FR: "choisissez %s"}
)

// isLength says whether a type is a length of time.
func isLength(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[Period]()
}

// forExample shows a value that works.
func forExample(f field) phrase {
	if isLength(f.typ) {
		return says(writeExample, f.key, length(f.sample()))
	}
	return example(f.key, f.sample())
}

// sample is the example of f, else one that its type suggests.
func (f field) sample() string {
	if f.example != "" || f.typ == nil {
		return f.example
	}
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || kindOf(t).example != "" {
		return kindOf(t).example
	}
	inner := fieldsOf(t)
	if i := slices.IndexFunc(inner, func(f field) bool { return f.required }); i > 0 {
		inner = inner[i:]
	}
	if len(inner) == 0 {
		return "{}"
	}
	return "{" + inner[0].key + ": " + inner[0].sample() + "}"
}

func missing(at where) fault {
	return fault{"missing_key", says(say.Text{EN: "%s is missing", FR: "il manque %s"}, at.set.key), forExample(at.set)}
}

func twice(key string) fault {
	return fault{"duplicate_key",
		says(say.Text{EN: "%s is written twice", FR: "%s est écrit deux fois"}, quoted(key)),
		says(say.Text{EN: "keep one of the two", FR: "gardez l’un des deux"})}
}

// unknown says that no setting has this name, and which one it may be.
func unknown(key string, slots []slot) fault {
	f := fault{"unknown_key",
		says(say.Text{EN: "%s is not a setting here", FR: "%s n’est pas un réglage connu ici"}, quoted(key)),
		says(say.Text{EN: "the settings are %s", FR: "les réglages possibles sont %s"}, strings.Join(keysOf(slots), ", "))}
	if s, ok := find(slots, nearest(key, keysOf(slots))); ok {
		f.do = says(say.Text{EN: "did you mean %s?", FR: "vouliez-vous écrire %s?"}, s.key)
		if s.example != "" {
			f.do = forExample(s.field)
		}
	}
	return f
}

// nestedKind says that a kind stands where a setting must.
func nestedKind(kind string) fault {
	return fault{"unknown_key", says(say.Text{EN: "%s is a kind and not a setting", FR: "%s est un genre, et non un réglage"}, quoted(kind)),
		says(say.Text{EN: "write kind: %s, and its settings beside it", FR: "écrivez kind: %s, avec ses réglages à côté"}, given(kind))}
}

// notOne says that got is none of the words, and which one it may be.
func notOne(code, key, got string, words []string) fault {
	f := fault{code: code,
		what: says(say.Text{EN: "%s cannot be %s", FR: "%s ne peut pas être %s"}, key, quoted(got)),
		do:   says(choose, choice(words))}
	if near := nearest(got, words); near != "" {
		f.do = says(write, key, given(near))
	}
	if len(words) == 0 {
		f.do = phrase{}
	}
	return f
}

func keysSorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
