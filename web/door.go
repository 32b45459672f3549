package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/time/rate"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store/state"
)

const (
	sessionCookie = "ouidire_session"
	sessionLength = 30 * 24 * time.Hour
	// memberMark begins the tokens of members' sessions.
	memberMark = "m-"
	// noted is how exactly it is kept when a member or a token was last here.
	noted = 10 * time.Minute
)

// person is whoever asks. The zero value is nobody.
type person struct {
	ID, Name string     // of a member; "" for whoever knows the page's password
	Role     state.Role // "" for nobody
	Passing  bool       // no door stands between: everybody on this machine is let in
}

func (p person) known() bool { return p.Role != "" }

// Handles says whether they may handle situations, correct tones and save searches.
func (p person) Handles() bool { return p.Role.Covers(state.Handler) }

// Owns says whether they may set up sources, watches, settings and members.
func (p person) Owns() bool { return p.Role.Covers(state.Owner) }

func personOf(m state.Member) person { return person{ID: m.ID, Name: m.Name, Role: m.Role} }

type whoKey struct{}

// who is the person whom guarded let in.
func who(r *http.Request) person {
	p, _ := r.Context().Value(whoKey{}).(person)
	return p
}

// door lets in who knows the page's password, who is an owner, and members by theirs.
// Where there is neither password nor member it stands open.
type door struct {
	locked   bool  // there is a password of the page
	shared   argon // of that password
	none     argon // what is compared for a name that nobody has
	sessions Sessions
	people   People
	log      *slog.Logger
	now      func() time.Time

	// key is what sessions of the page's password are kept under beside their token:
	// another password knows none of them.
	key []byte

	hashing sync.Mutex // one hash at a time: each takes the memory its parameters say
	mu      sync.Mutex
	tries   map[string]*rate.Limiter // by address; emptied when it grows
	all     *rate.Limiter            // a password guessed from many addresses is still guessed slowly
}

func newDoor(o Options) (d *door, err error) {
	d = &door{locked: o.Password != "", none: hashOfNone(), sessions: o.Sessions, people: o.People, log: o.Log, now: o.Now, key: []byte(o.Password),
		tries: map[string]*rate.Limiter{}, all: rate.NewLimiter(1, 20)}
	switch {
	case !d.locked:
	case strings.HasPrefix(o.Password, "$argon2id$"):
		if d.shared, err = parseArgon(o.Password); err != nil {
			return nil, fmt.Errorf("web.password: %w", err)
		}
	default:
		d.shared = hashOf(o.Password)
	}
	return d, nil
}

// try asks check who somebody is, unless this address has to wait: it may be wrong
// five times at once, then once every twelve seconds, and everybody together once a
// second. To be right costs nothing, so that a scraper who gives the password every
// few seconds is never locked out.
func (d *door) try(address string, check func() (person, error)) (p person, wait bool, err error) {
	undo, ok := d.begin(address)
	if !ok {
		return person{}, true, nil
	}
	if p, err = check(); err != nil || p.known() {
		undo()
	}
	return p, false, err
}

// begin takes a try from those an address has left; undo gives it back.
func (d *door) begin(address string) (undo func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tries) > 10_000 {
		clear(d.tries)
	}
	own, known := d.tries[address]
	if !known {
		own = rate.NewLimiter(rate.Every(12*time.Second), 5)
		d.tries[address] = own
	}
	now := d.now()
	mine, ok := takeNow(own, now)
	if !ok {
		return nil, false
	}
	shared, ok := takeNow(d.all, now)
	if !ok {
		mine.CancelAt(now)
		return nil, false
	}
	return func() { mine.CancelAt(now); shared.CancelAt(now) }, true
}

// takeNow takes one from a limiter, unless that means to wait.
func takeNow(l *rate.Limiter, now time.Time) (r *rate.Reservation, ok bool) {
	r = l.ReserveN(now, 1)
	if r.DelayFrom(now) > 0 {
		r.CancelAt(now)
		return nil, false
	}
	return r, true
}

// identify is whose password it is: that of the member of this name, or that of the
// page, under a name that is no member's or none at all. It compares as much for a
// name that nobody has as for one that somebody has, so that its time tells nothing.
func (d *door) identify(ctx context.Context, name, password string) (person, error) {
	m, known, own, err := d.member(ctx, name, password)
	shared := err == nil && d.locked && d.knows(password)
	switch {
	case err != nil:
		return person{}, err
	case own:
		return m, nil
	case shared && !known:
		return person{Role: state.Owner}, nil
	}
	return person{}, nil
}

