package config

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/internal/say"
)

// Field is a setting as a form asks for it, made from the tags of its struct.
type Field struct {
	Key      string   // as answers name it: "url", "smtp.host"
	Label    say.Text // what is asked
	Hint     say.Text // more about it; may be empty
	Example  string   // a value that works; "" when none is shown
	Choices  []string // the only words it takes; nil for any
	Shape    Shape
	Required bool
	Rare     bool   // few need it: a form may put it aside
	Value    string // what it is now, one item a line; never a secret
	Given    bool   // a secret is there, which nobody is shown

	length   bool // it takes a length of time
	standard bool // Value is the default: nobody typed it
}

// In is the field as a reader of a language is shown it: the lengths of time in it that
// nobody typed, its example and its default, in their words. It reads both languages.
func (f Field) In(l say.Lang) Field {
	if f.length {
		f.Example = length(f.Example).in(l)
	}
	if f.length && f.standard {
		f.Value = length(f.Value).in(l)
	}
	return f
}

// Shape is how a setting is asked for.
type Shape string

// The shapes.
const (
	Line   Shape = "line"   // a text, a number, a length of time
	Lines  Shape = "lines"  // a list, one item a line
	Truth  Shape = "truth"  // yes or no
	Hidden Shape = "hidden" // a secret
)

// Answered is what a form brought, by Field.Key. Of a Lines field each value may
// hold several lines; a Truth is "true" when it holds; a Hidden that is empty
// leaves the secret as it is, and one named Key+ForgetSecret takes it away.
type Answered map[string][]string

// ForgetSecret ends the key by which a form takes a secret away.
const ForgetSecret = ".forget"

