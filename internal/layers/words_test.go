package layers

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sentence is a say.Text as the code writes it. A part that is not a constant
// (a duration already worded) is in computed instead of in parts.
type sentence struct {
	parts    map[string]string // by field: EN, FR, France
	computed map[string]bool
}

// sentences hands over each say.Text of a file but the empty one, which means
// that there is nothing to say.
func sentences(file *ast.File, found func(token.Pos, sentence)) {
	inSay := file.Name.Name == "say"
	isText := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.SelectorExpr:
			pkg, ok := e.X.(*ast.Ident)
			return ok && pkg.Name == "say" && e.Sel.Name == "Text"
		case *ast.Ident:
			return inSay && e.Name == "Text"
		}
		return false
	}
	elided := map[*ast.CompositeLit]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if elementsAre(literal.Type, isText) {
			for _, e := range literal.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok {
					e = pair.Value
				}
				if inner, ok := e.(*ast.CompositeLit); ok && inner.Type == nil {
					elided[inner] = true
				}
			}
		}
		if (isText(literal.Type) || elided[literal]) && len(literal.Elts) > 0 {
			found(literal.Pos(), read(literal))
		}
		return true
	})
}

// elementsAre says whether a list or a map holds what is() knows.
func elementsAre(container ast.Expr, is func(ast.Expr) bool) bool {
	switch c := container.(type) {
	case *ast.MapType:
		return is(c.Value)
	case *ast.ArrayType:
		return is(c.Elt)
	}
	return false
}

func read(literal *ast.CompositeLit) sentence {
	s := sentence{map[string]string{}, map[string]bool{}}
	for _, e := range literal.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		field := fmt.Sprint(pair.Key)
		if text, ok := constant(pair.Value); ok {
			s.parts[field] = text
		} else {
			s.computed[field] = true
		}
	}
	return s
}

func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, also := constant(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// faults are what no French sentence of ours holds (glossary, Writing).
var faults = []struct {
	what string
	look *regexp.Regexp
}{
	{"a straight apostrophe", regexp.MustCompile(`\pL'\pL`)},
	{"a plain space before a colon", regexp.MustCompile(`[ \t]:`)},
	{"a plain space inside « »", regexp.MustCompile(`« | »`)},
	{"no space inside « »", regexp.MustCompile(`«[^\x{a0}]|[^\x{a0}]»`)},
	{"a space before ; ! or ? (say writes that of France)", regexp.MustCompile(`[ \t\x{a0}\x{202f}][;!?](\s|$)`)},
	{"a number apart from its unit", regexp.MustCompile(`\d (%%|\$|€|ko|Mo|Go|h|min|s)(\PL|$)`)},
	{"a capital without its accent", regexp.MustCompile(`(^|[.!?] )(A|Etat|Etes|Ecri\pL*) `)},
}

var (
	spaces = strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "")
	verbs  = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])`)
)

// wrongIn says what is wrong in a sentence.
func wrongIn(s sentence) (wrong []string) {
	for _, field := range []string{"EN", "FR"} {
		if strings.TrimSpace(s.parts[field]) == "" && !s.computed[field] {
			wrong = append(wrong, field+" is empty")
		}
	}
	for _, field := range []string{"FR", "France"} {
		for _, fault := range faults {
			if at := fault.look.FindString(s.parts[field]); at != "" {
				wrong = append(wrong, fmt.Sprintf("%s has %s: %q", field, fault.what, at))
			}
		}
		if s.parts[field] != "" && !s.computed["EN"] && !maps.Equal(filledBy(s.parts["EN"]), filledBy(s.parts[field])) {
			wrong = append(wrong, field+" and EN are not filled by the same arguments")
		}
	}
	if s.parts["France"] != "" && spaces.Replace(s.parts["France"]) == spaces.Replace(s.parts["FR"]) {
		wrong = append(wrong, "France differs from FR by its spaces alone: leave it out")
	}
	return wrong
}

// filledBy is the set of arguments that a format uses, by number.
func filledBy(format string) map[int]bool {
	used, next := map[int]bool{}, 1
	for _, verb := range verbs.FindAllStringSubmatch(format, -1) {
		if verb[2] == "%" {
			continue
		}
		if n, err := strconv.Atoi(verb[1]); err == nil {
			next = n
		}
		used[next] = true
		next++
	}
	return used
}

func TestEverySentenceIsWrittenInBothLanguagesAsTheirTypographyAsks(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && path != root) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		sentences(file, func(at token.Pos, s sentence) {
			seen++
			for _, wrong := range wrongIn(s) {
				t.Errorf("%s: %s", files.Position(at), wrong)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 200 {
		t.Errorf("found %d sentences: the walk is broken", seen)
	}
}

func TestASentenceWrittenBadlyIsCaught(t *testing.T) {
	for text, bad := range map[string]bool{
		`say.Text{EN: "one", FR: "l’un\u00a0: «\u00a0x\u00a0»; deux?"}`: false,
		`say.Text{}`: false,
		`say.Text{EN: "e-mail", FR: "courriel", France: "e-mail"}`:                                false,
		`say.Text{EN: "do 'l''épargne'", FR: "écrivez 'l''épargne'; voyez https://a.example/?q"}`: false,
		`say.Text{EN: f(), FR: g()}`:                           false,
		`[]say.Text{{EN: "%[2]s %[1]s", FR: "%s %s"}}`:         false,
		`say.Text{EN: "one"}`:                                  true,
		`say.Text{EN: "", FR: "un"}`:                           true,
		`say.Text{"one", "un", ""}`:                            true,
		`map[string]say.Text{"a": {EN: "one", FR: "l'un"}}`:    true,
		`[]say.Text{{EN: "one", FR: "un : deux"}}`:             true,
		`say.Text{EN: "one", FR: "« un »"}`:                    true,
		`say.Text{EN: "one", FR: "«un»"}`:                      true,
		`say.Text{EN: "one", FR: "un" + " ; deux"}`:            true,
		`say.Text{EN: "one?", FR: "un?", France: "un\u202f?"}`: true,
		`say.Text{EN: "10 MB", FR: "10 Mo"}`:                   true,
		`say.Text{EN: "For %s", FR: "A traiter %s"}`:           true,
		`say.Text{EN: "%s and %s", FR: "%s"}`:                  true,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nvar _ = "+text, 0)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var wrong []string
		sentences(file, func(_ token.Pos, s sentence) { wrong = append(wrong, wrongIn(s)...) })
		if (len(wrong) > 0) != bad {
			t.Errorf("%s: found %q", text, wrong)
		}
	}
}

// code is what a document shows to be typed.
var code = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")

func TestTheFrenchDocumentsAreWrittenAsTheirTypographyAsks(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(root, "docs/fr/*.md"))
	runbooks, err2 := filepath.Glob(filepath.Join(root, "docs/fr/runbooks/*.md"))
	if err := errors.Join(err, err2); err != nil || len(found) == 0 || len(runbooks) == 0 {
		t.Fatalf("no document in French, or no runbook: %v", err)
	}
	for _, path := range append(found, runbooks...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		prose := code.ReplaceAllString(string(text), "`")
		for _, fault := range faults {
			for _, at := range fault.look.FindAllStringIndex(prose, -1) {
				t.Errorf("%s has %s, after %q", path, fault.what, prose[max(0, at[0]-40):at[1]])
			}
		}
	}
}
