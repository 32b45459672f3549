package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// invitationLength is how long one may wait before one accepts an invitation.
const invitationLength = 7 * 24 * time.Hour

// ErrNoInvitation is the answer to a link that was never given, was used, or has
// expired.
var ErrNoInvitation = say.Errorf(say.Text{
	EN: "this link is no longer of use: it serves once, for seven days",
	FR: "ce lien ne sert plus\u00a0: il ne sert qu’une fois, pendant sept jours",
})

// invite makes the one link that leads a member in; those before it lead nowhere.
func (d *DB) invite(ctx context.Context, tx *sqlite.Tx, member string) (token string, expires time.Time, err error) {
	token, expires = rand.Text(), d.now().UTC().Add(invitationLength)
	hash := sha256.Sum256([]byte(token))
	if _, err = tx.Exec(ctx, "DELETE FROM invitation WHERE member = ?", member); err != nil {
		return "", expires, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO invitation (hash, member, expires) VALUES (?,?,?)", hash[:], member, micros(expires))
	return token, expires, err
}

// InviteAgain makes a new link for a member: the first was lost, or their password was.
// The password they have keeps working until they accept. One who is disabled is not
// invited.
func (d *DB) InviteAgain(ctx context.Context, deed Deed) (m Member, token string, err error) {
	err = d.toMember(ctx, deed, "invited", func(tx *sqlite.Tx, found *Member) error {
		if found.Disabled {
			return ErrNoMember
		}
		var err error
		token, found.InvitedTo, err = d.invite(ctx, tx, found.ID)
		m = *found
		return err
	})
	return m, token, err
}

// Invited is whom a link invites, or ErrNoInvitation. It changes nothing.
func (d *DB) Invited(ctx context.Context, token string) (Member, error) {
	m, err := scanPerson(d.db.Read().QueryRowContext(ctx, invitedSQL, d.invited(token)...).Scan)
	if none(err) {
		return Member{}, ErrNoInvitation
	}
	if err != nil {
		return Member{}, fmt.Errorf("look up an invitation: %w", err)
	}
	return m, nil
}

const invitedSQL = "SELECT " + personColumns + ` FROM invitation i JOIN member m ON m.id = i.member
	WHERE i.hash = ? AND i.expires > ? AND m.disabled = 0`

// invited is what invitedSQL asks for.
func (d *DB) invited(token string) []any {
	hash := sha256.Sum256([]byte(token))
	return []any{hash[:], micros(d.now())}
}

// Accept uses a link up: whoever shows token is the member it invites, with this
// password from now on, an argon2id hash. Sessions they had end.
func (d *DB) Accept(ctx context.Context, token string, password config.Secret) (m Member, err error) {
	err = d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		var err error
		m, err = scanPerson(tx.QueryRow(ctx, invitedSQL, d.invited(token)...).Scan)
		if none(err) {
			return ErrNoInvitation
		}
		if err == nil {
			err = signOut(ctx, tx, m.ID)
		}
		if err != nil {
			return err
		}
		m.Password, m.InvitedTo = password, time.Time{}
		if _, err = tx.Exec(ctx, "UPDATE member SET password = ? WHERE id = ?", password.Reveal(), m.ID); err != nil {
			return err
		}
		return journalMember(ctx, tx, Entry{At: d.now(), Who: m.Name, What: "joined", Subject: m.ID}, memberDetail{Name: m.Name, Role: m.Role})
	})
	if err != nil {
		return Member{}, fmt.Errorf("accept an invitation: %w", err)
	}
	return m, nil
}
