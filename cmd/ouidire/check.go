package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

type checkCmd struct{}

// Run implements `ouidire check`: every mistake at once, and nobody is contacted.
// A bad configuration is the answer here, where it is a misuse everywhere else.
func (checkCmd) Run(c *call) error {
	f, err := c.configured()
	if wrong := (*config.Problems)(nil); errors.As(err, &wrong) {
		return answerNo(c.problems(wrong))
	}
	if err != nil {
		return err
	}
	if len(f.Warnings.List) > 0 {
		fmt.Fprintln(c.stderr, tame(f.Warnings.In(c.lang)))
	}
	if over := config.PagePath(f.Path); exists(over) {
		return c.ok(f.Path, say.Text{EN: "%s is good, with %s, which was set on the page.", FR: "%s est bon, avec %s, qui a été réglé dans la page."}, f.Path, over)
	}
	return c.ok(f.Path, say.Text{EN: "%s is good.", FR: "%s est bon."}, f.Path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// problems writes the mistakes of a configuration.
func (c *call) problems(p *config.Problems) error {
	if !c.out.json {
		return c.out.line("%s", p.In(c.lang))
	}
	for _, m := range p.List {
		f := wire.Failure{Input: cmp.Or(m.File, p.File), Line: m.Line, Column: m.Column, Code: m.Code, Error: m.In(say.English)}
		if err := c.out.object(f); err != nil {
			return err
		}
	}
	return nil
}

type schemaCmd struct {
	Of string `arg:"" optional:"" enum:"config,output" default:"config"`
}

// Run implements `ouidire schema`: the JSON Schema of ouidire.yml, for editors, or
// of what the commands print, for programs.
func (cmd schemaCmd) Run(c *call) error {
	if cmd.Of == "config" {
		schema, err := config.Schema(app.Kinds())
		if err != nil {
			return err
		}
		return c.out.write(schema)
	}
	schema, err := json.MarshalIndent(outputSchema(), "", "  ")
	if err != nil {
		return fmt.Errorf("write the schema: %w", err)
	}
	return c.out.write(append(schema, '\n'))
}
