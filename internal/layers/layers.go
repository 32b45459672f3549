// Package layers holds the law of the tree: which package may import which.
// Arrows point toward mention; a stage never imports another stage. If the test
// stops you, the design needs a word, not an exception.
package layers

// leaves may be imported by everybody.
var leaves = []string{"mention", "mention/wire", "config", "internal/say", "internal/text", "internal/clock"}

// doors lists, for each part of the tree, what it may import besides the leaves,
// its own folder and the folders above it. The longest prefix of a package
// decides. A name covers its folder only, one that ends in /... also those below.
var doors = map[string][]string{
	"mention":        {},
	"internal/say":   {},
	"internal/text":  {},
	"internal/clock": {},
	"internal":       {},
	// config knows no kind: each kind's own Config comes in as a value.
	"config": {},

	"watch":    {"watch/query"},
	"pipeline": {},

	// crawler and its kinds share one client, with its manners; the crawler judges silence.
	"crawler": {"internal/polite", "internal/freshness"},

	"analyzer": {"analyzer/..."},

	"store": {"watch/query", "internal/sqlite"},
	// one process at a time sends what waits for Elasticsearch.
	"store/elastic":   {"watch/query", "internal/sqlite", "internal/lock"},
	"store/storetest": {"watch/query", "watch"},
	// state remembers for those who declare what they want remembered.
	"store/state": {"internal/sqlite", "crawler", "alerting", "pipeline"},

	// rules ask the store in its own words, and tell the same story as the analyzer.
	"alerting":               {"store", "analyzer/surge", "analyzer/story", "watch/query"},
	"alerting/rule/silence":  {"store", "internal/freshness"}, // one judgement of what silence is usual
	"alerting/rule/ruletest": {"store", "store/local", "analyzer/story"},

	"dashboards": {},
	// the page shows every stage.
	"web": {"crawler", "store", "store/state", "alerting", "watch", "watch/query", "dashboards"},

	"app": {"..."},
	"cmd": {"..."},
}
