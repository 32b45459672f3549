package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"time"
)

const (
	heartbeatEvery = 5 * time.Minute
	heartbeatLimit = 10 * time.Second // for the service to answer
	movesLimit     = 2 * time.Minute  // for alerting to show that it moves
)

// heart asks for the configured address every five minutes, as long as alerting moves.
// Whoever answers there warns people when it stops coming: of a machine that died, nobody
// else can.
type heart struct {
	client *http.Client
	failed bool
}

func newHeart() *heart {
	return &heart{client: &http.Client{Timeout: heartbeatLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// keepHeart beats until ctx ends. A failure is said once, and tried again.
func (a *App) keepHeart(ctx context.Context) error {
	defer a.rebeat.Close()
	h := newHeart()
	for ctx.Err() == nil {
		wait := time.Duration(math.MaxInt64) // until another configuration
		if address := a.current.Load().Heartbeat.URL.Reveal(); address != "" && a.thinks() {
			wait = heartbeatEvery
			err := a.beatOnce(ctx, h, address)
			switch {
			case ctx.Err() != nil:
			case err != nil && !h.failed:
				a.Log.Warn("no sign of life is sent", "err", err)
			case err == nil && h.failed:
				a.Log.Info("signs of life are sent again")
			}
			h.failed = err != nil
		}
		a.rebeat.Wait(ctx, wait)
	}
	return nil
}

func (a *App) beatOnce(ctx context.Context, h *heart, address string) error {
	limited, cancel := context.WithTimeout(ctx, movesLimit)
	defer cancel()
	if err := a.engine.Moves(limited); err != nil {
		return fmt.Errorf("alerting does not move: %w", err)
	}
	return h.beat(ctx, address)
}

// beat asks once. Its error holds no address: who knows it can pretend to be us.
func (h *heart) beat(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("heartbeat.url is no address")
	}
	request.Header.Set("User-Agent", "ouidire")
	answer, err := h.client.Do(request)
	if spelled := (*url.Error)(nil); errors.As(err, &spelled) {
		err = spelled.Err
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", request.URL.Host, err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection serves again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("%s answered %d", request.URL.Host, answer.StatusCode)
	}
	return nil
}
