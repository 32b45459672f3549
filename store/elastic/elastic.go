// Package elastic keeps mentions in Elasticsearch, for those who outgrow one machine.
// It keeps the contract of package store.
package elastic

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// compatible asks a newer server to speak as 8 does.
const compatible = "application/vnd.elasticsearch+json;compatible-with=8"

// client speaks with the server. Of go-elasticsearch it takes the requests
// (esapi), not the client around them, whose typed half would be compiled in.
type client struct {
	*esapi.API
	transport *elastictransport.Client
}

func newClient(c Config) (*client, error) {
	pool, err := authorities(c.CA)
	if err != nil {
		return nil, err
	}
	addresses := make([]*url.URL, len(c.Addresses))
	for i, address := range c.Addresses {
		if addresses[i], err = url.Parse(address); err != nil {
			return nil, fmt.Errorf("address %q: %w", address, err)
		}
	}
	wire := http.DefaultTransport.(*http.Transport).Clone()
	wire.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	transport, err := elastictransport.New(elastictransport.Config{
		URLs: addresses, Username: c.Username, Password: c.Password.Reveal(), APIKey: c.APIKey.Reveal(),
		Header:    http.Header{"Accept": {compatible}},
		Transport: wire, DisableRetry: true, CompressRequestBody: true,
	})
	if err != nil {
		return nil, fmt.Errorf("speak with Elasticsearch: %w", err)
	}
	return &client{API: esapi.New(transport), transport: transport}, nil
}

// authorities is who vouches for the server; nil for those that the system knows.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return pool, nil
}
