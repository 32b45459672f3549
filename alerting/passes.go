package alerting

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Passes are signed links: who holds one may act on one incident until it expires, or
// leave what a channel sends at its hours, without signing in. They are told to nobody but those who get the messages, and say
// no more than the message does. Key signs them (HMAC-SHA256, RFC 2104).
type Passes struct{ Key []byte }

// passLasts is how long after its message a link may be used.
const passLasts = 7 * 24 * time.Hour

// Pass is what the address of a link ends with. The same message has the same one,
// however often it is sent.
func (p Passes) Pass(incident string, at time.Time) string {
	said := base64.RawURLEncoding.EncodeToString([]byte(incident)) + "." + strconv.FormatInt(at.Add(passLasts).Unix(), 36)
	return said + "." + base64.RawURLEncoding.EncodeToString(p.sign(said))
}

// Incident is what a pass is for; ok is false for one that was never given, and for
// one that has expired.
func (p Passes) Incident(pass string, now time.Time) (incident string, ok bool) {
	cut := strings.LastIndexByte(pass, '.')
	if cut < 0 || len(p.Key) == 0 {
		return "", false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(pass[cut+1:])
	if err != nil || !hmac.Equal(signature, p.sign(pass[:cut])) {
		return "", false
	}
	name, until, _ := strings.Cut(pass[:cut], ".")
	expires, err := strconv.ParseInt(until, 36, 64)
	if err != nil || now.Unix() >= expires {
		return "", false
	}
	id, err := base64.RawURLEncoding.DecodeString(name)
	return string(id), err == nil
}

func (p Passes) sign(said string) []byte {
	mac := hmac.New(sha256.New, p.Key)
	mac.Write([]byte(said))
	return mac.Sum(nil)
}

// LeavePath begins the address of the page where one leaves.
const LeavePath = "/unsubscribe/"

// leavePurpose is signed with a link by which one leaves: no other link is one.
const leavePurpose = "leave\x00"

// Leave is what the address of a link ends with by which one address leaves what a
// channel sends at its hours; "" without a key. It does not expire: a digest of last year
// must lead out too. Whoever holds it learns the address, which the letter says anyway.
func (p Passes) Leave(channel, address string) string {
	if len(p.Key) == 0 {
		return ""
	}
	enc := base64.RawURLEncoding
	said := enc.EncodeToString([]byte(channel)) + "." + enc.EncodeToString([]byte(strings.ToLower(address)))
	return said + "." + enc.EncodeToString(p.sign(leavePurpose+said))
}

// Leaver is who leaves what by such a link; ok is false for one that was never given.
func (p Passes) Leaver(pass string) (channel, address string, ok bool) {
	cut := strings.LastIndexByte(pass, '.')
	if cut < 0 || len(p.Key) == 0 {
		return "", "", false
	}
	enc := base64.RawURLEncoding.Strict()
	signature, err := enc.DecodeString(pass[cut+1:])
	if err != nil || !hmac.Equal(signature, p.sign(leavePurpose+pass[:cut])) {
		return "", "", false
	}
	first, second, _ := strings.Cut(pass[:cut], ".")
	from, err := enc.DecodeString(first)
	who, err2 := enc.DecodeString(second)
	return string(from), string(who), err == nil && err2 == nil
}

// Button is something that a person can do right from a message, and the address that
// leads there. Opening it changes nothing yet: mail scanners open links.
type Button struct {
	Act  Act
	Link string
}

// offered are the acts that a message about an open incident leads to at once.
var offered = []Act{Acknowledge, FalseAlarm}

// buttons are those of a message about an incident, none when its page has no address
// or it is over.
func (r Reader) buttons(i Incident, at time.Time) (all []Button) {
	if r.Page == "" || len(r.Passes.Key) == 0 || !i.open() {
		return nil
	}
	for _, a := range offered {
		all = append(all, Button{a, r.Page + "/act/" + r.Passes.Pass(i.ID, at) + "?do=" + string(a)})
	}
	return all
}
