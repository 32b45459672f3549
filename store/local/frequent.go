package local

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

// FTS5 knows which texts hold two words, not where they stand: a phrase of words that
// half of the texts hold would be asked of a quarter of them all. So the stems that
// many texts hold are learnt, and two of them side by side have a term of their own:
// FTS5 then answers a phrase of two exactly, and longer ones nearly so. In a phrase
// with a word that few texts hold, those few are asked as before.
//
// What is learnt is added to, never taken back, in editions. A mention tells by which
// its terms were made; questions count on no edition before all mentions have it.

// frequent is the stems whose pairs are indexed. It is not changed once made; the
// zero value is none.
type frequent struct {
	edition int64
	since   map[stem]int64 // the edition that a stem came with
}

// stem is a value of the French or the English form.
type stem struct {
	form  text.Form
	value string
}

// side is what a word brings to the terms of its pairs: a value, encoded, and which
// of the two stems have it.
type side struct {
	forms forms
	term  string
}

// Two words match when their French or their English stems are equal: equal folds
// have equal English stems.
const pairForms = french | english

// sides is what a word of a text brings to its pairs, nothing when it is not frequent.
func (f *frequent) sides(t *text.Token) (sides []side) {
	var wanted forms
	if _, ok := f.since[stem{text.FrenchForm, t.French}]; ok {
		wanted |= french
	}
	if _, ok := f.since[stem{text.EnglishForm, t.English}]; ok {
		wanted |= english
	}
	for _, v := range group(t, wanted) {
		sides = append(sides, newSide(v.forms, v.value))
	}
	return sides
}

func newSide(f forms, value string) side { return side{f, text.Encode(f.letter(), value)[1:]} }

// appendPair appends the term of two words side by side: a digit for the forms of
// both, their values, and between them what stands in none.
func appendPair(b []byte, left, right side) []byte {
	b = append(b, '0'+byte(left.forms&pairForms)/byte(french)+3*byte(right.forms&pairForms)/byte(french)-3)
	b = append(b, left.term...)
	b = append(b, "·"...)
	return append(b, right.term...)
}

const (
	// editionBits is how much of what a mention says of its terms is the edition.
	editionBits = 16
	// learnFrom is how many mentions there are when frequent words are first looked
	// for, and learnAgain how many times as many when they are again.
	learnFrom  = 10_000
	learnAgain = 4
	// sampleSize is how many of the newest texts are looked at.
	sampleSize = 4_000
	// frequentTexts of them have a frequent stem: one in 32.
	frequentTexts = sampleSize / 32
)

// version is what mentions say of their terms that are made now, by f.
func (f *frequent) version() int64 { return tokensVersion<<editionBits | f.edition }

// remember loads what was learnt, and up to where it may be counted on. Of nothing,
// all terms are new.
func (s *Store) remember(ctx context.Context) error {
	f, err := s.loadFrequent(ctx)
	if err != nil {
		return err
	}
	s.frequent.Store(f)
	var settled int64
	var empty bool
	err = s.db.Read().QueryRowContext(ctx, `SELECT settled, NOT EXISTS (SELECT 1 FROM mention) FROM learnt`).Scan(&settled, &empty)
	if err != nil {
		return err
	}
	s.settled.Store(settled)
	if empty && settled != f.version() {
		return s.settle(ctx, f)
	}
	return nil
}

func (s *Store) loadFrequent(ctx context.Context) (*frequent, error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT form, value, edition FROM frequent`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	f := &frequent{since: map[stem]int64{}}
	for rows.Next() {
		var one stem
		var edition int64
		if err := rows.Scan(&one.form, &one.value, &edition); err != nil {
			return nil, err
		}
		f.since[one] = edition
		f.edition = max(f.edition, edition)
	}
	return f, rows.Err()
}

// settle notes that all mentions have the terms of f, unless one has not: it looks
// in its turn to write, when no other can be on its way.
func (s *Store) settle(ctx context.Context, f *frequent) error {
	outdated := false
	err := s.write(ctx, s.db.Write, func(w *writer) error {
		err := w.tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mention WHERE tokens <> ?)`, f.version()).Scan(&outdated)
		if err != nil || outdated {
			return err
		}
		_, err = w.tx.Exec(ctx, `UPDATE learnt SET settled = ?`, f.version())
		return err
	})
	if err == nil && !outdated {
		s.settled.Store(f.version())
	}
	return err
}

