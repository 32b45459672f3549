// Package web is the page: at home, whether anything is wrong and whether we can see;
// what was said, story by story, and one mention in its conversation, with why it is
// here and why it is judged so; tone over time; the situations, what parent
// organisations advise, the sources, the watches and the settings; feeds of it
// (feeds.go); the same as JSON for programs (api.go); and /metrics, /healthz and
// /readyz. It is rendered on the server, works without script, asks nothing of any
// other host, and shows what comes from the web as text only.
//
// Read Server.table first: every address, and who may use it. A room is a file of Go, its template and its words
// (words_*.go); parts.html holds what several of them show, and chart.go draws.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// Mentions is what the page asks of the store.
type Mentions interface {
	Search(ctx context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error)
	Count(ctx context.Context, q store.Question) (int, error)
	CountUpTo(ctx context.Context, q store.Question, most int) (int, error)
	Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error)
	Get(ctx context.Context, id string) (mention.Mention, error)
	AddReading(ctx context.Context, id string, r mention.Reading) error
}

// Uptime is when ouidire ran.
type Uptime interface {
	// Spans gives the times in [from, to) during which it ran, oldest first.
	Spans(ctx context.Context, from, to time.Time) ([]state.Span, error)
	// Installed is when it ran first, zero before that.
	Installed(ctx context.Context) (time.Time, error)
}

// Settings keeps small facts.
type Settings interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte) error
}

// Sessions remembers who has opened a session.
type Sessions interface {
	CreateSession(ctx context.Context, token string, s state.Session) error
	// Session is whose token it is, or state.ErrNoSession.
	Session(ctx context.Context, token string) (state.Session, error)
	DeleteSession(ctx context.Context, token string) error
}

// People remembers who may come in by themselves, and what they may do.
type People interface {
	Team
	Invitations
	Tokens
	// HasMembers says whether anybody may come in under their own name.
	HasMembers(ctx context.Context) (bool, error)
	// MemberCalled is the member of a name or an e-mail; ok is false when there is none
	// who may come in.
	MemberCalled(ctx context.Context, name string) (m state.Member, ok bool, err error)
	// MemberName is how the member of an id is called today, "" for one that nobody has.
	MemberName(id string) string
	// MemberSeen notes that a member was here.
	MemberSeen(ctx context.Context, id string) error
	// AccessEntries is what changed about who comes in, newest first, as far back as the
	// journal goes.
	AccessEntries(ctx context.Context, limit int) ([]state.Entry, error)
}

// Team is the members. Its errors about what was asked are for a person.
type Team interface {
	Members(ctx context.Context) ([]state.Member, error)
	SetRole(ctx context.Context, d state.Deed, r state.Role) error
	SetName(ctx context.Context, d state.Deed, name string) error
	SetEmail(ctx context.Context, d state.Deed, email string) error
	Disable(ctx context.Context, d state.Deed) error
	Enable(ctx context.Context, d state.Deed) error
	SetPassword(ctx context.Context, m state.Member, hash config.Secret) error
}

// Invitations are the links by which members come in first, or again. A token that is
// of no use is state.ErrNoInvitation.
type Invitations interface {
	Invite(ctx context.Context, by string, m state.Member) (made state.Member, token string, err error)
	InviteAgain(ctx context.Context, d state.Deed) (m state.Member, token string, err error)
	Invited(ctx context.Context, token string) (state.Member, error)
	Accept(ctx context.Context, token string, hash config.Secret) (state.Member, error)
}

// Tokens are what programs come in with.
type Tokens interface {
	Tokens(ctx context.Context) ([]state.Token, error)
	// Token is the one of a secret, or state.ErrNoToken.
	Token(ctx context.Context, secret string) (state.Token, error)
	TokenUsed(ctx context.Context, id string) error
	MakeToken(ctx context.Context, by string, t state.Token) (secret string, err error)
	RevokeToken(ctx context.Context, by string, t state.Token) error
}

