package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/token"

	"github.com/ouidire/ouidire/internal/say"
)

// check says what no single value can: names that point nowhere, doors left open.
func (r *reader) check(f *File) {
	r.organisation(f.Organisation)
	r.watches(f.Watches)
	r.references(f)
	r.digests(f)
	r.doors(f)
	r.defaultStore(f)
	r.ownKinds()
	r.advise(f)
}

// at is the setting at a path, as who.
func (r *reader) at(who phrase, path string, example string) where {
	key := path[strings.LastIndex(path, ".")+1:]
	key, _, _ = strings.Cut(key, "[")
	return where{path: path, who: who, set: field{key: key, example: example}}
}

// place is where a path stands, or the nearest setting around it that does.
func (r *reader) place(path string) *token.Position {
	for path != "" {
		if s, ok := r.spots[path]; ok {
			return &token.Position{Line: s.line, Column: s.column}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return nil
}

// against reports a fault of the setting at a path, unless something was said of
// it already.
func (r *reader) against(at where, f fault) {
	if !r.said(at.path) {
		r.report(r.place(at.path), at, f)
	}
}

// said tells whether a setting, or what holds it, was reported.
func (r *reader) said(path string) bool {
	for path != "" {
		if r.wrong[path] {
			return true
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return false
}

// example is how a corrected setting is shown.
func example(key string, value any) phrase { return says(writeExample, key, value) }

func (r *reader) organisation(o Organisation) {
	at := r.at(phrase{}, "organisation.timezone", "America/Toronto")
	if _, err := time.LoadLocation(o.Timezone); err != nil || o.Timezone == "" || o.Timezone == "Local" {
		r.against(at, fault{"bad_timezone",
			says(say.Text{EN: "there is no time zone called %s", FR: "aucun fuseau horaire ne s’appelle %s"}, r.shown(at.path, o.Timezone)), forExample(at.set)})
	}
}

// shown quotes a value as it stands in the file, so that ${NAME} stays a name.
func (r *reader) shown(path, value string) quoted {
	if p, ok := written(r.spots[path].node); ok {
		return quoted(p.raw)
	}
	return quoted(value)
}

// slug is what a name is made of: it becomes a label, an address, an id.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const longestName = 63

// names checks the names of one section.
func (r *reader) names(section string, names []string) {
	first, all := map[string]int{}, setOf(names)
	for i, name := range names {
		path := fmt.Sprintf("%s[%d]", section, i)
		at := r.at(r.whos[path], path+".name", "")
		if name == "" {
			if _, given := r.spots[at.path]; given {
				r.against(at, fault{"bad_name", says(say.Text{EN: "name is empty", FR: "name est vide"}), example("name", "caisse")})
			}
			continue
		}
		if j, taken := first[name]; taken {
			r.against(at, fault{"duplicate_name",
				says(say.Text{EN: "this name is already taken on line %d", FR: "ce nom est déjà pris à la ligne %d"}, r.line(r.spots[fmt.Sprintf("%s[%d].name", section, j)].line)),
				example("name", given(free(name, all)))})
			continue
		}
		first[name] = i
		if !slug.MatchString(name) || len(name) > longestName {
			r.against(at, fault{"bad_name",
				says(say.Text{EN: "a name is made of lower-case letters without accents, digits and single dashes, 63 at most",
					FR: "un nom est fait de minuscules sans accent, de chiffres et de tirets isolés, 63 au plus"}),
				example("name", Slug(string(r.shown(at.path, name))))})
		}
	}
}

// free is name with the first number that nobody has.
func free(name string, taken map[string]bool) string {
	for i := 2; ; i++ {
		if n := fmt.Sprintf("%s-%d", name, i); !taken[n] {
			return n
		}
	}
}

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

func (r *reader) watches(list []Watch) {
	names := namesOf(list, func(w Watch) string { return w.Name })
	if s, given := r.spots["watches"]; len(list) == 0 && given && !r.wrong["watches"] {
		r.report(&token.Position{Line: s.line, Column: s.column}, where{path: "watches"}, fault{"missing_key",
			says(say.Text{EN: "watches is empty, so there is nothing to listen for", FR: "watches est vide, il n’y a donc rien à écouter"}),
			example("watches", "[{name: caisse, query: caisse valtisse}]")})
	}
	r.names("watches", names)
	known := setOf(names)
	for i, w := range list {
		path := fmt.Sprintf("watches[%d]", i)
		who := r.whos[path]
		r.pointsTo(r.at(who, path+".parent", ""), "unknown_watch", w.Parent, w.Name, known)
		r.query(r.at(who, path+".query", "'\"caisse valtisse\"'"), w.Query)
	}
	r.cycles(list)
}

// cycles refuses a watch that is above itself.
func (r *reader) cycles(list []Watch) {
	parent := map[string]string{}
	for _, w := range list {
		parent[w.Name] = w.Parent
	}
	walked := map[string]int{} // in which round a watch was met
	for i, w := range list {
		p := w.Name
		for p != "" && walked[p] == 0 {
			walked[p], p = i+1, parent[p]
		}
		if p == "" || walked[p] != i+1 {
			continue // at the top, or met before
		}
		path := fmt.Sprintf("watches[%d]", i)
		r.against(r.at(r.whos[path], path+".parent", ""), fault{"cycle",
			says(say.Text{EN: "it ends up above itself (%s)", FR: "elle se retrouve au-dessus d’elle-même (%s)"}, given(ring(p, parent))),
			says(say.Text{EN: "remove parent from one of them", FR: "retirez parent de l’une d’elles"})})
	}
}

// ring writes a cycle out, from the watch where it begins.
func ring(from string, parent map[string]string) string {
	chain := []string{from}
	for p := parent[from]; p != from && len(chain) < 5; p = parent[p] {
		chain = append(chain, p)
	}
	return strings.Join(append(chain, from), " → ")
}

// query asks the language of queries, and points into the text where it can.
func (r *reader) query(at where, query string) {
	s, given := r.spots[at.path]
	if !given || r.wrong[at.path] {
		return
	}
	if strings.TrimSpace(query) == "" {
		r.against(at, fault{"bad_query", says(say.Text{EN: "query is empty", FR: "query est vide"}), forExample(at.set)})
		return
	}
	if r.kinds.Query == nil {
		return
	}
	if n, err := r.kinds.Query(query); err != nil {
		line, column := inside(s, query, n)
		r.report(&token.Position{Line: line, Column: column}, at, fault{"bad_query",
			says(say.Text{EN: "query: %v", FR: "query\u00a0: %v"}, err), phrase{}})
	}
}

// noOne says that a reference is to nobody.
var noOne = map[string]say.Text{
	"unknown_watch":   {EN: "no watch is called %s", FR: "aucune veille ne s’appelle %s"},
	"unknown_channel": {EN: "no channel is called %s", FR: "aucun moyen d’envoi ne s’appelle %s"},
}

// pointsTo checks that a name given in reference is somebody's. not is the name
// that may not be proposed.
func (r *reader) pointsTo(at where, code, name, not string, known map[string]bool) {
	if name == "" || known[name] || r.full() {
		return
	}
	names := slices.DeleteFunc(keysSorted(known), func(n string) bool { return n == "" || n == not })
	f := fault{code: code, what: says(noOne[code], r.shown(at.path, name))}
	form := "%s"
	if strings.HasSuffix(at.path, "]") {
		form = "[%s]"
	}
	switch near := nearest(name, names); {
	case near != "":
		f.do = says(write, at.set.key, given(fmt.Sprintf(form, near)))
	case len(names) > 0:
		f.do = says(choose, choice(names))
	default:
		f.do = says(say.Text{EN: "remove %s, or add what it names", FR: "retirez %s, ou ajoutez ce qu’il nomme"}, at.set.key)
	}
	r.against(at, f)
}

// references checks every name that one section gives of another.
func (r *reader) references(f *File) {
	watches, channels := map[string]bool{}, map[string]bool{}
	for _, w := range f.Watches {
		watches[w.Name] = true
	}
	r.names("sources", namesOf(f.Sources, func(s Source) string { return s.Name }))
	r.names("rules", namesOf(f.Rules, func(r Rule) string { return r.Name }))
	r.names("channels", namesOf(f.Channels, func(c Channel) string {
		channels[c.Name] = true
		return c.Name
	}))
	for i, s := range f.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		at := r.at(r.whos[path], path+".watch", "")
		r.pointsTo(at, "unknown_watch", s.Watch, "", watches)
		if s.Own && s.Watch == "" && len(f.Watches) > 0 {
			r.against(at, fault{"missing_key",
				says(say.Text{EN: "this source is your own, but no watch is about you (relation: self)", FR: "cette source est à vous, mais aucune veille ne porte sur vous (relation: self)"}), example("watch", given(f.Watches[0].Name))})
		}
	}
	for i, c := range f.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		at := r.at(r.whos[path], path+".fallback", "")
		r.pointsTo(at, "unknown_channel", c.Fallback, c.Name, channels)
		if c.Fallback != "" && c.Fallback == c.Name {
			r.against(at, fault{"bad_value", says(say.Text{EN: "a channel cannot stand in for itself", FR: "un moyen d’envoi ne peut pas se remplacer lui-même"}),
				says(say.Text{EN: "name another channel", FR: "nommez un autre moyen d’envoi"})})
		}
	}
	r.escalations(f)
	for i, rule := range f.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		who := r.whos[path]
		r.pointsTo(r.at(who, path+".watch", ""), "unknown_watch", rule.Watch, "", watches)
		for j, c := range rule.Channels {
			r.pointsTo(r.at(who, fmt.Sprintf("%s.channels[%d]", path, j), ""), "unknown_channel", c, "", channels)
		}
	}
}

// escalations checks that only who is told later is told how much later.
func (r *reader) escalations(f *File) {
	for i, c := range f.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		if c.After != 0 && c.Role != Owners && !r.said(path+".role") {
			r.against(r.at(r.whos[path], path+".after", ""), fault{"bad_value",
				says(say.Text{EN: "after is how long a situation waits before the owners are told, and this channel is not theirs", FR: "after est le temps qu’une situation attend avant d’être transmise aux responsables, et ce moyen d’envoi ne s’adresse pas à eux"}),
				says(say.Text{EN: "write role: owner, or remove after", FR: "écrivez role: owner, ou retirez after"})})
		}
	}
}

