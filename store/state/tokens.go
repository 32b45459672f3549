package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// Scope is what a program may ask with a token.
type Scope string

// The scopes.
const (
	ScopeAPI     Scope = "api"     // reads what the page shows: its feeds, and the API
	ScopeAct     Scope = "act"     // also acts on situations
	ScopeMetrics Scope = "metrics" // scrapes the metrics
)

// Scopes are all of them.
func Scopes() []Scope { return []Scope{ScopeAPI, ScopeAct, ScopeMetrics} }

// Covers says whether a token of s opens what one of least opens.
func (s Scope) Covers(least Scope) bool { return s == least || s == ScopeAct && least == ScopeAPI }

// Token is what a program comes in with. Its secret is known to the program alone.
type Token struct {
	ID        string
	Name      string // which program has it, as its owner calls it
	Scope     Scope
	CreatedAt time.Time
	LastUsed  time.Time // zero for never; noted now and then
}

// tokenMark begins every token, so that one that was left lying somewhere is known
// for what it is.
const tokenMark = "ouidire_"

// ErrNoToken is the answer to a token that was never made, or was revoked.
var ErrNoToken = errors.New("no such token")

var errTokenName = say.Errorf(say.Text{
	EN: "say which program will use it, in at most %d characters, for example Prometheus",
	FR: "dites quel programme s’en servira, en %d caractères au plus, par exemple Prometheus",
}, nameMost)

var errScope = say.Errorf(say.Text{EN: "choose what it may do", FR: "choisissez ce qu’il peut faire"})

// MakeToken gives a program a token. Only the SHA-256 of secret is kept. Its errors
// about what was typed are for a person.
func (d *DB) MakeToken(ctx context.Context, by string, t Token) (secret string, err error) {
	given := strings.TrimSpace(t.Name)
	t.Name = alerting.Plain(given, nameMost)
	switch {
	case t.Name == "" || utf8.RuneCountInString(given) > nameMost:
		return "", errTokenName
	case !slices.Contains(Scopes(), t.Scope):
		return "", errScope
	}
	secret, t.ID = tokenMark+rand.Text(), rand.Text()
	hash := sha256.Sum256([]byte(secret))
	err = d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO token (id, hash, name, scope, created, used) VALUES (?,?,?,?,?,0)", t.ID, hash[:], t.Name, string(t.Scope), micros(d.now()))
		if err != nil {
			return err
		}
		return journalToken(ctx, tx, d.now(), by, "made", t)
	})
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return secret, nil
}

const tokenColumns = "id, name, scope, created, used"

func scanToken(scan func(...any) error) (t Token, err error) {
	var created, used int64
	err = scan(&t.ID, &t.Name, &t.Scope, &created, &used)
	t.CreatedAt, t.LastUsed = instant(created), instant(used)
	return t, err
}

// Token is the one of a secret, or ErrNoToken.
func (d *DB) Token(ctx context.Context, secret string) (Token, error) {
	hash := sha256.Sum256([]byte(secret))
	t, err := scanToken(d.db.Read().QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM token WHERE hash = ?", hash[:]).Scan)
	if none(err) {
		return Token{}, ErrNoToken
	}
	if err != nil {
		return Token{}, fmt.Errorf("look up a token: %w", err)
	}
	return t, nil
}

// TokenUsed notes that a program came in.
func (d *DB) TokenUsed(ctx context.Context, id string) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE token SET used = ? WHERE id = ?", micros(d.now()), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("note that a token was used: %w", err)
	}
	return nil
}

// Tokens are all of them, oldest first.
func (d *DB) Tokens(ctx context.Context) (all []Token, err error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT "+tokenColumns+" FROM token ORDER BY created, id")
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scanToken(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read a token: %w", err)
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// RevokeToken makes a token worthless, at once. One that is gone is revoked already.
func (d *DB) RevokeToken(ctx context.Context, by string, t Token) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		known, err := scanToken(tx.QueryRow(ctx, "DELETE FROM token WHERE id = ? RETURNING "+tokenColumns, t.ID).Scan)
		if none(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return journalToken(ctx, tx, d.now(), by, "revoked", known)
	})
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	return nil
}

func journalToken(ctx context.Context, tx *sqlite.Tx, at time.Time, by, what string, t Token) error {
	line, err := NewEntry(at, by, "token."+what, t.ID, map[string]string{"name": t.Name, "scope": string(t.Scope)})
	if err != nil {
		return err
	}
	return journal(ctx, tx, line)
}
