package text_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ouidire/ouidire/internal/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What stores keep stays readable only while equal texts give equal terms.
func TestTermsChangeOnlyWithTheirVersion(t *testing.T) {
	sample, err := os.ReadFile("testdata/sample.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	var tokenizer text.Tokenizer
	for line := range strings.Lines(string(sample)) {
		tokens := tokenizer.Append(nil, line)
		fmt.Fprintf(&got, "%s", line)
		for _, form := range []text.Form{text.FoldForm, text.FrenchForm, text.EnglishForm, text.ExactForm, text.LabelForm} {
			fmt.Fprintf(&got, "  %s\n", tokenizer.AppendField(nil, form, tokens))
		}
	}
	golden := fmt.Sprintf("testdata/terms-v%d.txt", text.Version)
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v: run with -update once the version is right", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("other terms than before: raise Version, then run with -update (-before +now):\n%s", diff)
	}
}
