package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// draft is a group of settings as it is written: in order, unread, its ${NAME} as
// they stand. What is copied from one file to another is copied so.
type draft []setting

type setting struct {
	key   string
	value value
}

// value is one of a plain value, a list and a group.
type value struct {
	text  string // of a plain value
	typed bool   // written without quotation marks: a number, true or false
	list  []value
	group draft
}

// typed text is a value that a person gave: ${ is no variable there.
func literal(text string) value {
	return value{text: strings.ReplaceAll(oneLine(text), "${", "$${")}
}

func (v value) empty() bool { return v.text == "" && v.list == nil && v.group == nil }

// of is the value of a setting; a path of several keys leads into groups.
func (d draft) of(path string) value {
	key, rest, deeper := strings.Cut(path, ".")
	for _, s := range d {
		if s.key == key && deeper {
			return s.value.group.of(rest)
		}
		if s.key == key {
			return s.value
		}
	}
	return value{}
}

// with is d with a setting of that value; without it when the value is empty.
func (d draft) with(path string, v value) draft {
	key, rest, deeper := strings.Cut(path, ".")
	if deeper {
		v = value{group: d.of(key).group.with(rest, v)}
		if len(v.group) == 0 {
			v = value{}
		}
	}
	out := slices.Clone(d)
	i := slices.IndexFunc(out, func(s setting) bool { return s.key == key })
	switch {
	case v.empty() && i >= 0:
		return slices.Delete(out, i, i+1)
	case v.empty():
		return out
	case i >= 0:
		out[i].value = v
		return out
	}
	return append(out, setting{key, v})
}

// drafted reads a group as it is written. Aliases are followed.
func (r *reader) drafted(n ast.Node) draft {
	return r.unread(n, maxDepth).group
}

func (r *reader) unread(n ast.Node, depth int) value {
	n = r.resolve(n, where{})
	if depth == 0 {
		return value{}
	}
	if p, ok := written(n); ok {
		return value{text: p.raw, typed: p.typed}
	}
	if list, ok := n.(*ast.SequenceNode); ok {
		v := value{list: []value{}}
		for _, item := range list.Values {
			v.list = append(v.list, r.unread(item, depth-1))
		}
		return v
	}
	var v value
	if pairs, ok := mapping(n); ok {
		v.group = draft{}
		for _, p := range pairs.Values {
			v.group = append(v.group, setting{keyOf(p), r.unread(p.Value, depth-1)})
		}
	}
	return v
}

// write spells the settings out below each other, the first one after lead.
func (d draft) write(b *strings.Builder, lead, indent string) {
	for _, s := range d {
		b.WriteString(lead + inKey(s.key) + ":")
		s.value.write(b, indent)
		lead = indent
	}
}

func (v value) write(b *strings.Builder, indent string) {
	switch {
	case v.list != nil || v.group != nil:
		b.WriteString(" ")
		v.inline(b)
	default:
		b.WriteString(" " + v.plain())
	}
	b.WriteString("\n")
}

// inline writes a value on one line.
func (v value) inline(b *strings.Builder) {
	switch {
	case v.list != nil:
		b.WriteString("[")
		for i, item := range v.list {
			if i > 0 {
				b.WriteString(", ")
			}
			item.inline(b)
		}
		b.WriteString("]")
	case v.group != nil:
		b.WriteString("{")
		for i, s := range v.group {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(inKey(s.key) + ": ")
			s.value.inline(b)
		}
		b.WriteString("}")
	default:
		b.WriteString(v.plain())
	}
}

// plain is a plain value as YAML takes it.
func (v value) plain() string {
	if v.typed {
		return v.text
	}
	if strings.ContainsAny(v.text, "\n\r\t") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(v.text) + `"`
	}
	return "'" + strings.ReplaceAll(v.text, "'", "''") + "'"
}

// inKey is the name of a setting; ours need no quotation marks, others may.
func inKey(key string) string {
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_-") == "" && key != "" {
		return key
	}
	return value{text: key}.plain()
}
