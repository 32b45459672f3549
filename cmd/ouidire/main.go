// Command ouidire listens to what is said about an organisation. Each subcommand
// has a file of its own; what they speak is described in docs/command.md, and in
// docs/output.schema.json, which is made from the types in shapes.go.
//
// Exit status: 0 done; 1 it ran, and the answer is no; 2 wrong usage or a
// configuration that cannot be read.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/ouidire/ouidire/internal/say"
)

// The exit statuses.
const (
	done    = 0
	no      = 1
	misused = 2
)

// cli is every subcommand and the flags they share. Help texts are in words.go.
type cli struct {
	Config string `help:"${config_flag}" placeholder:"FILE"`
	Output string `help:"${output_flag}" short:"o" enum:"text,json" default:"text"`
	Lang   string `help:"${lang_flag}" placeholder:"fr|en"`

	Run        runCmd        `cmd:"" help:"${run}"`
	Demo       demoCmd       `cmd:"" help:"${demo}"`
	Init       initCmd       `cmd:"" help:"${init}"`
	Check      checkCmd      `cmd:"" help:"${check}"`
	Try        tryCmd        `cmd:"" help:"${try}"`
	Search     searchCmd     `cmd:"" help:"${search}"`
	Match      matchCmd      `cmd:"" help:"${match}"`
	Analyze    analyzeCmd    `cmd:"" help:"${analyze}"`
	Surges     surgesCmd     `cmd:"" help:"${surges}"`
	Stories    storiesCmd    `cmd:"" help:"${stories}"`
	Backtest   backtestCmd   `cmd:"" help:"${backtest}"`
	Rules      rulesCmd      `cmd:"" help:"${rules}"`
	Notify     notifyCmd     `cmd:"" help:"${notify}"`
	Export     exportCmd     `cmd:"" help:"${export}"`
	Import     importCmd     `cmd:"" help:"${import}"`
	Backup     backupCmd     `cmd:"" help:"${backup}"`
	Restore    restoreCmd    `cmd:"" help:"${restore}"`
	Dashboards dashboardsCmd `cmd:"" help:"${dashboards}"`
	Rebuild    rebuildCmd    `cmd:"" help:"${rebuild}"`
	Store      storeCmd      `cmd:"" help:"${store}"`
	Version    versionCmd    `cmd:"" help:"${version}"`
	Completion completionCmd `cmd:"" help:"${completion}"`
	Schema     schemaCmd     `cmd:"" hidden:""`
	Deliver    deliverCmd    `cmd:"" hidden:"" name:"send-by-shoutrrr"`
}

// call is one invocation: what the subcommands read from and write to.
type call struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	lang   say.Lang
	config string
	out    *emitter
	model  *kong.Application

	untrap func() // lets a signal end the process at once again
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { // a second signal kills
		<-ctx.Done()
		stop()
	}()
	c := &call{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		untrap: func() { signal.Reset(os.Interrupt, syscall.SIGTERM) }}
	os.Exit(c.run(os.Args[1:]))
}

// run is the whole program, but for the process around it.
func (c *call) run(args []string) (status int) {
	form, _ := peek(args, "--output", "-o")
	c.lang, c.out = readerLang(args), newEmitter(c.stdout, form == "json")
	return c.end(c.do(args))
}

// exited is how kong leaves after --help: it has answered.
type exited int

// do finds the subcommand and runs it.
func (c *call) do(args []string) (err error) {
	defer func() {
		if left := recover(); left != nil {
			if _, ok := left.(exited); !ok {
				panic(left)
			}
		}
	}()
	var line cli
	parser, err := kong.New(&line, kong.Name("ouidire"), kong.Description(describe(c.lang)), helpWords(c.lang),
		kong.Writers(c.stdout, c.stderr), kong.Help(c.help), kong.Exit(func(code int) { panic(exited(code)) }))
	if err != nil {
		return fmt.Errorf("read our own command line: %w", err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return usage{"usage", explainUsage(err)}
	}
	if _, ok := say.Parse(line.Lang); line.Lang != "" && !ok {
		return usage{"usage", say.Errorf(noSuchLang, line.Lang)}
	}
	c.config, c.model, c.out.json = line.Config, parser.Model, line.Output == "json"
	return chosen.Run(c)
}

var noSuchLang = say.Text{
	EN: "we do not speak %s; --lang takes fr, fr-CA, fr-FR or en",
	FR: "nous ne parlons pas %s; --lang accepte fr, fr-CA, fr-FR ou en",
}

// peek finds the value of a flag before the line is read: what is wrong with the
// line must itself be said in the right language and form.
func peek(args []string, names ...string) (value string, found bool) {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		for _, name := range names {
			if arg == name && i+1 < len(args) {
				value, found = args[i+1], true
			} else if after, ok := strings.CutPrefix(arg, name+"="); ok {
				value, found = after, true
			}
		}
	}
	return value, found
}

// readerLang is the reader's language: --lang, else the locale.
func readerLang(args []string) say.Lang {
	if value, ok := peek(args, "--lang"); ok {
		if l, ok := say.Parse(value); ok {
			return l
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			l, _ := say.Parse(value)
			return l
		}
	}
	return say.English
}

// end says what stopped the work, if anything did, and gives the exit status.
func (c *call) end(err error) int {
	if lost := c.out.flush(); lost != nil {
		fmt.Fprintln(c.stderr, "ouidire:", lost)
		return no
	}
	switch {
	case err == nil:
		return done
	case errors.Is(err, errNo):
		return no
	}
	if lost := errors.Join(c.told(err), c.out.flush()); lost != nil {
		fmt.Fprintln(c.stderr, "ouidire:", lost)
	}
	if u := (usage{}); errors.As(err, &u) {
		return misused
	}
	return no
}
