package config

import (
	"fmt"
	"io"
	"log/slog"
)

// stars is what a secret looks like to everybody.
const stars = "*****"

// Secret is a password, a token or a key. However it is printed (fmt, JSON, YAML,
// slog) it shows stars, or nothing when it is empty. Only Reveal gives the value.
type Secret struct {
	// Behind a pointer: fmt calls no method on an unexported field, and would
	// print a plain string that sits in one.
	value *string
}

// NewSecret hides s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{value: &s}
}

// Reveal is the value itself. Call it where the value is used, and nowhere else.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says whether there is no secret at all.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal compares the values.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return stars
}

// GoString is String: %#v shows no more than the others.
func (s Secret) GoString() string { return s.String() }

// Format answers every verb of fmt with String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is what slog writes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is what JSON, YAML and the others write.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes text as the value itself. ${NAME} and file:PATH are
// understood by Parse alone.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