func (a Answered) one(key string) string {
	if v := a[key]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// lines is every line that is not empty.
func (a Answered) lines(key string) []string {
	var out []string
	for _, v := range a[key] {
		for _, line := range strings.FieldsFunc(v, func(c rune) bool { return c == '\n' || c == '\r' }) {
			if line = oneLine(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// KindNames are the kinds that an entry of a section may be of, sorted.
func (k Kinds) KindNames(section string) []string { return keysSorted(k.kindsOf(section)) }

func (k Kinds) kindsOf(section string) map[string]func() any {
	switch section {
	case "sources":
		return k.Sources
	case "channels":
		return k.Channels
	case "rules":
		return k.Rules
	}
	return nil
}

// asked is a setting of a form, and the variable that holds its default.
type asked struct {
	slot
	path string
}

// settingsOf are what one may set in a section, or in one entry of it of that kind,
// less what a form cannot ask for: lists of groups and tables.
func (k Kinds) settingsOf(section, kind string) []asked {
	file := reflect.ValueOf(defaults()).Elem()
	s, ok := find(slotsOf(file), section)
	if !ok {
		return nil
	}
	of := s.v
	if of.Kind() == reflect.Slice {
		of = reflect.New(of.Type().Elem()).Elem()
	}
	all := appendAsked(nil, slotsOf(of), "")
	build := k.kindsOf(section)[kind]
	if build == nil {
		return all
	}
	own := appendAsked(nil, slotsOf(reflect.ValueOf(build()).Elem()), "")
	// What the kind cannot do without comes before what every kind may do without.
	needed := slices.IndexFunc(all, func(a asked) bool { return !a.required })
	return slices.Insert(all, max(needed, 0), own...)
}

func appendAsked(out []asked, slots []slot, prefix string) []asked {
	for _, s := range slots {
		switch path := prefix + s.key; {
		case shapeOf(bare(s.typ)) != "":
			out = append(out, asked{s, path})
		case s.typ.Kind() == reflect.Struct:
			out = appendAsked(out, slotsOf(s.v), path+".")
		}
	}
	return out
}

// bare is a type without its pointer.
func bare(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// shapeOf is how a type is asked for, "" for one that a form cannot ask for.
func shapeOf(t reflect.Type) Shape {
	texts := reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	switch {
	case t == reflect.TypeFor[Secret]():
		return Hidden
	case texts, t == reflect.TypeFor[time.Duration](), t == reflect.TypeFor[Authorities]():
		return Line
	}
	switch t.Kind() {
	case reflect.Bool:
		return Truth
	case reflect.Slice:
		if shapeOf(t.Elem()) == Line {
			return Lines
		}
		return ""
	case reflect.Struct, reflect.Map, reflect.Pointer, reflect.Array, reflect.Interface:
		return ""
	}
	return Line
}

// fieldIn makes the field of a setting that has this value now.
func (a asked) fieldIn(now value) Field {
	f := Field{Key: a.path, Choices: a.choices, Shape: shapeOf(bare(a.typ)), Required: a.required, Rare: a.rare, Given: !now.empty(), Example: exampleShown(a.example)}
	f.length = isLength(bare(a.typ))
	f.Label, f.Hint = labels(a.field)
	if f.Shape == Hidden || f.Shape == Truth {
		f.Example = ""
	}
	switch {
	case f.Shape == Hidden:
	case f.Shape == Lines:
		var lines []string
		for _, item := range now.list {
			lines = append(lines, item.shown())
		}
		f.Value = strings.Join(lines, "\n")
	case now.empty():
		f.Value, f.standard = standardText(a.v), true
	default:
		f.Value = now.shown()
	}
	return f
}

// standardText is a default as one types it.
func standardText(v reflect.Value) string {
	switch d := shown(v).(type) { // nil for none
	case string:
		return d
	case bool:
		return strconv.FormatBool(d)
	case nil:
		return ""
	}
	return strings.TrimSpace(yamlOf(v.Interface()))
}

func yamlOf(v any) string {
	text, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// shown is a plain value as one typed it into a form.
func (v value) shown() string { return strings.ReplaceAll(v.text, "$${", "${") }

// labels cut the explanation of a setting in two: before the first semicolon
// stands what it is.
func labels(f field) (label, hint say.Text) {
	cut := func(s string) (string, string) {
		before, after, _ := strings.Cut(strings.TrimSuffix(s, "."), "; ")
		return before, after
	}
	label.EN, hint.EN = cut(f.doc)
	label.FR, hint.FR = cut(f.fr)
	label.France, hint.France = cut(f.france)
	return label, hint
}

// exampleShown is an example as one types it into a form.
func exampleShown(example string) string {
	var v any
	if strings.Contains(example, "${") || yaml.Unmarshal([]byte(example), &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, strings.TrimSpace(yamlOf(item)))
		}
		return strings.Join(items, ", ")
	case map[string]any:
		return ""
	case string:
		return v
	}
	return example
}

// answer is the value that a form gave to a setting. keep is true when it gave
// none and what is there stays.
func (a asked) answer(given Answered, keepSecret func(key, text string) (value, error)) (v value, keep bool, err error) {
	t := bare(a.typ)
	text := given.one(a.path)
	switch shapeOf(t) {
	case Hidden:
		switch {
		case text != "":
			v, err = keepSecret(a.path, given[a.path][0]) // its spaces are its own
			return v, false, err
		case given.one(a.path+ForgetSecret) != "":
			return value{}, false, nil
		}
		return value{}, true, nil
	case Truth:
		if text == "true" {
			return value{text: "true", typed: true}, false, nil
		}
		if a.v.Kind() == reflect.Bool && a.v.Bool() {
			return value{text: "false", typed: true}, false, nil
		}
		return value{}, false, nil
	case Lines:
		var list []value
		for _, line := range given.lines(a.path) {
			list = append(list, literal(line))
		}
		return value{list: list}, false, nil
	}
	if text == "" {
		return value{}, false, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && isNumber(t) {
		return value{text: text, typed: true}, false, nil
	}
	return literal(text), false, nil
}

// isNumber says whether a setting takes a bare number: a length of time does not.
func isNumber(t reflect.Type) bool {
	v := reflect.New(t).Elem()
	return (v.CanInt() || v.CanUint() || v.CanFloat()) && t != reflect.TypeFor[time.Duration]()
}
