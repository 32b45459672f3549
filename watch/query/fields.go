package query

import (
	"net/url"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/text"
	"golang.org/x/net/idna"
)

const (
	titleField  Field = "title"
	authorField Field = "author"
)

// fieldTexts is how a field is written in each language; both are read in both.
var fieldTexts = map[Field]say.Text{
	titleField:  {EN: "title", FR: "titre"},
	authorField: {EN: "author", FR: "auteur"},
	Site:        {EN: "site", FR: "site"},
	Source:      {EN: "source", FR: "source"},
	Lang:        {EN: "lang", FR: "langue"},
	Kind:        {EN: "kind", FR: "genre"},
}

// fieldNames finds a field by its folded name.
var fieldNames = map[string]Field{
	"title": titleField, "titre": titleField,
	"author": authorField, "auteur": authorField, "autrice": authorField,
	"site": Site, "source": Source,
	"lang": Lang, "langue": Lang, "language": Lang,
	"kind": Kind, "genre": Kind,
}

// fieldValues is the values that a field knows, by their folded spellings.
var fieldValues = map[Field]map[string]string{
	Lang: {
		"fr": "fr", "french": "fr", "francais": "fr",
		"en": "en", "english": "en", "anglais": "en",
		"other": "other", "autre": "other",
	},
	Kind: {
		"article": "article",
		"post":    "post", "publication": "post",
		"comment": "comment", "commentaire": "comment",
		"review": "review", "avis": "review",
	},
}

// fieldExamples is what to propose.
var fieldExamples = map[Field]say.Text{
	titleField:  {EN: "title:Valtisse", FR: "titre:Valtisse"},
	authorField: {EN: `author:"Marie Valtisse"`, FR: "auteur:«\u00a0Marie Valtisse\u00a0»"},
	Site:        {EN: "site:valtisse.example", FR: "site:valtisse.example"},
	Source:      {EN: "source:page-facebook", FR: "source:page-facebook"},
	Lang:        {EN: "fr, en, other", FR: "fr, en, autre"},
	Kind:        {EN: "article, post, comment, review", FR: "article, publication, commentaire, avis"},
}

// attr reads the value of a field that is compared, not searched.
func attr(field Field, value string, column int) (Node, error) {
	switch field {
	case Lang, Kind:
		fold := text.Fold(value)
		if field == Lang {
			fold, _, _ = strings.Cut(fold, "-") // fr-CA is fr
		}
		known, ok := fieldValues[field][fold]
		if !ok { // a plural, perhaps
			known, ok = fieldValues[field][strings.TrimSuffix(fold, "s")]
		}
		if !ok {
			return nil, fail(column, errValue, fieldTexts[field], value, fieldExamples[field])
		}
		value = known
	case Site:
		host, ok := site(value)
		if !ok {
			return nil, fail(column, errSite, fieldExamples[Site])
		}
		value = host
	}
	return Attr{Field: field, Value: value}, nil
}

// site reads what people give for a site, a whole address included.
func site(value string) (host string, ok bool) {
	if i := strings.Index(value, "://"); i >= 0 {
		value = value[i+3:]
	}
	value = strings.TrimSuffix(value, "/")
	host = strings.TrimPrefix(asciiHost(value), "www.")
	host = strings.TrimLeft(host, ".")
	if host == "" || strings.ContainsAny(host, "/ :?#@*\"«»“”„()\u00a0") {
		return "", false
	}
	return host, true
}

// Host is the host of an address as site: compares it: lower case, ASCII, without
// port; empty when there is none.
func Host(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return asciiHost(u.Hostname())
}

func asciiHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ascii, err := idna.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// OnSite says whether host (see Host) is site or one of its subdomains.
func OnSite(host, site string) bool {
	rest, ok := strings.CutSuffix(host, site)
	return ok && (rest == "" || rest[len(rest)-1] == '.')
}

// nearest is the known field name that takes the fewest changes from name, and
// how many.
func nearest(name string) (best string, changes int) {
	changes = len(name) + 10
	for known := range fieldNames {
		d := distance(name, known)
		if d < changes || d == changes && known < best {
			best, changes = known, d
		}
	}
	return best, changes
}

// distance counts the letters to add, drop, change or swap with the next.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
