package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ouidire/ouidire/internal/say"
)

// smallFile is read before anybody wonders how long it takes.
const smallFile = 4 << 20

// watched is f, with a bar on stderr of how much of it is read, when somebody looks
// there and the answers go elsewhere.
func (c *call) watched(f *os.File) io.Reader {
	info, err := f.Stat()
	stderr, ok := c.stderr.(*os.File)
	if err != nil || info.Size() < smallFile || !ok || !terminal(stderr) {
		return f
	}
	if stdout, ok := c.stdout.(*os.File); ok && terminal(stdout) {
		return f
	}
	return &progress{r: f, to: stderr, lang: c.lang, size: info.Size(), shown: -1}
}

// progress is a reader that draws how far it is, once for each per cent.
type progress struct {
	r          io.Reader
	to         io.Writer
	lang       say.Lang
	size, read int64
	shown      int64
}

// Read implements io.Reader. The bar is wiped at the end.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.read += int64(n)
	if part := min(100*p.read/p.size, 100); part != p.shown {
		p.shown = part
		drawBar(p.to, p.lang, int(part))
	}
	if err != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
	return n, err
}
