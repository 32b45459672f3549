package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/config"
)

// environment answers the variables that examples name.
func environment(name string) (string, bool) {
	switch {
	case name == "OUIDIRE_SHOUTRRR_URL":
		return "discord://un-secret@123", true
	case strings.HasSuffix(name, "_URL"):
		return "https://messages.caisse.example/un-secret", true
	}
	return "un-secret-assez-long-pour-signer", true
}

func TestTheExampleOfEachKindIsAGoodEntry(t *testing.T) {
	for pattern, parse := range map[string]func(name string, body []byte) error{
		"../crawler/*/example.yml":         parseEntry[config.Source],
		"../alerting/rule/*/example.yml":   parseEntry[config.Rule],
		"../alerting/notify/*/example.yml": parseEntry[config.Channel],
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no example matches %s: %v", pattern, err)
		}
		for _, path := range paths {
			t.Run(path, func(t *testing.T) {
				example, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(example), "#") {
					t.Error("the example has no comment")
				}
				if err := parse(path, example); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func parseEntry[T config.Source | config.Rule | config.Channel](name string, body []byte) error {
	_, err := config.ParseEntry[T](name, body, environment, Kinds())
	return err
}

func TestTheShippedSchemaIsThatOfTheKinds(t *testing.T) {
	got, err := config.Schema(Kinds())
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../config/ouidire.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(shipped) {
		t.Error("config/ouidire.schema.json is old: go run ./cmd/ouidire schema > config/ouidire.schema.json")
	}
}
