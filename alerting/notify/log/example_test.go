package log

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestTheExampleIsOneOfOurs(t *testing.T) {
	raw, err := os.ReadFile("example.yml")
	if err != nil {
		t.Fatal(err)
	}
	entry := struct {
		Name, Kind string
		Config     `yaml:",inline"`
	}{Config: Default()}
	if err := yaml.UnmarshalWithOptions(raw, &entry, yaml.Strict()); err != nil || entry.Kind != "log" || entry.Name == "" {
		t.Fatalf("got %+v, %v", entry, err)
	}
}
