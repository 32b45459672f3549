package app

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store/state"
)

// answered is the status of a request that carries these cookies.
func answered(t *testing.T, method, address string, form url.Values, cookies []*http.Cookie) (int, []*http.Cookie) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := stay.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Cookies()
}

func TestMembersStayInWhenThePagesPasswordChangesAndMetricsHaveADoorlessAddress(t *testing.T) {
	t.Parallel()
	s := plainSettings(t)
	s.extra = "metrics: {listen: \"127.0.0.1:0\"}\n"
	path := s.write(t)
	replace(t, path, `web: {listen: "127.0.0.1:0"}`, `web: {listen: "127.0.0.1:0", password: `+password+`}`)
	a := start(t, path, time.Hour)

	_, link, err := a.state.Invite(t.Context(), "", state.Member{Name: "Hélène Côté", Role: state.Handler})
	if err != nil {
		t.Fatal(err)
	}
	const own = "trois mots sans rapport"
	code, member := answered(t, http.MethodPost, a.Address()+"/invitation/"+link, url.Values{"password": {own}, "again": {own}}, nil)
	if code != http.StatusSeeOther || inside(t, a.Address(), member) == "" {
		t.Fatalf("who accepts the invitation is not in: status %d", code)
	}
	shared := enter(t, a.Address(), password)
	replace(t, path, password, newPassword)
	a.Reload(t.Context(), func() (*config.File, error) { return config.Load(path, Kinds()) })
	if inside(t, a.Address(), member) == "" {
		t.Error("another password of the page closed a member's session")
	}
	if inside(t, a.Address(), shared) != "" {
		t.Error("a session of the password before is still open")
	}

	doorless := "http://" + a.monitored.Addr().String()
	for _, c := range []struct {
		address string
		want    int
	}{
		{doorless + "/metrics", http.StatusOK}, {doorless + "/healthz", http.StatusOK}, {doorless + "/", http.StatusNotFound},
		{doorless + "/mentions", http.StatusNotFound}, {a.Address() + "/metrics", http.StatusUnauthorized},
	} {
		if code, _ := answered(t, http.MethodGet, c.address, nil, nil); code != c.want {
			t.Errorf("%s: status %d, want %d", c.address, code, c.want)
		}
	}
	if got := get(t, doorless+"/metrics"); !strings.Contains(got, "ouidire_build_info{") {
		t.Errorf("the metrics are not there:\n%.300s", got)
	}
}

func TestAPortOfTheMetricsThatIsInUseIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := plainSettings(t)
	s.extra = "metrics: {listen: \"" + l.Addr().String() + "\"}\n"
	refused(t, s.write(t), "ou écrivez-en un autre sous metrics: listen:", "or write another under metrics: listen:")
}
