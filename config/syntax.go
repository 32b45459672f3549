package config

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/ouidire/ouidire/internal/say"
)

// braces finds ${NAME}. Within {…} its braces would be YAML's: while the file is
// parsed two characters that nobody types stand for them, at the same places.
var braces = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

var shownBraces = strings.NewReplacer("$\ue000", "${", "\ue001", "}")

// What a file may be. Far above any real one; a bomb ends here.
const (
	maxSize   = 1 << 20 // bytes
	maxDepth  = 64      // lists and groups within one another
	maxBeside = 1000    // settings of one group: the parser takes their square
)

// tree reads the bytes of a file as YAML, its first line counted as the one after
// so many others. root is nil when the file holds nothing. bad is what stopped it,
// at a line of this file alone: from there on nothing can be said.
func tree(body []byte, after int) (root ast.Node, bad *Mistake) {
	if bad := notText(body); bad != nil {
		return nil, bad
	}
	defer func() {
		if bad != nil && bad.Line > 0 {
			bad.Line -= after
		}
	}()
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(body), "\ufeff"))
	text = strings.Repeat("\n", after) + braces.ReplaceAllString(text, "$$\ue000$1\ue001")
	// The parser is not ours and reads what people type: should it fall, they get
	// a sentence, not a trace.
	defer func() {
		if recover() != nil {
			root, bad = nil, mistake(0, 0, "syntax", says(notYAML), phrase{})
		}
	}()
	tokens := lexer.Tokenize(text)
	if bad := refused(tokens); bad != nil {
		return nil, bad
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxMistake(err, text)
	}
	return onlyDocument(file)
}

var notYAML = say.Text{EN: "this is not YAML", FR: "ceci n’est pas du YAML"}

func mistake(line, column int, code string, what, instead phrase) *Mistake {
	return &Mistake{Line: line, Column: column, Code: code, sentence: func(l say.Lang) string {
		if instead.empty() {
			return what.in(l)
		}
		return what.in(l) + l.High() + "; " + instead.in(l)
	}}
}

// notText refuses what is not a text in UTF-8, and what is too big to be a
// configuration.
func notText(body []byte) *Mistake {
	asUTF8 := says(say.Text{EN: "save it again in your editor as plain text in UTF-8", FR: "enregistrez-le à nouveau dans votre éditeur comme texte brut en UTF-8"})
	switch {
	case len(body) > maxSize:
		return mistake(0, 0, "too_big",
			says(say.Text{EN: "the file is larger than 1 MB", FR: "le fichier dépasse 1\u00a0Mo"}),
			says(say.Text{EN: "a configuration is a few pages long: is it the right file?", FR: "une configuration tient en quelques pages\u00a0: est-ce le bon fichier?"}))
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}), bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return mistake(1, 1, "encoding", says(say.Text{EN: "the file is written in UTF-16", FR: "le fichier est écrit en UTF-16"}), asUTF8)
	}
	line, column := 1, 1
	for rest := body; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			return mistake(line, column, "encoding", says(say.Text{EN: "this character is not written in UTF-8", FR: "ce caractère n’est pas écrit en UTF-8"}), asUTF8)
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return mistake(line, column, "encoding", says(say.Text{EN: "this is not text: the file holds bytes that nobody types", FR: "ceci n’est pas du texte\u00a0: le fichier contient des octets que personne ne tape"}), asUTF8)
		case r == '\n':
			line, column = line+1, 0
		case r == '\ufeff' && len(rest) == len(body):
			column--
		}
		column++
		rest = rest[n:]
	}
	return nil
}

// refused stops before parsing what would cost the parser its stack or its time,
// and the marks (tags, directives) that change how what follows is read.
func refused(tokens token.Tokens) *Mistake {
	g := guard{beside: map[int]int{}}
	for _, t := range tokens {
		if f := g.refuses(t); f != nil {
			return mistake(t.Position.Line, t.Position.Column, f.code, f.what, f.do)
		}
	}
	return nil
}

// guard watches the tokens of a file go by.
type guard struct {
	flow   int         // brackets and braces that are open
	line   int         // of the last token
	opened int         // lists and groups that began on it
	beside map[int]int // settings side by side, by column
}

