package state

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// Unsubscription is that somebody wants no more of what a channel sends at its hours; of
// what any channel does, when Channel is "".
type Unsubscription struct {
	Channel, Address string
	At               time.Time
}

// From says whether it is of a channel.
func (u Unsubscription) From(channel string) bool { return u.Channel == channel || u.Channel == "" }

// leaveAllSQL makes those of channels that are gone unsubscriptions from all.
const leaveAllSQL = `UPDATE OR REPLACE unsubscribed SET channel = ''
	WHERE channel <> '' AND channel NOT IN (SELECT value FROM json_each(?))`

var _ alerting.Unsubscribed = (*DB)(nil)

// Unsubscribe notes that an address wants no more of what a channel sends at its hours,
// "" for all channels.
// Who says so twice has said so once.
func (d *DB) Unsubscribe(ctx context.Context, channel, address string) error {
	return d.subscription(ctx, "digest.stopped", "", Unsubscription{channel, address, d.now()},
		"INSERT OR IGNORE INTO unsubscribed (channel, address, at) VALUES (?1, ?2, ?3)")
}

// Resubscribe takes that back, also for who left all channels; by is who did, "" for whoever holds the link.
func (d *DB) Resubscribe(ctx context.Context, by, channel, address string) error {
	return d.subscription(ctx, "digest.resumed", by, Unsubscription{channel, address, d.now()},
		"DELETE FROM unsubscribed WHERE channel IN (?1, '') AND address = ?2 AND ?3 > 0")
}

// subscription changes one, and journals it if that changed anything.
func (d *DB) subscription(ctx context.Context, what, by string, u Unsubscription, statement string) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		done, err := tx.Exec(ctx, statement, u.Channel, u.Address, micros(u.At))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		line, err := NewEntry(u.At, by, what, u.Channel, map[string]string{"address": u.Address})
		if err != nil {
			return err
		}
		return journal(ctx, tx, line)
	})
	if err != nil {
		return fmt.Errorf("note who gets the digests: %w", err)
	}
	return nil
}

// Unsubscribed implements alerting.Unsubscribed.
func (d *DB) Unsubscribed(ctx context.Context, channel string) (addresses []string, err error) {
	all, err := d.Unsubscriptions(ctx)
	for _, u := range all {
		if u.From(channel) {
			addresses = append(addresses, u.Address)
		}
	}
	return addresses, err
}

// Unsubscriptions are all of them, by channel and address.
func (d *DB) Unsubscriptions(ctx context.Context) (all []Unsubscription, err error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT channel, address, at FROM unsubscribed ORDER BY channel, address")
	if err != nil {
		return nil, fmt.Errorf("read who gets no digests: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u Unsubscription
		var at int64
		if err := rows.Scan(&u.Channel, &u.Address, &at); err != nil {
			return nil, fmt.Errorf("read who gets no digests: %w", err)
		}
		u.At = instant(at)
		all = append(all, u)
	}
	return all, rows.Err()
}
