package config

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
)

// node is one JSON Schema. Keys are written in alphabetical order, so that equal
// structs give equal bytes.
type node map[string]any

// Schema is the JSON Schema (draft 7, which editors read best) of ouidire.yml with
// these kinds: what Parse accepts, as far as a schema can say it. It is made from
// the structs that Parse fills.
func Schema(kinds Kinds) ([]byte, error) {
	s := schemer{kinds: kinds}
	root := s.object(reflect.ValueOf(defaults()).Elem())
	if s.err != nil {
		return nil, s.err
	}
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = Name
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", Name, err)
	}
	return out.Bytes(), nil
}

// schemer describes types; err is the first thing that was wrong with one.
type schemer struct {
	kinds Kinds
	err   error
}

func (s *schemer) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// object describes a struct; what stands in v is the default.
func (s *schemer) object(v reflect.Value) node {
	slots := slotsOf(v)
	of, ok := v.Addr().Interface().(kinded)
	if !ok {
		return s.closed(slots)
	}
	n := s.entry(slots, s.kinds.table(of))
	if _, is := of.(*Store); is {
		n = node{"anyOf": []node{n, s.keyed(s.kinds.Stores)}}
	}
	return n
}

// keyed is an object whose only key is a kind, with its settings.
func (s *schemer) keyed(table map[string]func() any) node {
	properties := node{}
	for _, name := range keysSorted(table) {
		n := s.closed(slotsOf(reflect.ValueOf(table[name]()).Elem()))
		if n["required"] == nil {
			n = orNull(n)
		}
		properties[name] = n
	}
	return node{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": 1}
}

// closed is an object that takes these settings and no other.
func (s *schemer) closed(slots []slot) node {
	properties, required := node{}, []string{}
	for _, slot := range slots {
		if _, twice := properties[slot.key]; twice {
			s.fail("the setting %s has two meanings in one entry", slot.key)
		}
		properties[slot.key] = s.setting(slot)
		if slot.required {
			required = append(required, slot.key)
		}
	}
	n := node{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		n["required"] = required
	}
	return n
}

// entry is an object whose kind says which other settings it takes.
func (s *schemer) entry(common []slot, table map[string]func() any) node {
	names := keysSorted(table)
	kind, _ := find(common, "kind")
	var cases []node
	for _, name := range names {
		config := reflect.ValueOf(table[name]())
		if config.Kind() != reflect.Pointer || config.Elem().Kind() != reflect.Struct {
			s.fail("the kind %s gives no pointer to a struct", name)
			return node{}
		}
		then := s.closed(append(common[:len(common):len(common)], slotsOf(config.Elem())...))
		then["properties"].(node)["kind"] = node{"const": name, "description": "What kind it is."}
		when := node{"properties": node{"kind": node{"const": name}}}
		if kind.v.String() != name { // else it is of this kind also when none is named
			when["required"] = []string{"kind"}
		}
		cases = append(cases, node{"if": when, "then": then})
	}
	n := node{"type": "object", "properties": node{"kind": node{"enum": names, "description": "What kind it is."}}}
	if kind.required {
		n["required"] = []string{"kind"}
	}
	if len(cases) > 0 {
		n["allOf"] = cases
	}
	return n
}

// setting describes one field and the value it has when left out.
func (s *schemer) setting(slot slot) node {
	n := s.value(slot.v, slot.field)
	if !slot.required {
		n = orNull(n)
	}
	if slot.doc != "" {
		n["description"] = slot.doc
	}
	if slot.example != "" {
		var example any
		if err := yaml.Unmarshal([]byte(slot.example), &example); err != nil {
			s.fail("the example of %s is not YAML: %w", slot.key, err)
		}
		n["examples"] = []any{example}
	}
	if d := shown(slot.v); d != nil {
		n["default"] = d
	}
	return n
}

// orVariable lets ${NAME} stand where something else than text is due.
func orVariable(n node) node {
	return node{"anyOf": []node{n, {"type": "string", "pattern": `\$\{`}}}
}

// orNull lets a setting be left empty.
func orNull(n node) node {
	if t, ok := n["type"].(string); ok && n["allOf"] == nil {
		n["type"] = []string{t, "null"}
		return n
	}
	if any, ok := n["anyOf"].([]node); ok {
		n["anyOf"] = append(any, node{"type": "null"})
		return n
	}
	return node{"anyOf": []node{n, {"type": "null"}}}
}

// value describes a type.
func (s *schemer) value(v reflect.Value, f field) node {
	switch v.Interface().(type) {
	case time.Duration:
		return node{"type": "string", "pattern": spanPattern(func(u unit) bool { return u.length > 0 }) + `|\$\{`}
	case Period:
		return node{"type": "string", "pattern": spanPattern(func(u unit) bool { return u.days+u.months > 0 }) + `|\$\{`}
	case Secret, Authorities:
		return node{"anyOf": []node{{"type": "string"}, {"type": "number"}}}
	}
	if _, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return node{"type": "string"}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return s.value(reflect.New(v.Type().Elem()).Elem(), f)
	case reflect.Struct:
		return s.object(v)
	case reflect.Slice:
		return node{"type": "array", "items": s.value(reflect.New(v.Type().Elem()).Elem(), f)}
	case reflect.Map:
		return node{"type": "object", "additionalProperties": s.value(reflect.New(v.Type().Elem()).Elem(), field{key: f.key})}
	case reflect.String:
		if f.choices != nil {
			return orVariable(node{"enum": f.choices})
		}
		return node{"anyOf": []node{{"type": "string"}, {"type": "number"}}}
	case reflect.Bool:
		return orVariable(node{"type": "boolean"})
	case reflect.Float32, reflect.Float64:
		return orVariable(between(node{"type": "number"}, f))
	}
	if !v.CanInt() && !v.CanUint() {
		s.fail("the setting %s is of a type that no file can hold: %s", f.key, v.Type())
	}
	return orVariable(between(node{"type": "integer"}, f))
}

// between bounds a number.
func between(n node, f field) node {
	if low, err := strconv.ParseFloat(f.min, 64); err == nil {
		n["minimum"] = low
	}
	if high, err := strconv.ParseFloat(f.max, 64); err == nil {
		n["maximum"] = high
	}
	return n
}

// shown is a default as one types it; nil when there is none to show.
func shown(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	switch d := v.Interface().(type) {
	case time.Duration:
		return typed(d)
	case Period:
		return d.String()
	}
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint, reflect.Float64:
		return v.Interface()
	}
	return nil
}
