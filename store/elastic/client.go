package elastic

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/klauspost/compress/gzip"
)

// compatible asks a newer server to speak as 8 does. A request must not ask for it
// in one of its two headers only.
const compatible = "application/vnd.elasticsearch+%s;compatible-with=8"

// answerMost is how large an answer may be: more is a server gone mad.
const answerMost = 256 << 20

// answerWithin is how long a server that says nothing is waited for: one that was
// stopped in its sleep connects, and never answers.
const answerWithin = time.Minute

// client speaks with the server. Of go-elasticsearch it takes the requests
// (esapi), not the client around them, whose typed half would be compiled in.
type client struct {
	newer     atomic.Pointer[client] // takes what is asked from now on, see Store.Renew
	transport *elastictransport.Client
	wire      *http.Transport
	heard     atomic.Int64 // how often it was answered
	nameless  bool         // it shows neither a key nor a name
}

func newClient(c Config) (*client, error) {
	addresses := make([]*url.URL, len(c.Addresses))
	for i, address := range c.Addresses {
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("address %q: %w", address, err)
		}
		addresses[i] = u
	}
	wire := http.DefaultTransport.(*http.Transport).Clone()
	wire.Proxy = nil // what the operator wrote is where the server is
	wire.TLSClientConfig = &tls.Config{RootCAs: c.CA.Alone(), MinVersion: tls.VersionTLS12}
	wire.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	wire.MaxIdleConnsPerHost = 16
	wire.ResponseHeaderTimeout = answerWithin
	options := []elastictransport.Option{
		elastictransport.WithURLs(addresses...), elastictransport.WithTransport(wire), elastictransport.WithDisableRetry(),
	}
	if !c.APIKey.IsZero() {
		options = append(options, elastictransport.WithAPIKey(c.APIKey.Reveal()))
	}
	if c.Username != "" {
		options = append(options, elastictransport.WithBasicAuth(c.Username, c.Password.Reveal()))
	}
	transport, err := elastictransport.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("speak with Elasticsearch: %w", err)
	}
	return &client{transport: transport, wire: wire, nameless: c.APIKey.IsZero() && c.Username == ""}, nil
}

func (c *client) close() {
	c.wire.CloseIdleConnections()
	if n := c.newer.Load(); n != nil {
		n.close()
	}
}

// renew has all that is asked from now on asked by another.
func (c *client) renew(by *client) {
	if before := c.newer.Swap(by); before != nil {
		before.close()
	}
}

// Perform implements esapi.Transport.
func (c *client) Perform(r *http.Request) (*http.Response, error) {
	if n := c.newer.Load(); n != nil {
		return n.Perform(r)
	}
	r.Header.Set("Accept", fmt.Sprintf(compatible, "json"))
	if r.Body != nil {
		form := "json"
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			form = "x-ndjson"
		}
		r.Header.Set("Content-Type", fmt.Sprintf(compatible, form))
		if err := compress(r); err != nil {
			return nil, fmt.Errorf("compress a request: %w", err)
		}
	}
	res, err := c.transport.Perform(r)
	if err == nil {
		c.heard.Add(1)
	}
	return res, err
}

// answers is another number whenever the server has said something.
func (c *client) answers() int64 {
	if n := c.newer.Load(); n != nil {
		return n.answers()
	}
	return c.heard.Load()
}

// anonymous says that the server is not told who asks.
func (c *client) anonymous() bool {
	if n := c.newer.Load(); n != nil {
		return n.anonymous()
	}
	return c.nameless
}

// zippers compress requests, as quickly as they can: the server is rarely far.
var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // one of the levels there are
	return z
}}

// compress replaces the body of a request by one that takes less room on the way. The
// transport would do so itself, in twice the time.
func compress(r *http.Request) error {
	var zipped bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&zipped)
	if _, err := io.Copy(z, r.Body); err != nil {
		return err
	}
	if err := errors.Join(z.Close(), r.Body.Close()); err != nil {
		return err
	}
	r.Header.Set("Content-Encoding", "gzip")
	r.ContentLength = int64(zipped.Len())
	again := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(zipped.Bytes())), nil }
	r.GetBody = again
	r.Body, _ = again()
	return nil
}

// refused is an answer of Elasticsearch that is not what was asked for.
type refused struct {
	Status int
	Type   string
	Reason string
}

func (r *refused) Error() string {
	return fmt.Sprintf("Elasticsearch answered %d: %s: %s", r.Status, r.Type, r.Reason)
}

// stranger is an answer that no Elasticsearch gave.
type stranger struct {
	Status        int
	Type          string // of the content
	name, version string // what it calls itself, if it does
}

func newStranger(res *esapi.Response, body []byte) *stranger {
	s := &stranger{Status: res.StatusCode, Type: res.Header.Get("Content-Type")}
	var said struct {
		Version struct{ Number, Distribution string }
	}
	if json.Unmarshal(body, &said) == nil && said.Version.Number != "" {
		s.name, s.version = "Elasticsearch", said.Version.Number // one too old to mark its answers
		if said.Version.Distribution == "opensearch" {
			s.name = "OpenSearch"
		}
	}
	return s
}

func (s *stranger) Error() string {
	return fmt.Sprintf("the answer (%d, %s) does not come from Elasticsearch", s.Status, s.Type)
}

// do makes one request and reads the answer into into, nil for nobody. Errors are
// *refused, *stranger, or of the network.
func (c *client) do(ctx context.Context, r esapi.Request, into any) error {
	res, err := r.Do(ctx, c)
	if err != nil {
		return fmt.Errorf("ask Elasticsearch: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMost))
	if err != nil {
		return fmt.Errorf("read the answer of Elasticsearch: %w", err)
	}
	if err := verdict(res, body); err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the answer of Elasticsearch: %w", err)
	}
	return nil
}

// verdict is what is wrong with an answer. Who is turned away by the guard of
// Elasticsearch (401) gets no mark of the product.
func verdict(res *esapi.Response, body []byte) error {
	if res.StatusCode < 300 {
		if res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
			return newStranger(res, body)
		}
		return nil
	}
	why := &refused{Status: res.StatusCode}
	var said struct{ Error json.RawMessage }
	if json.Unmarshal(bytes.TrimSpace(body), &said) == nil {
		why.Type, why.Reason = cause(said.Error)
	}
	if why.Type == "" {
		return newStranger(res, body)
	}
	return why
}

// cause reads the error of an answer or of an item: an object, or words alone. The
// innermost cause says most.
func cause(raw json.RawMessage) (kind, reason string) {
	var said struct {
		Type   string
		Reason string
		Cause  json.RawMessage `json:"caused_by"`
	}
	if json.Unmarshal(raw, &said) != nil {
		var words string
		_ = json.Unmarshal(raw, &words) // else there are none
		return words, words
	}
	if _, inner := cause(said.Cause); inner != "" {
		said.Reason += ": " + inner
	}
	return said.Type, said.Reason
}

// isGone says that Elasticsearch knows nothing of what it was asked about: most often an index
// that is no longer there. A page that says so comes from somebody else.
func isGone(err error) bool {
	r := (*refused)(nil)
	return errors.As(err, &r) && r.Status == http.StatusNotFound
}

// status is that of the answer which err tells of, 0 when there was none.
func status(err error) int {
	if r := (*refused)(nil); errors.As(err, &r) {
		return r.Status
	}
	if s := (*stranger)(nil); errors.As(err, &s) {
		return s.Status
	}
	return 0
}
