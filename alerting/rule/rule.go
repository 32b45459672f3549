// Package rule is what several kinds of rule need: a window that does not flutter
// (Episode), who speaks in it and where (Gather), a piece of a text around a word
// (Excerpt), and the silence below a movement (Beneath). The kinds are the folders
// below; none imports another.
//
// Kinds keep nothing. What goes on at an instant is read anew from the store, from as
// far back as it takes to be sure, so that a restart, a replay and a backtest see the
// same. A wish to be asked again at regular times is a round one (Next), never so long
// after the last question: another question in between changes nothing then.
package rule

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// pageSize is how many mentions are asked for together.
const pageSize = 500

// Each gives all that a question asks for, page after page.
func Each(ctx context.Context, ask alerting.Asker, q store.Question, f func(*mention.Mention)) error {
	_, err := read(ctx, ask, q, math.MaxInt, f)
	return err
}

// read gives at most so many; whole is false when more were asked for.
func read(ctx context.Context, ask alerting.Asker, q store.Question, most int, f func(*mention.Mention)) (whole bool, err error) {
	for after := ""; most > 0; {
		page, next, err := ask.Search(ctx, q, min(pageSize, most), after)
		if err != nil {
			return false, err
		}
		for i := range page {
			f(&page[i])
		}
		most -= len(page)
		if after = next; after == "" {
			return true, nil
		}
	}
	return false, nil
}

// AuthorOf names who wrote, "" when the place does not tell.
func AuthorOf(m *mention.Mention) string {
	if name := cmp.Or(m.Author.ID, m.Author.Name); name != "" {
		return m.Place + "\x00" + name
	}
	return ""
}

// PlaceOf is the conversation or the source that m stands in.
func PlaceOf(m *mention.Mention) string { return cmp.Or(m.Thread, m.Source) }

// Spoken are the kinds of mention that people write about an organisation. An
// article is the press's, and seventeen copies of one are one story.
func Spoken() []mention.Kind { return []mention.Kind{mention.Comment, mention.Review, mention.Post} }

// negative is from which probability on a mention counts, whatever its label.
const negative = 0.5

// Negative says whether a mention, as it was known, was found negative.
func Negative(m *mention.Mention) bool {
	reading, read := m.Reading()
	return read && reading.Negative >= negative
}

// Next is the first round instant after asOf.
func Next(asOf time.Time, every time.Duration) time.Time { return asOf.Truncate(every).Add(every) }

// Instant is the smallest step of our clocks: [from, to+Instant) ends with to.
const Instant = time.Microsecond

// BlindNow is what cannot be read, and since when at the longest.
func BlindNow(ctx context.Context, ask alerting.Asker, watch string, at time.Time) (b alerting.Blind, err error) {
	all, err := ask.Blind(ctx, watch, at)
	for i, source := range all {
		b.Sources = append(b.Sources, source.Source)
		if i == 0 || source.Since.Before(b.Since) {
			b.Since = source.Since
		}
	}
	return b, err
}
