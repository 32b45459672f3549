package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/internal/say"
)

//go:embed script
var scripts embed.FS

// Script is everything that happens in the ten weeks. It does not change.
//
// Its files are marked so that texts can be written and read as texts. A line that
// begins with @ opens an item of an outlet; its title and its text follow, up to an
// empty line, and = stands for the text of the item above, =2 for its first two
// sentences: that is how a wire is taken over. A line that begins with > is a
// comment under the item above, with >> one that answers the comment above. ~ is
// what the item above reads from then on. ! says when an outlet cannot be read.
//
//	@echo 3 jeu 08:00 (2020-02-13)
//	Titre
//	Texte.
//	> 09:14 Huguette Lampron | Un commentaire.
//	~ 10:00 Titre corrigé | Texte corrigé.
//	!radio 6 mar 09:00 6 jeu 09:00
//
// Weeks begin on Monday; the first is 1. What is not said of week and day is that
// of the line above.
type Script struct {
	Chapters []Chapter
	items    []item // in the order they appear
	down     []outage
}

// Start is when the first week begins.
var Start = time.Date(2027, 1, 11, 0, 0, 0, 0, zone())

func zone() *time.Location {
	z, err := time.LoadLocation("America/Toronto")
	if err != nil {
		return time.UTC
	}
	return z
}

// Chapter is a stretch of the ten weeks as it goes by on the screen.
type Chapter struct {
	From  time.Time
	Lasts time.Duration // on the screen, to the beginning of the next
	Title say.Text
	Text  say.Text // what you are seeing
}

// item is one thing somebody wrote.
type item struct {
	outlet            string
	at                time.Time // when it appears
	dated             time.Time // what it says itself
	author            string
	link              string
	answers, answered string // the link and the author of what a comment answers
	versions          []version
}

type version struct {
	at          time.Time
	title, text string
}

// version is how an item reads at an instant after it appeared.
func (it item) version(now time.Time) version {
	v := it.versions[0]
	for _, later := range it.versions[1:] {
		if !later.at.After(now) {
			v = later
		}
	}
	return v
}

// outage is when an outlet cannot be read.
type outage struct {
	outlet      string
	from, until time.Time
}

func (s *Script) isDown(outlet string, now time.Time) bool {
	return slices.ContainsFunc(s.down, func(o outage) bool {
		return o.outlet == outlet && !now.Before(o.from) && now.Before(o.until)
	})
}

// changes counts what has happened at an outlet.
func (s *Script) changes(outlet string, now time.Time) (n int) {
	for _, at := range s.happens(outlet) {
		if !at.After(now) {
			n++
		}
	}
	return n
}

// next is when something happens next at an outlet, a week from now at the latest.
func (s *Script) next(outlet string, now time.Time) time.Time {
	next := now.AddDate(0, 0, 7)
	for _, at := range s.happens(outlet) {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

func (s *Script) happens(outlet string) (all []time.Time) {
	for _, it := range s.items {
		if it.outlet != outlet {
			continue
		}
		for _, v := range it.versions {
			all = append(all, v.at)
		}
	}
	for _, o := range s.down {
		if o.outlet == outlet {
			all = append(all, o.from)
		}
	}
	return all
}

// Read reads the script that is part of the program.
func Read() (*Script, error) {
	s := &Script{}
	files, err := fs.Glob(scripts, "script/*.txt")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := scripts.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r := reader{script: s, day: Start}
		for i, line := range strings.Split(string(text), "\n") {
			if err := r.line(line); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", file, i+1, err)
			}
		}
	}
	slices.SortStableFunc(s.items, func(a, b item) int { return a.at.Compare(b.at) })
	return s, s.readChapters()
}

func (s *Script) readChapters() error {
	text, err := scripts.ReadFile("script/chapters.yml")
	if err != nil {
		return err
	}
	var rows []struct {
		From          string
		Lasts         time.Duration
		Title, TitleF string
		Text, TextF   string
	}
	if err := yaml.UnmarshalWithOptions(text, &rows, yaml.Strict()); err != nil {
		return fmt.Errorf("read the chapters: %w", err)
	}
	for _, row := range rows {
		r := reader{day: Start}
		from, rest, err := r.time(row.From)
		if err != nil || rest != "" {
			return fmt.Errorf("read the chapter %q: from is not a time: %q", row.Title, row.From)
		}
		s.Chapters = append(s.Chapters, Chapter{from, row.Lasts, say.Text{EN: row.Title, FR: row.TitleF}, say.Text{EN: row.Text, FR: row.TextF}})
	}
	return nil
}

// reader reads one file, line by line.
type reader struct {
	script  *Script
	day     time.Time // of the line above
	article int       // the item comments are under, from 1
	comment int       // the comment above, from 1
	open    int       // the item whose title and text are being read, from 1
	wire    string    // the text of the item above
}

