package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/sqlite"
)

var _ alerting.Ledger = (*DB)(nil)

// Progress is how far each rule was asked, by name.
func (d *DB) Progress(ctx context.Context) (map[string]alerting.Progress, error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT rule, asked, next FROM rule_progress")
	if err != nil {
		return nil, fmt.Errorf("read how far rules were asked: %w", err)
	}
	defer rows.Close()
	all := map[string]alerting.Progress{}
	for rows.Next() {
		var rule string
		var asked, next int64
		if err := rows.Scan(&rule, &asked, &next); err != nil {
			return nil, fmt.Errorf("read how far a rule was asked: %w", err)
		}
		all[rule] = alerting.Progress{Asked: instant(asked), Next: instant(next)}
	}
	return all, rows.Err()
}

const knownSQL = `SELECT body FROM incident i WHERE rule = ?1 AND (state <> 'resolved'
	OR id IN (SELECT (SELECT id FROM incident WHERE key = k.value ORDER BY opened DESC, id LIMIT 1) FROM json_each(?2) k))
	ORDER BY opened DESC, id`

// Known returns a rule's open incidents and the newest of each key, newest first.
func (d *DB) Known(ctx context.Context, rule string, keys []string) ([]alerting.Incident, error) {
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	return d.incidents(ctx, knownSQL, rule, string(list))
}

// Called returns the incidents of a rule that a person has ever called a false alarm,
// newest first. A key begins with its rule.
func (d *DB) Called(ctx context.Context, rule string) ([]alerting.Incident, error) {
	return d.incidents(ctx, "SELECT body FROM incident WHERE key >= ? AND key < ? AND body ->> '$.Called' IS NOT NULL ORDER BY opened DESC, id",
		rule+"\x00", rule+"\x01")
}

// Incident returns one; ok is false when there is none.
func (d *DB) Incident(ctx context.Context, id string) (i alerting.Incident, ok bool, err error) {
	all, err := d.incidents(ctx, "SELECT body FROM incident WHERE id = ?", id)
	if err != nil || len(all) == 0 {
		return alerting.Incident{}, false, err
	}
	return all[0], true, nil
}

// Incidents returns those opened in [from, to), newest first, at most limit; a
// zero instant is open. Editions, which are of no rule, are left out.
func (d *DB) Incidents(ctx context.Context, from, to time.Time, limit int) ([]alerting.Incident, error) {
	if to.IsZero() {
		to = forever
	}
	return d.incidents(ctx, "SELECT body FROM incident WHERE opened >= ? AND opened < ? AND rule <> '' ORDER BY opened DESC, id LIMIT ?", micros(from), micros(to), limit)
}

// Opened counts the incidents that opened in [from, to), editions and what joined another
// left out.
func (d *DB) Opened(ctx context.Context, from, to time.Time) (n int, err error) {
	return d.count(ctx, "SELECT count(*) FROM incident WHERE opened >= ? AND opened < ? AND rule <> '' AND NOT (coalesce(body ->> '$.Hushed', 0) AND body ->> '$.With' IS NOT NULL)", micros(from), micros(to))
}

// Accepted counts the messages that a channel accepted in [from, to).
func (d *DB) Accepted(ctx context.Context, channel string, from, to time.Time) (n int, err error) {
	return d.count(ctx, "SELECT count(*) FROM outbox WHERE at < ?3 AND ended >= ?2 AND ended < ?3 AND fate = 'sent' AND channel = ?1", channel, micros(from), micros(to))
}

func (d *DB) count(ctx context.Context, query string, args ...any) (n int, err error) {
	if err := d.db.Read().QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what was told: %w", err)
	}
	return n, nil
}

// OpenIncidents returns those that are not resolved, newest first.
func (d *DB) OpenIncidents(ctx context.Context) ([]alerting.Incident, error) {
	return d.incidents(ctx, "SELECT body FROM incident WHERE state <> 'resolved' ORDER BY opened DESC, id")
}