func namesOf[E any](list []E, name func(E) string) []string {
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = name(e)
	}
	return names
}

// doors checks addresses, and that nothing is open that should not be.
func (r *reader) doors(f *File) {
	r.address(r.at(phrase{}, "web.address", "https://veille.caisse.example"), f.Web.Address, "http", "https")
	r.address(r.at(phrase{}, "heartbeat.url", "https://signes-de-vie.example/votre-cle"), f.Heartbeat.URL.Reveal(), "http", "https")
	r.address(r.at(phrase{}, "crawler.proxy", "http://proxy.caisse.example:3128"), f.Crawler.Proxy.Reveal(), "http", "https", "socks5")
	if contact := f.Crawler.Contact; !strings.Contains(contact, "@") {
		r.address(r.at(phrase{}, "crawler.contact", "https://caisse.example/contact"), contact, "http", "https")
	}
	if f.Metrics.Listen != "" {
		r.listens(r.at(phrase{}, "metrics.listen", "127.0.0.1:9464"), f.Metrics.Listen)
	}
	at := r.at(phrase{}, "web.listen", "127.0.0.1:8080")
	host, port, ok := r.listens(at, f.Web.Listen)
	if !ok {
		return
	}
	if !loopback(host) && f.Web.Password.IsZero() && !r.said("web.password") {
		r.against(at, fault{"open_door",
			says(say.Text{EN: "listening at %s lets the whole network read your mentions, and no password is set", FR: "écouter à l’adresse %s laisse tout le réseau lire vos mentions, et aucun mot de passe n’est défini"}, r.shown(at.path, f.Web.Listen)),
			says(say.Text{EN: "add password: ${OUIDIRE_PASSWORD} under web, or write listen: 127.0.0.1:%s", FR: "ajoutez password: ${OUIDIRE_PASSWORD} sous web, ou écrivez listen: 127.0.0.1:%s"}, port)})
	}
}

