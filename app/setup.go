package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/web"
)

var _ web.Setup = setup{}

// setup is the desk with what follows an edit: it is in force at once.
type setup struct {
	*config.Desk
	app *App
}

// Kinds implements web.Setup.
func (s setup) Kinds(section string) []string { return s.Desk.Kinds.KindNames(section) }

// Ways implements web.Setup.
func (s setup) Ways() []string { return offeredChannels() }

// Change implements web.Setup. A change that cannot be put in force is not written.
func (s setup) Change(ctx context.Context, e config.Edit) error {
	a := s.app
	a.changing.Lock()
	defer a.changing.Unlock()
	before := a.current.Load()
	var file *config.File
	var built *parts
	err := s.Desk.Change(e, func(f *config.File) (err error) {
		file = f
		built, err = a.build(f)
		return err
	})
	if err != nil {
		return err
	}
	a.install(file, built)
	a.taken(ctx, before, file)
	return nil
}

// errRehearsed keeps an edit from being made.
var errRehearsed = errors.New("a rehearsal is not written")

// Rehearse implements web.Setup.
func (s setup) Rehearse(ctx context.Context, e config.Edit, since time.Time) (told web.Rehearsal, err error) {
	var f *config.File
	err = s.Desk.Change(e, func(after *config.File) error { f = after; return errRehearsed })
	if !errors.Is(err, errRehearsed) {
		return told, err
	}
	began, err := s.app.state.Installed(ctx)
	if err != nil {
		return told, err
	}
	if told.Since = since; since.Before(began) {
		told.Since = began // nobody was there to be told
	}
	past, err := s.app.rehearse(ctx, f, changedRule(s.app.current.Load(), f, e), told.Since)
	for _, p := range slices.Backward(past) {
		told.Told = append(told.Told, web.Told{At: p.At, Subject: p.Subject})
	}
	return told, err
}

// changedRule is the name of the rule that an edit is about.
func changedRule(before, after *config.File, e config.Edit) string {
	if e.Name != "" {
		return e.Name
	}
	for _, r := range after.Rules {
		if !slices.ContainsFunc(before.Rules, func(old config.Rule) bool { return old.Name == r.Name }) {
			return r.Name
		}
	}
	return ""
}

// lookLimit is how long a person waits to see what stands at an address.
const lookLimit = 20 * time.Second

// shownItems is how many items of it they see.
const shownItems = 10

// look finds what stands at an address, through the client of all sources.
func (a *App) look(ctx context.Context, address string) (crawler.Looked, error) {
	return lookAt(ctx, address, crawler.Deps{Client: a.built.Load().client, Now: a.Now, Log: a.Log})
}

// lookAt asks each kind that knows addresses. One without https:// is asked with it,
// then, where nobody answers to that, without.
func lookAt(ctx context.Context, address string, d crawler.Deps) (crawler.Looked, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	address = strings.TrimSpace(address)
	if len(address) > 2000 || strings.ContainsAny(address, " \t\r\n") {
		return crawler.Looked{}, say.Errorf(say.Text{EN: "this is not an address; copy it from the bar of a browser", FR: "ce n’est pas une adresse; copiez-la de la barre d’un navigateur"})
	}
	if strings.Contains(address, "://") {
		return lookWith(ctx, address, d)
	}
	l, err := lookWith(ctx, "https://"+address, d)
	switch polite.ReasonOf(err) {
	case polite.TLS, polite.Network, polite.Timeout:
		if plain, bad := lookWith(ctx, "http://"+address, d); bad == nil {
			return plain, nil
		}
	}
	return l, err
}

// lookWith takes the first kind that finds something, and the first reason when
// none does.
func lookWith(ctx context.Context, address string, d crawler.Deps) (crawler.Looked, error) {
	var why error
	for _, kind := range slices.Sorted(maps.Keys(sourceKinds)) {
		look := sourceKinds[kind].look
		if look == nil {
			continue
		}
		l, err := look(ctx, address, d)
		if err != nil {
			why = cmp.Or(why, err)
			continue
		}
		l.Kind = kind
		l.Items = l.Items[:min(len(l.Items), shownItems)]
		return l, nil
	}
	if errors.Is(why, context.DeadlineExceeded) {
		why = say.Errorf(say.Text{EN: "this address did not answer within %d seconds; try again later", FR: "cette adresse n’a pas répondu en %d secondes; réessayez plus tard"}, int(lookLimit/time.Second))
	}
	return crawler.Looked{}, why
}
