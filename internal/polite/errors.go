package polite

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Every error of Get but the caller's own cancellation has a Reason and a
// sentence for a person (say.Explain), and names no more of the address than its
// host. *Failure is the plain one; the others say more.
type (
	// Failure is an answer that did not come, or not whole.
	Failure struct{ fault }
	// Busy is a place that wants to be asked later (429, 503).
	Busy struct {
		fault
		RetryAfter time.Duration // zero when the place did not say
	}
	// Gone is a place that will never answer again (410).
	Gone struct{ fault }
	// Status is any other answer that is not a success.
	Status struct{ fault }
	// TooLarge is an answer longer than the request allowed.
	TooLarge struct {
		fault
		Limit int64
	}
	// Refused is an address to which we do not go. Nothing was sent there.
	Refused struct{ fault }
)

// fault is what all of them share.
type fault struct {
	Host string
	Code int // status of the answer, 0 when there was none
	Why  Reason
	Err  error // the cause, for the log
}

// Reason is the stable word for what happened.
func (f *fault) Reason() string { return string(f.Why) }

// Error is for the log: what and why.
func (f *fault) Error() string {
	if f.Err == nil {
		return fmt.Sprintf("ask %s: %s", f.Host, f.Why)
	}
	return fmt.Sprintf("ask %s: %s: %v", f.Host, f.Why, f.Err)
}

// In is for a person who reads l: what happened, and what to do.
func (f *fault) In(l say.Lang) string {
	t, _ := f.Why.Text()
	return t.In(l, f.Host)
}

// Unwrap gives the cause.
func (f *fault) Unwrap() error { return f.Err }

// ReasonOf is the reason of err, "" for an error that has none.
func ReasonOf(err error) Reason {
	var reasoned interface{ Reason() string }
	if errors.As(err, &reasoned) {
		return Reason(reasoned.Reason())
	}
	return ""
}

// Fail is for a caller who read a whole answer and could not use it (Parse, Auth,
// Robots), so that its failure is told and counted like ours.
func Fail(host string, why Reason, err error) *Failure {
	return &Failure{fault{Host: host, Why: why, Err: err}}
}

// Later is for a caller whose place says in its own words that it wants to be
// asked again after a time, zero when it does not say which.
func Later(host string, after time.Duration, err error) *Busy {
	return &Busy{fault{Host: host, Why: RateLimited, Err: err}, after}
}

func refused(host, format string, args ...any) *Refused {
	return &Refused{fault{Host: host, Why: Guarded, Err: fmt.Errorf(format, args...)}}
}

func circle(host, format string, args ...any) *Failure {
	return &Failure{fault{Host: host, Why: Redirects, Err: fmt.Errorf(format, args...)}}
}

// failed tells what the error of an exchange was. ctx is the caller's: if that
// has ended, nothing is held against the place.
func failed(ctx context.Context, host string, err error) error {
	var ours interface {
		error
		Reason() string
	}
	switch {
	case errors.As(err, &ours):
		return ours
	case ctx.Err() != nil:
		return fmt.Errorf("ask %s: %w", host, ctx.Err())
	}
	return &Failure{fault{Host: host, Why: classify(err), Err: err}}
}

func classify(err error) Reason {
	var (
		name    *net.DNSError
		timed   net.Error
		corrupt flate.CorruptInputError
	)
	switch {
	case errors.As(err, &name):
		return DNS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return Timeout
	case insecure(err):
		return TLS
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return Cut
	}
	return Network
}

func insecure(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		op          *net.OpError
	)
	return errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") // how crypto/tls names an alert
}

// refusal is the error of an answer that is not a success.
func refusal(host string, res *http.Response, now time.Time) error {
	f := fault{Host: host, Code: res.StatusCode, Why: HTTP4xx, Err: fmt.Errorf("status %d", res.StatusCode)}
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests:
		f.Why = RateLimited
		return &Busy{f, retryAfter(res.Header, now)}
	case code == http.StatusServiceUnavailable:
		f.Why = HTTP5xx
		return &Busy{f, retryAfter(res.Header, now)}
	case code == http.StatusGone:
		f.Why = Gone410
		return &Gone{f}
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		f.Why = Auth
	case code >= 500:
		f.Why = HTTP5xx
	case code < 300:
		f.Why = Parse // a part that nobody asked for
	case code < 400:
		f.Why = Redirects
	}
	return &Status{f}
}
