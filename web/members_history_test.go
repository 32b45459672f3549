package web

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/store/state"
)

func TestAnOwnerReadsWhatChangedAboutWhoComesIn(t *testing.T) {
	h, cookies := inhabited(t)
	owner := []string{"Cookie", cookies[state.Owner]}
	all, err := h.state.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Name == "Zoé L’Heureux" {
			for _, do := range []url.Values{{"do": {"role"}, "role": {"member"}}, {"do": {"disable"}}, {"do": {"enable"}}} {
				h.ask("POST", "/settings/members/"+m.ID, do, owner...)
			}
		}
	}
	h.ask("POST", "/settings/tokens", url.Values{"name": {"Prometheus"}, "scope": {"metrics"}}, owner...)
	if err := h.state.Unsubscribe(t.Context(), "courriel", "odile@caisse.example"); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"fr-CA": {"odile@caisse.example ne reçoit plus les résumés par courriel.", "Jeton fait pour Prometheus par Odette Malenfroy.", "Zoé L’Heureux\u00a0: accès redonné par Odette Malenfroy.",
			"Zoé L’Heureux\u00a0: accès retiré par Odette Malenfroy.", "Zoé L’Heureux\u00a0: nouveau rôle (membre) par Odette Malenfroy."},
		"en": {"odile@caisse.example gets no more digests by courriel.", "A token was made for Prometheus by Odette Malenfroy.", "Zoé L’Heureux was let in again by Odette Malenfroy."},
	} {
		page := h.ask("GET", "/settings/members", nil, append(owner, "Accept-Language", lang)...).Body.String()
		at := 0
		for _, line := range want {
			found := strings.Index(page[at:], line)
			if found < 0 {
				t.Fatalf("in %s it does not say, newest first, %q:\n%s", lang, line, page)
			}
			at += found
		}
	}
}

// journalled finds what the package of the state journals about who comes in.
var journalled = regexp.MustCompile(`(?:toMember\(ctx, (?:deed|Deed\{[^}]*\}), |journalMember\(ctx, tx, Entry\{At: d\.now\(\), Who: [a-z.A-Z]+, What: |journalToken\(ctx, tx, d\.now\(\), by, |subscription\(ctx, )"([a-z.]+)"`)

func TestEveryChangeAboutWhoComesInHasWords(t *testing.T) {
	found := 0
	for file, prefix := range map[string]string{"members.go": "member.", "invitations.go": "member.", "tokens.go": "token.", "unsubscribed.go": ""} {
		text, err := os.ReadFile("../store/state/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range journalled.FindAllStringSubmatch(string(text), -1) {
			found++
			if _, known := words["access."+prefix+what[1]]; !known {
				t.Errorf("%s journals %s, which the page has no words for", file, prefix+what[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d kinds of change: the test is broken", found)
	}
}