// listens checks what is listened to.
func (r *reader) listens(at where, address string) (host, port string, ok bool) {
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		r.against(at, fault{"bad_address",
			says(say.Text{EN: "%s is not an address and a port", FR: "%s n’est pas une adresse suivie d’un port"}, r.shown(at.path, address)), forExample(at.set)})
		return "", "", false
	}
	return host, port, true
}

// digests checks what a digest says of itself: watches that are none, and a day of the
// week where every day is meant.
func (r *reader) digests(f *File) {
	known := setOf(namesOf(f.Watches, func(w Watch) string { return w.Name }))
	for i, c := range f.Channels {
		channel := fmt.Sprintf("channels[%d]", i)
		path, who := channel+".digest", r.whos[channel]
		for j, w := range c.Digest.Watches {
			r.pointsTo(r.at(who, fmt.Sprintf("%s.watches[%d]", path, j), ""), "unknown_watch", w, "", known)
		}
		if _, given := r.spots[path]; given && c.Digest.IsZero() && !r.said(path) && !r.said(path+".every") {
			r.against(r.at(who, path, ""), fault{"missing_key", says(say.Text{EN: "digest: every is missing", FR: "digest\u00a0: il manque every"}), example("digest", "{every: day, at: '07:30'}")})
		}
		if c.Digest.On != "" && c.Digest.Every == EveryDay {
			r.against(r.at(who, path+".on", ""), fault{"bad_value", says(say.Text{EN: "on is the day of a weekly digest, and this one comes every day", FR: "on est le jour d’un résumé de la semaine, et celui-ci vient chaque jour"}),
				says(say.Text{EN: "write every: week, or remove on", FR: "écrivez every: week, ou retirez on"})})
		}
	}
}

