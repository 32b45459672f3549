package app

import (
	"context"
	"slices"
	"time"

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

// State implements web.Keeping: what was refused of other shards counts too.
func (k keeping) State() store.State {
	is := k.Remote.State()
	for _, r := range k.elsewhere() {
		is.Dead += r.Dead
	}
	return is
}

// DeadLetters implements web.Keeping.
func (k keeping) DeadLetters(ctx context.Context, limit int) ([]store.DeadLetter, error) {
	letters, err := k.Remote.DeadLetters(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, r := range k.elsewhere() {
		letters = append(letters, r.Newest...)
	}
	slices.SortStableFunc(letters, func(a, b store.DeadLetter) int { return b.Died.Compare(a.Died) })
	return letters[:min(limit, len(letters))], nil
}

func (k keeping) elsewhere() []store.Refusals {
	if k.app.shards == nil {
		return nil
	}
	k.app.shards.mu.Lock()
	defer k.app.shards.mu.Unlock()
	return k.app.shards.refused
}

// Resend implements web.Keeping: what another shard found, that shard is asked to send.
func (k keeping) Resend(ctx context.Context, shard int, seqs ...int64) (int, error) {
	if shard == k.app.Shard.Index {
		return k.Remote.Resend(ctx, seqs...)
	}
	if k.app.shards == nil || k.app.shards.joint == nil {
		return 0, nil
	}
	return len(seqs), k.app.shards.joint.Request(ctx, shard, seqs...)
}

// ResendAll implements web.Keeping.
func (k keeping) ResendAll(ctx context.Context) (int, error) {
	n, err := k.Remote.Resend(ctx)
	for _, r := range k.elsewhere() {
		if r.Dead == 0 || err != nil {
			continue
		}
		err = k.app.shards.joint.Request(ctx, r.Shard)
		n += r.Dead
	}
	return n, err
}

// rereadsEvery is how often it is looked whether something was sent again.
const rereadsEvery = time.Second

// keepReading has what was sent again read again, whoever sent it, until ctx ends: the
// page, a command beside us or before we started, or shard 0. Rules were asked while it
// was missing.
func (a *App) keepReading(ctx context.Context) error {
	remote, ok := a.store.(store.Remote)
	if !ok {
		return nil
	}
	bell := a.Bell()
	defer bell.Close()
	var told store.Resent
	var at time.Time // when it was
	for ; ctx.Err() == nil; bell.Wait(ctx, rereadsEvery) {
		is := remote.State().Resent
		if is.Times == 0 {
			continue
		}
		if is != told {
			told, at = is, a.Now()
			a.reread(is.Since)
		}
		if waiting := a.store.Waiting(); waiting.IsZero() || waiting.After(at) { // it was found, or refused once more
			if err := remote.Noted(ctx, told); err == nil {
				told = store.Resent{}
			} else if ctx.Err() == nil {
				a.Log.Warn("what was sent again will be read once more", "err", err)
			}
		}
	}
	return nil
}

// reread has the rules asked again about what became known since then, here or, through
// our signs of life, in shard 0.
func (a *App) reread(since time.Time) {
	if a.thinks() {
		a.engine.Reread(since.Add(-time.Microsecond))
		return
	}
	a.shards.mu.Lock()
	defer a.shards.mu.Unlock()
	f := &a.shards.resent
	f.Times, f.Since = f.Times+1, soonest(f.Since, since)
}

// ErrUnsent is what Refused and Resend say of a store that sends nothing to a server.
var ErrUnsent error = say.Errorf(say.Text{
	EN: "mentions are kept in a file on this machine: there is no server that could refuse any",
	FR: "les mentions sont conservées dans un fichier sur cette machine : aucun serveur ne peut en refuser",
})

// Refusals is what the server that mentions are kept on refused for good.
type Refusals struct {
	Letters []store.DeadLetter // of what was found here
	Others  []store.Refusals   // of what the other shards found, as they last showed it
	Unknown error              // why that is not known
}

// Refused asks for the newest of it, also beside a running daemon.
func Refused(ctx context.Context, f *config.File, limit int) (r Refusals, err error) {
	err = withRemote(ctx, f, func(s store.Store, remote store.Remote) error {
		if joint, ok := s.(store.Joint); ok {
			r.Others, r.Unknown = joint.Admitted(ctx)
		}
		r.Letters, err = remote.DeadLetters(ctx, limit)
		return err
	})
	return r, err
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
		r.Waiting = found(limited, s, allKept) != nil
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
