package app

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"sync/atomic"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/web"
)

var _ web.First = (*First)(nil)

// First is the first run: the page of the demonstration asks who one is and what to
// read, a first configuration is written, and the demonstration ends so that the
// program itself takes its place at the same address.
type First struct {
	path    string
	options Options
	client  *polite.Client
	stop    func()
	address net.Addr
	next    net.Listener
	written atomic.Bool
}

// NewFirst takes the address where the page is served. o is what the program is made
// of that follows; stop ends the demonstration once a configuration is written at path.
func NewFirst(path, listen string, o Options, stop func()) (f *First, current net.Listener, err error) {
	f = &First{path: path, options: o, stop: stop}
	if f.client, err = newClient(&config.File{}, o); err != nil {
		return nil, nil, err
	}
	if current, err = listenAt(listen); err != nil {
		return nil, nil, err
	}
	f.address = current.Addr()
	if f.next, err = twin(current); err != nil {
		return nil, nil, fmt.Errorf("keep the page's address for later: %w", err)
	}
	return f, current, nil
}

// twin is a second listener on the same socket: who comes between the end of one
// program and the start of the next waits, and is not refused.
func twin(l net.Listener) (net.Listener, error) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("%T has no file", l)
	}
	file, err := tcp.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return net.FileListener(file)
}

// Next is where the program that follows is served; nil when nobody set anything up.
func (f *First) Next() net.Listener {
	if !f.written.Load() {
		return nil
	}
	return f.next
}

// Close gives the address back that no program took.
func (f *First) Close() error {
	f.client.Close()
	if f.written.Load() {
		return nil
	}
	return f.next.Close()
}

// look finds what stands at an address of the real web.
func (f *First) look(ctx context.Context, address string) (crawler.Looked, error) {
	return lookAt(ctx, address, crawler.Deps{Client: f.client, Now: f.options.Now, Log: f.options.Log})
}

// Entry implements web.First.
func (f *First) Entry(kind string, given config.Answered) (string, error) {
	return Kinds().Spell("sources", kind, given)
}

// Propose implements web.First.
func (f *First) Propose(a config.Answers) (*config.File, error) {
	_, file, err := f.compose(a)
	return file, err
}

func (f *First) compose(a config.Answers) ([]byte, *config.File, error) {
	a.Listen = f.address.String()
	a.Rules, a.Channels = FirstAlerts(a.Language)
	var body bytes.Buffer
	if err := config.Write(&body, a); err != nil {
		return nil, nil, err
	}
	file, err := config.Parse(f.path, body.Bytes(), os.LookupEnv, Kinds())
	return body.Bytes(), file, err
}

// Begin implements web.First.
func (f *First) Begin(a config.Answers) error {
	body, _, err := f.compose(a)
	if err != nil {
		return err
	}
	if err := WriteNew(f.path, body); err != nil {
		return err
	}
	f.written.Store(true)
	f.stop()
	return nil
}

// WriteNew writes a configuration where there is none.
func WriteNew(path string, body []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return &say.Error{Err: os.ErrExist, Args: []any{path}, Text: say.Text{
			EN: "%s exists already and was left as it is",
			FR: "%s existe déjà et n’a pas été touché",
		}}
	}
	if err := config.Replace(path, body); err != nil {
		return say.Errorf(say.Text{EN: "%s cannot be written: %v", FR: "impossible d’écrire %s\u00a0: %v"}, path, err)
	}
	return nil
}

// listen takes the page's address.
func (a *App) listen() (net.Listener, error) {
	if a.Listener != nil {
		return a.Listener, nil
	}
	return listenAt(a.Config.Web.Listen)
}

func listenAt(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, say.Errorf(say.Text{
			EN: "the page cannot be served at %s (%v); stop the program that uses this port, or write another under web: listen:",
			FR: "impossible de servir la page à l’adresse %s (%v); arrêtez le programme qui occupe ce port, ou écrivez-en un autre sous web: listen:",
		}, address, err)
	}
	return l, nil
}

// listenForMonitoring is where metrics are read without a door.
func listenForMonitoring(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, say.Errorf(say.Text{
			EN: "the metrics cannot be served at %s (%v); stop the program that uses this port, or write another under metrics: listen:",
			FR: "impossible de servir les mesures à l’adresse %s (%v); arrêtez le programme qui occupe ce port, ou écrivez-en un autre sous metrics: listen:",
		}, address, err)
	}
	return l, nil
}
