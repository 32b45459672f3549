package surge

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/store"
)

// facts finds what there is to say of a surge.
type facts struct {
	alerting.Asker
	*replay
	watch string
	asOf  time.Time
	now   surge.State

	comments []rule.Comment // the newest of the surge, newest first
}

// readMost bounds how many comments of a surge are read for its facts.
const readMost = 300

// gather answers with the facts, and the ids of the examples.
func (f *facts) gather(ctx context.Context) (*alerting.SurgeFacts, []string, error) {
	if err := f.read(ctx); err != nil {
		return nil, nil, err
	}
	s := &alerting.SurgeFacts{Count: f.now.Count, Usual: f.now.Expected, Upto: f.now.Upto, People: f.people(),
		Rising: f.now.Active && f.now.Rising, WarmUp: f.now.WarmUp, Amplifiers: rule.Voices(f.comments), Copies: f.copies()}
	if !f.now.Active {
		s.Total, s.Lasted = f.now.Count, f.now.Upto.Sub(f.now.Since)
	}
	var err error
	if s.Places, err = rule.Places(ctx, f, f.comments); err != nil {
		return nil, nil, err
	}
	if s.Words, err = f.words(ctx); err != nil {
		return nil, nil, err
	}
	blind, err := rule.BlindNow(ctx, f, f.watch, f.asOf)
	if err != nil {
		return nil, nil, err
	}
	s.Blind, s.BlindSince = blind.Sources, blind.Since
	ids, quotes := rule.Examples(f.comments)
	s.Examples = quotes
	return s, ids, nil
}

func (f *facts) read(ctx context.Context) error {
	q := store.Question{Watches: []string{f.watch}, Kinds: rule.Spoken(), From: f.now.Since, To: f.now.Upto.Add(time.Microsecond), Gone: true}
	found, _, err := f.Search(ctx, q, readMost, "")
	if err != nil {
		return err
	}
	var tokenizer text.Tokenizer
	for i := range found {
		if rule.Negative(&found[i]) {
			f.comments = append(f.comments, rule.NewComment(&tokenizer, found[i]))
		}
	}
	return nil
}

// people is how many wrote; who is unknown is somebody else each time.
func (f *facts) people() int {
	known, unknown := map[string]bool{}, 0
	for _, v := range f.counted {
		switch {
		case v.at.Before(f.now.Since) || v.at.After(f.now.Upto):
		case v.author == "":
			unknown++
		default:
			known[v.author] = true
		}
	}
	return len(known) + unknown
}

// copies is how many comments are the same as another, word for word.
func (f *facts) copies() (n int) {
	same := map[string]int{}
	for _, c := range f.comments {
		if len(c.Tokens) >= copyWords {
			same[c.Folded]++
		}
	}
	for _, times := range same {
		if times > 1 {
			n += times
		}
	}
	return n
}

// copyWords is from how many words on it is no coincidence that two people write the same.
const copyWords = 4
