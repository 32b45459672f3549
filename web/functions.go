package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// functions are what the templates may call, in one language.
func functions(l say.Lang) template.FuncMap {
	return template.FuncMap{
		"t":       func(key string, args ...any) (string, error) { return word(l, key, args...) },
		"explain": func(err error) string { return say.Explain(err, l) },
		"change":  func(c config.Change) string { return c.In(l) },
		"number":  l.Number,
		"plural":  l.Plural,
		"colon":   l.Colon,
		"moment":  func(t time.Time, zone *time.Location) string { return moment(l, t, zone) },
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"excerpt": excerpt,
		"host":    host,
		"safe":    safeLink,
		"tone":    tone,
		"health":  health,
		"called":  func(of, kind string) string { return called(l, of, kind) },
		"say":     func(v crawler.Visit, now time.Time) string { return v.Say(l, now) },
		"dateKey": dateKey,
		"history": history,
		"in":      func(t say.Text) string { return t.In(l) },
		"day":     l.ShortDate,
		"capital": capital,
		"kindKey": func(section string) string { return strings.TrimSuffix(section, "s") + "." },
		"choice":  func(key, value string) string { return called(l, "choice."+key+".", value) },
		"titled":  titled,
	}
}

func moment(l say.Lang, t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return l.Moment(t.In(zone))
}

// excerpt is the beginning of a text, cut between words.
func excerpt(s string, length int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= length {
		return s
	}
	cut := string([]rune(s)[:length])
	if space := strings.LastIndexByte(cut, ' '); space > length/2 {
		cut = cut[:space]
	}
	return cut + "…"
}

// host is where an address leads, without www.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// safeLink is an address that may be followed, and "" for any other.
func safeLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return address
}

// tone is the key of the words for how a mention is judged.
func tone(r mention.Reading, read bool) string {
	switch {
	case !read || r.Label == "":
		return "tone.unsure"
	case r.Sure:
		return "tone." + string(r.Label)
	}
	return "tone.maybe." + string(r.Label)
}

// health is the key of the words for how well a source is read.
func health(v crawler.Visit) string {
	switch {
	case v.Last.IsZero():
		return "health.new"
	case v.Ended:
		return "health.ended"
	case v.Health == crawler.Paused:
		return "health.paused"
	case v.Health == crawler.Poorly:
		return "health.poorly"
	}
	return "health.well"
}

// called is what people call a kind of source or of channel, its own name when we
// have no word for it.
func called(l say.Lang, of, kind string) string {
	if t, ok := sentence(of + kind); ok {
		return t.In(l)
	}
	return kind
}

// capital begins a sentence.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// titled is the title of a watch.
func titled(watches []Watch, name string) string {
	for _, w := range watches {
		if w.Name == name {
			return w.Title
		}
	}
	return name
}

// dateKey is the key of the words for where a date came from.
func dateKey(from string) string {
	if from == "seen" {
		return "date.seen"
	}
	return "date.given"
}

// history is the key of the words for a mention that was never news, "" for news.
func history(m mention.Mention) string {
	if !m.History {
		return ""
	}
	return "history"
}

// sentence finds the words for a key.
func sentence(key string) (t say.Text, ok bool) {
	if t, ok = words[key]; !ok {
		t, ok = setupWords[key]
	}
	return t, ok
}

// word is the sentence of a key, which must be in the catalogue.
func word(l say.Lang, key string, args ...any) (string, error) {
	t, ok := sentence(key)
	if !ok {
		return "", fmt.Errorf("no words for %q", key)
	}
	return t.In(l, args...), nil
}
