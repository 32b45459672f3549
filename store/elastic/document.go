package elastic

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/segmentio/encoding/json"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// document is a mention as Elasticsearch holds it: how it stands now, in fields that
// are asked about and shown (properties says what each means), and Body, the whole
// of it. Our own tokens are indexed and not kept: they are made again from Body.
type document struct {
	Published time.Time  `json:"@timestamp"`
	SeenAt    time.Time  `json:"seen_at"`
	ChangedAt *time.Time `json:"changed_at,omitempty"`
	GoneAt    *time.Time `json:"gone_at,omitempty"`
	Micro     micro      `json:"micro"`

	ID        string    `json:"id"`
	Standing  string    `json:"standing"`
	Claimed   bool      `json:"claimed"`
	Own       bool      `json:"own"`
	History   bool      `json:"history"`
	Watches   []string  `json:"watch,omitempty"`
	Source    string    `json:"source"`
	Place     string    `json:"place"`
	Kind      string    `json:"kind"`
	Lang      string    `json:"lang"`
	Author    author    `json:"author"`
	Parent    string    `json:"parent,omitempty"`
	Thread    string    `json:"thread"`
	URL       string    `json:"url,omitempty"`
	Sites     []string  `json:"site,omitempty"`
	Sentiment sentiment `json:"sentiment"`
	Title     string    `json:"title,omitempty"`
	Text      string    `json:"text,omitempty"`

	Tokens        tokens `json:"tokens"`
	TokensVersion int    `json:"tokens_version"`
	Body          []byte `json:"body"`
}

// micro is instants in Unix microseconds: dates end at the millisecond.
type micro struct {
	Published int64  `json:"published"`
	Seen      int64  `json:"seen"`
	Changed   *int64 `json:"changed,omitempty"`
}

// author has one name more than a mention's: what store.ByAuthor counts.
type author struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Called   string `json:"called"`
	Audience int    `json:"audience"`
}

// sentiment is the reading that holds.
type sentiment struct {
	Label    string  `json:"label"`
	Target   string  `json:"target"`
	Intent   string  `json:"intent,omitempty"`
	Negative float64 `json:"negative"`
	Sure     bool    `json:"sure"`
}

// tokens is the terms of each text.
type tokens struct {
	Title  *forms          `json:"title,omitempty"`
	Text   *forms          `json:"text,omitempty"`
	Author json.RawMessage `json:"author,omitempty"`
}

// forms is the terms of one text in each form: the same number at the same places
// in all but Label. They are raw, because a term has nothing to escape.
type forms struct {
	Fold    json.RawMessage `json:"fold"`
	French  json.RawMessage `json:"french"`
	English json.RawMessage `json:"english"`
	Exact   json.RawMessage `json:"exact"`
	Label   json.RawMessage `json:"label,omitempty"`
}

// The standings: among which mentions one is found. Those that are gone from their
// place have another word for it, so that most questions ask for one.
const (
	others = "others" // what others say, claimed by a watch
	own    = "own"    // the organisation's own
	aside  = "aside"  // what nobody claims
	gone   = "-gone"
)

func standingOf(m *mention.Mention) string {
	s := aside
	switch {
	case m.Own:
		s = own
	case claimed(m):
		s = others
	}
	if !m.GoneAt.IsZero() {
		s += gone
	}
	return s
}

// claimed says which of the two sorts of indices m belongs to.
func claimed(m *mention.Mention) bool { return m.Own || len(m.Current().Hits) > 0 }

// documents makes documents and reads them back. The zero value is ready, and safe
// for concurrent use.
type documents struct{ makers sync.Pool }

// maker is what making a document takes, for one at a time.
type maker struct {
	codec     *store.Codec
	tokenizer text.Tokenizer
	tokens    []text.Token
	terms     []byte // of one document
}

func (d *documents) maker() *maker {
	if m, ok := d.makers.Get().(*maker); ok {
		return m
	}
	return &maker{codec: store.NewCodec()}
}

// encode is the document of m, which is as store.Normal makes it.
func (d *documents) encode(m *mention.Mention) ([]byte, error) { return d.append(nil, m, nil) }

