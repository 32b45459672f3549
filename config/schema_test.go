package config

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	body, err := Schema(testKinds())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// valid asks the schema of a file as an editor would.
func valid(schema *jsonschema.Schema, body string) error {
	asJSON, err := yaml.YAMLToJSON([]byte(body))
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// TestTheSchemaAndTheReaderAgree: what the reader accepts the schema does, and of
// the bad files the schema refuses those whose mistake a schema can name.
func TestTheSchemaAndTheReaderAgree(t *testing.T) {
	schema := compiled(t)
	if err := valid(schema, strings.ReplaceAll(whole(t), "${N}", "'${N}'")); err != nil {
		t.Errorf("the schema refuses the whole file: %v", err)
	}
	codes := map[string]bool{"unknown_key": true, "wrong_type": true, "missing_key": true, "unknown_kind": true, "not_a_choice": true}
	asked := 0
	for _, body := range badFiles(t) {
		_, err := Parse("testdata/"+Name, []byte(body), testEnv, testKinds())
		bad := err.(*Problems)
		if !codes[bad.List[0].Code] || strings.Contains(body, "<<") || // an editor takes the merge for done
			strings.Contains(body, "watches: []") {
			continue
		}
		asked++
		if valid(schema, body) == nil {
			t.Errorf("the schema accepts what the reader refuses:\n%s\n%v", body, err)
		}
	}
	if asked < 20 {
		t.Errorf("the schema was asked %d times, want 20 or more", asked)
	}
}

func TestTheSchemaRefusesAMisspelledSettingAtEveryLevel(t *testing.T) {
	schema := compiled(t)
	for _, c := range []struct{ old, new string }{
		{"organisation:", "organization:"}, {"short:", "shrt:"}, {"title:", "titel:"}, {"every:", "evry:"}, {"depth:", "dpth:"},
		{"user:", "usr:"}, {"- name: echo.example", "- nom: echo.example"}, {"threshold:", "treshold:"}, {"smtp:", "smpt:"}, {"path:", "pth:"}, {"listen:", "lisen:"},
	} {
		if valid(schema, strings.Replace(whole(t), c.old, c.new, 1)) == nil {
			t.Errorf("the schema accepts %s", c.new)
		}
	}
	if valid(schema, strings.Replace(whole(t), "kind: local, path:", "pth:", 1)) == nil {
		t.Error("the schema accepts a setting that the default kind of store does not have")
	}
}

func TestTheSchemaIsTheSameEachTime(t *testing.T) {
	first, err := Schema(testKinds())
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Schema(testKinds())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(again)); diff != "" {
			t.Fatal(diff)
		}
	}
	golden(t, "testdata/schema.golden", string(first))
}

func TestAKindThatCannotBeDescribedIsNamed(t *testing.T) {
	type hides struct {
		Every string `yaml:"every"`
	}
	type strange struct {
		Wire chan int `yaml:"wire"`
	}
	type badExample struct {
		A string `yaml:"a" example:"'open"`
	}
	for want, build := range map[string]func() any{
		"every has two meanings": func() any { return &hides{} }, "wire is of a type": func() any { return &strange{} },
		"no pointer": func() any { return hides{} }, "not YAML": func() any { return &badExample{} },
	} {
		_, err := Schema(Kinds{Sources: map[string]func() any{"x": build}})
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
