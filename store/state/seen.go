package state

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
)

const (
	// step is how many rows one transaction touches: others wait for it.
	step = 500
	// stale is when meeting a known mention again is written down.
	stale = 30 * 24 * time.Hour
)

// digest is what tells two versions apart.
type digest [16]byte

func digestOf(m *mention.Mention) digest {
	v := m.Current()
	sum := sha256.Sum256([]byte(v.Title + "\x00" + v.Text))
	return digest(sum[:16])
}

// sight is what is remembered of one mention.
type sight struct {
	hash digest
	met  time.Time
}

// Unseen drops from a batch what was handled before with the same title and text,
// and repeats within the batch. The batch itself is left as it is.
func (d *DB) Unseen(ctx context.Context, batch []mention.Mention) ([]mention.Mention, error) {
	known, err := d.known(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("ask what was seen: %w", err)
	}
	now := d.now()
	var fresh []mention.Mention
	var old []string
	for _, m := range batch {
		hash := digestOf(&m)
		was, ok := known[m.ID]
		if !ok || was.hash != hash {
			fresh = append(fresh, m)
			known[m.ID] = sight{hash, now}
		} else if now.Sub(was.met) > stale {
			old = append(old, m.ID)
			known[m.ID] = sight{hash, now}
		}
	}
	return fresh, d.meetAgain(ctx, old, now)
}

func (d *DB) known(ctx context.Context, batch []mention.Mention) (map[string]sight, error) {
	known := map[string]sight{}
	for part := range slices.Chunk(batch, step) {
		if err := d.lookUp(ctx, part, known); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func (d *DB) lookUp(ctx context.Context, batch []mention.Mention, known map[string]sight) error {
	ids := make([]string, len(batch))
	for i := range batch {
		ids[i] = batch[i].ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := d.db.Read().QueryContext(ctx, "SELECT id, hash, met FROM seen WHERE id IN (SELECT value FROM json_each(?))", string(list))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var hash []byte
		var met int64
		if err := rows.Scan(&id, &hash, &met); err != nil {
			return err
		}
		var s sight
		copy(s.hash[:], hash)
		s.met = instant(met)
		known[id] = s
	}
	return rows.Err()
}

// meetAgain keeps what still stands at its place from being forgotten.
func (d *DB) meetAgain(ctx context.Context, ids []string, now time.Time) error {
	for part := range slices.Chunk(ids, step) {
		err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
			for _, id := range part {
				if _, err := tx.Exec(ctx, "UPDATE seen SET met = max(met, ?) WHERE id = ?", micros(now), id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("remember what was met again: %w", err)
		}
	}
	return nil
}

// Remember marks a batch as handled with the text it has now.
func (d *DB) Remember(ctx context.Context, batch []mention.Mention) error {
	for part := range slices.Chunk(batch, step) {
		err := d.db.Write(ctx, func(tx *sqlite.Tx) error { return d.remember(ctx, tx, part) })
		if err != nil {
			return fmt.Errorf("remember what was seen: %w", err)
		}
	}
	return nil
}

func (d *DB) remember(ctx context.Context, tx *sqlite.Tx, batch []mention.Mention) error {
	for i := range batch {
		m := &batch[i]
		met, hash := m.SeenAt, digestOf(m)
		if met.IsZero() {
			met = d.now()
		}
		_, err := tx.Exec(ctx, `INSERT INTO seen (id, hash, met) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, met = max(met, excluded.met)`, m.ID, hash[:], micros(met))
		if err != nil {
			return err
		}
	}
	return nil
}

// LastSeen is an instant at or after every SeenAt remembered, zero before the
// first: the watermark starts behind it, and behind what the store knows.
func (d *DB) LastSeen(ctx context.Context) (time.Time, error) {
	var us int64
	if err := d.db.Read().QueryRowContext(ctx, "SELECT coalesce(max(met), 0) FROM seen").Scan(&us); err != nil {
		return time.Time{}, fmt.Errorf("ask when something was last seen: %w", err)
	}
	return instant(us), nil
}
