package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/archive"
)

type exportCmd struct {
	File string `arg:"" help:"${file_arg}"`
}

// Run implements `ouidire export`, also beside a running daemon.
func (cmd exportCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	if err := noData(f.Data); err != nil {
		return err
	}
	left, err := app.Export(c.ctx, f, cmd.File, c.options(c.log(f.Log)), c.bar())
	if err != nil {
		return err
	}
	for _, path := range left {
		c.warn(say.Text{
			EN: "%[1]s is not in %[2]s: it holds a password in clear, or cannot be checked for one; write it as ${NAME} or file:PATH, and the next export takes the file along",
			FR: "%[1]s n’est pas dans %[2]s\u00a0: il contient un mot de passe en clair, ou on n’a pas pu s’en assurer; écrivez-le sous la forme ${NOM} ou file:CHEMIN, et le prochain export emportera ce fichier",
		}, path, cmd.File)
	}
	return c.ok(cmd.File, say.Text{EN: "The whole history of %s is in %s.", FR: "Tout l’historique de %s est dans %s."}, f.Data, cmd.File)
}

type importCmd struct {
	File string `arg:"" help:"${file_arg}"`
}

// Run implements `ouidire import`. Where there is no configuration yet, that of the
// file is written first.
func (cmd importCmd) Run(c *call) error {
	if err := cmd.setUp(c); err != nil {
		return err
	}
	f, err := c.configured()
	if err != nil {
		return err
	}
	found, err := app.Import(c.ctx, f, cmd.File, c.options(c.log(f.Log)), c.bar())
	cmd.explain(c, found)
	if err != nil {
		return err
	}
	return c.ok(cmd.File, say.Text{EN: "%[2]s is in %[1]s: %[3]s mentions.", FR: "%[2]s est dans %[1]s\u00a0: %[3]s mentions."},
		f.Data, cmd.File, c.lang.Number(found.Lines["own"]+found.Lines["mentions"]))
}

// setUp writes the configuration that the file holds where there is none.
func (cmd importCmd) setUp(c *call) error {
	path, found, err := config.Find(c.config)
	if err != nil || found {
		return err
	}
	if _, err := os.Stat(cmd.File); err != nil {
		return unreadable(err)
	}
	written, err := app.ImportSetUp(cmd.File, filepath.Dir(path))
	for _, w := range written {
		c.warn(say.Text{EN: "%s comes from the imported file: look through it, then run ouidire check", FR: "%s vient du fichier importé\u00a0: parcourez-le, puis lancez ouidire check"}, w)
	}
	return err
}

// explain says what of the file was not taken.
func (cmd importCmd) explain(c *call, found archive.Result) {
	if found.Unfit > 0 {
		c.warn(say.Text{EN: "%s lines could not be read and were left out", FR: "%s lignes illisibles ont été laissées de côté"}, c.lang.Number(found.Unfit))
	}
	for _, part := range found.Unknown {
		c.warn(say.Text{EN: "this version does not know what %s are; they were left out", FR: "cette version ne connaît pas %s; cette partie a été laissée de côté"}, part)
	}
}

// bar draws how far a long work is, when somebody looks.
func (c *call) bar() archive.Progress {
	stderr, ok := c.stderr.(*os.File)
	if !ok || !terminal(stderr) {
		return func(int, int) {}
	}
	shown := -1
	return func(done, of int) {
		part := 100
		if of > 0 {
			part = min(100*done/of, 100)
		}
		if part != shown {
			shown = part
			drawBar(stderr, c.lang, part)
		}
		if part == 100 {
			fmt.Fprint(stderr, "\r\x1b[K")
		}
	}
}

func drawBar(to io.Writer, l say.Lang, percent int) {
	fmt.Fprintf(to, "\r[%-50s] %s", strings.Repeat("=", percent/2), l.Percent(float64(percent)/100))
}