// Unsubscriptions are who wants no more of what channels send at their hours.
type Unsubscriptions interface {
	Unsubscriptions(ctx context.Context) ([]state.Unsubscription, error)
	Unsubscribe(ctx context.Context, channel, address string) error
	Resubscribe(ctx context.Context, by, channel, address string) error
}

// Tests sends test messages and learns that they arrived.
type Tests interface {
	SendTest(ctx context.Context, channel string, l say.Lang) error
	Confirm(ctx context.Context, code string) (channel string, err error)
}

// Note is what one person is written, which speaks of no situation.
type Note struct {
	Lang          say.Lang
	Subject, Body string
}

// Mail writes to one person.
type Mail interface {
	// Writes says whether anything here can.
	Writes() bool
	// WriteTo sends a letter; its errors can be read by a person.
	WriteTo(ctx context.Context, address string, note Note) error
}

// Incidents is what the page asks and does of situations.
type Incidents interface {
	// Incidents returns those opened in [from, to), newest first; zero is open.
	Incidents(ctx context.Context, from, to time.Time, limit int) ([]alerting.Incident, error)
	Incident(ctx context.Context, id string) (i alerting.Incident, ok bool, err error)
	// OpenIncidents returns those that are not resolved, newest first.
	OpenIncidents(ctx context.Context) ([]alerting.Incident, error)
	// IncidentJournal is what happened to an incident since an instant, oldest first.
	IncidentJournal(ctx context.Context, incident string, since time.Time) ([]alerting.Entry, error)
	// Deliveries is what became of its messages.
	Deliveries(ctx context.Context, incident string) ([]alerting.Row, error)
	// DeadLetters is the messages that were given up, newest first.
	DeadLetters(ctx context.Context, limit int) ([]alerting.Row, error)
	// Act does what a person asked for; its errors can be read by that person.
	Act(ctx context.Context, a alerting.Action) (alerting.Incident, error)
}

// Stories is what the page asks of stories.
type Stories interface {
	// StoriesOf returns the whole stories of mentions, by mention; those that are in none are left out.
	StoriesOf(ctx context.Context, mentionIDs []string) (map[string]alerting.Story, error)
	// Story returns one by its id; ok is false when there is none.
	Story(ctx context.Context, id string) (s alerting.Story, ok bool, err error)
	// NewestStories returns those that got a member since an instant, the newest first.
	NewestStories(ctx context.Context, since time.Time, limit int) ([]alerting.Story, error)
}

// Options is what a Server needs. All down to Log are required.
type Options struct {
	Mentions Mentions
	Uptime   Uptime
	Settings Settings
	Blind    alerting.BlindFunc // which sources cannot be read
	Sessions Sessions
	People   People
	// Unsubscriptions are what the links in digests lead to.
	Unsubscriptions Unsubscriptions
	Tests           Tests
	Mail            Mail
	Passes          alerting.Passes // of the links in messages
	Incidents       Incidents
	Advisories      Advisories // what parent organisations advise
	Stories         Stories
	Status          func(context.Context) Status
	Visit           func(source string) error   // reads a source soon; its errors can be read by the person who asks
	Ready           func(context.Context) error // why the program cannot do its work now
	// Behind says that the clock is behind what was already seen, up to when that was,
	// and that nothing is read or sent until it is set.
	Behind  func() (seen time.Time, behind bool)
	Metrics http.Handler
	Now     func() time.Time
	Log     *slog.Logger

	Keeping Keeping // nil where mentions are kept on this machine

	Demo  Demo  // nil outside a demonstration
	Setup Setup // nil where nothing can be changed: in the demonstration
	First First // nil where there is a configuration
	Look  Look  // nil when both are

	Bare     bool   // signs of life and metrics only: the page is another process's
	Password string // an owner's, plain or an argon2id hash in PHC form; with "", and no member, who reaches a loopback address is let in
	Address  string // the address people type, "" for that of the listener
}

// Server is the page. It is safe for concurrent use.
type Server struct {
	Options
	door     *door
	views    map[say.Lang]*views
	searches chan struct{} // those under way
	calling  chan struct{} // a program's search under way: the others are people's
	paces    *paces        // of programs
	patience patience
	looks    chan struct{}   // at addresses that people gave
	saving   sync.Mutex      // of filters
	hosts    map[string]bool // names under which the page answers when no password guards it
	secure   bool            // people come by https
	handler  http.Handler
}

