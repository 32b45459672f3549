package state

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
)

// joinedKey is the setting that says up to which instant mentions were joined.
const joinedKey = "stories.joined"

// JoinedUpto is the instant up to which mentions were joined, zero before the first.
func (d *DB) JoinedUpto(ctx context.Context) (time.Time, error) {
	value, ok, err := d.Get(ctx, joinedKey)
	if err != nil || !ok {
		return time.Time{}, err
	}
	var at time.Time
	if err := at.UnmarshalText(value); err != nil {
		return time.Time{}, fmt.Errorf("read up to when stories were joined: %w", err)
	}
	return at, nil
}

// Join appends members and moves that instant, in one transaction. It never moves back.
func (d *DB) Join(ctx context.Context, members []alerting.Joined, upto time.Time) error {
	before, err := d.JoinedUpto(ctx)
	if err != nil {
		return err
	}
	if before.After(upto) {
		upto = before
	}
	value, err := upto.UTC().MarshalText()
	if err != nil {
		return err
	}
	err = d.db.Write(ctx, func(tx *sqlite.Tx) error {
		for _, m := range members {
			if err := saveMember(ctx, tx, m); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", joinedKey, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("join stories: %w", err)
	}
	return nil
}

func saveMember(ctx context.Context, tx *sqlite.Tx, m alerting.Joined) error {
	watches, err := json.Marshal(m.Watches)
	if err != nil {
		return err
	}
	signature, err := packSignature(m.Signature)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO story_member (mention, seen, story, source, outlet, watches, history, change, related, conversation, signature)
		VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
		m.Mention, micros(m.SeenAt), m.Story, m.Source, m.Outlet, string(watches), m.History, string(m.Change), m.Related, m.Conversation, signature)
	return err
}

const memberColumns = "story, mention, source, outlet, watches, seen, history, change, related, conversation"

// EachJoined gives the members seen from since on, in order of sight.
func (d *DB) EachJoined(ctx context.Context, since time.Time, f func(alerting.Joined)) error {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT "+memberColumns+", signature FROM story_member WHERE seen >= ? ORDER BY seen, mention", micros(since))
	if err != nil {
		return fmt.Errorf("read stories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var signature []byte
		j, err := scanMember(rows, &signature)
		if err == nil {
			j.Signature, err = unpackSignature(signature)
		}
		if err != nil {
			return fmt.Errorf("read a member of a story: %w", err)
		}
		f(j)
	}
	return rows.Err()
}

func scanMember(rows *sql.Rows, more ...any) (j alerting.Joined, err error) {
	var watches []byte
	var seen int64
	into := append([]any{&j.Story, &j.Mention, &j.Source, &j.Outlet, &watches, &seen, &j.History, &j.Change, &j.Related, &j.Conversation}, more...)
	if err := rows.Scan(into...); err != nil {
		return j, err
	}
	j.SeenAt = instant(seen)
	return j, json.Unmarshal(watches, &j.Member.Watches)
}

// ForgetAlerting erases the members of stories seen before stories, and the
// incidents opened before incidents that are resolved and owe nothing more, with
// their messages. It goes in small steps and returns how many rows it erased.
func (d *DB) ForgetAlerting(ctx context.Context, stories, incidents time.Time) (total int, err error) {
	for _, sweep := range []struct {
		sql    string
		before time.Time
	}{
		{"DELETE FROM story_member WHERE (mention, seen) IN (SELECT mention, seen FROM story_member WHERE seen < ? ORDER BY seen LIMIT ?)", stories},
		{"DELETE FROM outbox WHERE key IN (SELECT key FROM outbox WHERE incident IN (" + settledSQL + ") LIMIT ?2)", incidents},
		{"DELETE FROM incident WHERE id IN (" + settledSQL + " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.incident = i.id) LIMIT ?2)", incidents},
	} {
		n, err := d.sweep(ctx, sweep.sql, sweep.before)
		total += n
		if err != nil {
			return total, fmt.Errorf("forget situations and stories: %w", err)
		}
	}
	return total, nil
}

const settledSQL = `SELECT id FROM incident i WHERE opened < ?1 AND state = 'resolved'
	AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.incident = i.id AND o.fate = 'waiting')`

// packSignature writes a signature small: two counted runs of 32-bit words, then
// the figures in JSON.
func packSignature(s mention.Signature) ([]byte, error) {
	figures, err := json.Marshal(s.Figures)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 4*(len(s.MinHash)+len(s.Lead)+2)+len(figures))
	for _, run := range [][]uint32{s.MinHash, s.Lead} {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(run)))
		for _, word := range run {
			out = binary.LittleEndian.AppendUint32(out, word)
		}
	}
	return append(out, figures...), nil
}

var errSignature = errors.New("a stored signature is cut")

func unpackSignature(b []byte) (s mention.Signature, err error) {
	for _, run := range []*[]uint32{&s.MinHash, &s.Lead} {
		if len(b) < 4 {
			return s, errSignature
		}
		n := uint64(binary.LittleEndian.Uint32(b))
		if b = b[4:]; uint64(len(b)) < 4*n {
			return s, errSignature
		}
		for range n {
			*run = append(*run, binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
	}
	return s, json.Unmarshal(b, &s.Figures)
}
