package main

import (
	"maps"
	"slices"

	"github.com/ouidire/ouidire/mention/wire"
)

// outputSchema describes what the commands print: any one of the shapes, each of
// which has its own definition.
func outputSchema() map[string]any {
	all := shapes()
	defs, one := map[string]any{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		defs[name] = wire.Schema(all[name])
		one = append(one, map[string]any{"$ref": "#/$defs/" + name})
	}
	return map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "What ouidire prints with -o json",
		"description": "One object a line. The first of a stream carries schema_version. Fields may be added.",
		"anyOf":       one, "$defs": defs,
	}
}