func (d *DB) incidents(ctx context.Context, query string, args ...any) ([]alerting.Incident, error) {
	rows, err := d.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	defer rows.Close()
	var all []alerting.Incident
	for rows.Next() {
		var body []byte
		var i alerting.Incident
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("read an incident: %w", err)
		}
		if err := json.Unmarshal(body, &i); err != nil {
			return nil, fmt.Errorf("read what an incident says: %w", err)
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// Settle makes incidents, what is owed for them, the journal and the rule's
// progress durable together, or none of it.
func (d *DB) Settle(ctx context.Context, s alerting.Settlement) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error { return settle(ctx, tx, s) })
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

func settle(ctx context.Context, tx *sqlite.Tx, s alerting.Settlement) error {
	for _, i := range s.Incidents {
		if err := saveIncident(ctx, tx, i); err != nil {
			return fmt.Errorf("incident %s: %w", i.ID, err)
		}
	}
	for _, r := range s.Owed {
		if err := owe(ctx, tx, r); err != nil {
			return fmt.Errorf("message of incident %s to %s: %w", r.Owed.ID, r.Channel, err)
		}
	}
	for _, e := range s.Journal {
		line, err := NewEntry(e.At, e.Person, incidentWhat+e.What, e.Incident, incidentDetail{Reason: e.Reason, Until: e.Until, To: e.To, Member: e.Member, ToMember: e.ToMember, Note: e.Note, Size: e.Size, Letter: e.Letter})
		if err == nil {
			err = journal(ctx, tx, line)
		}
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	if s.Rule == "" {
		return nil
	}
	_, err := tx.Exec(ctx, "INSERT OR REPLACE INTO rule_progress (rule, asked, next) VALUES (?,?,?)", s.Rule, micros(s.Progress.Asked), micros(s.Progress.Next))
	return err
}

// incidentWhat begins the stable word of every line about an incident.
const incidentWhat = "incident."

// incidentDetail is what the journal keeps of what happened to an incident.
type incidentDetail struct {
	Reason   string           `json:"reason,omitempty"`
	Until    time.Time        `json:"until,omitzero"`
	To       string           `json:"to,omitempty"`
	Member   string           `json:"member,omitempty"` // the id of who acted
	ToMember string           `json:"to_member,omitempty"`
	Note     string           `json:"note,omitempty"`
	Size     int              `json:"size,omitempty"`
	Letter   *alerting.Letter `json:"letter,omitempty"`
}

// IncidentJournal returns what happened to an incident since an instant, oldest
// first: as far back as the journal goes, which is 90 days.
func (d *DB) IncidentJournal(ctx context.Context, incident string, since time.Time) ([]alerting.Entry, error) {
	rows, err := d.db.Read().QueryContext(ctx,
		"SELECT at, who, what, detail FROM journal WHERE at >= ? AND subject = ? AND what >= ? AND what < ? ORDER BY at, id",
		micros(since), incident, incidentWhat, incidentWhat+"\U0010ffff")
	if err != nil {
		return nil, fmt.Errorf("read the journal of incident %s: %w", incident, err)
	}
	defer rows.Close()
	var all []alerting.Entry
	for rows.Next() {
		e := alerting.Entry{Incident: incident}
		var at int64
		var detail incidentDetail
		var body []byte
		if err := rows.Scan(&at, &e.Person, &e.What, &body); err != nil {
			return nil, fmt.Errorf("read a line of the journal: %w", err)
		}
		if err := json.Unmarshal(body, &detail); err != nil {
			return nil, fmt.Errorf("read the detail of %s: %w", e.What, err)
		}
		e.At, e.What = instant(at), strings.TrimPrefix(e.What, incidentWhat)
		e.Reason, e.Until, e.Note, e.Size, e.Letter = detail.Reason, detail.Until, detail.Note, detail.Size, detail.Letter
		e.To, e.Member, e.ToMember = detail.To, detail.Member, detail.ToMember
		all = append(all, e)
	}
	return all, rows.Err()
}

func saveIncident(ctx context.Context, tx *sqlite.Tx, i alerting.Incident) error {
	body, err := json.Marshal(i)
	if err != nil {
		return err
	}
	// Not REPLACE: it would delete the row that the outbox points to.
	_, err = tx.Exec(ctx, `INSERT INTO incident (id, key, rule, state, opened, body) VALUES (?,?,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		i.ID, i.Key, i.Rule, string(i.State), micros(i.OpenedAt), string(body))
	return err
}

// owe adds a row; one that is there already stays as it is, sent or not.
func owe(ctx context.Context, tx *sqlite.Tx, r alerting.Row) error {
	owed, err := json.Marshal(r.Owed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (key, incident, channel, recipients, transition, seq, at, owed, fate, attempts, not_before, why, ended)
		VALUES (?,?,?,?,?,?,?,?,'waiting',0,0,'',0) ON CONFLICT (key) DO NOTHING`,
		r.Key, r.Owed.ID, r.Channel, r.Recipients, string(r.Transition), r.Seq, micros(r.At), string(owed))
	return err
}

const rowColumns = `o.key, o.channel, o.recipients, o.transition, o.seq, o.at, o.owed, i.body, o.bundle, o.attempts, o.not_before, o.why, o.fate, o.ended`

// Pending returns what a channel is owed, bundles first, then oldest first, at most limit.
func (d *DB) Pending(ctx context.Context, channel string, limit int) ([]alerting.Row, error) {
	return d.outbox(ctx, "SELECT "+rowColumns+` FROM outbox o JOIN incident i ON i.id = o.incident
		WHERE o.channel = ? AND o.fate = 'waiting' ORDER BY o.bundle = '', o.at, o.seq, o.key LIMIT ?`, channel, limit)
}

// Deliveries returns what became of an incident's messages, in order.
func (d *DB) Deliveries(ctx context.Context, incident string) ([]alerting.Row, error) {
	return d.outbox(ctx, "SELECT "+rowColumns+` FROM outbox o JOIN incident i ON i.id = o.incident
		WHERE o.incident = ? ORDER BY o.seq, o.channel`, incident)
}

// DeadLetters returns the messages that no channel will take, newest first.
func (d *DB) DeadLetters(ctx context.Context, limit int) ([]alerting.Row, error) {
	return d.outbox(ctx, "SELECT "+rowColumns+` FROM outbox o JOIN incident i ON i.id = o.incident
		WHERE o.fate = 'dead' ORDER BY o.ended DESC, o.key LIMIT ?`, limit)
}

func (d *DB) outbox(ctx context.Context, query string, args ...any) ([]alerting.Row, error) {
	rows, err := d.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var all []alerting.Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, fmt.Errorf("read a row of the outbox: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scanRow(rows *sql.Rows) (r alerting.Row, err error) {
	var owed, now []byte
	var at, notBefore, ended int64
	if err := rows.Scan(&r.Key, &r.Channel, &r.Recipients, &r.Transition, &r.Seq, &at, &owed, &now, &r.Bundle, &r.Attempts, &notBefore, &r.Why, &r.Fate, &ended); err != nil {
		return r, err
	}
	r.At, r.NotBefore, r.EndedAt = instant(at), instant(notBefore), instant(ended)
	if err := json.Unmarshal(owed, &r.Owed); err != nil {
		return r, err
	}
	return r, json.Unmarshal(now, &r.Now)
}

// Bundle makes these one message of this key, until they are finished or postponed.
func (d *DB) Bundle(ctx context.Context, keys []string, bundle string) error {
	return d.eachRow(ctx, keys, func(tx *sqlite.Tx, key string) error {
		_, err := tx.Exec(ctx, "UPDATE outbox SET bundle = ? WHERE key = ? AND fate = 'waiting'", bundle, key)
		return err
	})
}

// Postpone records a failed attempt of these, and that they are no bundle any more.
func (d *DB) Postpone(ctx context.Context, keys []string, notBefore time.Time, why string) error {
	return d.eachRow(ctx, keys, func(tx *sqlite.Tx, key string) error {
		_, err := tx.Exec(ctx, "UPDATE outbox SET bundle = '', attempts = attempts + 1, not_before = ?, why = ? WHERE key = ? AND fate = 'waiting'", micros(notBefore), why, key)
		return err
	})
}

// Finish ends rows, all of them or none, and keeps them to be shown.
func (d *DB) Finish(ctx context.Context, ends []alerting.Ending, at time.Time) error {
	ended := map[string]alerting.Ending{}
	var keys []string
	for _, e := range ends {
		keys = append(keys, e.Keys...)
		for _, key := range e.Keys {
			ended[key] = e
		}
	}
	return d.eachRow(ctx, keys, func(tx *sqlite.Tx, key string) error {
		e := ended[key]
		_, err := tx.Exec(ctx, "UPDATE outbox SET fate = ?, ended = ?, why = ? WHERE key = ? AND fate = 'waiting'", string(e.As), micros(at), e.Why, key)
		return err
	})
}

func (d *DB) eachRow(ctx context.Context, keys []string, do func(*sqlite.Tx, string) error) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		for _, key := range keys {
			if err := do(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write to the outbox: %w", err)
	}
	return nil
}

const reviveSQL = `UPDATE outbox SET fate = 'waiting', bundle = '', attempts = 0, not_before = 0, ended = 0
	WHERE fate = 'dead' AND channel = ? AND at >= ?`

const retireSQL = `UPDATE outbox SET fate = 'dead', ended = ?, why = ?
	WHERE fate = 'waiting' AND channel NOT IN (SELECT value FROM json_each(?))`

// Revive makes what was owed to a channel since an instant, and is dead, wait again.
func (d *DB) Revive(ctx context.Context, channel string, since time.Time) (int, error) {
	return d.change(ctx, reviveSQL, channel, micros(since))
}

// Retire makes dead what is owed to channels that are not among these. Who had left one of
// those gets no digests by any: it may only be called otherwise now, or another may take
// its name.
func (d *DB) Retire(ctx context.Context, channels []string, at time.Time) (int, error) {
	list, err := json.Marshal(channels)
	if err != nil {
		return 0, err
	}
	if _, err := d.change(ctx, leaveAllSQL, string(list)); err != nil {
		return 0, err
	}
	return d.change(ctx, retireSQL, micros(at), alerting.ChannelRemoved, string(list))
}

// change runs one statement, and returns how many rows it touched.
func (d *DB) change(ctx context.Context, query string, args ...any) (n int, err error) {
	err = d.db.Write(ctx, func(tx *sqlite.Tx) error {
		done, err := tx.Exec(ctx, query, args...)
		if err != nil {
			return err
		}
		touched, err := done.RowsAffected()
		n = int(touched)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("write to the outbox: %w", err)
	}
	return n, nil
}