// loopback says whether only this machine reaches host.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// address checks an address that may be left out.
func (r *reader) address(at where, text string, schemes ...string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme) {
		return
	}
	var begin choice
	for _, s := range schemes {
		begin = append(begin, s+"://")
	}
	r.against(at, fault{"bad_url",
		says(say.Text{EN: "%s: %s does not begin with %s and the name of a site", FR: "%s\u00a0: %s ne commence pas par %s et le nom d’un site"}, at.set.key, r.shown(at.path, text), begin), forExample(at.set)})
}

// defaultStore gives its settings to a store that nobody wrote about.
func (r *reader) defaultStore(f *File) {
	if build, ok := r.kinds.Stores[f.Store.Kind]; ok && f.Store.Config == nil {
		f.Store.Config = build()
	}
}

// ownKinds asks each kind what it finds wrong with its own settings.
func (r *reader) ownKinds() {
	for _, e := range r.entries {
		c, ok := e.config.(Checker)
		if !ok {
			continue
		}
		for _, p := range c.Check() {
			at := r.at(e.at.who, strings.Trim(e.at.path+"."+p.Key, "."), p.Example)
			f := fault{code: "bad_value", what: says(p.Text, theirs(p.Args)...)}
			if p.Example != "" && p.Key != "" {
				f.do = example(at.set.key, given(p.Example))
			}
			r.against(at, f)
		}
	}
}
