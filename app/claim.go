package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store"
)

const (
	claimedKey = "app.claimed" // the digest of the watches that everything kept was asked about
	claimBack  = 30 * 24 * time.Hour
	claimStep  = 200
)

// claim asks changed watches about what the last 30 days brought, so that a new
// watch has a past. What is interrupted begins again at the next start.
func (a *App) claim(ctx context.Context) error {
	f := a.current.Load()
	digest := watchesDigest(f)
	before, _, err := a.state.Get(ctx, claimedKey)
	if err != nil || string(before) == digest {
		return err
	}
	changed := 0
	for _, q := range []store.Question{{Unclaimed: true}, {}} {
		q.SeenFrom = a.Now().Add(-claimBack)
		n, err := a.claimAmong(ctx, q)
		if err != nil {
			return fmt.Errorf("ask changed watches about what is kept: %w", err)
		}
		changed += n
	}
	if changed > 0 {
		a.Log.Info("changed watches claimed what was kept", "mentions", changed)
	}
	return a.state.Set(ctx, claimedKey, []byte(digest))
}

func (a *App) claimAmong(ctx context.Context, q store.Question) (changed int, err error) {
	for after := ""; ; {
		found, next, err := a.store.Search(ctx, q, claimStep, after)
		if err != nil {
			return changed, err
		}
		n, err := a.line.Claim(ctx, found)
		changed += n
		if err != nil || next == "" {
			return changed, err
		}
		after = next
	}
}

// watchesDigest is equal for watches that claim the same.
func watchesDigest(f *config.File) string {
	h := sha256.New()
	for _, w := range f.Watches {
		fmt.Fprintf(h, "%q %q;", w.Name, w.Query)
	}
	for _, s := range f.Sources {
		if s.Own {
			fmt.Fprintf(h, "%q %q;", s.Name, s.Watch)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
