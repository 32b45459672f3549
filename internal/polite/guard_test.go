package polite_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

// forms are ways to write an address that is not public.
var forms = []string{
	"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "100.64.0.1",
	"192.0.0.8", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]", "[fe80::1%25lo]", "[::1%25lo]", "[::ffff:127.0.0.1%25lo]",
	"2130706433", "0x7f000001", "0177.0.0.1", "127.1",
}

// recorder is a network on which nothing goes anywhere.
type recorder struct {
	dialled []string
	answers map[string][]netip.Addr
}

func (r *recorder) Dial(_ context.Context, _, address string) (net.Conn, error) {
	r.dialled = append(r.dialled, address)
	return nil, errors.New("this network leads nowhere")
}

// LookupNetIP answers for numbers too, as some systems' resolvers do.
func (r *recorder) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a, ok := r.answers[host]; ok {
		return a, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

func TestNoFormOfAPrivateAddressIsEverConnectedTo(t *testing.T) {
	for _, form := range forms {
		t.Run(form, func(t *testing.T) {
			for _, address := range []string{"http://" + form + "/", "https://" + form + "/", "http://" + form + ".:80/"} {
				var net recorder
				_, err := client(t, &net, polite.Config{}).Get(t.Context(), polite.Request{URL: address})
				wantRefused(t, address, err)
				if len(net.dialled) > 0 {
					t.Errorf("%s: connected to %v", address, net.dialled)
				}
			}
		})
	}
}

func TestANameThatLeadsToAPrivateAddressIsRefused(t *testing.T) {
	for _, form := range forms {
		ip, err := netip.ParseAddr(trimBrackets(form))
		if err != nil {
			continue // a spelling, seen above
		}
		for _, ip := range []netip.Addr{ip, netip.AddrFrom16(ip.As16())} {
			net := recorder{answers: map[string][]netip.Addr{"piege.example": {ip}}}
			_, err := client(t, &net, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://piege.example/"})
			wantRefused(t, ip.String(), err)
			if len(net.dialled) > 0 {
				t.Errorf("%s: connected to %v", ip, net.dialled)
			}
		}
	}
}

func TestANameWithOnePublicAddressIsReachedThereOnly(t *testing.T) {
	net := recorder{answers: map[string][]netip.Addr{"mixte.example": {
		netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("::1"),
	}}}
	_, err := client(t, &net, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://mixte.example/"})
	if got := fmt.Sprint(net.dialled); got != "[9.9.9.9:80]" {
		t.Errorf("connected to %v (%v), want the public address only", got, err)
	}
}

func TestARedirectIsGuardedLikeAnyAddress(t *testing.T) {
	for _, form := range forms {
		synctest.Test(t, func(t *testing.T) {
			web := webtest.New(t)
			web.Handle("echo-des-moyacs.example", http.RedirectHandler("http://"+form+"/", http.StatusFound))
			web.Point("localhost", netip.MustParseAddr("127.0.0.1"))
			_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: echo})
			wantRefused(t, form, err)
			if got := len(web.Dialled()); got != 1 {
				t.Errorf("%s: connected to %v, want the first host only", form, web.Dialled())
			}
		})
	}
}

func TestANameThatChangesItsMindIsCheckedAtEveryConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
		}))
		c := web.Client(t, polite.Config{})
		get(t, c, polite.Request{URL: echo})
		web.Point("echo-des-moyacs.example", netip.MustParseAddr("127.0.0.1"))
		_, err := c.Get(t.Context(), polite.Request{URL: echo})
		wantRefused(t, "rebound name", err)
	})
}

func TestOnlyUsualAndConfiguredPortsAreOpen(t *testing.T) {
	configured := polite.Config{Origins: []string{"http://fil:secret@intranet.example:8080/fil.xml", "https://valtisse.example"}}
	for address, want := range map[string]string{
		"http://valtisse.example":            "[9.9.9.9:80]",
		"https://valtisse.example":           "[9.9.9.9:443]",
		"http://valtisse.example:443":        "[9.9.9.9:443]",
		"http://INTRANET.example:8080/autre": "[9.9.9.9:8080]",
		"https://intranet.example:8080":      "[9.9.9.9:8080]",
		"http://valtisse.example:8080":       "[]", // configured, but for another host
		"http://intranet.example:8081":       "[]",
		"http://valtisse.example:22":         "[]",
		"http://valtisse.example:0":          "[]",
		"ftp://valtisse.example":             "[]",
		"file:///etc/passwd":                 "[]",
		"valtisse.example":                   "[]",
		"":                                   "[]",
	} {
		public := []netip.Addr{netip.MustParseAddr("9.9.9.9")}
		net := recorder{answers: map[string][]netip.Addr{"valtisse.example": public, "intranet.example": public}}
		_, err := client(t, &net, configured).Get(t.Context(), polite.Request{URL: address})
		if got := fmt.Sprint(net.dialled); got != want {
			t.Errorf("%s: connected to %v (%v), want %v", address, got, err, want)
		}
	}
}