// learn looks for stems that have become frequent, once there are many more mentions
// than when it last did.
func (s *Store) learn(ctx context.Context) error {
	var mentions, last int64
	err := s.db.Read().QueryRowContext(ctx,
		`SELECT (SELECT ifnull(sum(n), 0) FROM hourly WHERE watch = 0), mentions FROM learnt`).Scan(&mentions, &last)
	if err != nil || mentions < max(learnFrom, learnAgain*last) {
		return err
	}
	found, err := s.sample(ctx)
	if err != nil {
		return fmt.Errorf("look for frequent words: %w", err)
	}
	next := s.frequent.Load().with(found)
	err = s.write(ctx, s.db.Write, func(w *writer) error { return w.learn(ctx, next, mentions) })
	if err == nil {
		s.frequent.Store(next)
	}
	return err
}

// with is f and the stems of found in one more edition; f itself when it has all those
// that are well above what makes one frequent, as the others come and go.
func (f *frequent) with(found map[stem]int) *frequent {
	next := &frequent{edition: f.edition + 1, since: map[stem]int64{}}
	another := false
	for one, texts := range found {
		if _, ok := f.since[one]; !ok {
			another = another || texts >= 2*frequentTexts
			next.since[one] = next.edition
		}
	}
	if !another {
		return f
	}
	for one, edition := range f.since {
		next.since[one] = edition
	}
	return next
}

func (w *writer) learn(ctx context.Context, next *frequent, mentions int64) error {
	if _, err := w.tx.Exec(ctx, `UPDATE learnt SET mentions = ?`, mentions); err != nil {
		return err
	}
	for one, edition := range next.since {
		_, err := w.tx.Exec(ctx, `INSERT INTO frequent (form, value, edition) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			int64(one.form), one.value, edition)
		if err != nil {
			return err
		}
	}
	return nil
}

// sample is the stems that are frequent among the newest mentions.
func (s *Store) sample(ctx context.Context) (map[stem]int, error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT body FROM body WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT ?`,
		others.first(0), others.last(secMax), sampleSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := newSample()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		m, err := s.decode(body)
		if err != nil {
			return nil, err
		}
		seen.add(&m)
	}
	return seen.frequent(), rows.Err()
}

// sample is the words of some mentions, and how many of these have each stem.
type sample struct {
	tokenizer text.Tokenizer
	tokens    []text.Token
	words     map[*text.Word]bool
	texts     map[stem]int
}

func newSample() *sample {
	return &sample{words: map[*text.Word]bool{}, texts: map[stem]int{}}
}

func (s *sample) add(m *mention.Mention) {
	v := m.Current()
	s.tokens = s.tokenizer.Append(s.tokenizer.Append(s.tokens[:0], v.Title), v.Text)
	once := map[stem]bool{}
	for i := range s.tokens {
		s.words[s.tokens[i].Word] = true
		for _, one := range stemsOf(s.tokens[i].Word) {
			once[one] = true
		}
	}
	for one := range once {
		s.texts[one]++
	}
}

// frequent is the stems of words one of whose stems is frequent, and how many texts
// hold each: a phrase is asked for by both.
func (s *sample) frequent() map[stem]int {
	found := map[stem]int{}
	for w := range s.words {
		both := stemsOf(w)
		if max(s.texts[both[0]], s.texts[both[1]]) >= frequentTexts {
			found[both[0]], found[both[1]] = s.texts[both[0]], s.texts[both[1]]
		}
	}
	return found
}

func stemsOf(w *text.Word) [2]stem {
	return [2]stem{{text.FrenchForm, w.French}, {text.EnglishForm, w.English}}
}
