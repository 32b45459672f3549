package elastic

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Mentions that a watch claims, and the organisation's own, stand in one index for
// each month of publication; what is older than historyMonths when it is first kept
// in one more, so that a page from 1998 makes no index of its own. What nobody claims
// stands in one for each week in which it was seen. Each sort is read by its alias. A
// rebuild puts another index in the place of one, see renewal.go.
const historyMonths = 24

// forgotten is how long what a dead process has written may not be found at most.
const forgotten = 30 * time.Second

// indices names the indices and aliases of one installation.
type indices struct{ prefix string }

// mentions is the alias of all that is claimed.
func (n indices) mentions() string { return n.prefix + "-mentions" }

// unclaimed is the alias of what nobody claims.
func (n indices) unclaimed() string { return n.prefix + "-unclaimed" }

// all names both aliases.
func (n indices) all() []string { return []string{n.mentions(), n.unclaimed()} }

// renewing is the alias of what a rebuild writes and nobody reads yet.
func (n indices) renewing() string { return n.prefix + "-renewing" }

// name is that of an index: the first of a month or a week has the plain one, those that
// rebuilds wrote in its place have a number.
func (n indices) name(alias, span string, number int) string {
	if number == 1 {
		return alias + "-" + span
	}
	return fmt.Sprintf("%s.%d-%s", alias, number, span)
}

// parse is the reverse of name.
func (n indices) parse(index string) (alias, span string, number int, ok bool) {
	for _, alias := range n.all() {
		rest, is := strings.CutPrefix(index, alias)
		count, span, dashed := strings.Cut(rest, "-")
		if !is || !dashed {
			continue
		}
		if count == "" {
			return alias, span, 1, true
		}
		number, err := strconv.Atoi(strings.TrimPrefix(count, "."))
		if err == nil && number > 1 && n.name(alias, span, number) == index {
			return alias, span, number, true
		}
	}
	return "", "", 0, false
}

// sort is the alias that an index belongs to.
func (n indices) sort(index string) string {
	alias, _, _, _ := n.parse(index)
	return alias
}

// of is the first index that m belongs to when it is first kept, or first claimed.
func (n indices) of(m *mention.Mention) string {
	if !claimed(m) {
		year, week := m.SeenAt.UTC().ISOWeek()
		return fmt.Sprintf("%s-%04d-w%02d", n.unclaimed(), year, week)
	}
	if m.PublishedAt.Before(m.SeenAt.AddDate(0, -historyMonths, 0)) {
		return n.mentions() + "-old"
	}
	return n.mentions() + m.PublishedAt.UTC().Format("-2006-01")
}

// object is a piece of JSON.
type object = map[string]any

// templates are the bodies of the index templates of an alias, by their names: every index
// of ours gets our mapping, whoever makes it, and the alias unless a rebuild writes it. None
// is made by a write that comes too late to the one that was there.
func templates(c Config, alias string) map[string]object {
	template := func(pattern string, aliases object) object {
		return object{
			"index_patterns":    []string{pattern},
			"priority":          500, // above what an installation has for patterns as "*"
			"allow_auto_create": false,
			"template":          object{"settings": settings(c), "mappings": mappings(), "aliases": aliases},
		}
	}
	return map[string]object{alias: template(alias+"-*", object{alias: object{}}), alias + ".renewed": template(alias+".*", object{})}
}

// settings is how each index is set up.
func settings(c Config) object {
	return object{"index": object{
		"number_of_shards":   c.Shards,
		"number_of_replicas": c.Replicas,
		// Whoever writes refreshes when it has written, see settle; this is for what is left
		// by one that died in between.
		"refresh_interval": fmt.Sprintf("%dms", max(c.Refresh, forgotten)/time.Millisecond),
		// What a person finds who types words into Kibana or Grafana and names no field.
		"query": object{"default_field": []string{"title", "title.*", "text", "text.*", "author.name"}},
	}}
}

// mappings is what every index knows. A field that is not there is refused, and the
// tokens are left out of what is kept: they are made again from body.
func mappings() object {
	return object{"dynamic": "strict", "_source": object{"excludes": []string{"tokens"}}, "properties": properties()}
}

// properties is the fields. Those down to text are for everybody who reads with
// Kibana or Grafana; those below are how ouidire asks, and may change.
func properties() object {
	return object{
		"@timestamp": date(), // when the place says it was published
		"seen_at":    date(), // when ouidire first had it
		"changed_at": date(), // when its last edit, judgement or deletion became known; none while it is as it was first seen
		"gone_at":    date(), // when its place was found to have deleted it; none while it stands

		"claimed": flag(),     // whether a watch claims it, or it is the organisation's own
		"own":     flag(),     // by the organisation itself
		"history": flag(),     // published before anybody could have been told: never news
		"watch":   keywords(), // the watches that claim it, by name
		"source":  keywords(), // the source that brought it, by name
		"place":   keywords(), // what sort of place that is: web, facebook ...
		"kind":    keywords(), // article, post, comment or review
		"lang":    keywords(), // fr, en, other, or empty when unknown
		"author": object{"properties": object{
			"id":       keywords(),             // as its place knows the author
			"name":     keywords(),             // as its place shows the author
			"called":   keywords(),             // the name, or the id of one without a name
			"audience": object{"type": "long"}, // followers or readers, 0 when unknown
		}},
		"thread": keywords(), // the id of the root of the conversation
		"parent": keywords(), // the id of what it answers
		"url":    object{"type": "keyword", "ignore_above": keywordMost},
		"site":   keywords(), // the host of url, and each domain it is part of
		"sentiment": object{"properties": object{ // the judgement that holds
			"label":    keywords(),              // negative, neutral, positive; empty when the analyzer abstains
			"target":   keywords(),              // about whom: brand, third, none; empty when unknown
			"intent":   keywords(),              // question, complaint, suggestion, praise ...
			"negative": object{"type": "float"}, // the probability that it is negative
			"sure":     flag(),                  // sure enough to be shown to a person as certain
		}},
		"title": natural(), // the newest title, as written
		"text":  natural(), // the newest text, as written

		"id":       keywords(),
		"standing": keywords(), // see standingOf
		"micro": object{"properties": object{
			"published": object{"type": "long"}, "seen": object{"type": "long"}, "changed": object{"type": "long"},
		}},
		"tokens": object{"properties": object{
			"title": object{"properties": formFields()}, "text": object{"properties": formFields()}, "author": terms("positions"),
		}},
		"tokens_version": object{"type": "integer"}, // text.Version of tokens
		"body":           object{"type": "binary"},  // the whole mention, see store.Codec
	}
}

// formFields is the fields of forms. What only ever answers whether a word is there
// does not say where.
func formFields() object {
	return object{"fold": terms("docs"), "french": terms("positions"), "english": terms("positions"), "exact": terms("positions"), "label": terms("docs")}
}

// terms is a field of our own terms. The analyzer parts them at spaces and cuts what
// is longer than 255; none is longer than text.MaxTerm.
func terms(options string) object {
	return object{"type": "text", "analyzer": "whitespace", "index_options": options, "norms": false}
}

// natural is a text for people who ask with Kibana or Grafana, in three readings.
func natural() object {
	return object{"type": "text", "analyzer": "standard", "norms": false, "fields": object{
		"french":  object{"type": "text", "analyzer": "french", "norms": false},
		"english": object{"type": "text", "analyzer": "english", "norms": false},
	}}
}

func date() object     { return object{"type": "date"} }
func flag() object     { return object{"type": "boolean"} }
func keywords() object { return object{"type": "keyword"} }
