package feed

import (
	"bytes"
	"encoding/binary"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// toUTF8 gives body in UTF-8 without a byte-order mark and without control
// characters. What bytes say wins over what anybody declares, for declarations
// are often wrong: a byte-order mark, then a body that is valid UTF-8 with at
// least one accent in it, then the header's charset, then the XML declaration's,
// then windows-1252. No statistics: on French they guess worse than this rule.
func toUTF8(body []byte, contentType string) []byte {
	if enc, rest := marked(body); enc != nil {
		return withoutControls(convert(enc, rest))
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) && !ascii(body) {
		return withoutControls(body)
	}
	for _, label := range []string{headerCharset(contentType), declaredCharset(body)} {
		enc, name := charset.Lookup(label)
		switch {
		case enc == nil, strings.HasPrefix(name, "utf-16"): // a body of two-byte units was seen by marked
			continue
		case name == "utf-8":
			return withoutControls(mixed(body))
		}
		return withoutControls(convert(enc, body))
	}
	return withoutControls(mixed(body))
}

// marked tells the wide encodings by their byte-order mark, or by the zeros
// around the first character of a document that forgot it.
func marked(body []byte) (enc encoding.Encoding, rest []byte) {
	le, be := unicode.LittleEndian, unicode.BigEndian
	has := func(prefix string) bool { return bytes.HasPrefix(body, []byte(prefix)) }
	switch {
	case has("\xff\xfe\x00\x00"):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), body[4:]
	case has("\x00\x00\xfe\xff"):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), body[4:]
	case has("\xff\xfe"):
		return unicode.UTF16(le, unicode.IgnoreBOM), body[2:]
	case has("\xfe\xff"):
		return unicode.UTF16(be, unicode.IgnoreBOM), body[2:]
	}
	if len(body) < 4 {
		return nil, body
	}
	switch first := binary.BigEndian.Uint32(body); {
	case first == '<' || first == '{':
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), body
	case first == '<'<<24 || first == '{'<<24:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), body
	case first>>16 == '<' || first>>16 == '{':
		return unicode.UTF16(be, unicode.IgnoreBOM), body
	case first>>16 == '<'<<8 || first>>16 == '{'<<8:
		return unicode.UTF16(le, unicode.IgnoreBOM), body
	}
	return nil, body
}

func convert(enc encoding.Encoding, body []byte) []byte {
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return mixed(body)
	}
	return out
}

// mixed reads valid UTF-8 as itself and any other byte as windows-1252, which is
// what a feed holds whose author pasted from elsewhere.
func mixed(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body)+len(body)/8)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(body[0])
		}
		out = utf8.AppendRune(out, r)
		body = body[size:]
	}
	return out
}

func ascii(body []byte) bool {
	for _, b := range body {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func headerCharset(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// declarationHead is how far an XML declaration is looked for.
const declarationHead = 1024

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']`)

func declaredCharset(body []byte) string {
	found := xmlEncoding.FindSubmatch(body[:min(len(body), declarationHead)])
	if found == nil {
		return ""
	}
	return string(found[1])
}

// withoutControls drops what XML and JSON forbid and no text means.
func withoutControls(body []byte) []byte {
	if bytes.IndexFunc(body, control) < 0 {
		return body
	}
	return bytes.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, body)
}

func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r == 0xfffe || r == 0xffff || r == '\ufeff'
}
