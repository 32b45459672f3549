package main

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"

	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/say"
)

type dashboardsCmd struct {
	Out   string `help:"${dashboards_out}" placeholder:"FOLDER"`
	Rules string `help:"${dashboards_rules}" placeholder:"FILE"`
	Page  string `help:"${dashboards_page}" placeholder:"URL" default:"http://127.0.0.1:8080"`
}

// Run implements `ouidire dashboards`: what Grafana and Prometheus need, in the
// reader's language. It needs no configuration and contacts nobody.
func (cmd dashboardsCmd) Run(c *call) error {
	if cmd.Out == "" && cmd.Rules == "" {
		return usage{"usage", say.Errorf(say.Text{
			EN: "say where to write: --out FOLDER for the boards, --rules FILE for the rules",
			FR: "dites où écrire\u00a0: --out DOSSIER pour les tableaux, --rules FICHIER pour les règles",
		})}
	}
	if page, err := url.Parse(cmd.Page); err != nil || page.Host == "" || page.Scheme != "http" && page.Scheme != "https" {
		return usage{"usage", say.Errorf(say.Text{
			EN: "--page is an address, for example https://watch.valtisse.example, not %s",
			FR: "--page est une adresse, par exemple https://veille.valtisse.example, et non %s",
		}, cmd.Page)}
	}
	if err := cmd.writeBoards(c); err != nil {
		return err
	}
	return cmd.writeRules(c)
}

func (cmd dashboardsCmd) writeBoards(c *call) error {
	if cmd.Out == "" {
		return nil
	}
	boards, err := dashboards.Boards(c.lang, cmd.Page)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cmd.Out, 0o755); err != nil {
		return unwritable(cmd.Out, err)
	}
	for _, b := range boards {
		if err := c.writeMade(filepath.Join(cmd.Out, b.File), b.JSON); err != nil {
			return err
		}
	}
	return nil
}

func (cmd dashboardsCmd) writeRules(c *call) error {
	if cmd.Rules == "" {
		return nil
	}
	var body bytes.Buffer
	if err := dashboards.WriteRules(&body, c.lang); err != nil {
		return err
	}
	return c.writeMade(cmd.Rules, body.Bytes())
}

// writeMade writes a file that other programs read, and that can be made again at any time.
func (c *call) writeMade(path string, body []byte) error {
	if err := os.WriteFile(path, body, 0o644); err != nil {
		return unwritable(path, err)
	}
	return c.ok(path, say.Text{EN: "%s is written", FR: "%s est écrit"}, path)
}

func unwritable(path string, err error) error {
	return bad{"unwritable", say.Errorf(say.Text{EN: "%s cannot be written: %v", FR: "impossible d’écrire %s\u00a0: %v"}, path, cause(err))}
}
