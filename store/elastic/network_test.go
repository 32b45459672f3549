package elastic

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/ouidire/ouidire/internal/needs"
)

// network is the wire between a store and the server, as toxiproxy spoils it: bytes, of
// which it understands nothing. What happens to whole requests is between's.
type network struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
}

// wired is the house behind a network of its own.
func (h *house) wired(t testing.TB, tag string) (*house, *network) {
	t.Helper()
	g := *h
	g.t, g.tag = t, tag
	zerolog.SetGlobalLevel(zerolog.Disabled) // some of its toxics write past the log that they are given
	apart := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &network{t, toxiproxy.NewProxy(apart, tag, "127.0.0.1:0", strings.TrimPrefix(h.config.Addresses[0], "http://"))}
	n.connect()
	t.Cleanup(n.proxy.Stop)
	g.config.Addresses = []string{"http://" + n.proxy.Listen}
	return &g, n
}

func (n *network) connect() {
	n.t.Helper()
	if err := n.proxy.Start(); err != nil {
		n.t.Fatal(err)
	}
}

// spoil makes it do to every connection, or to some, what toxics say.
func (n *network) spoil(toxics ...string) {
	n.t.Helper()
	for _, toxic := range toxics {
		if _, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			n.t.Fatalf("%s: %v", toxic, err)
		}
	}
}

func (n *network) mend() { n.proxy.Toxics.ResetToxics(n.t.Context()) }

// badNetwork is one way in which a network fails people.
type badNetwork struct {
	name   string
	toxics []string
	passes bool // in the end everything gets through
}

// badNetworks are such that the sizes at which they cut fall into the head of an
// answer, its body, and the body of a bulk request.
func badNetworks() []badNetwork {
	return []badNetwork{
		{"a server far away", []string{
			`{"type": "latency", "stream": "upstream", "attributes": {"latency": 40, "jitter": 30}}`,
			`{"type": "latency", "stream": "downstream", "attributes": {"latency": 40, "jitter": 30}}`}, true},
		{"bodies come slowly", []string{
			`{"type": "bandwidth", "stream": "upstream", "attributes": {"rate": 10}}`,
			`{"type": "bandwidth", "stream": "downstream", "attributes": {"rate": 10}}`}, true},
		{"bodies come in crumbs", []string{
			`{"type": "slicer", "stream": "upstream", "attributes": {"average_size": 90, "size_variation": 60, "delay": 300}}`,
			`{"type": "slicer", "stream": "downstream", "attributes": {"average_size": 90, "size_variation": 60, "delay": 300}}`}, true},
		{"answers are cut in the head", []string{`{"type": "limit_data", "stream": "downstream", "attributes": {"bytes": 40}}`}, false},
		{"answers are cut in the body", []string{`{"type": "limit_data", "stream": "downstream", "attributes": {"bytes": 240}}`}, false},
		{"requests are cut", []string{`{"type": "limit_data", "stream": "upstream", "attributes": {"bytes": 900}}`}, false},
		{"connections are reset", []string{`{"type": "reset_peer", "stream": "downstream", "attributes": {"timeout": 0}}`}, false},
		{"answers do not come after the server did what was asked", []string{`{"type": "timeout", "stream": "downstream", "attributes": {"timeout": 150}}`}, false},
		{"requests do not come", []string{`{"type": "timeout", "stream": "upstream", "attributes": {"timeout": 150}}`}, false},
	}
}

func TestWhatTheNetworkDoesCostsDelayOnly(t *testing.T) {
	whole := newHouse(t, oldest(t))
	for i, bad := range badNetworks() {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			h, n := whole.wired(t, string(rune('a'+i)))
			s := h.open(t.TempDir())
			batch, ids := h.many(0, 20)
			put(t, s, batch...)
			drain(t, s)
			n.spoil(bad.toxics...)
			more, others := h.many(20, 40)
			put(t, s, more...)
			put(t, s, edits(slices.Concat(batch, more))...)
			if bad.passes {
				drain(t, s)
			} else {
				until(t, "the trouble is noticed", func() bool { return s.State().Trouble != nil })
			}
			n.mend()
			drain(t, s)
			if got := h.checkPromised(s, len(ids)+len(others)); got.Kept != len(ids)+len(others) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestInAnyWeatherNothingIsLost changes the network all the time, and now and then lets it
// do its worst to half of the connections only, while a store is written to.
func TestInAnyWeatherNothingIsLost(t *testing.T) {
	changes := 8
	if needs.Soak() {
		changes = 1000
	}
	t.Parallel()
	h, n := newHouse(t, oldest(t)).wired(t, "w")
	var flown, failed atomic.Int64
	s := h.openWith(t.TempDir(), Options{Observe: func(sent Sent) {
		flown.Add(1)
		if sent.Err != nil {
			failed.Add(1)
		}
	}})
	const seed = 20261121
	chances := rand.New(rand.NewPCG(seed, 3))
	weather := slices.Concat(badNetworks(), []badNetwork{{toxics: []string{`{"type": "timeout", "attributes": {"timeout": 0}}`}}, {}})
	next := 0
	for range changes {
		bad := weather[chances.IntN(len(weather))]
		for _, toxic := range bad.toxics {
			if chances.IntN(2) == 0 {
				toxic = strings.Replace(toxic, "{", `{"toxicity": 0.5, `, 1)
			}
			n.spoil(toxic)
		}
		for range 1 + chances.IntN(6) {
			batch, _ := h.many(next, keptAtOnce)
			next += keptAtOnce
			put(t, s, batch...)
			pause(t.Context(), time.Duration(chances.IntN(100))*time.Millisecond)
			put(t, s, edits(batch)...)
		}
		n.mend()
	}
	drain(t, s)
	if failed.Load() == 0 && needs.Soak() {
		t.Error("every bulk request was answered: the weather was too good")
	}
	t.Logf("%d changes of the weather, %d bulk requests, %d of them without an answer: %+v", changes, flown.Load(), failed.Load(), h.checkPromised(s, next))
}