func TestARangeOpenedOnPurposeIsOpenAndNoOther(t *testing.T) {
	cfg := polite.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32")}}
	for host, want := range map[string]int{"10.1.2.3": 1, "[fd00:1::1]": 1, "10.2.0.1": 0, "[fd00:2::1]": 0, "127.0.0.1": 0} {
		var net recorder
		_, err := client(t, &net, cfg).Get(t.Context(), polite.Request{URL: "http://" + host + "/"})
		if len(net.dialled) != want {
			t.Errorf("%s: connected to %v (%v), want %d connections", host, net.dialled, err, want)
		}
	}
}

func TestBehindAProxyNamesAreCheckedBeforeTheyAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		web := webtest.New(t)
		web.Point("mandataire.example", netip.MustParseAddr("10.0.0.9")) // the operator's own: not guarded
		web.Handle("mandataire.example:3128", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.RequestURI)
			fmt.Fprint(w, "par le mandataire")
		}))
		web.Handle("echo-des-moyacs.example", http.NotFoundHandler())
		web.Point("piege.example", netip.MustParseAddr("10.0.0.1"))
		c := web.Client(t, polite.Config{Proxy: &url.URL{Scheme: "http", Host: "mandataire.example:3128"}})
		if got := string(get(t, c, polite.Request{URL: echo}).Body); got != "par le mandataire" {
			t.Errorf("answered %q", got)
		}
		for _, address := range []string{"http://piege.example/", "http://127.0.0.1/", "https://piege.example/"} {
			_, err := c.Get(t.Context(), polite.Request{URL: address})
			wantRefused(t, address, err)
		}
		if got := fmt.Sprint(asked); got != "["+echo+"]" {
			t.Errorf("the proxy was asked for %v", got)
		}
	})
}

func client(t *testing.T, net *recorder, cfg polite.Config) *polite.Client {
	t.Helper()
	cfg.Dial, cfg.Resolver = net.Dial, net
	c, err := polite.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantRefused(t *testing.T, what string, err error) {
	t.Helper()
	if refused := (*polite.Refused)(nil); !errors.As(err, &refused) || polite.ReasonOf(err) != polite.Guarded {
		t.Errorf("%s: %v, want it refused", what, err)
	}
}

func trimBrackets(s string) string {
	if s[0] == '[' {
		return s[1 : len(s)-1]
	}
	return s
}

// A proxy of the environment would be asked instead of the address that was checked.
func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://203.0.113.9:80")
	}
	net := &recorder{answers: map[string][]netip.Addr{"echo-des-moyacs.example": {netip.MustParseAddr("8.8.4.4")}}}
	for _, scheme := range []string{"http", "https"} {
		_, _ = client(t, net, polite.Config{}).Get(t.Context(), polite.Request{URL: scheme + "://echo-des-moyacs.example/"})
	}
	if want := []string{"8.8.4.4:80", "8.8.4.4:443"}; !slices.Equal(net.dialled, want) {
		t.Errorf("connected to %v, want %v", net.dialled, want)
	}
}

func FuzzNoAddressReachesWhatIsNotPublic(f *testing.F) {
	for _, form := range forms {
		f.Add("http://" + form + "/")
	}
	for _, address := range []string{"http://a@127.0.0.1:80@b.example/", "http://[::ffff:7f00:1%25lo]/", "http://127。0。0。1/", "http://LOCALHOST./", "http:\\\\10.0.0.1/", "//[0:0::1]:80", "http://québec.example:0443/"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		net := &recorder{}
		_, err := client(t, net, polite.Config{}).Get(t.Context(), polite.Request{URL: address})
		if err == nil {
			t.Errorf("%q was answered by nobody", address)
		}
		for _, d := range net.dialled {
			to, err := netip.ParseAddrPort(d)
			if ip := to.Addr(); err != nil || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || to.Port() != 80 && to.Port() != 443 {
				t.Errorf("%q connected to %s", address, d)
			}
		}
	})
}
