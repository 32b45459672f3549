package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ouidire/ouidire/app/demo"
	"github.com/ouidire/ouidire/config"
)

// demoPace is how often the demonstration visits its own press.
const demoPace = 5 * time.Second

// Demo runs the demonstration: an invented press on loopback, crawled over HTTP by
// the real line into a folder that is removed at the end.
func Demo(ctx context.Context, o Options) (err error) {
	folder, err := os.MkdirTemp("", "ouidire-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	press, err := demo.New(o.Now(), o.Clock.Now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the press of the demonstration: %w", err)
	}
	stop := serve(listener, press)
	defer stop()
	if o.Config, err = config.Parse("demo/ouidire.yml", demoConfig(folder), os.LookupEnv, Kinds()); err != nil {
		return fmt.Errorf("the configuration of the demonstration: %w", err)
	}
	o.Demo, o.Hurry, o.Net = true, demoPace, demo.Net{Listener: listener.Addr()}
	a, err := New(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx), a.Close())
}

// serve answers on l until stop is called.
func serve(l net.Listener, h http.Handler) (stop func()) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends by Close
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}

// demoConfig is the ouidire.yml of the invented caisse.
func demoConfig(folder string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `organisation: {name: Caisse Valtisse de l’Anse-aux-Moyacs, short: la Caisse, language: fr-CA, timezone: America/Toronto}
data: %q
watches:
  - {name: caisse, title: Notre caisse, query: '"caisse valtisse" OU anse-aux-moyacs', parent: mouvement}
  - {name: mouvement, title: Le Mouvement, query: '"mouvement valtisse"', relation: parent}
  - {name: nordelune, title: Banque Nordelune, query: nordelune, relation: competitor}
crawler: {allow_private: [127.0.0.0/8]}
rules:
  - {name: nouvelles, kind: fresh, wait: 15s}
channels:
  - {name: journal, kind: log}
sources:
`, folder)
	for _, o := range demo.Outlets() {
		fmt.Fprintf(&b, "  - {name: %s, kind: feed, url: %q, own: %v, comments: %v}\n", o.Name, o.Feed(), o.Own, o.Comments)
	}
	return []byte(b.String())
}
