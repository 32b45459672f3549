package main

import "github.com/ouidire/ouidire/app"

// deliverCmd is the process that a channel of kind shoutrrr sends one message from
// (app.DeliverCommand). People have no use for it.
type deliverCmd struct{}

// Run reads an order and writes a report.
func (deliverCmd) Run(c *call) error { return app.Deliver(c.stdin, c.stdout) }
