package wire

import (
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Whole is a mention with all its history, as exports hold it: the fields of Mention
// say how it stands, the others how it came to that. Kept and read back it is the
// same mention.
type Whole struct {
	Mention
	Versions  []TextAt    `json:"versions,omitempty" doc:"Every text it ever had, oldest first."`
	Readings  []ReadingAt `json:"readings,omitempty" doc:"Every judgement of it, oldest first."`
	Signature *Signature  `json:"signature,omitempty" doc:"What stories are joined by."`
	History   bool        `json:"history,omitempty" doc:"Published before anybody could have been told: never news."`
}

// TextAt is a text as it stood from an instant on.
type TextAt struct {
	At      time.Time `json:"at,omitzero"`
	Title   string    `json:"title,omitempty"`
	Text    string    `json:"text,omitempty"`
	Watches []Watch   `json:"watches,omitempty"`
}

// ReadingAt is one judgement, with what it says besides the tone.
type ReadingAt struct {
	Sentiment
	Target string `json:"target,omitempty" enum:"brand,third,none"`
	Intent string `json:"intent,omitempty" enum:"question,complaint,suggestion,praise,information,provocation,other"`
}

// Signature is a mention.Signature.
type Signature struct {
	MinHash []uint32 `json:"minhash,omitempty"`
	Lead    []uint32 `json:"lead,omitempty"`
	Figures []string `json:"figures,omitempty"`
}

// WholeOf is the whole JSON form of m.
func WholeOf(m mention.Mention) Whole {
	w := Whole{Mention: Of(m), History: m.History}
	for _, v := range m.Versions {
		text := TextAt{At: v.At.UTC(), Title: v.Title, Text: v.Text}
		for _, hit := range v.Hits {
			text.Watches = append(text.Watches, Watch{Watch: hit.Watch, Words: append([]string{}, hit.Words...)})
		}
		w.Versions = append(w.Versions, text)
	}
	for _, r := range m.Readings {
		w.Readings = append(w.Readings, ReadingAt{Sentiment: SentimentOf(r), Target: string(r.Target), Intent: string(r.Intent)})
	}
	if s := m.Signature; len(s.MinHash)+len(s.Lead)+len(s.Figures) > 0 {
		w.Signature = &Signature{MinHash: s.MinHash, Lead: s.Lead, Figures: s.Figures}
	}
	return w
}

// Whole is the mention that w is of.
func (w Whole) Whole() mention.Mention {
	m := w.Mention.Mention()
	m.History, m.Versions = w.History, nil
	for _, v := range w.Versions {
		text := mention.Version{At: v.At, Title: v.Title, Text: v.Text}
		for _, watch := range v.Watches {
			text.Hits = append(text.Hits, mention.Hit{Watch: watch.Watch, Words: someOrNil(watch.Words)})
		}
		m.Versions = append(m.Versions, text)
	}
	for _, r := range w.Readings {
		m.Readings = append(m.Readings, mention.Reading{At: r.At, Negative: r.Negative, Neutral: r.Neutral, Positive: r.Positive,
			Label: mention.Label(r.Label), Target: mention.Target(r.Target), Intent: mention.Intent(r.Intent),
			Sure: r.Sure, Why: someOrNil(r.Why), By: r.By})
	}
	if s := w.Signature; s != nil {
		m.Signature = mention.Signature{MinHash: s.MinHash, Lead: s.Lead, Figures: s.Figures}
	}
	return m
}

// someOrNil is the list, nil when it is empty: JSON knows [] and no list, we know
// one of them.
func someOrNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
