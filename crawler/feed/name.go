package feed

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/ouidire/ouidire/mention"
)

// Place is the place of everything that a feed or a page brings.
const Place = "web"

// ID names an item by the identifier that its feed gives it and by its link; one
// of them may be empty. It is the same for the item in its own feed and for what
// a comment answers, so that a comment finds its article:
//
//   - An identifier that is no web address names the item: alone when it is meant
//     for the whole world ("tag:…", "urn:…"), else on the host of its link.
//   - One that is a web address names it too, once normalised (see address).
//   - WordPress's own identifiers (…/?p=12, …#comment-62) give way to the link,
//     because a comment feed knows an article by its link alone. The price: a
//     WordPress article whose address is edited is a new one.
//   - Without identifier, the link names it.
//
// Names are not bound to the feed that uses them: an article is one mention
// whether its site or somebody who passes it on is read first. The price: a feed
// that the operator chose to read can put a version of its own behind what another
// one brought, and choose the link when it is first. Nothing is overwritten, each
// version keeps its time, and a rule that only the first feed may edit would lose
// the mention whenever that feed gave a text without the watched words.
func ID(guid, link string) string {
	return mention.NewID(Place, native(guid, link))
}

func native(guid, link string) string {
	switch {
	case guid == "", link != "" && wordpress(guid):
		return address(link)
	case web(guid):
		return address(guid)
	case strings.HasPrefix(guid, "tag:"), strings.HasPrefix(guid, "urn:"):
		return guid
	}
	return host(link) + "\x00" + guid
}

func host(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

var commentAnchor = regexp.MustCompile(`^comment-\d+$`)

// wordpress knows the identifiers that WordPress makes: a short link, whatever
// domain the site lived under when the post was first saved, or a comment's anchor.
func wordpress(guid string) bool {
	u, err := url.Parse(guid)
	if err != nil || !web(guid) {
		return false
	}
	q := u.Query()
	short := (q.Has("p") || q.Has("page_id")) && (u.Path == "" || strings.HasSuffix(u.Path, "/"))
	return short && u.Fragment == "" || commentAnchor.MatchString(u.Fragment)
}

func web(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && rest != "" && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

var (
	tracking    = regexp.MustCompile(`(?i)^(utm_.*|at_.*|mtm_.*|pk_.*|fbclid|gclid|mc_cid|mc_eid|xtor|cmpid)$`)
	commentPage = regexp.MustCompile(`/comment-page-\d+/?$`)
)

// address is a web address as far as it names something: without scheme (sites
// move to https), without the slash at its end, a usual port, what campaigns
// add, and the page of comments that a comment happens to stand on. It is for
// naming only, never for requests.
func address(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" {
		return s
	}
	host := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":443"), ":80")
	p := u.EscapedPath()
	if commentAnchor.MatchString(u.Fragment) {
		p = commentPage.ReplaceAllString(p, "/")
	}
	name := "//" + host + strings.TrimRight(p, "/")
	if q := query(u); q != "" {
		name += "?" + q
	}
	if u.Fragment != "" && !strings.HasPrefix(u.Fragment, "xtor=") {
		name += "#" + u.EscapedFragment()
	}
	return name
}

// query keeps the parameters that name something, in their order.
func query(u *url.URL) string {
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if pair != "" && !tracking.MatchString(key) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// article is the address of what the comment at link stands under: the same page
// without its anchor and without the page of comments.
func article(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	if p := commentPage.ReplaceAllString(u.Path, "/"); p != u.Path {
		u.Path, u.RawPath = p, ""
	}
	q := u.Query()
	if q.Has("showComment") { // Blogger
		q.Del("showComment")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// home says whether link leads to a site rather than to something on it.
func home(link, site string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	return path.Clean("/"+u.Path) == "/" && u.RawQuery == "" && u.Fragment == "" || site != "" && address(link) == address(site)
}
