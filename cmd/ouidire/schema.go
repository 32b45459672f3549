package main

import (
	"maps"
	"slices"

	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/web"
)

// outputSchema describes what the commands print, any one of the shapes, and what the
// web API answers; each has its own definition.
func outputSchema() map[string]any {
	all := shapes()
	defs, one := map[string]any{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		defs[name] = wire.Schema(all[name])
		one = append(one, map[string]any{"$ref": "#/$defs/" + name})
	}
	for name, answer := range web.Answers() {
		defs[name] = wire.Schema(answer)
	}
	return map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "What ouidire prints with -o json, and what its web API answers",
		"description": "A command prints one object a line, any of these; the first of a stream carries schema_version. The documentation of the API names the definition of each of its answers. Fields may be added.",
		"anyOf":       one, "$defs": defs,
	}
}
