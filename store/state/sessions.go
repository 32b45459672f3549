package state

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// ErrNoSession is the answer to a token that was never given, or has expired.
var ErrNoSession = errors.New("no such session")

// Session is a person signed in on one browser.
type Session struct {
	Person             string // a member's id, "" for whoever knows the page's password
	CreatedAt, Expires time.Time
	Member             Member // as they stand, for a Person; of the password nothing
}

// CreateSession remembers that whoever shows token is s.Person. Only the token's
// SHA-256 is kept: a stolen copy of the file opens no session.
func (d *DB) CreateSession(ctx context.Context, token string, s Session) error {
	hash := sha256.Sum256([]byte(token))
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO session (hash, person, created, expires) VALUES (?, ?, ?, ?)", hash[:], s.Person, micros(s.CreatedAt), micros(s.Expires))
		return err
	})
	if err != nil {
		return fmt.Errorf("open a session: %w", err)
	}
	return nil
}

const sessionSQL = `SELECT s.person, s.created, s.expires, coalesce(m.id, ''), coalesce(m.name, ''), coalesce(m.role, ''), coalesce(m.seen, 0)
	FROM session s LEFT JOIN member m ON m.id = s.person AND m.disabled = 0 WHERE s.hash = ?`

// Session is whose token it is, or ErrNoSession, also for a member who is disabled.
func (d *DB) Session(ctx context.Context, token string) (Session, error) {
	hash := sha256.Sum256([]byte(token))
	var s Session
	var created, expires, seen int64
	err := d.db.Read().QueryRowContext(ctx, sessionSQL, hash[:]).Scan(&s.Person, &created, &expires, &s.Member.ID, &s.Member.Name, &s.Member.Role, &seen)
	s.CreatedAt, s.Expires, s.Member.LastSeen = instant(created), instant(expires), instant(seen)
	switch {
	case none(err), err == nil && (!d.now().Before(s.Expires) || s.Member.ID != s.Person):
		return Session{}, ErrNoSession
	case err != nil:
		return Session{}, fmt.Errorf("look up a session: %w", err)
	}
	return s, nil
}

// DeleteSession closes the session of a token; an unknown one is closed already.
func (d *DB) DeleteSession(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	return d.deleteSessions(ctx, "DELETE FROM session WHERE hash = ?", hash[:])
}

// DeleteSessionsOf closes every session of a person.
func (d *DB) DeleteSessionsOf(ctx context.Context, person string) error {
	return d.deleteSessions(ctx, "DELETE FROM session WHERE person = ?", person)
}

func (d *DB) deleteSessions(ctx context.Context, sql string, arg any) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, sql, arg)
		return err
	})
	if err != nil {
		return fmt.Errorf("close a session: %w", err)
	}
	return nil
}
