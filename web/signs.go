package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Signs serves what monitoring asks for, the signs of life and the metrics, at an
// address of its own and without a door: whoever reaches it reads them. On loopback it
// answers to the names of this machine only, so that no web site can read them through
// a name that resolves here.
func Signs(listen net.Addr, metrics http.Handler, ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { readiness(w, r, ready, false) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if loopback(listen) && !loopbackName(hostOf(r)) {
			http.Error(w, "this answers to the names of its own machine only", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func loopbackName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// healthz tells that the process answers.
func healthz(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readiness tells that the program can do its work, or not; and why not to those who
// may know: the reason may name a folder.
func readiness(w http.ResponseWriter, r *http.Request, ready func(context.Context) error, known bool) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	switch err := ready(ctx); {
	case err == nil:
		fmt.Fprintln(w, "ready")
	case known:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		http.Error(w, "not ready; the log says why", http.StatusServiceUnavailable)
	}
}

// readyz is readiness at the page's own address.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	p, _ := s.door.who(r)
	readiness(w, r, s.Ready, p.known())
}
