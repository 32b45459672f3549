package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon is an argon2id hash (RFC 9106) with its parameters.
type argon struct {
	memory, passes uint32
	threads        uint8
	salt, key      []byte
}

// newArgon is a hash that is still to be made, with what every new one has.
func newArgon() argon {
	a := argon{memory: 19 << 10, passes: 2, threads: 1, salt: make([]byte, 16)}
	rand.Read(a.salt)
	return a
}

// hashOf is the hash of a password.
func hashOf(password string) argon {
	a := newArgon()
	a.key = a.of(password)
	return a
}

// hashOfNone is the hash of no password, and takes as long to compare.
func hashOfNone() argon {
	a := newArgon()
	a.key = make([]byte, 32)
	rand.Read(a.key)
	return a
}

// parseArgon reads $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func parseArgon(s string) (a argon, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, fmt.Errorf("an argon2id hash reads $argon2id$v=19$m=19456,t=2,p=1$salt$key")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.threads); err != nil {
		return a, fmt.Errorf("parameters %q: %w", parts[3], err)
	}
	if a.memory > 1<<20 || a.passes == 0 || a.passes > 100 || a.threads == 0 {
		return a, fmt.Errorf("parameters %q are out of range", parts[3])
	}
	if a.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
		a.key, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(a.key) < 16 {
		return a, fmt.Errorf("salt or key is not base64 of at least 16 bytes")
	}
	return a, nil
}

// phc is the hash as parseArgon reads it.
func (a argon) phc() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.passes, a.threads,
		base64.RawStdEncoding.EncodeToString(a.salt), base64.RawStdEncoding.EncodeToString(a.key))
}

func (a argon) of(password string) []byte {
	length := uint32(32)
	if len(a.key) > 0 {
		length = uint32(len(a.key))
	}
	return argon2.IDKey([]byte(password), a.salt, a.passes, a.memory, a.threads, length)
}

// is says whether it is the hash of a password, in a time that tells nothing.
func (a argon) is(password string) bool {
	return subtle.ConstantTimeCompare(a.of(password), a.key) == 1
}
