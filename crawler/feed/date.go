package feed

import (
	"regexp"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"golang.org/x/text/unicode/norm"
)

// published is when an item came out: its date as gofeed reads it, else as we do.
func published(from *gofeed.Item) time.Time {
	if at := date(from.PublishedParsed, spelt(from.Published)); !at.IsZero() {
		return at
	}
	return date(from.UpdatedParsed, spelt(from.Updated), issued(from.Extensions))
}

// date is the first that can be one. Feeds write the year 0, the first instant of
// computers and the year 9999 when they have none; our clock is not asked, the line
// clamps the future.
func date(candidates ...*time.Time) time.Time {
	for _, t := range candidates {
		if t != nil && t.UTC().Year() > 1970 && t.Year() < 2100 {
			return t.UTC()
		}
	}
	return time.Time{}
}

func issued(e ext.Extensions) *time.Time {
	return dated(extension(e, "dcterms", "issued"), extension(e, "dcterms", "created"), extension(e, "dcterms", "modified"))
}

func modified(e ext.Extensions) *time.Time {
	return dated(extension(e, "dcterms", "modified"), extension(e, "dcterms", "issued"))
}

// dated reads the W3C dates of Dublin Core, which gofeed leaves alone.
func dated(written ...string) *time.Time {
	for _, s := range written {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
			if t, err := time.Parse(layout, s); err == nil {
				return &t
			}
		}
	}
	return nil
}

// maxDate is longer than any date is written.
const maxDate = 80

var (
	weekday = regexp.MustCompile(`^(?:le )?\pL{2,9}\.?,?\s+(\d)`)
	month   = regexp.MustCompile(`\pL{3,9}\.?`)
	joined  = regexp.MustCompile(`^(\d{1,2})-(\pL+)-(\d{4})`)
)

// months are the beginnings of the French and English names of months.
var months = map[string]string{
	"jan": "jan", "fév": "feb", "fev": "feb", "feb": "feb", "mar": "mar", "avr": "apr", "apr": "apr", "mai": "may", "may": "may",
	"juin": "jun", "jun": "jun", "juil": "jul", "jul": "jul", "aoû": "aug", "aou": "aug", "aug": "aug",
	"sep": "sep", "oct": "oct", "nov": "nov", "déc": "dec", "dec": "dec",
}

// inEnglish is the name of a month as time.Parse knows it; other words stay.
func inEnglish(word string) string {
	letters := []rune(word)
	for _, n := range []int{4, 3} { // juin, juillet
		if m, ok := months[string(letters[:min(n, len(letters))])]; ok {
			return m
		}
	}
	return word
}

// spelt reads the dates that gofeed does not, above all those of sites that write
// them in French: "ven., 20 nov. 2026 09:12:00 -0500", "20 novembre 2026". A zone is
// a number or Greenwich's: other names mean several zones. nil is no date.
func spelt(s string) *time.Time {
	if len(s) > maxDate {
		return nil
	}
	s = strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
	s = weekday.ReplaceAllString(s, "$1")
	s = strings.Replace(s, "1er ", "1 ", 1)
	s = month.ReplaceAllStringFunc(s, inEnglish)
	s = joined.ReplaceAllString(s, "$1 $2 $3")
	for _, greenwich := range []string{" gmt", " utc", " ut", " z"} {
		s = strings.Replace(s, greenwich, " +0000", 1)
	}
	for _, layout := range []string{
		"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04", "2 Jan 2006",
		"20060102t150405z", "20060102t150405-0700", "20060102",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return &t
		}
	}
	return nil
}
