package web

import (
	"net/http"
	"slices"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// access is who may use an address. The zero value is nobody: what nobody gave an
// access is refused to everybody.
type access string

const (
	anyone   access = "anyone"
	scrapers        = access(state.ScopeMetrics) // and people
	programs        = access(state.ScopeAPI)     // and people
	callers  access = "callers"                  // programs alone, by a token that reads
	actors   access = "actors"                   // programs alone, by a token that acts
	readers         = access(state.Reader)
	handlers        = access(state.Handler)
	owners          = access(state.Owner)
)

// route is an address, who may use it, and what it does. People of a role may use what
// those of a lesser role may.
type route struct {
	pattern string
	access  access
	serve   http.HandlerFunc
}

// served is addresses, each behind what guards it.
func (s *Server) served(table []route) http.Handler {
	outside, inside := http.NewServeMux(), http.NewServeMux()
	for _, a := range table {
		switch a.access {
		case anyone:
			outside.Handle(a.pattern, a.serve)
		case scrapers, programs:
			outside.Handle(a.pattern, s.programs(state.Scope(a.access), a.serve))
		case callers:
			outside.Handle(a.pattern, s.called(state.ScopeAPI, a.serve))
		case actors:
			outside.Handle(a.pattern, s.called(state.ScopeAct, a.serve))
		default:
			inside.Handle(a.pattern, s.only(state.Role(a.access), a.serve))
		}
	}
	if s.Bare {
		outside.HandleFunc("/", elsewhere)
	} else {
		inside.HandleFunc("/", s.notFound)
		outside.Handle(apiPath, s.called(state.ScopeAPI, s.noCall))
		outside.Handle("/", s.onTime(s.guarded(inside)))
	}
	return s.hardened(http.NewCrossOriginProtection().Handler(outside))
}

// table is every address of the page, with those of a demonstration in a demonstration alone.
func (s *Server) table() []route {
	signs := []route{
		{"GET /healthz", anyone, healthz},
		{"GET /readyz", anyone, s.readyz},
		{"GET /metrics", scrapers, s.metrics},
	}
	switch {
	case s.Bare:
		return signs
	case s.Demo != nil:
		return slices.Concat(signs, s.doors(), s.calls(), s.rooms(), s.stage())
	}
	return slices.Concat(signs, s.doors(), s.calls(), s.rooms())
}

// doors is how people and feed readers come in.
func (s *Server) doors() []route {
	return []route{
		{"GET /assets/{name}", anyone, s.asset},
		{"GET /login", anyone, s.loginForm},
		{"POST /login", anyone, s.login},
		{"GET /invitation/{token}", anyone, s.invitation},
		{"POST /invitation/{token}", anyone, s.accept},
		{"GET /act/{pass}", anyone, s.recognised(s.passForm)},
		{"POST /act/{pass}", anyone, s.recognised(s.usePass)},
		{"GET /unsubscribe/{pass}", anyone, s.unsubscribeForm},
		{"POST /unsubscribe/{pass}", anyone, s.unsubscribe},
		{"GET " + alerting.ReceiptPath + "{pass}", anyone, s.recognised(s.receiptForm)},
		{"POST " + alerting.ReceiptPath + "{pass}", anyone, s.recognised(s.giveReceipt)},
		{"POST /lang", anyone, s.setLang},
		{"GET /feeds/stories.atom", programs, s.storiesFeed},
		{"GET /feeds/watch/{file}", programs, s.watchFeed},
	}
}

// calls is what programs ask and do (api.go).
func (s *Server) calls() []route {
	return []route{
		{"GET /api/v1/mentions", callers, s.callMentions},
		{"GET /api/v1/mentions/{id}", callers, s.callMention},
		{"GET /api/v1/mentions/{id}/conversation", callers, s.callConversation},
		{"GET /api/v1/stories/{id}", callers, s.callStory},
		{"GET /api/v1/situations", callers, s.callSituations},
		{"GET /api/v1/situations/{id}", callers, s.callSituation},
		{"POST /api/v1/situations/{id}", actors, s.callAct},
		{"GET /api/v1/advisories", callers, s.callAdvisories},
		{"POST /api/v1/advisories", actors, s.callAdvise},
		{"GET /api/v1/advisories/{id}", callers, s.callAdvisory},
		{"POST /api/v1/advisories/{id}", actors, s.callAdvisoryAct},
		{"GET /api/v1/sources", callers, s.callSources},
		{"GET /api/v1/watches", callers, s.callWatches},
	}
}

// rooms is what people see and do.
func (s *Server) rooms() []route {
	return []route{
		{"GET /{$}", readers, s.home},
		{"GET /mentions", readers, s.mentions},
		{"GET /mentions/search", readers, s.guided},
		{"POST /mentions/filters", handlers, s.save},
		{"POST /mentions/filters/remove", handlers, s.unsave},
		{"GET /mentions/{id}", readers, s.mention},
		{"POST /mentions/{id}/tone", handlers, s.correct},
		{"GET /stories/{id}", readers, s.story},
		{"GET /tone", readers, s.tone},
		{"GET /situations", readers, s.situations},
		{"GET /situations/{id}", readers, s.situation},
		{"POST /situations/{id}", handlers, s.act},
		{"GET /advisories", readers, s.advisories},
		{"GET /advisories/new", handlers, s.adviseForm},
		{"POST /advisories/new", handlers, s.advise},
		{"GET /advisories/{id}", readers, s.advisory},
		{"POST /advisories/{id}/read", readers, s.receive},
		{"POST /advisories/{id}/withdraw", handlers, s.takeBack},
		{"GET /sources", readers, s.sources},
		{"POST /sources/visit", handlers, s.readNow},
		{"GET /sources/add", owners, s.addForm},
		{"POST /sources/add", owners, s.lookThere},
		{"POST /sources/pause", owners, s.pause},
		{"GET /watches", readers, s.watches},
		{"GET /watches/one", owners, s.watchForm},
		{"POST /watches/one", owners, s.saveWatch},
		{"GET /settings", readers, s.settings},
		{"POST /settings/password", owners, s.setPassword},
		{"POST /settings/own-password", readers, s.setOwnPassword},
		{"POST /settings/own-name", readers, s.setOwnName},
		{"POST /settings/own-email", readers, s.setOwnEmail},
		{"GET /settings/members", owners, s.team},
		{"POST /settings/members", owners, s.invite},
		{"POST /settings/members/{id}", owners, s.changeMember},
		{"GET /settings/tokens", owners, s.tokens},
		{"POST /settings/tokens", owners, s.makeToken},
		{"POST /settings/tokens/{id}/revoke", owners, s.revokeToken},
		{"GET /set/{section}", owners, s.entryForm},
		{"POST /set/{section}", owners, s.saveEntry},
		{"GET /set/{section}/remove", owners, s.removeForm},
		{"POST /set/{section}/remove", owners, s.remove},
		{"GET /start", owners, s.startForm},
		{"POST /start", owners, s.start},
		{"GET /welcome", owners, s.welcome},
		{"GET /messages", readers, s.messages},
		{"GET /keeping", readers, s.keeping},
		{"POST /keeping/resend", owners, s.resend},
		{"POST /messages/test", owners, s.sendTest},
		{"POST /messages/confirm", handlers, s.confirm},
		{"POST /messages/resubscribe", owners, s.resubscribe},
		{"POST /logout", readers, s.logout},
	}
}

// stage is the addresses of a demonstration.
func (s *Server) stage() []route {
	return []route{
		{"GET /demo", owners, s.demo},
		{"GET /demo/now", owners, s.now},
		{"POST /demo", owners, s.direct},
	}
}

// elsewhere tells who looks for the page that it is not here.
func elsewhere(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "This process visits sources; the page is that of shard 0.\nCe processus visite des sources; la page est celle du processus 0.", http.StatusNotFound)
}

// metrics is what Prometheus reads.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) { s.Metrics.ServeHTTP(w, r) }
