package polite

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"unicode/utf8"
)

// A place has really moved when it said so this many visits in a row and the new
// address worked each time.
const movedAfter = 3

// maxValidator bounds what a place can make us keep and send back.
const maxValidator = 4 << 10

// Validators is what a place asked us to remember until the next visit. A caller
// keeps it in its cursor (it survives JSON to the byte), and gives it back in the
// next Request; it never looks inside. The zero value knows nothing, and makes
// the one unconditional request of a subscription.
//
// Addresses are kept as digests, since cursors travel and addresses may hold
// tokens; the address that a place moved to is kept as it was told.
type Validators struct {
	For          string `json:"for,omitempty"`  // digest of the address that gave ETag and LastModified: sent to no other, "" for to none
	ETag         exact  `json:"etag,omitempty"` // never parsed
	LastModified exact  `json:"modified,omitempty"`

	From  string `json:"from,omitempty"`  // digest of the address that moved
	To    string `json:"to,omitempty"`    // where it says it moved
	Times int    `json:"times,omitempty"` // visits in a row at which it said so
}

// Conditional tells whether the next request can be conditional.
func (v Validators) Conditional() bool { return v.ETag != "" || v.LastModified != "" }

// start is the address to begin at: where r.URL has moved for good, else itself.
func (v Validators) start(configured string) string {
	if v.Times >= movedAfter && v.From == digest(configured) {
		return v.To
	}
	return configured
}

// moved is where the configured address has moved for good, "" while it has not.
func (v Validators) moved(configured string) string {
	if to := v.start(configured); to != configured {
		return to
	}
	return ""
}

// apply makes a request for u conditional, if u is what the validators are of.
func (v Validators) apply(h http.Header, u *url.URL) (conditional bool) {
	if !v.Conditional() || v.For != digest(u.String()) {
		return false
	}
	if v.ETag != "" {
		h.Set("If-None-Match", string(v.ETag))
	}
	if v.LastModified != "" {
		h.Set("If-Modified-Since", string(v.LastModified))
	}
	return true
}

// renew takes the validators of a whole answer, all of them or none: old and new never mix.
// Those that what comes next may share are not sent at the next visit.
func (v Validators) renew(h http.Header, u *url.URL) Validators {
	before := v.ETag
	v.For, v.ETag, v.LastModified = "", validator(h, "Etag"), validator(h, "Last-Modified")
	if v.Conditional() && (!inItsSecond(h) || before != "" && v.ETag == before) {
		v.For = digest(u.String())
	}
	return v
}

// inItsSecond says whether an answer was given in the second in which what it tells was
// changed: a date of whole seconds (RFC 9110, 8.8.2.2), and an ETag that is made of one, as
// WordPress does, stay the same when it changes again in that second.
func inItsSecond(h http.Header) bool {
	changed, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		return false
	}
	given, err := http.ParseTime(h.Get("Date"))
	return err == nil && changed.Equal(given)
}

// told counts the visits at which the configured address said it moved to target; "" for none.
func (v Validators) told(configured, target string) Validators {
	switch {
	case v.moved(configured) != "" && target == "":
		return v // we asked the new address itself, and it stays
	case target == "":
		v.From, v.To, v.Times = "", "", 0
	case v.From == digest(configured) && v.To == target:
		v.Times++
	default:
		v.From, v.To, v.Times = digest(configured), target, 1
	}
	return v
}

func validator(h http.Header, key string) exact {
	value := h.Get(key)
	if len(value) > maxValidator {
		return ""
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return "" // cannot be sent back
		}
	}
	return exact(value)
}

// exact is a header value whose bytes matter. JSON would replace those that are
// not UTF-8, so text that is not plain is written percent-encoded, marked by "%:".
type exact string

// MarshalText implements encoding.TextMarshaler.
func (e exact) MarshalText() ([]byte, error) {
	if utf8.ValidString(string(e)) && (len(e) < 2 || e[:2] != "%:") {
		return []byte(e), nil
	}
	return []byte("%:" + url.PathEscape(string(e))), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *exact) UnmarshalText(b []byte) error {
	if len(b) < 2 || string(b[:2]) != "%:" {
		*e = exact(b)
		return nil
	}
	s, err := url.PathUnescape(string(b[2:]))
	*e = exact(s)
	return err
}

func digest(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:8])
}