func (g *guard) refuses(t *token.Token) *fault {
	if t.Position.Line != g.line {
		g.line, g.opened = t.Position.Line, 0
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		g.flow++
	case token.SequenceEndType, token.MappingEndType:
		g.flow = max(0, g.flow-1)
	case token.SequenceEntryType, token.MappingKeyType, token.AnchorType:
		if g.flow == 0 { // within braces and brackets a line may hold many side by side
			g.opened++
			g.closeRightOf(t.Position.Column)
		}
	case token.MappingValueType:
		if g.flow == 0 && t.Prev != nil {
			g.opened++
			g.closeRightOf(t.Prev.Position.Column)
			g.beside[t.Prev.Position.Column]++
		}
	case token.TagType, token.DirectiveType:
		return &fault{"syntax", says(say.Text{EN: "a value cannot begin with this character", FR: "une valeur ne peut pas commencer par ce caractère"}), says(putQuotes)}
	}
	if g.flow > maxDepth || t.Position.IndentLevel > maxDepth || g.opened > maxDepth {
		return &fault{"too_deep",
			says(say.Text{EN: "too many lists or groups are written within one another", FR: "trop de listes ou de groupes sont imbriqués les uns dans les autres"}),
			says(say.Text{EN: "a configuration needs four levels at most", FR: "une configuration demande au plus quatre niveaux"})}
	}
	if t.Prev != nil && g.beside[t.Prev.Position.Column] > maxBeside {
		return &fault{"too_big",
			says(say.Text{EN: "more than a thousand settings stand side by side", FR: "plus de mille réglages se suivent dans un même groupe"}),
			says(say.Text{EN: "is it the right file?", FR: "est-ce le bon fichier?"})}
	}
	return nil
}

// closeRightOf forgets the groups that end where something begins further left.
func (g *guard) closeRightOf(column int) {
	for c := range g.beside {
		if c > column {
			delete(g.beside, c)
		}
	}
}

// onlyDocument takes the one document of a file.
func onlyDocument(file *ast.File) (ast.Node, *Mistake) {
	var root ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil || d.Body.Type() == ast.CommentType:
		case root == nil:
			root = d.Body
		default:
			at := start(d.Body)
			return nil, mistake(at.Line, at.Column, "syntax",
				says(say.Text{EN: "a second document begins here", FR: "un deuxième document commence ici"}),
				says(say.Text{EN: "write everything under one, without the line ---", FR: "écrivez tout à la suite, sans la ligne ---"}))
		}
	}
	return root, nil
}

// complaint is one of the parser's messages in words that help.
type complaint struct {
	has  string // part of the parser's own message
	what say.Text
	do   say.Text
}

var (
	closeQuote = say.Text{EN: "close the quotation mark at the end of the value", FR: "fermez le guillemet à la fin de la valeur"}
	putQuotes  = say.Text{EN: "put the value between quotation marks: 'like this: one'", FR: "mettez la valeur entre guillemets\u00a0: 'comme ceci: voilà'"}
	lineUp     = say.Text{EN: "line it up with the setting above, with spaces", FR: "alignez-la sur le réglage du dessus, avec des espaces"}
)

