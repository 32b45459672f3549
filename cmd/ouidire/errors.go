package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler/feed"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

// errNo is an answer of no: exit status 1. What there was to say has been said.
var errNo = errors.New("the answer is no")

// usage marks an error as the caller's: exit status 2.
type usage struct {
	code string // usage, query or config
	error
}

func (u usage) Unwrap() error { return u.error }

// bad is an input that cannot be used.
type bad struct {
	code string
	error
}

func (b bad) Unwrap() error { return b.error }

// codeOf is the stable word of an error, for programs.
func codeOf(err error) string {
	var (
		misuse  usage
		input   bad
		problem *config.Problems
	)
	switch {
	case errors.As(err, &problem):
		return "config"
	case errors.As(err, &misuse):
		return misuse.code
	case errors.As(err, &input):
		return input.code
	case polite.ReasonOf(err) != "":
		return string(polite.ReasonOf(err))
	case errors.Is(err, app.ErrNoSource):
		return "no_source"
	case errors.Is(err, app.ErrNoRule):
		return "no_rule"
	case errors.Is(err, app.ErrUnsent):
		return "unsupported"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "unreadable"
	}
	return "failed"
}

// unreadable is an input whose bytes could not be had.
func unreadable(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err // the input is named beside it
	}
	return bad{"unreadable", say.Errorf(say.Text{EN: "cannot be read: %v", FR: "lecture impossible\u00a0: %v"}, cause(err))}
}

// cause puts into both languages what the system says most often.
func cause(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &say.Error{Text: say.Text{EN: "there is no such file", FR: "ce fichier n’existe pas"}, Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &say.Error{Text: say.Text{EN: "its permissions do not let you", FR: "ses permissions vous l’interdisent"}, Err: err}
	case err != nil && strings.HasSuffix(err.Error(), "is a directory"):
		return &say.Error{Text: say.Text{EN: "it is a folder", FR: "c’est un dossier"}, Err: err}
	}
	return err
}

// noData is a data folder in which no daemon has kept anything yet. A command that
// asks must not make the store itself: a daemon may be about to.
func noData(folder string) error {
	if app.Kept(folder) {
		return nil
	}
	return bad{"no_data", say.Errorf(say.Text{
		EN: "nothing has been kept yet in the folder %s; start with ouidire run",
		FR: "rien n’a encore été conservé dans le dossier %s; démarrez avec ouidire run",
	}, folder)}
}

// unparsed is a feed that was read and not understood.
func unparsed(err error) error { return bad{string(feed.Reason(err)), err} }

// failed reports an input that failed: an object in JSON, else a line on stderr.
func (c *call) failed(f wire.Failure, err error) error {
	f.Code = codeOf(err)
	if c.out.json {
		f.Error = say.Explain(err, say.English)
		return c.out.object(f)
	}
	if err := c.out.flush(); err != nil { // what was answered before stands before
		return err
	}
	place := f.Input
	switch {
	case f.Line > 0 && place != "" && place != "-":
		place = fmt.Sprintf("%s:%d", place, f.Line)
	case f.Line > 0:
		place = say.Text{EN: "line %d", FR: "ligne %d"}.In(c.lang, f.Line)
	}
	if place == "-" {
		place = say.Text{EN: "standard input", FR: "entrée standard"}.In(c.lang)
	}
	_, err = fmt.Fprintf(c.stderr, "%s%s %s\n", tame(place), c.lang.Colon(), tame(say.Explain(err, c.lang)))
	return err
}

// told reports what ended the command: on stderr for whoever watches, and in JSON
// on stdout too, for a program that reads only that.
func (c *call) told(err error) error {
	if errors.Is(err, context.Canceled) && c.ctx.Err() != nil {
		err = bad{"interrupted", say.Errorf(say.Text{EN: "interrupted", FR: "interrompu"})}
	}
	fmt.Fprintf(c.stderr, "ouidire%s %s\n", c.lang.Colon(), tame(say.Explain(err, c.lang)))
	if !c.out.json {
		return nil
	}
	if wrong := (*config.Problems)(nil); errors.As(err, &wrong) {
		return c.problems(wrong)
	}
	return c.out.object(wire.Failure{Code: codeOf(err), Error: say.Explain(err, say.English)})
}

// warn says on stderr what does not end the command.
func (c *call) warn(t say.Text, args ...any) {
	fmt.Fprintf(c.stderr, "%s\n", tame(t.In(c.lang, args...)))
}
