package notifytest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// Worded is every message that the golden files of alerting word, in every language, by
// name and language, and two of strangers: for services whose own readers judge what they
// are sent. root is the relative path of alerting.
func Worded(t testing.TB, root string) map[string]alerting.Message {
	t.Helper()
	all := map[string]alerting.Message{}
	for _, pattern := range []string{"*.golden", "*/*.golden"} {
		files, err := filepath.Glob(filepath.Join(root, "testdata", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no golden file is %s (%v)", pattern, err)
		}
		for _, file := range files {
			words, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for m := range sections(t, string(words)) {
				m.Key = fmt.Sprintf("%064x", len(all)+1)
				all[strings.TrimPrefix(file, filepath.Join(root, "testdata"))+" "+string(m.Lang)] = m
			}
		}
	}
	hostile, marked := Message(), Message()
	hostile.Subject = "Nouvelle\r\n\x00\u202Egnp.eriuq\u202C " + strings.Repeat("É", 5000)
	hostile.Body = "\x1b[31mrouge\u2066 {{nom}} ${x} \"\\\n" + strings.Repeat("l’épargne d'été 👩🏽‍🌾 <at>&lt;\n", 20_000)
	marked.Subject, marked.Body = Markup, Markup+"\n\n"+strings.Repeat(Markup+"\n", 100)
	all["hostile"], all["of a markup"], all["without a word"] = hostile, marked, alerting.Message{Key: "vide", Lang: say.English}
	return all
}

// sections takes a golden file apart: after "== " and a language, a subject, an empty line
// and a body, which often ends with the address of a page.
func sections(t testing.TB, words string) func(func(alerting.Message) bool) {
	return func(yield func(alerting.Message) bool) {
		for _, section := range strings.Split("\n"+words, "\n== ")[1:] {
			head, rest, _ := strings.Cut(section, "\n")
			subject, body, whole := strings.Cut(rest, "\n\n")
			if !whole {
				t.Fatalf("this is no message: %s", section)
			}
			m := Message()
			m.Subject, m.Body, m.Lang = subject, body, say.Lang(strings.Fields(head)[0])
			if !yield(m) {
				return
			}
		}
	}
}
