package wire

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Schema describes the JSON of a struct of ours as a JSON Schema, made from its
// fields and their tags: doc says what a field holds, enum the words it may hold
// (one of them empty after a last comma), number:"any" that it is no probability. What is not omitted when empty is
// required. Fields may be added, so others are not forbidden.
func Schema(of any) map[string]any {
	s := object(reflect.TypeOf(of))
	s["properties"].(map[string]any)["schema_version"] = map[string]any{"const": Version, "description": "On the first object only."}
	return s
}

func object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, tagged := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		properties[name] = field(f)
		if !tagged || !strings.HasPrefix(rest, "omit") {
			required = append(required, name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	return s
}

func field(f reflect.StructField) map[string]any {
	s := value(f.Type)
	if words, ok := f.Tag.Lookup("enum"); ok {
		s["enum"] = strings.Split(words, ",")
	}
	if f.Tag.Get("number") == "any" {
		delete(s, "maximum")
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		s["description"] = doc
	}
	return s
}

func value(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time", "pattern": "Z$"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{"type": []string{"string", "number"}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return value(t.Elem())
	case reflect.Struct:
		return object(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": value(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0, "maximum": 1}
	case reflect.Int, reflect.Uint32:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.String:
		return map[string]any{"type": "string"}
	}
	panic("wire: no JSON Schema for " + t.String()) // a type of ours: a test meets it first
}
