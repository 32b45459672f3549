package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAtAnAddressOfTheirOwnMetricsAnswerToTheRightNamesAndKeepReasonsToThemselves(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ouidire_build_info 1") })
	full := func(context.Context) error { return errors.New("disk /srv/veille is full") }
	here, everywhere := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9464}, &net.TCPAddr{IP: net.IPv4zero, Port: 9464}
	for _, c := range []struct {
		listen     net.Addr
		host, path string
		code       int
		want       string
	}{
		{here, "127.0.0.1:9464", "/metrics", http.StatusOK, "ouidire_build_info 1"},
		{here, "localhost:9464", "/metrics", http.StatusOK, "ouidire_build_info 1"},
		{here, "[::1]:9464", "/healthz", http.StatusOK, "ok"},
		{here, "localhost", "/readyz", http.StatusServiceUnavailable, "not ready; the log says why"},
		{here, "rebound.example", "/metrics", http.StatusMisdirectedRequest, "its own machine only"},
		{here, "", "/metrics", http.StatusMisdirectedRequest, "its own machine only"},
		{everywhere, "ouidire:9464", "/metrics", http.StatusOK, "ouidire_build_info 1"},
		{everywhere, "ouidire:9464", "/mentions", http.StatusNotFound, "not found"},
		{everywhere, "ouidire:9464", "/login", http.StatusNotFound, "not found"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		Signs(c.listen, metrics, full).ServeHTTP(w, r)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "srv") {
			t.Errorf("%s at %s: status %d, %q", c.path, c.host, w.Code, w.Body)
		}
	}
}
