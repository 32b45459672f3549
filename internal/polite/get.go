package polite

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one thing to ask for.
type Request struct {
	URL        string
	Accept     string      // media types, as the header takes them; "*/*" when empty
	Validators Validators  // what the last answer gave; zero asks unconditionally
	Limit      int64       // bytes of the answer, decompressed; PageLimit when 0
	Header     http.Header // more headers, such as Authorization: sent to the origin of URL, never to another
}

// Response is a whole answer.
type Response struct {
	NotModified bool        // nothing new since Request.Validators; there is no body
	Body        []byte      // decompressed
	Header      http.Header // of the answer that counted
	URL         *url.URL    // where it came from, after redirects: relative links are resolved against it
	Validators  Validators  // keep them, once the body is kept, for the next Request
	NotBefore   time.Time   // the place's wish; zero for none
	Moved       string      // where the address has moved for good, several visits long: tell the owner; "" for nowhere
}

// Get asks for r.URL, or for where it has moved for good. It waits for its turn
// with the host, and answers within 30 s of it. The error is *Failure, *Busy,
// *Gone, *Status, *TooLarge or *Refused, or ctx's own. Get never tries twice,
// but for one case: an address that moved and is lost there is asked again where
// it was.
func (c *Client) Get(ctx context.Context, r Request) (Response, error) {
	start := r.Validators.start(r.URL)
	res, err := c.follow(ctx, &r, start)
	if err != nil && start != r.URL && lost(err) {
		r.Validators.From, r.Validators.To, r.Validators.Times = "", "", 0
		return c.follow(ctx, &r, r.URL)
	}
	return res, err
}

// lost tells an address that is no longer there from one that has a bad day.
func lost(err error) bool {
	switch ReasonOf(err) {
	case DNS, TLS, HTTP4xx, Gone410, Guarded, Redirects:
		return true
	}
	return false
}

// follow asks at an address and where it sends us.
func (c *Client) follow(ctx context.Context, r *Request, start string) (Response, error) {
	at, err := parse(start)
	if err != nil {
		return Response{}, err
	}
	t := trail{seen: map[string]bool{}, permanent: true}
	left := answerTime
	for {
		took, res, err := c.hop(ctx, r, at, left)
		if err != nil {
			return Response{}, err
		}
		if !redirects(res.code) {
			return r.settle(res, t.moved), nil
		}
		if at, err = t.step(at, res); err != nil {
			return Response{}, err
		}
		left -= took
	}
}

// answer is what one address answered.
type answer struct {
	code      int
	header    http.Header
	body      []byte
	url       *url.URL
	notBefore time.Time
}

// settle makes of the last answer what the caller gets and keeps.
func (r *Request) settle(a *answer, target string) Response {
	v := r.Validators
	if a.code != http.StatusNotModified {
		v = v.renew(a.header, a.url)
	}
	v = v.told(r.URL, target)
	return Response{
		NotModified: a.code == http.StatusNotModified,
		Body:        a.body, Header: a.header, URL: a.url,
		Validators: v, NotBefore: a.notBefore, Moved: v.moved(r.URL),
	}
}

// hop asks one address once, when its turn has come, for no longer than left.
func (c *Client) hop(ctx context.Context, r *Request, at *url.URL, left time.Duration) (time.Duration, *answer, error) {
	host := at.Hostname()
	if err := c.guard.written(at); err != nil {
		return 0, nil, err
	}
	done, err := c.slots.take(ctx, slotName(at))
	if err != nil {
		return 0, nil, fmt.Errorf("wait for a turn with %s: %w", host, err)
	}
	defer done()
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	req := c.request(within, r, at)
	a, err := c.exchange(req, r.limit())
	if err != nil {
		err = failed(ctx, host, err)
	}
	took := time.Since(began)
	c.tell(req, a, err, took)
	return took, a, err
}

func (c *Client) tell(req *http.Request, a *answer, err error, took time.Duration) {
	e := Exchange{Reason: ReasonOf(err), Conditional: conditional(req), Took: took}
	if a != nil {
		e.Status, e.Bytes = a.code, len(a.body)
	}
	c.observe(e)
}

// request is what is sent: nothing but what is written here.
func (c *Client) request(ctx context.Context, r *Request, at *url.URL) *http.Request {
	req := &http.Request{Method: http.MethodGet, URL: bare(at), Host: at.Host, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}
	if own, err := parse(r.URL); err == nil && sameOrigin(own, at) {
		if password, _ := own.User.Password(); own.User != nil {
			req.SetBasicAuth(own.User.Username(), password)
		}
		for key, values := range r.Header {
			req.Header[http.CanonicalHeaderKey(key)] = values
		}
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", r.accept())
	r.Validators.apply(req.Header, req.URL)
	return req.WithContext(ctx)
}

// exchange sends a request and reads its whole answer, unless that is a redirect.
func (c *Client) exchange(req *http.Request, limit int64) (*answer, error) {
	if c.proxied {
		if _, err := c.guard.resolve(req.Context(), req.URL.Hostname()); err != nil {
			return nil, err
		}
	}
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &answer{code: res.StatusCode, header: res.Header, url: req.URL, notBefore: notBefore(res.Header, c.now())}
	switch {
	case redirects(a.code), a.code == http.StatusNotModified && conditional(req):
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
		return a, nil
	case a.code < 200 || a.code > 299 || a.code == http.StatusPartialContent:
		return a, refusal(req.URL.Hostname(), res, c.now())
	}
	a.body, err = readAll(res, req.URL.Hostname(), limit)
	return a, err
}

// readAll reads a body to its end, or fails: a part of an answer is no answer.
func readAll(res *http.Response, host string, limit int64) ([]byte, error) {
	tooLarge := &TooLarge{fault{Host: host, Why: Oversize, Err: fmt.Errorf("more than %d bytes", limit)}, limit}
	if res.ContentLength > limit {
		return nil, tooLarge
	}
	if coding := res.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, &Failure{fault{Host: host, Why: Parse, Err: fmt.Errorf("content coding %.20q was not asked for", coding)}}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, tooLarge
	}
	return body, err
}

func (r *Request) limit() int64 {
	if r.Limit > 0 {
		return r.Limit
	}
	return PageLimit
}

func (r *Request) accept() string {
	if r.Accept == "" {
		return "*/*"
	}
	return r.Accept
}

func conditional(req *http.Request) bool {
	return req.Header.Get("If-None-Match") != "" || req.Header.Get("If-Modified-Since") != ""
}