func (r *reader) line(line string) (err error) {
	kind, rest := line, ""
	if line != "" {
		kind, rest = line[:1], strings.TrimSpace(line[1:])
	}
	switch kind {
	case "":
		r.open = 0
	case "#":
	case "@":
		return r.item(rest)
	case ">":
		return r.said(rest)
	case "~":
		return r.edited(rest)
	case "!":
		return r.broken(rest)
	default:
		return r.text(line)
	}
	return nil
}

var moment = regexp.MustCompile(`^(?:(-?\d+) )?(?:(lun|mar|mer|jeu|ven|sam|dim) )?(\d\d):(\d\d)(?::(\d\d))?(?: |$)`)

// time reads when a line happens, and returns what follows.
func (r *reader) time(line string) (at time.Time, rest string, err error) {
	m := moment.FindStringSubmatch(line)
	if m == nil {
		return at, "", fmt.Errorf("no time in %q", line)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	since := int(r.day.Sub(Start).Hours()+12) / 24
	if r.day.Before(Start) {
		since = int(r.day.Sub(Start).Hours()-12) / 24
	}
	week, day := (since+7000)/7-1000, (since+7000)%7
	if m[1] != "" {
		week = number(m[1]) - 1
	}
	if m[2] != "" {
		day = slices.Index([]string{"lun", "mar", "mer", "jeu", "ven", "sam", "dim"}, m[2])
	}
	r.day = Start.AddDate(0, 0, 7*week+day)
	y, month, d := r.day.Date()
	return time.Date(y, month, d, number(m[3]), number(m[4]), number(m[5]), 0, Start.Location()), line[len(m[0]):], nil
}

var dated = regexp.MustCompile(`\((\d{4}-\d\d-\d\d)\)`)

func (r *reader) item(line string) error {
	name, line, _ := strings.Cut(line, " ")
	o, ok := outlet(name)
	if !ok {
		return fmt.Errorf("no outlet is called %q", name)
	}
	at, rest, err := r.time(line)
	if err != nil {
		return err
	}
	it := item{outlet: name, at: at, dated: at, versions: []version{{at: at}}}
	if m := dated.FindStringSubmatch(rest); m != nil {
		if it.dated, err = time.ParseInLocation(time.DateOnly, m[1], at.Location()); err != nil {
			return err
		}
		rest = strings.Replace(rest, m[0], "", 1)
	}
	host := o.Host
	if rest = strings.TrimSpace(rest); rest != "" {
		host = rest // an aggregator leads to others
	}
	it.link = fmt.Sprintf("http://%s/%s/%d", host, name, len(r.script.items)+1)
	r.script.items = append(r.script.items, it)
	r.article = len(r.script.items)
	r.open, r.comment = r.article, 0
	return nil
}

// text is the title, then the text, of the item that is open.
func (r *reader) text(line string) error {
	if r.open == 0 {
		return fmt.Errorf("this belongs to no item: %q", line)
	}
	v := &r.script.items[r.open-1].versions[0]
	count, isWire := strings.CutPrefix(line, "=")
	switch {
	case v.title == "":
		v.title = line
	case isWire:
		v.text = sentences(r.wire, count)
	default:
		v.text = strings.TrimSpace(v.text + " " + line)
		r.wire = v.text
	}
	return nil
}

// sentences is the beginning of a text, all of it without a count.
func sentences(text, count string) string {
	n, err := strconv.Atoi(count)
	if err != nil {
		return text
	}
	parts := strings.SplitAfter(text, ". ")
	return strings.TrimSpace(strings.Join(parts[:min(n, len(parts))], ""))
}

func (r *reader) said(line string) error {
	line, answers := strings.CutPrefix(line, ">")
	at, rest, err := r.time(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	author, text, ok := strings.Cut(rest, " | ")
	if !ok || r.article == 0 {
		return fmt.Errorf("a comment is TIME AUTHOR | TEXT, under an item: %q", line)
	}
	it := item{outlet: "commentaires", at: at, dated: at, author: author, versions: []version{{at, "", text}}}
	it.link = fmt.Sprintf("%s#comment-%d", r.script.items[r.article-1].link, len(r.script.items)+1)
	if answers && r.comment > 0 {
		above := r.script.items[r.comment-1]
		it.answers, it.answered = above.link, above.author
	}
	r.script.items = append(r.script.items, it)
	r.comment, r.open = len(r.script.items), 0
	return nil
}

// edited is what the item above reads from then on.
func (r *reader) edited(line string) error {
	at, rest, err := r.time(line)
	if err != nil {
		return err
	}
	title, text, ok := strings.Cut(rest, " | ")
	if !ok || len(r.script.items) == 0 {
		return fmt.Errorf("an edit is TIME TITLE | TEXT, below an item: %q", line)
	}
	it := &r.script.items[len(r.script.items)-1]
	it.versions = append(it.versions, version{at, title, text})
	return nil
}

func (r *reader) broken(line string) error {
	name, line, _ := strings.Cut(line, " ")
	from, line, err := r.time(line)
	if err != nil {
		return err
	}
	until, _, err := r.time(line)
	if err != nil {
		return err
	}
	r.script.down = append(r.script.down, outage{name, from, until})
	return nil
}
