package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// functions are what the templates may call, in one language.
func functions(l say.Lang) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) (string, error) { return word(l, key, args...) },
		"explain":  func(err error) string { return calm(say.Explain(err, l)) },
		"change":   func(c config.Change) string { return c.In(l) },
		"number":   l.Number,
		"plural":   l.Plural,
		"colon":    l.Colon,
		"listed":   func(names []string) string { return strings.Join(names, ", ") },
		"date":     func(t time.Time, zone *time.Location) string { return l.MonthDay(t.In(zone)) },
		"moment":   func(t time.Time, zone *time.Location) string { return moment(t, zone, l.When) },
		"longDate": func(t time.Time, zone *time.Location) string { return l.Date(t.In(zone)) + ", " + l.Clock(t.In(zone)) },
		"cell":     func(t time.Time, zone *time.Location) string { return moment(t, zone, l.Moment) },
		"machine":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"clock":    func(t time.Time, zone *time.Location) string { return l.Clock(t.In(zone)) },
		"item":     func(e entry, f frame) item { return item{e, f} },
		"old": func(m mention.Mention, now, installed time.Time, zone *time.Location) string {
			return old(l, m, now, installed, zone)
		},
		"pausedFor":     func(p pause, now time.Time, zone *time.Location) string { return pausedFor(l, p, now, zone) },
		"lasting":       func(from, to time.Time) string { return l.Span(to.Sub(from)) },
		"since":         func(t, now time.Time, zone *time.Location) string { return since(l, t, now, zone) },
		"until":         func(t, now time.Time, zone *time.Location) string { return until(l, t, now, zone) },
		"excerpt":       excerpt,
		"glimpse":       glimpse,
		"calm":          calm,
		"host":          host,
		"safe":          safeLink,
		"tone":          tone,
		"toneOf":        func(r mention.Reading) string { return tone(r, true) },
		"toneClass":     toneClass,
		"asset":         asset,
		"navigation":    func() []place { return navigation },
		"health":        health,
		"called":        func(of, kind string) string { return called(l, of, kind) },
		"say":           func(v crawler.Visit, now time.Time) string { return v.Say(l, now) },
		"dateKey":       dateKey,
		"inWords":       func(day string) string { return inWords(l, day) },
		"in":            func(t say.Text) string { return t.In(l) },
		"day":           l.Day,
		"capital":       capital,
		"kindKey":       func(section string) string { return strings.TrimSuffix(section, "s") + "." },
		"choice":        func(key, value string) string { return choiceWord(l, key, value) },
		"titled":        titled,
		"situationLine": func(line any, f frame) situated { return situated{line, f} },
		"percent":       func(share float64) string { return l.Percent(min(max(share, 0), 1)) },
	}
}

// moment is an instant of a zone in words, a dash for none.
func moment(t time.Time, zone *time.Location, words func(time.Time) string) string {
	if t.IsZero() {
		return "–"
	}
	return words(t.In(zone))
}

// excerpt is the beginning of a stranger's text in one line, cut between words.
func excerpt(s string, length int) string { return alerting.Plain(calm(s), length) }

// glimpse is an excerpt for those who have not opened it: insults are masked.
func glimpse(s string, length int) string { return alerting.Masked(calm(s), length) }

// marksMost is how many combining marks a letter keeps. Languages need five.
const marksMost = 8

// calm is a stranger's text without what would reorder, hide or overprint what stands
// around it. Lines and joined emoji stay.
func calm(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > marksMost {
				return -1
			}
			return r
		}
		marks = 0
		const zeroWidthJoiner, zeroWidthNonJoiner = '\u200d', '\u200c'
		switch {
		case r == zeroWidthJoiner, r == zeroWidthNonJoiner, r == '\n', r == '\t':
			return r
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, s)
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

// toneClass is the name under which page.css knows a tone.
func toneClass(r mention.Reading, read bool) string {
	if !read || r.Label == "" {
		return unsure
	}
	return string(r.Label)
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
	if t, ok := words[of+kind]; ok {
		return t.In(l)
	}
	return kind
}

// choiceWord is a value that a setting may have, as one says it there, else as one says it
// everywhere.
func choiceWord(l say.Lang, key, value string) string {
	if _, own := words["choice."+key+"."+value]; own {
		return called(l, "choice."+key+".", value)
	}
	return called(l, key+".", value)
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

// item is an entry of a list with the page around it, for its template.
type item struct {
	Entry entry
	frame
}

// situated is a situation with the page around it, for its template.
type situated struct {
	Line any
	frame
}

// old says of a mention that was never news why not, "" of news.
func old(l say.Lang, m mention.Mention, now, installed time.Time, zone *time.Location) string {
	switch {
	case !m.History:
		return ""
	case !installed.IsZero() && m.PublishedAt.Before(installed):
		return words["old.before"].In(l)
	case sameDay(m.SeenAt, now, zone):
		return words["old.today"].In(l)
	}
	return words["old.seen"].In(l, l.Day(m.SeenAt.In(zone)))
}

// inWords is the day of a date field as the page writes days: the field itself is
// written as the browser pleases. It is "" for no day.
func inWords(l say.Lang, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return l.Day(t)
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// since is an instant as one says it after since: the time of day alone when that is today.
func since(l say.Lang, t, now time.Time, zone *time.Location) string {
	if sameDay(t, now, zone) {
		return l.Clock(t.In(zone))
	}
	return l.Since(t.In(zone))
}

// from is an instant as one says it after from; in French that word is part of it: de
// 9 h, du 3 nov. 2026, 9 h.
func from(l say.Lang, t, now time.Time, zone *time.Location) string {
	return contracted(l, t, now, zone, "de ", "du ")
}

// until is an instant as one says it after until: à 9 h, au 3 nov. 2026, 9 h.
func until(l say.Lang, t, now time.Time, zone *time.Location) string {
	return contracted(l, t, now, zone, "à ", "au ")
}

func contracted(l say.Lang, t, now time.Time, zone *time.Location, hour, day string) string {
	switch {
	case !l.French():
		return since(l, t, now, zone)
	case sameDay(t, now, zone):
		return hour + l.Clock(t.In(zone))
	}
	return day + l.When(t.In(zone))
}

// pausedFor says when ouidire did not run, and what became of it since. The end of a
// day that was named is its hour alone.
func pausedFor(l say.Lang, p pause, now time.Time, zone *time.Location) string {
	key := "home.paused"
	if p.Caught {
		key = "home.paused.caught"
	}
	end := now
	if sameDay(p.From, p.To, zone) {
		end = p.To
	}
	return words[key].In(l, from(l, p.From, now, zone), until(l, p.To, end, zone))
}

// dayName names a day as a heading: today, yesterday, Friday, November 20, 2026.
func dayName(l say.Lang, t, now time.Time, zone *time.Location) string {
	switch {
	case sameDay(t, now, zone):
		return words["day.today"].In(l)
	case sameDay(t, now.In(zone).AddDate(0, 0, -1), zone):
		return words["day.yesterday"].In(l)
	}
	name := strings.TrimPrefix(l.Date(t.In(zone)), "le ")
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// word is the sentence of a key, which must be in the catalogue.
func word(l say.Lang, key string, args ...any) (string, error) {
	t, ok := words[key]
	if !ok {
		return "", fmt.Errorf("no words for %q", key)
	}
	if !strings.Contains(t.EN, "%") { // the other form of a plural may have a place for the number
		args = nil
	}
	return t.In(l, args...), nil
}
