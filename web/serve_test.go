package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestWhoeverHasComeWhenThePageEndsIsStillAnswered(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "bonjour") })
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, page, slog.New(slog.DiscardHandler)) }()

	waiting := dial(t, l.Addr().String())
	fmt.Fprint(waiting, "GET / HTTP/1.1\r\nHost: ici\r\n")
	idle := dial(t, l.Addr().String())
	fmt.Fprint(idle, "GET / HTTP/1.1\r\nHost: ici\r\n\r\n")
	if got := answer(t, idle); got != "bonjour" {
		t.Fatalf("before the end: %q", got)
	}
	stop()
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("who is idle is not sent away: %v", err)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("somebody new is let in")
	}
	fmt.Fprint(waiting, "\r\n")
	if got := answer(t, waiting); got != "bonjour" {
		t.Errorf("who had begun to ask hears %q", got)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(t *testing.T, c net.Conn) string {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
