package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/time/rate"

	"github.com/ouidire/ouidire/store/state"
)

const (
	sessionCookie = "ouidire_session"
	sessionLength = 30 * 24 * time.Hour
)

// door lets in who knows the shared password. Without one it stands open.
type door struct {
	open     bool
	hash     argon
	sessions Sessions
	now      func() time.Time

	// key is what sessions are kept under beside their token: another password knows none of them.
	key []byte

	hashing sync.Mutex // one hash at a time: each takes the memory its parameters say
	mu      sync.Mutex
	tries   map[string]*rate.Limiter // by address; emptied when it grows
	all     *rate.Limiter            // a password guessed from many addresses is still guessed slowly
}

// argon is an argon2id hash (RFC 9106) with its parameters.
type argon struct {
	memory, passes uint32
	threads        uint8
	salt, key      []byte
}

func newDoor(password string, sessions Sessions, now func() time.Time) (*door, error) {
	d := &door{open: password == "", sessions: sessions, now: now, key: []byte(password),
		tries: map[string]*rate.Limiter{}, all: rate.NewLimiter(1, 20)}
	if d.open {
		return d, nil
	}
	if strings.HasPrefix(password, "$argon2id$") {
		var err error
		d.hash, err = parseArgon(password)
		return d, err
	}
	d.hash = argon{memory: 19 << 10, passes: 2, threads: 1, salt: make([]byte, 16)}
	rand.Read(d.hash.salt)
	d.hash.key = d.hash.of(password)
	return d, nil
}

// parseArgon reads $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func parseArgon(s string) (a argon, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, fmt.Errorf("web.password: an argon2id hash reads $argon2id$v=19$m=19456,t=2,p=1$salt$key")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.threads); err != nil {
		return a, fmt.Errorf("web.password: parameters %q: %w", parts[3], err)
	}
	if a.memory > 1<<20 || a.passes == 0 || a.passes > 100 || a.threads == 0 {
		return a, fmt.Errorf("web.password: parameters %q are out of range", parts[3])
	}
	if a.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
		a.key, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(a.key) < 16 {
		return a, fmt.Errorf("web.password: salt or key is not base64 of at least 16 bytes")
	}
	return a, nil
}

func (a argon) of(password string) []byte {
	length := uint32(32)
	if len(a.key) > 0 {
		length = uint32(len(a.key))
	}
	return argon2.IDKey([]byte(password), a.salt, a.passes, a.memory, a.threads, length)
}

// try tells whether password opens the door, or that this address has to wait: it
// may be wrong five times at once, then once every twelve seconds, and everybody
// together once a second. To be right costs nothing, so that a scraper who gives
// the password every few seconds is never locked out.
func (d *door) try(address, password string) (right, wait bool) {
	undo, ok := d.begin(address)
	if !ok {
		return false, true
	}
	if right = d.knows(password); right {
		undo()
	}
	return right, false
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

func (d *door) knows(password string) bool {
	d.hashing.Lock()
	defer d.hashing.Unlock()
	return subtle.ConstantTimeCompare(d.hash.of(password), d.hash.key) == 1
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
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// letIn opens a session and gives its cookie.
func (d *door) letIn(ctx context.Context, secure bool) (*http.Cookie, error) {
	token := rand.Text()
	now := d.now()
	s := state.Session{CreatedAt: now, Expires: now.Add(sessionLength)}
	if err := d.sessions.CreateSession(ctx, d.name(token), s); err != nil {
		return nil, err
	}
	return &http.Cookie{Name: sessionCookie, Value: token, Path: "/", Expires: s.Expires,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}, nil
}

func (d *door) isOpenTo(r *http.Request) (bool, error) {
	if d.open {
		return true, nil
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || len(cookie.Value) > 100 {
		return false, nil
	}
	_, err = d.sessions.Session(r.Context(), d.name(cookie.Value))
	if errors.Is(err, state.ErrNoSession) {
		return false, nil
	}
	return err == nil, err
}

// guarded asks for the password before anything inside.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := s.door.isOpenTo(r)
		if err != nil {
			s.shut(w, r, err)
			return
		}
		if !in {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		w.Header().Set("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r)
	})
}

// byPassword lets a program in, a scraper or a feed reader: by a session, or by HTTP
// Basic with the shared password.
func (s *Server) byPassword(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := s.door.isOpenTo(r)
		if err != nil {
			s.shut(w, r, err)
			return
		}
		wait := false
		if _, password, given := r.BasicAuth(); given && !in {
			in, wait = s.door.try(visitor(r), password)
		}
		switch {
		case wait:
			w.Header().Set("Retry-After", "60")
			http.Error(w, "too many wrong passwords: wait a minute", http.StatusTooManyRequests)
		case !in:
			w.Header().Set("WWW-Authenticate", `Basic realm="ouidire", charset="UTF-8"`)
			http.Error(w, "this wants the page's password by HTTP Basic, under any name", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

type loginPage struct{ Refused string }

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request) {
	if in, _ := s.door.isOpenTo(r); in {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, "login", loginPage{})
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if s.door.open {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	right, wait := s.door.try(visitor(r), r.PostFormValue("password"))
	if wait {
		w.Header().Set("Retry-After", "60")
		s.render(w, r, http.StatusTooManyRequests, "login", loginPage{Refused: "login.slow"})
		return
	}
	if !right {
		s.render(w, r, http.StatusForbidden, "login", loginPage{Refused: "login.wrong"})
		return
	}
	cookie, err := s.door.letIn(r.Context(), s.secure)
	if err != nil {
		s.shut(w, r, err)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil && !s.door.open {
		if err := s.door.sessions.DeleteSession(r.Context(), s.door.name(cookie.Value)); err != nil {
			s.broken(w, r, err)
			return
		}
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
