package app

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
)

// childConfig names the configuration of a daemon that a test may kill.
const childConfig = "OUIDIRE_APP_TEST_CHILD"

// childTells makes that daemon write all of its log to standard output, as JSON.
const childTells = "OUIDIRE_APP_TEST_TELLS"

// childPaces says how often that daemon visits its press, childPace when it does not.
const (
	childPaces = "OUIDIRE_APP_TEST_PACE"
	childPace  = 40 * time.Millisecond
)

// childShard says, as "1/3", which of several that daemon is; alone when it does not.
const childShard = "OUIDIRE_APP_TEST_SHARD"

// childSlack says where on this machine that daemon finds Slack.
const childSlack = "OUIDIRE_APP_TEST_SLACK"

// childProgram says which program that daemon sends from, where a channel needs one.
const childProgram = "OUIDIRE_APP_TEST_PROGRAM"

// detour keeps what a daemon's channels send on this machine, and leads what is meant for
// Slack to a receiver on it.
type detour struct{ slack string }

// RoundTrip implements http.RoundTripper.
func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.slack != "" && r.URL.Scheme == "https" && r.URL.Host == "slack.com" {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = "http", d.slack
	}
	if r.URL.Hostname() != "127.0.0.1" {
		return nil, fmt.Errorf("%s is not on this machine", r.URL.Host)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// runChild is the daemon in a process of its own; it prints its address when it is up.
func runChild(path string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if os.Getenv(childTells) != "" {
		log = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	f, err := config.Load(path, Kinds())
	if err == nil {
		pace, set := time.ParseDuration(os.Getenv(childPaces))
		if set != nil {
			pace = childPace
		}
		o := Options{Config: f, Log: log, Hurry: pace, Ready: func(address string) { fmt.Println(address) },
			Program: os.Getenv(childProgram), HTTP: &http.Client{Transport: detour{os.Getenv(childSlack)}}}
		if _, unset := fmt.Sscanf(os.Getenv(childShard), "%d/%d", &o.Shard.Index, &o.Shard.Total); unset == nil {
			o.Pulse = shardPulse
		}
		var a *App
		a, err = New(ctx, o)
		if err == nil {
			if err = a.Run(ctx); err == nil {
				err = a.Close()
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is a daemon in a process of its own.
type child struct {
	*exec.Cmd
	up      chan struct{} // closed when the page answers
	address string        // of the page, once it does
}

func startChild(t *testing.T, path string, wrapper ...string) *child {
	t.Helper()
	return startChildWith(t, path, nil, wrapper...)
}

// startChildWith is startChild in a larger environment.
func startChildWith(t testing.TB, path string, environment []string, wrapper ...string) *child {
	t.Helper()
	args := append(wrapper, os.Args[0], "-test.run=^$")
	c := &child{Cmd: exec.Command(args[0], args[1:]...), up: make(chan struct{})}
	c.Env = append(append(os.Environ(), environment...), childConfig+"="+path)
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // of a test that ended early; else it has ended long ago
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	go func() {
		if lines := bufio.NewScanner(out); lines.Scan() {
			c.address = lines.Text()
			close(c.up)
		}
	}()
	return c
}

// kill ends the child as a power cut ends it for the processes beside it.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed: the error says only that
}

// quit asks the child to end, and waits until it has.
func (c *child) quit(t testing.TB) {
	t.Helper()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("asked to end, the daemon said: %v", err)
	}
}
