package config

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is one setting, as the tags of a struct describe it.
type field struct {
	key      string
	doc      string   // English sentence
	fr       string   // the same in French
	france   string   // as France says it, when it says it otherwise
	example  string   // a value that works, as one types it
	choices  []string // the only words it takes; nil for any
	min, max string   // bounds, typed as the value is; "" for none
	required bool
	rare     bool // few need it
	restart  bool // a change is taken up by a restart alone
	index    []int
	typ      reflect.Type
}

// fieldsOf lists the settings of a struct, embedded ones first.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		inline := sf.Anonymous && name == "" || options == "inline"
		switch {
		case name == "-" || !sf.IsExported():
		case inline && sf.Type.Kind() == reflect.Struct:
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				out = append(out, f)
			}
		default:
			out = append(out, fieldOf(sf, name, i))
		}
	}
	return out
}

func fieldOf(sf reflect.StructField, name string, i int) field {
	if name == "" {
		name = strings.ToLower(sf.Name)
	}
	f := field{
		key: name, doc: sf.Tag.Get("doc"), fr: sf.Tag.Get("fr"), france: sf.Tag.Get("france"), example: sf.Tag.Get("example"),
		min: sf.Tag.Get("min"), max: sf.Tag.Get("max"),
		required: sf.Tag.Get("required") == "true", rare: sf.Tag.Get("rare") == "true", restart: sf.Tag.Get("restart") == "true",
		index: []int{i}, typ: sf.Type,
	}
	if words := sf.Tag.Get("enum"); words != "" {
		f.choices = strings.Split(words, ",")
	}
	return f
}

// slot is a setting and the variable it fills.
type slot struct {
	field
	v reflect.Value
}

func slotsOf(v reflect.Value) []slot {
	var out []slot
	for _, f := range fieldsOf(v.Type()) {
		out = append(out, slot{f, v.FieldByIndex(f.index)})
	}
	return out
}

func find(slots []slot, key string) (slot, bool) {
	i := slices.IndexFunc(slots, func(s slot) bool { return s.key == key })
	if i < 0 {
		return slot{}, false
	}
	return slots[i], true
}

func keysOf(slots []slot) []string {
	keys := make([]string, len(slots))
	for i, s := range slots {
		keys[i] = s.key
	}
	return keys
}

// nearest is the word one most likely meant by typing got, "" when none is close.
func nearest(got string, words []string) string {
	best, least := "", 1+max(1, len([]rune(got))/3)
	for _, w := range words[:min(len(words), 500)] { // of a bomb's names the first are near enough
		if d := distance(plain(got), plain(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// plain drops what people mix up in a name: case, dashes, spaces.
func plain(s string) []rune {
	var out []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out[:min(len(out), 64)]
}

// distance counts the letters to add, drop, change or swap (optimal string
// alignment) between a and b.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
