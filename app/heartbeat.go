package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

const (
	heartbeatEvery = 5 * time.Minute
	heartbeatLimit = 10 * time.Second // for the service to answer
	movesLimit     = 2 * time.Minute  // for alerting to show that it moves
)

// heart asks for an address every five minutes, as long as alerting moves. Whoever
// answers there warns people when that stops: of a machine that died, nobody else can.
type heart struct {
	client  *http.Client
	address func() string                   // "" for none
	moves   func(ctx context.Context) error // what is wrong with alerting, nil for nothing
	bell    clock.Bell                      // another address may be in force
	log     *slog.Logger
	failed  bool
}

// keepHeart beats until ctx ends.
func (a *App) keepHeart(ctx context.Context) error {
	h := heart{
		client: &http.Client{Timeout: heartbeatLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		moves:  a.engine.Moves, bell: a.rebeat, log: a.Log,
	}
	h.address = func() string {
		if !a.thinks() {
			return "" // the shard that does has a heart
		}
		return a.current.Load().Heartbeat.URL.Reveal()
	}
	h.run(ctx)
	return nil
}

// run beats until ctx ends. A failure is said once, and tried again.
func (h *heart) run(ctx context.Context) {
	defer h.bell.Close()
	for ctx.Err() == nil {
		wait := time.Duration(math.MaxInt64)
		if address := h.address(); address != "" {
			wait = heartbeatEvery
			h.report(ctx, h.beat(ctx, address))
		}
		h.bell.Wait(ctx, wait)
	}
}

func (h *heart) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !h.failed:
		h.log.Warn("no sign of life is sent", "err", err)
	case err == nil && h.failed:
		h.log.Info("signs of life are sent again")
	}
	h.failed = err != nil
}

// beat asks once, if alerting moves.
func (h *heart) beat(ctx context.Context, address string) error {
	limited, cancel := context.WithTimeout(ctx, movesLimit)
	defer cancel()
	if err := h.moves(limited); err != nil {
		return fmt.Errorf("alerting does not move: %w", err)
	}
	return h.ask(ctx, address)
}

// ask asks for the address. Its error does not hold it: who knows it can pretend to be us.
func (h *heart) ask(ctx context.Context, address string) error {
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
