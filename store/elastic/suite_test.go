package elastic

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

// patient is a store that returns when what it was given can be found.
type patient struct{ *Store }

func (p patient) Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	if fresh, edited, err = p.Store.Put(ctx, batch); err == nil {
		err = p.Drain(ctx)
	}
	return fresh, edited, err
}

func (p patient) MarkGone(ctx context.Context, ids []string, at time.Time) error {
	if err := p.Store.MarkGone(ctx, ids, at); err != nil {
		return err
	}
	return p.Drain(ctx)
}

func (p patient) AddReadings(ctx context.Context, all []store.Judgement) error {
	if err := p.Store.AddReadings(ctx, all); err != nil {
		return err
	}
	return p.Drain(ctx)
}

func (p patient) AddReading(ctx context.Context, id string, r mention.Reading) error {
	if err := p.Store.AddReading(ctx, id, r); err != nil {
		return err
	}
	return p.Drain(ctx)
}

// The suite asks much, and each of its tests wants an empty store: they share indices,
// which are emptied. The asking half passes it each time, on a writer of its own.
func TestTheWholeStorePassesTheSuite(t *testing.T) {
	if !needs.Soak() {
		t.Skip("SKIPPED: this takes minutes; run make soak")
	}
	needs.EachElasticsearch(t, func(t *testing.T, server string) {
		whole := newHouse(t, server)
		storetest.Run(t, func(t *testing.T) store.Store {
			h := whole.guest(t, "")
			s := h.open(t.TempDir())
			until(t, "the server is ready", func() bool { return s.reach() == nil })
			yes := true
			h.must(esapi.DeleteByQueryRequest{Index: s.names.all(), Body: strings.NewReader(`{"query":{"match_all":{}}}`), Refresh: &yes, Conflicts: "proceed"})
			return patient{s}
		})
	})
}
