package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/ouidire/ouidire/store"
)

// Keeping is what the page asks and does of a server that mentions are kept on.
type Keeping interface {
	State() store.State
	// DeadLetters are the newest of what the server refused for good, of every shard.
	DeadLetters(ctx context.Context, limit int) ([]store.DeadLetter, error)
	// Resend sends dead letters of a shard again, or has it do so, and returns how many
	// those are.
	Resend(ctx context.Context, shard int, seqs ...int64) (int, error)
	// ResendAll does it with those of all shards.
	ResendAll(ctx context.Context) (int, error)
}

// keepingPage is for whoever looks after the program: whether what is found is kept,
// and what could not be.
type keepingPage struct {
	Remote  bool // kept on a server; else on this machine
	State   store.State
	Letters []store.DeadLetter
	More    int  // that are not listed
	Resent  bool // some were sent again just now
	Sent    int  // how many
}

// refusedShown is how many refused mentions are listed.
const refusedShown = 50

// Used is how much of its room the spool takes.
func (p keepingPage) Used() float64 {
	return float64(p.State.Bytes) / float64(max(p.State.Limit, 1))
}

func (s *Server) keeping(w http.ResponseWriter, r *http.Request) {
	page := keepingPage{Remote: s.Keeping != nil}
	if page.Remote {
		var err error
		if page.Letters, err = s.Keeping.DeadLetters(r.Context(), refusedShown); err != nil {
			s.broken(w, r, err)
			return
		}
		page.State = s.Keeping.State()
		page.More = max(page.State.Dead-len(page.Letters), 0)
		if sent, err := strconv.Atoi(r.URL.Query().Get("sent")); err == nil && sent >= 0 {
			page.Resent, page.Sent = true, sent
		}
	}
	s.render(w, r, http.StatusOK, "keeping", page)
}

// resend sends one refused mention again, or all of them.
func (s *Server) resend(w http.ResponseWriter, r *http.Request) {
	if !s.parsed(w, r) {
		return
	}
	seq, err := strconv.ParseInt(r.PostForm.Get("seq"), 10, 64)
	shard, err2 := strconv.Atoi(cmp.Or(r.PostForm.Get("shard"), "0"))
	all := r.PostForm.Has("all")
	if s.Keeping == nil || !all && (err != nil || err2 != nil || shard < 0) {
		s.notFound(w, r)
		return
	}
	var n int
	if all {
		n, err = s.Keeping.ResendAll(r.Context())
	} else {
		n, err = s.Keeping.Resend(r.Context(), shard, seq)
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/keeping?sent="+strconv.Itoa(n), http.StatusSeeOther)
}

// kept is what the first page says of the server that mentions are kept on; nil where
// there is none, or nothing to say.
func (s *Server) kept() *store.State {
	if s.Keeping == nil {
		return nil
	}
	is := s.Keeping.State()
	if is.Trouble == nil && is.Dead == 0 && !is.Filling() {
		return nil
	}
	return &is
}

// less is a verdict over what could not be kept: that all is quiet is then not known.
func (v verdict) less(kept *store.State) verdict {
	switch {
	case kept == nil || v.One != "home.quiet":
		return v
	case kept.Trouble != nil:
		return verdict{"warn", 0, "home.unwritten", "home.unwritten", ""}
	case kept.Dead > 0:
		return verdict{"warn", kept.Dead, "home.unkept.one", "home.unkept.many", ""}
	}
	return v
}

// away is why the server that mentions are kept on gave no answer, in words for people,
// when err may come of that; else nil. What took too long while it answers others is slow.
func (s *Server) away(err error) error {
	if errors.Is(err, store.ErrAway) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if s.Keeping == nil {
		return nil
	}
	return s.Keeping.State().Trouble
}
