package main

import (
	"fmt"
	"time"

	"github.com/ouidire/ouidire/config"
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
	page, err := config.PageFiles(f.Path)
	if err != nil {
		return err
	}
	maker := backup.Maker{Version: thisBuild().Version, Now: time.Now, Page: page}
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
	m, err := backup.Restore(c.ctx, cmd.File, f.Data)
	if err != nil {
		return err
	}
	put, err := config.PutPageFiles(f.Path, m.Page)
	if err != nil {
		return err
	}
	if !put && len(m.Page) > 0 {
		fmt.Fprintln(c.stderr, say.Text{
			EN: "%s exists already and was left as it is; what was set on the page when the backup was made was not put back.",
			FR: "%s existe déjà et n’a pas été touché; ce qui était réglé dans la page au moment de la sauvegarde n’a pas été remis.",
		}.In(c.lang, config.PagePath(f.Path)))
	}
	return c.ok(cmd.File, say.Text{EN: "%[2]s is back in %[1]s.", FR: "%[2]s est de retour dans %[1]s."}, f.Data, cmd.File)
}