var complaints = []complaint{
	{"'\t'", say.Text{EN: "there is a tab here, and indents are made of spaces", FR: "il y a ici une tabulation, or les retraits se font avec des espaces"},
		say.Text{EN: "replace each tab by two spaces", FR: "remplacez chaque tabulation par deux espaces"}},
	{"tab character", say.Text{EN: "there is a tab here, and indents are made of spaces", FR: "il y a ici une tabulation, or les retraits se font avec des espaces"},
		say.Text{EN: "replace each tab by two spaces", FR: "remplacez chaque tabulation par deux espaces"}},
	{"double-quoted", say.Text{EN: "a quotation mark \" opens here and is never closed", FR: "un guillemet \" s’ouvre ici et n’est jamais fermé"}, closeQuote},
	{"single-quoted", say.Text{EN: "a quotation mark ' opens here and is never closed", FR: "un guillemet ' s’ouvre ici et n’est jamais fermé"},
		say.Text{EN: "close it, and write an apostrophe within it twice: 'l''épargne'", FR: "fermez-le, et doublez l’apostrophe à l’intérieur\u00a0: 'l''épargne'"}},
	{"escape character", say.Text{EN: "there is a \\ here before a letter that it does not go with", FR: "il y a ici un \\ devant une lettre avec laquelle il ne va pas"},
		say.Text{EN: "write the value between ' instead of \"", FR: "écrivez la valeur entre ' plutôt qu’entre \""}},
	{"']'", say.Text{EN: "a list is opened by [ without being closed by ], or the reverse", FR: "une liste est ouverte par [ sans être fermée par ], ou l’inverse"},
		say.Text{EN: "write for example [one, two]", FR: "écrivez par exemple [un, deux]"}},
	{"'}'", say.Text{EN: "a group is opened by { without being closed by }, or the reverse", FR: "un groupe est ouvert par { sans être fermé par }, ou l’inverse"},
		say.Text{EN: "write for example {name: one, kind: two}", FR: "écrivez par exemple {name: un, kind: deux}"}},
	{"flow map content", say.Text{EN: "a group is opened by { without being closed by }, or the reverse", FR: "un groupe est ouvert par { sans être fermé par }, ou l’inverse"},
		say.Text{EN: "close it, or put the value between quotation marks", FR: "fermez-le, ou mettez la valeur entre guillemets"}},
	{"reserved character", say.Text{EN: "a value cannot begin with this character", FR: "une valeur ne peut pas commencer par ce caractère"}, putQuotes},
	{"mapping value is not allowed", say.Text{EN: "a second colon on this line, or a line below it set too far to the right", FR: "il y a un second deux-points sur cette ligne, ou la ligne du dessous est trop à droite"}, putQuotes},
	{"unexpected key name", say.Text{EN: "this line has no colon followed by a space", FR: "cette ligne n’a pas de deux-points suivi d’une espace"},
		say.Text{EN: "write the setting, a colon, a space and the value: name: echo", FR: "écrivez le réglage, un deux-points, une espace et la valeur, comme dans name: echo"}},
	{"non-map value", say.Text{EN: "this line has no colon followed by a space", FR: "cette ligne n’a pas de deux-points suivi d’une espace"},
		say.Text{EN: "write the setting, a colon, a space and the value: name: echo", FR: "écrivez le réglage, un deux-points, une espace et la valeur, comme dans name: echo"}},
	{"map key-value is pre-defined", say.Text{EN: "words follow the closed quotation mark", FR: "des mots suivent le guillemet fermé"},
		say.Text{EN: "put the whole value between the marks, and write an apostrophe within ' twice: 'l''épargne'", FR: "mettez toute la valeur entre les guillemets, et doublez l’apostrophe entre '\u00a0: 'l''épargne'"}},
	{"value is not allowed in this context", say.Text{EN: "this line does not start where its neighbours do", FR: "cette ligne ne commence pas où commencent ses voisines"}, lineUp},
	{"sequence entries are not allowed", say.Text{EN: "a list begins on the line of its name", FR: "une liste commence sur la ligne de son nom"},
		say.Text{EN: "begin it on the next line", FR: "commencez-la à la ligne suivante"}},
	{"header option", say.Text{EN: "nothing may follow | or > on its line", FR: "rien ne peut suivre | ou > sur sa ligne"},
		say.Text{EN: "begin the text on the next line", FR: "commencez le texte à la ligne suivante"}},
}

// syntaxMistake words what the parser said. It never repeats the file: a secret
// may stand on the line.
func syntaxMistake(err error, text string) *Mistake {
	c := complaint{what: notYAML, do: say.Text{EN: "write one setting per line: name: value", FR: "écrivez un réglage par ligne, sous la forme nom: valeur"}}
	line, column := 0, 0
	if e, ok := err.(interface {
		GetMessage() string
		GetToken() *token.Token
	}); ok {
		for _, known := range complaints {
			if strings.Contains(e.GetMessage(), known.has) {
				c = known
				break
			}
		}
		if t := e.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	line = min(line, 1+strings.Count(text, "\n"))
	return mistake(line, column, "syntax", says(c.what), says(c.do))
}
