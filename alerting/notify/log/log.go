// Package log writes messages to the program's own log: for a first try, and for
// those who gather logs anyway. It reaches nobody by itself.
package log

import (
	"context"
	"log/slog"

	"github.com/ouidire/ouidire/alerting"
)

// Config is one channel of this kind: it has no settings.
type Config struct{}

// Default is the channel as it is.
func Default() Config { return Config{} }

// Notifier writes one line for each message.
type Notifier struct{ log *slog.Logger }

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel.
func New(_ Config, d alerting.Deps) (*Notifier, error) { return &Notifier{log: d.Log}, nil }

// Notify writes the line. The body is left out: logs carry no one's words.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n.log.LogAttrs(ctx, level(m.Severity), "message", slog.String("subject", alerting.Plain(m.Subject, 200)),
		slog.String("severity", string(m.Severity)), slog.String("incident", m.Incident), slog.Int("seq", m.Seq),
		slog.String("rule", m.Rule), slog.String("watch", m.Watch), slog.String("link", m.Link),
		slog.String("key", m.Key), slog.Bool("test", m.Test))
	return nil
}

func level(s alerting.Severity) slog.Level {
	if s == alerting.Urgent {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