// append appends to b the document of m. Whole is what store.Codec made of m, nil when
// that is still to be made.
func (d *documents) append(b []byte, m *mention.Mention, whole []byte) (_ []byte, err error) {
	k := d.maker()
	defer d.makers.Put(k)
	if whole == nil {
		if whole, err = k.codec.Encode(m); err != nil {
			return b, err
		}
	}
	doc := k.document(m)
	doc.Body = whole
	if b, err = json.Append(b, doc, json.TrustRawMessage); err != nil {
		return b, fmt.Errorf("make the document of mention %s: %w", m.ID, err)
	}
	return b, nil
}

// decode is the mention whose document is source, of which no more than Body is read.
func (d *documents) decode(source []byte) (mention.Mention, error) {
	var kept struct {
		Body []byte `json:"body"`
	}
	if err := json.Unmarshal(source, &kept); err != nil {
		return mention.Mention{}, fmt.Errorf("read the document of a mention: %w", err)
	}
	k := d.maker()
	defer d.makers.Put(k)
	return k.codec.Decode(kept.Body)
}

func (k *maker) document(m *mention.Mention) *document {
	k.terms = k.terms[:0]
	v := m.Current()
	r, _ := m.Reading()
	doc := &document{
		Published: m.PublishedAt, SeenAt: m.SeenAt,
		Micro: micro{Published: m.PublishedAt.UnixMicro(), Seen: m.SeenAt.UnixMicro()},
		ID:    keyword(m.ID), Standing: standingOf(m), Claimed: claimed(m), Own: m.Own, History: m.History,
		Source: keyword(m.Source), Place: keyword(m.Place), Kind: keyword(string(m.Kind)), Lang: keyword(m.Lang),
		Author: author{keyword(m.Author.ID), keyword(m.Author.Name), keyword(store.ByAuthor.Values(m)[0]), m.Author.Audience},
		Parent: keyword(m.Parent), Thread: keyword(m.Thread), URL: m.URL, Sites: sites(m.URL),
		Sentiment: sentiment{keyword(string(r.Label)), keyword(string(r.Target)), keyword(string(r.Intent)), r.Negative, r.Sure},
		Title:     v.Title, Text: v.Text,
		Tokens: tokens{Title: k.forms(v.Title), Text: k.forms(v.Text), Author: k.form(text.FoldForm, m.Author.Name)}, TokensVersion: text.Version,
	}
	for _, w := range store.ByWatch.Values(m) {
		doc.Watches = append(doc.Watches, keyword(w))
	}
	if at := store.Changed(m); !at.IsZero() {
		doc.ChangedAt, doc.Micro.Changed = &at, new(at.UnixMicro())
	}
	if !m.GoneAt.IsZero() {
		doc.GoneAt = &m.GoneAt
	}
	return doc
}

// forms is the terms of a text, nil when it has none.
func (k *maker) forms(s string) *forms {
	k.tokens = k.tokenizer.Append(k.tokens[:0], s)
	if len(k.tokens) == 0 {
		return nil
	}
	return &forms{Fold: k.field(text.FoldForm), French: k.field(text.FrenchForm), English: k.field(text.EnglishForm),
		Exact: k.field(text.ExactForm), Label: k.field(text.LabelForm)}
}

func (k *maker) form(f text.Form, s string) json.RawMessage {
	k.tokens = k.tokenizer.Append(k.tokens[:0], s)
	return k.field(f)
}

// field is the terms of the tokens in one form, nil when there are none.
func (k *maker) field(f text.Form) json.RawMessage {
	start := len(k.terms)
	k.terms = k.tokenizer.AppendField(append(k.terms, '"'), f, k.tokens)
	if len(k.terms) == start+len(`"`) {
		return nil
	}
	k.terms = append(k.terms, '"')
	return k.terms[start:]
}

// sites is news.valtisse.example, valtisse.example and example.
func sites(address string) (all []string) {
	host := query.Host(address)
	for ok := host != ""; ok; _, host, ok = strings.Cut(host, ".") {
		all = append(all, keyword(host))
	}
	return all
}

// keywordMost is how long a keyword may be: Lucene refuses one beyond 32,766 bytes,
// and with it the whole document.
const keywordMost = 1 << 12

// keyword is value as it is indexed whole: one that is too long keeps its beginning,
// then a digest, so that different values stay different.
func keyword(value string) string {
	if len(value) <= keywordMost {
		return value
	}
	cut := keywordMost
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	sum := sha256.Sum256([]byte(value))
	return value[:cut] + "…" + hex.EncodeToString(sum[:])
}

// shortened says whether a keyword is no value but what is left of one.
func shortened(keyword string) bool { return len(keyword) > keywordMost }
