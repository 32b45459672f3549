package main

import (
	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/internal/say"
)

type rebuildCmd struct{}

// Run implements `ouidire rebuild`, also beside a running daemon.
func (rebuildCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	if err := noData(f.Data); err != nil {
		return err
	}
	r, err := app.Rebuild(c.ctx, f, c.options(c.log(f.Log)), c.bar())
	if err != nil {
		return err
	}
	return c.ok(f.Data, say.Text{
		EN: "Everything in %[1]s is as this version reads it: %[2]s mentions indexed anew, %[3]s judged otherwise.",
		FR: "Tout ce qui est dans %[1]s est tel que cette version le lit\u00a0: %[2]s mentions réindexées, %[3]s jugées autrement.",
	}, f.Data, c.lang.Number(r.Indexed), c.lang.Number(r.Judged))
}
