package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/say"
)

type runCmd struct{}

// Run implements `ouidire run`: the daemon, until a signal.
func (runCmd) Run(c *call) error {
	path, found, err := config.Find(c.config)
	if err != nil {
		return usage{"config", err}
	}
	if !found && c.config == "" {
		return c.demonstrate(path)
	}
	return c.serve(path, nil)
}

type demoCmd struct{}

// Run implements `ouidire demo`: ten invented weeks, until a signal, also where there
// is a configuration.
func (demoCmd) Run(c *call) error {
	c.sayDemo()
	return app.Demo(c.ctx, c.demoOptions())
}

// serve runs the daemon of a configuration; the page is served on l when that is not
// nil.
func (c *call) serve(path string, l net.Listener) error {
	f, err := c.load(path)
	if err != nil {
		return err
	}
	level := &slog.LevelVar{}
	o := c.options(c.logAt(f.Log, level))
	o.Config, o.Level, o.Listener = f, level, l
	a, err := app.New(c.ctx, o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	go c.reloadOnHangup(ctx, a, path)
	return errors.Join(a.Run(ctx), a.Close())
}

// demonstrate runs the demonstration, until somebody writes a first configuration on
// its page: then the daemon takes its place.
func (c *call) demonstrate(path string) (err error) {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	o := c.demoOptions()
	first, l, err := app.NewFirst(path, config.Listen, o, stop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	o.First, o.Listener = first, l
	c.sayDemo()
	if err := app.Demo(ctx, o); err != nil {
		return err
	}
	if next := first.Next(); next != nil && c.ctx.Err() == nil {
		return c.serve(path, next)
	}
	return nil
}

func (c *call) sayDemo() {
	fmt.Fprintln(c.stderr, say.Text{
		EN: "This is a demonstration on an invented press.\nTo watch your own name, follow the link at the top of the page, or stop this and type: ouidire init",
		FR: "Voici une démonstration sur une presse inventée.\nPour veiller sur votre propre nom, suivez le lien en haut de la page, ou arrêtez ceci et tapez\u00a0: ouidire init",
	}.In(c.lang))
}

// demoOptions say less: what goes wrong in the invented press is part of the story.
func (c *call) demoOptions() app.Options {
	o := c.options(c.log(config.Log{Format: "text", Level: "error"}))
	o.Ready = func(address string) { fmt.Fprintln(c.stdout, address+"/demo") }
	return o
}

// options is what a program is made of whatever its configuration.
func (c *call) options(log *slog.Logger) app.Options {
	b := thisBuild()
	program, _ := os.Executable() // without it a channel of kind shoutrrr says so
	return app.Options{Log: log, Program: program, Clock: clock.Real(), Version: app.Version{Version: b.Version, Revision: b.Revision, Go: b.Go},
		Ready: func(address string) { fmt.Fprintln(c.stdout, address) }}
}

// log writes to stderr, for people or for machines.
func (c *call) log(l config.Log) *slog.Logger { return c.logAt(l, &slog.LevelVar{}) }

// logAt is log with a level that can change.
func (c *call) logAt(l config.Log, level *slog.LevelVar) *slog.Logger {
	if l.Level != "" {
		_ = level.UnmarshalText([]byte(l.Level)) // config has checked it
	}
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(c.stderr, o))
	}
	return slog.New(slog.NewTextHandler(c.stderr, o))
}

// reloadOnHangup reads the configuration again at each SIGHUP.
func (c *call) reloadOnHangup(ctx context.Context, a *app.App, path string) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-hangups:
			a.Reload(ctx, func() (*config.File, error) { return config.Load(path, app.Kinds()) })
		case <-ctx.Done():
			return
		}
	}
}

// load reads the configuration. One that is wrong is a misuse: exit status 2.
func (c *call) load(path string) (*config.File, error) {
	f, err := config.Load(path, app.Kinds())
	if err != nil {
		return nil, usage{"config", err}
	}
	return f, nil
}

// configured reads the configuration that --config or the usual places give.
func (c *call) configured() (*config.File, error) {
	path, found, err := config.Find(c.config)
	if err != nil {
		return nil, usage{"config", err}
	}
	if !found {
		return nil, usage{"config", say.Errorf(say.Text{
			EN: "there is no configuration at %s; ouidire init writes a first one",
			FR: "il n’y a pas de configuration à %s; ouidire init en écrit une première",
		}, path)}
	}
	return c.load(path)
}
