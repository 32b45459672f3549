package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve answers on l until ctx ends, then everybody who had come by then. It is apart
// from Server so that another one can take over while it runs.
func Serve(ctx context.Context, l net.Listener, page http.Handler, log *slog.Logger) error {
	var open sync.WaitGroup
	server := &http.Server{
		Handler: page, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				open.Add(1)
			case http.StateClosed, http.StateHijacked:
				open.Done()
			}
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve at %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	// Shutdown would hang up on a request that it had not read to its end. So nobody new
	// is let in, whoever is idle is sent away, and the rest get their answer.
	err := l.Close()
	<-ended
	server.SetKeepAlivesEnabled(false)
	empty := make(chan struct{})
	go func() { open.Wait(); close(empty) }()
	select {
	case <-empty:
		return err
	case <-time.After(5 * time.Second):
		return server.Close()
	}
}
