package main

import (
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/backup"
)

type backupCmd struct {
	File string `arg:"" help:"${file_arg}"`
}

// Run implements `ouidire backup`, also beside a running daemon.
func (cmd backupCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	if err := noData(f.Data); err != nil {
		return err
	}
	maker := backup.Maker{Version: thisBuild().Version, Now: time.Now}
	if _, err := maker.Create(c.ctx, f.Data, cmd.File); err != nil {
		return err
	}
	return c.ok(cmd.File, say.Text{EN: "All data of %s is in %s.", FR: "Toutes les données de %s sont dans %s."}, f.Data, cmd.File)
}

type restoreCmd struct {
	File string `arg:"" help:"${file_arg}"`
}

// Run implements `ouidire restore`.
func (cmd restoreCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	if _, err := backup.Restore(c.ctx, cmd.File, f.Data); err != nil {
		return err
	}
	return c.ok(cmd.File, say.Text{EN: "%[2]s is back in %[1]s.", FR: "%[2]s est de retour dans %[1]s."}, f.Data, cmd.File)
}
