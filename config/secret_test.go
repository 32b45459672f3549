package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestASecretPrintsAsStarsHoweverItIsAskedFor(t *testing.T) {
	const word = "d’épargne-hunter"
	s := NewSecret(word)
	holder := struct {
		Open   Secret
		hidden Secret
		Deep   *Secret
		Many   map[string]Secret
	}{s, s, &s, map[string]Secret{"a": s}}
	printed := map[string]string{"error": fmt.Errorf("log in with %v: %w", s, fmt.Errorf("%s", s)).Error(), "string": s.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10s", "%p"} {
		printed["secret "+verb] = fmt.Sprintf(verb, s)
		printed["pointer "+verb] = fmt.Sprintf(verb, &s)
		printed["holder "+verb] = fmt.Sprintf(verb, holder)
		printed["pointer to holder "+verb] = fmt.Sprintf(verb, &holder)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"json": json.Marshal, "yaml": yaml.Marshal, "xml": xml.Marshal} {
		body, err := marshal(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		printed[name] = string(body)
		if name != "xml" { // it has no maps
			body, err = marshal(holder)
			if err != nil {
				t.Fatalf("%s of a struct: %v", name, err)
			}
			printed[name+" of a struct"] = string(body)
		}
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("signed in", "password", s, "holder", holder, "pointer", &s)
	}
	printed["slog"] = log.String()
	for how, text := range printed {
		if strings.Contains(text, "hunter") || strings.Contains(text, fmt.Sprintf("%x", "hunter")) || strings.Contains(text, fmt.Sprintf("%X", "hunter")) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
	if got := fmt.Sprintf("%v", s); got != stars {
		t.Errorf("got %q, want %q", got, stars)
	}
}

func TestASecretIsRevealedOnDemandAndComparesByValue(t *testing.T) {
	if got := NewSecret("l'épargne").Reveal(); got != "l'épargne" {
		t.Errorf("got %q", got)
	}
	if !NewSecret("").IsZero() || (Secret{}).Reveal() != "" || fmt.Sprint(Secret{}) != "" {
		t.Error("no secret is not empty")
	}
	if a, b := NewSecret("x"), NewSecret("x"); !a.Equal(b) || !reflect.DeepEqual(a, b) || !cmp.Equal(a, b) {
		t.Error("equal secrets differ")
	}
	if a, b := NewSecret("x"), NewSecret("y"); a.Equal(b) || reflect.DeepEqual(a, b) || cmp.Equal(a, b) {
		t.Error("different secrets are equal")
	}
	var from struct{ Password Secret }
	if err := yaml.Unmarshal([]byte("password: œuf"), &from); err != nil || from.Password.Reveal() != "œuf" {
		t.Errorf("got %q, %v from plain YAML", from.Password.Reveal(), err)
	}
}
