package app

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/web"
)

// keeping is how mentions are kept on a server, for the page; nil where they are kept
// on this machine.
func (a *App) keeping() web.Keeping {
	if remote, ok := a.store.(store.Remote); ok {
		return keeping{remote, a}
	}
	return nil
}

type keeping struct {
	store.Remote
	app *App
}

// Resend implements web.Keeping. Rules were asked while it was missing: they are asked
// again about what was seen since.
func (k keeping) Resend(ctx context.Context, seqs ...int64) (int, error) {
	n, err := k.Remote.Resend(ctx, seqs...)
	if n == 0 {
		return 0, err
	}
	since := k.app.store.Waiting()
	if since.IsZero() { // it was found before we could look
		since = k.app.Now().Add(-story.Window)
	}
	k.app.engine.Reread(since.Add(-time.Microsecond))
	return n, err
}

// ErrUnsent is what Refused and Resend say of a store that sends nothing to a server.
var ErrUnsent error = say.Errorf(say.Text{
	EN: "mentions are kept in a file on this machine: there is no server that could refuse any",
	FR: "les mentions sont conservées dans un fichier sur cette machine : aucun serveur ne peut en refuser",
})

// Refused is the newest of what the server that mentions are kept on refused for good,
// also beside a running daemon.
func Refused(ctx context.Context, f *config.File, limit int) (letters []store.DeadLetter, err error) {
	err = withRemote(ctx, f, func(_ store.Store, remote store.Remote) error {
		letters, err = remote.DeadLetters(ctx, limit)
		return err
	})
	return letters, err
}

// Resent is what became of what was sent again.
type Resent struct {
	Sent    int  // put back, to be sent
	Refused int  // of them, refused for good once more
	Waiting bool // the server has not taken all that waits: the daemon goes on, or its next start
}

// resendLimit is how long is waited for a server that takes what is sent again.
const resendLimit = 30 * time.Second

// Resend sends again what was refused for good, all of it when no numbers are given, also
// beside a running daemon.
func Resend(ctx context.Context, f *config.File, seqs []int64) (r Resent, err error) {
	err = withRemote(ctx, f, func(s store.Store, remote store.Remote) error {
		dead := remote.State().Dead
		if r.Sent, err = remote.Resend(ctx, seqs...); err != nil || r.Sent == 0 {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, resendLimit)
		defer cancel()
		r.Waiting = found(limited, s) != nil
		r.Refused = max(remote.State().Dead-(dead-r.Sent), 0)
		return ctx.Err()
	})
	return r, err
}

func withRemote(ctx context.Context, f *config.File, fn func(store.Store, store.Remote) error) error {
	return withStore(ctx, f, func(s store.Store) error {
		remote, ok := s.(store.Remote)
		if !ok {
			return ErrUnsent
		}
		return fn(s, remote)
	})
}
