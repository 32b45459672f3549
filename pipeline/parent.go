package pipeline

import (
	"context"

	"github.com/ouidire/ouidire/mention"
)

// parent finds what a mention answers, when it is asked for: in the same batch, else
// in the store. One that is not there, or cannot be had now, is not known: the tone
// of a reply is not worth a batch.
func (l *Line) parent(ctx context.Context, batch []mention.Mention, id string) func() *mention.Mention {
	return func() *mention.Mention {
		if id == "" {
			return nil
		}
		for i := range batch {
			if batch[i].ID == id {
				return &batch[i]
			}
		}
		kept, err := l.Store.Get(ctx, id)
		if err != nil {
			return nil
		}
		return &kept
	}
}