const typedMost = 400 // bytes of a name or an e-mail that are looked up

// member looks a member up and compares their password; right is false for a name
// that nobody has.
func (d *door) member(ctx context.Context, name, password string) (p person, known, right bool, err error) {
	if name == "" || len(name) > typedMost {
		return person{}, false, false, nil
	}
	if has, err := d.people.HasMembers(ctx); err != nil || !has {
		return person{}, false, false, err
	}
	m, known, err := d.people.MemberCalled(ctx, name)
	if err != nil {
		return person{}, false, false, err
	}
	hash := d.none
	if known {
		if hash, err = parseArgon(m.Password.Reveal()); err != nil {
			return person{}, false, false, fmt.Errorf("the password of member %s: %w", m.ID, err)
		}
	}
	right = d.compare(hash, composed(password))
	return personOf(m), known, right && known, nil
}

// composed is a password as every keyboard gives it: an é may come as one character
// or as two.
func composed(password string) string { return norm.NFC.String(password) }

// knows says whether it is the page's password.
func (d *door) knows(password string) bool { return d.compare(d.shared, password) }

func (d *door) compare(a argon, password string) bool {
	d.hashing.Lock()
	defer d.hashing.Unlock()
	return a.is(password)
}

// hash is what is kept of a member's password.
func (d *door) hash(password string) config.Secret {
	d.hashing.Lock()
	defer d.hashing.Unlock()
	return config.NewSecret(hashOf(composed(password)).phc())
}

// visitor is the address that a try counts against. A proxy beside us says whose
// request it hands on, in the last place of X-Forwarded-For; from anybody further
// away that header is a claim. One IPv6 network of 2^64 addresses is one visitor.
func visitor(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := from.Addr().Unmap()
	if address.IsLoopback() || address.IsPrivate() {
		told := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := strings.TrimSpace(told[strings.LastIndexByte(told, ',')+1:])
		if behind, err := netip.ParseAddr(last); err == nil {
			address = behind.Unmap()
		}
	}
	if network, err := address.WithZone("").Prefix(64); err == nil && address.Is6() {
		return network.String()
	}
	return address.String()
}

// name is what a session is kept under.
func (d *door) name(token string) string {
	if strings.HasPrefix(token, memberMark) {
		return token
	}
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// letIn opens a session and gives its cookie.
func (d *door) letIn(ctx context.Context, p person, secure bool) (*http.Cookie, error) {
	token := rand.Text()
	if p.ID != "" {
		token = memberMark + token
		d.seen(ctx, state.Member{ID: p.ID})
	}
	now := d.now()
	s := state.Session{Person: p.ID, CreatedAt: now, Expires: now.Add(sessionLength)}
	if err := d.sessions.CreateSession(ctx, d.name(token), s); err != nil {
		return nil, err
	}
	return &http.Cookie{Name: sessionCookie, Value: token, Path: "/", Expires: s.Expires,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}, nil
}

// seen notes now and then that a member is here. That it is not noted keeps nobody out.
func (d *door) seen(ctx context.Context, m state.Member) {
	if d.now().Sub(m.LastSeen) < noted {
		return
	}
	if err := d.people.MemberSeen(ctx, m.ID); err != nil && ctx.Err() == nil {
		d.log.Warn("a member's visit is not noted", "err", err)
	}
}

// open says whether the door stands open.
func (d *door) open(ctx context.Context) (bool, error) {
	if d.locked {
		return false, nil
	}
	has, err := d.people.HasMembers(ctx)
	return err == nil && !has, err
}

// who is the person a browser comes with, nobody for one who has to sign in.
func (d *door) who(r *http.Request) (person, error) {
	open, err := d.open(r.Context())
	if err != nil {
		return person{}, err
	}
	if open {
		return person{Role: state.Owner, Passing: true}, nil
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || len(cookie.Value) > 100 {
		return person{}, nil
	}
	s, err := d.sessions.Session(r.Context(), d.name(cookie.Value))
	switch {
	case errors.Is(err, state.ErrNoSession):
		return person{}, nil
	case err != nil:
		return person{}, err
	case s.Person != "":
		d.seen(r.Context(), s.Member)
		return personOf(s.Member), nil
	case d.locked:
		return person{Role: state.Owner}, nil
	}
	return person{}, nil
}