// ErrOpenDoor refuses to listen elsewhere than on loopback without a password.
var ErrOpenDoor = say.Errorf(say.Text{
	EN: "web.listen is reachable from other machines, but no password guards the page; set web.password: ${OUIDIRE_PASSWORD}, or write listen: 127.0.0.1:8080",
	FR: "web.listen est accessible depuis d’autres machines, mais aucun mot de passe ne protège la page; écrivez web.password: ${OUIDIRE_PASSWORD}, ou listen: 127.0.0.1:8080",
})

// New makes the page. listen is the address it will be served at: elsewhere than
// on loopback a password is required (ErrOpenDoor).
func New(listen net.Addr, o Options) (*Server, error) {
	if o.Password == "" && !loopback(listen) {
		return nil, ErrOpenDoor
	}
	d, err := newDoor(o)
	if err != nil {
		return nil, err
	}
	s := &Server{Options: o, door: d, views: map[say.Lang]*views{}, searches: make(chan struct{}, searchesAtOnce), patience: usual,
		calling: make(chan struct{}, 1), paces: &paces{of: map[string]*rate.Limiter{}},
		looks: make(chan struct{}, 2)}
	if err := s.answerTo(listen); err != nil {
		return nil, err
	}
	for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
		if s.views[l], err = parse(l); err != nil {
			return nil, err
		}
	}
	s.handler = s.served(s.table())
	return s, nil
}

func loopback(a net.Addr) bool {
	addr, err := netip.ParseAddrPort(a.String())
	return err == nil && addr.Addr().IsLoopback()
}

// answerTo lists the host names under which the page answers. A page without a
// password that answered to any name could be read through DNS rebinding.
func (s *Server) answerTo(listen net.Addr) error {
	host, _, err := net.SplitHostPort(listen.String())
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, err)
	}
	s.hosts = map[string]bool{host: true, "localhost": true, "127.0.0.1": true, "::1": true}
	if s.Address != "" {
		u, err := url.Parse(s.Address)
		if err != nil {
			return fmt.Errorf("the page's address: %w", err)
		}
		s.hosts[u.Hostname()], s.secure = true, u.Scheme == "https"
	}
	return nil
}

// onTime answers instead of every page while the clock is behind: what they would say
// is dated wrong. It comes before the password, whose sessions need the time.
func (s *Server) onTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, behind := s.Behind()
		if !behind {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "5")
		if r.Method == http.MethodGet {
			w.Header().Set("Refresh", "5")
		}
		s.render(w, r, http.StatusServiceUnavailable, "behind", seen)
	})
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// answerLimit is how long anything asked of the page may take. A test message by
// e-mail may take twenty seconds.
const answerLimit = 25 * time.Second

// hardened sets what every answer carries, bounds what it may cost, and refuses
// foreign host names.
func (s *Server) hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if s.Password == "" && !s.hosts[hostOf(r)] {
			http.Error(w, "ouidire does not answer to this name: set web.address in ouidire.yml", http.StatusMisdirectedRequest)
			return
		}
		if secretPath(r) != "" && r.Header.Get("Origin") == "null" {
			// A page that sends no referrer has no origin either. Where browsers say from
			// which site a form comes that still counts; elsewhere its secret vouches for it.
			r.Header.Del("Origin")
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		within, cancel := context.WithTimeout(r.Context(), answerLimit)
		defer cancel()
		defer s.caught(w, r)
		next.ServeHTTP(w, r.WithContext(within))
	})
}

// caught makes of a panic one page that did not work, and says so in the log: the
// server's own word for it would be lost among those about broken connections.
func (s *Server) caught(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	s.Log.Error("page panicked", "path", logged(r), "panic", p, "stack", string(debug.Stack()))
	http.Error(w, "this did not work; the log says why", http.StatusInternalServerError)
}

func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}
