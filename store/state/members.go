package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/internal/text"
)

// Role is what a member may do: all that those before it may, and more.
type Role string

// The roles, as the page names them: lecture seule, membre, responsable.
const (
	Reader  Role = "reader" // sees everything, changes nothing
	Handler Role = "member" // handles situations, corrects tones, saves searches
	Owner   Role = "owner"  // sets up sources, watches, settings and members
)

// Roles are all of them, the least first.
func Roles() []Role { return []Role{Reader, Handler, Owner} }

// Covers says whether r may do what needs the role least. A role that nobody knows
// covers nothing, and is covered by none.
func (r Role) Covers(least Role) bool {
	needs := slices.Index(Roles(), least)
	return needs >= 0 && slices.Index(Roles(), r) >= needs
}

// Member is a person who comes in under their own name.
type Member struct {
	ID        string
	Name      string // as people write it; no two members' are taken for equal
	Email     string // "" for none; opens a session as the name does, and is told what is assigned to them
	Role      Role
	Password  config.Secret // an argon2id hash; zero while their first invitation is open
	CreatedAt time.Time
	LastSeen  time.Time // zero for never
	InvitedTo time.Time // when their open invitation expires, zero for none
	Disabled  bool      // may not come in, and whose sessions have ended
}

// Joined says whether they have a password, and may come in.
func (m Member) Joined() bool { return !m.Disabled && !m.Password.IsZero() }

// Deed is what an owner does to a member.
type Deed struct {
	Member string // its id
	By     string // who does it, as the journal names them
	// Spare: the page has an owner besides its members, whoever knows its password. The
	// last owner among them may go then.
	Spare bool
}

const nameMost = 40 // characters, as many as the journal of a situation shows

// The errors about members, for people to read.
var (
	ErrNoMember = say.Errorf(say.Text{EN: "there is no such member", FR: "il n’y a pas de tel membre"})
	// ErrLastOwner protects the last who may let others in.
	ErrLastOwner = say.Errorf(say.Text{
		EN: "this is the last owner: name another one first, or nobody could change anything any more",
		FR: "c’est la dernière personne responsable\u00a0: nommez-en d’abord une autre, sinon plus personne ne pourrait rien changer",
	})
	errName = say.Errorf(say.Text{
		EN: "write a name of at most %d characters, without @, for example Odette Malenfroy",
		FR: "écrivez un nom d’au plus %d caractères, sans @, par exemple Odette Malenfroy",
	}, nameMost)
	errTaken = say.Errorf(say.Text{
		EN:     "a member has this name or this e-mail already; give another, or make a new link for that member",
		FR:     "un membre porte déjà ce nom ou utilise déjà ce courriel; donnez-en un autre, ou faites un nouveau lien pour ce membre",
		France: "un membre porte déjà ce nom ou utilise déjà cet e-mail; donnez-en un autre, ou faites un nouveau lien pour ce membre",
	})
	errEmail = say.Errorf(say.Text{
		EN:     "this is not an e-mail address; write for example odette@caisse.example, or nothing",
		FR:     "ce n’est pas une adresse de courriel; écrivez par exemple odette@caisse.example, ou rien",
		France: "ce n’est pas une adresse e-mail; écrivez par exemple odette@caisse.example, ou rien",
	})
	errRole = say.Errorf(say.Text{EN: "choose a role", FR: "choisissez un rôle"})
)

// called is a name as it is compared.
func called(name string) string {
	return strings.Join(strings.Fields(text.Fold(name)), " ")
}

// checked is a new member as they will be kept, or what is wrong with what was typed.
func (m Member) checked() (Member, error) {
	m.Name, m.Email = strings.TrimSpace(m.Name), strings.ToLower(strings.TrimSpace(m.Email))
	name := alerting.Plain(m.Name, nameMost)
	if called(name) == "" || utf8.RuneCountInString(m.Name) > nameMost || strings.Contains(called(name), "@") {
		return m, errName
	}
	if m.Name = name; m.Email != "" {
		if a, err := mail.ParseAddress(m.Email); err != nil || a.Address != m.Email || len(m.Email) > 254 {
			return m, errEmail
		}
	}
	if !slices.Contains(Roles(), m.Role) {
		return m, errRole
	}
	return m, nil
}

const personColumns = `m.id, m.name, m.email, m.role, m.password, m.created, m.seen, m.disabled,
	coalesce((SELECT max(expires) FROM invitation WHERE member = m.id), 0)`

// scanPerson reads personColumns, and what follows them.
func scanPerson(scan func(...any) error, more ...any) (m Member, err error) {
	var password string
	var created, seen, invited int64
	err = scan(append([]any{&m.ID, &m.Name, &m.Email, &m.Role, &password, &created, &seen, &m.Disabled, &invited}, more...)...)
	m.Password, m.CreatedAt, m.LastSeen, m.InvitedTo = config.NewSecret(password), instant(created), instant(seen), instant(invited)
	return m, err
}

// Members are all of them, also those who are disabled, by name.
func (d *DB) Members(ctx context.Context) (all []Member, err error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT "+personColumns+" FROM member m ORDER BY m.called")
	if err != nil {
		return nil, fmt.Errorf("read the members: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scanPerson(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read a member: %w", err)
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// HasMembers says whether anybody may come in under their own name.
func (d *DB) HasMembers(ctx context.Context) (has bool, err error) {
	err = d.db.Read().QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM member WHERE disabled = 0 AND password <> '')").Scan(&has)
	if err != nil {
		return false, fmt.Errorf("ask whether there are members: %w", err)
	}
	return has, nil
}

// MemberCalled is the member of a name or an e-mail, however it is typed; ok is false
// when there is none who may come in.
func (d *DB) MemberCalled(ctx context.Context, name string) (m Member, ok bool, err error) {
	m, err = scanPerson(d.db.Read().QueryRowContext(ctx, "SELECT "+personColumns+` FROM member m
		WHERE called = ? OR email <> '' AND email = ?`, called(name), strings.ToLower(strings.TrimSpace(name))).Scan)
	if none(err) {
		return Member{}, false, nil
	}
	if err != nil {
		return Member{}, false, fmt.Errorf("look up a member: %w", err)
	}
	return m, m.Joined(), nil
}

// MemberSeen notes that a member was here.
func (d *DB) MemberSeen(ctx context.Context, id string) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE member SET seen = ? WHERE id = ?", micros(d.now()), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("note that a member was here: %w", err)
	}
	return nil
}

// Invite makes a member, who may come in once they have accepted what token invites
// them to. Its errors about what was typed are for a person.
func (d *DB) Invite(ctx context.Context, by string, m Member) (made Member, token string, err error) {
	if m, err = m.checked(); err != nil {
		return m, "", err
	}
	m.ID, m.CreatedAt = rand.Text(), d.now().UTC()
	err = d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		var taken int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM member WHERE called = ? OR email <> '' AND email = ?", called(m.Name), m.Email).Scan(&taken)
		if err == nil && taken > 0 {
			err = errTaken
		}
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO member (id, name, called, email, role, password, created, seen, disabled) VALUES (?,?,?,?,?,'',?,0,0)",
				m.ID, m.Name, called(m.Name), m.Email, string(m.Role), micros(m.CreatedAt))
		}
		if err != nil {
			return err
		}
		if token, m.InvitedTo, err = d.invite(ctx, tx, m.ID); err != nil {
			return err
		}
		return journalMember(ctx, tx, Entry{At: d.now(), Who: by, What: "invited", Subject: m.ID}, memberDetail{Name: m.Name, Role: m.Role})
	})
	if err != nil {
		return m, "", fmt.Errorf("invite a member: %w", err)
	}
	return m, token, d.recallNames(ctx)
}

// SetRole gives a member another role, from their next request on.
func (d *DB) SetRole(ctx context.Context, deed Deed, role Role) error {
	if !slices.Contains(Roles(), role) {
		return errRole
	}
	return d.toMember(ctx, deed, "role", func(tx *sqlite.Tx, m *Member) error {
		if role != Owner {
			if err := spared(ctx, tx, deed, *m); err != nil {
				return err
			}
		}
		m.Role = role
		_, err := tx.Exec(ctx, "UPDATE member SET role = ? WHERE id = ?", string(role), m.ID)
		return err
	})
}

// SetEmail gives a member another e-mail address, or none.
func (d *DB) SetEmail(ctx context.Context, deed Deed, email string) error {
	return d.toMember(ctx, deed, "email", func(tx *sqlite.Tx, m *Member) error {
		m.Email = email
		changed, err := m.checked()
		if err != nil {
			return err
		}
		var taken int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM member WHERE email <> '' AND email = ? AND id <> ?", changed.Email, m.ID).Scan(&taken)
		if err == nil && taken > 0 {
			err = errTaken
		}
		if err == nil {
			_, err = tx.Exec(ctx, "UPDATE member SET email = ? WHERE id = ?", changed.Email, m.ID)
		}
		return err
	})
}

// SetName calls a member otherwise. They stay who they are: what they did, what was
// assigned to them and their sessions are theirs, and they sign in with the new name.
func (d *DB) SetName(ctx context.Context, deed Deed, name string) error {
	return d.toMember(ctx, deed, "renamed", func(tx *sqlite.Tx, m *Member) error {
		m.Name = name
		changed, err := m.checked()
		if err != nil {
			return err
		}
		var taken int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM member WHERE called = ? AND id <> ?", called(changed.Name), m.ID).Scan(&taken)
		if err == nil && taken > 0 {
			err = errTaken
		}
		if err == nil {
			_, err = tx.Exec(ctx, "UPDATE member SET name = ?, called = ? WHERE id = ?", changed.Name, called(changed.Name), m.ID)
		}
		m.Name = changed.Name
		return err
	})
}

// Disable keeps a member out, at once: their sessions and invitations end. One who
// never came in is forgotten, so that the name is free again.
func (d *DB) Disable(ctx context.Context, deed Deed) error {
	return d.toMember(ctx, deed, "disabled", func(tx *sqlite.Tx, m *Member) error {
		err := spared(ctx, tx, deed, *m)
		if err == nil {
			err = signOut(ctx, tx, m.ID)
		}
		if err != nil {
			return err
		}
		if m.Disabled = true; m.Password.IsZero() {
			_, err = tx.Exec(ctx, "DELETE FROM member WHERE id = ?", m.ID)
		} else {
			_, err = tx.Exec(ctx, "UPDATE member SET disabled = 1 WHERE id = ?", m.ID)
		}
		return err
	})
}

// Enable lets a member in again, with the password they had.
func (d *DB) Enable(ctx context.Context, deed Deed) error {
	return d.toMember(ctx, deed, "enabled", func(tx *sqlite.Tx, m *Member) error {
		m.Disabled = false
		_, err := tx.Exec(ctx, "UPDATE member SET disabled = 0 WHERE id = ?", m.ID)
		return err
	})
}

// SetPassword gives a member another password, an argon2id hash. Their sessions end.
func (d *DB) SetPassword(ctx context.Context, m Member, password config.Secret) error {
	return d.toMember(ctx, Deed{Member: m.ID, By: m.Name}, "password", func(tx *sqlite.Tx, m *Member) error {
		if err := signOut(ctx, tx, m.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE member SET password = ? WHERE id = ?", password.Reveal(), m.ID)
		return err
	})
}

// toMember does something to a member and journals it, both or neither.
func (d *DB) toMember(ctx context.Context, deed Deed, what string, do func(*sqlite.Tx, *Member) error) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		m, err := scanPerson(tx.QueryRow(ctx, "SELECT "+personColumns+" FROM member m WHERE id = ?", deed.Member).Scan)
		if none(err) {
			return ErrNoMember
		}
		was := m.Name
		if err == nil {
			err = do(tx, &m)
		}
		if err != nil {
			return err
		}
		detail := memberDetail{Name: m.Name, Role: m.Role}
		if was != m.Name {
			detail.Was = was
		}
		return journalMember(ctx, tx, Entry{At: d.now(), Who: deed.By, What: what, Subject: m.ID}, detail)
	})
	if err != nil {
		return fmt.Errorf("change a member (%s): %w", what, err)
	}
	return d.recallNames(ctx)
}

// spared is ErrLastOwner for the last owner who may come in.
func spared(ctx context.Context, tx *sqlite.Tx, deed Deed, m Member) error {
	if deed.Spare || m.Role != Owner || !m.Joined() {
		return nil
	}
	var others int
	err := tx.QueryRow(ctx, "SELECT count(*) FROM member WHERE role = 'owner' AND disabled = 0 AND password <> '' AND id <> ?", m.ID).Scan(&others)
	if err == nil && others == 0 {
		err = ErrLastOwner
	}
	return err
}

// signOut ends what a member may still come in by.
func signOut(ctx context.Context, tx *sqlite.Tx, id string) error {
	_, sessions := tx.Exec(ctx, "DELETE FROM session WHERE person = ?", id)
	_, invitations := tx.Exec(ctx, "DELETE FROM invitation WHERE member = ?", id)
	return errors.Join(sessions, invitations)
}

// memberDetail is what the journal keeps of a member.
type memberDetail struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
	Was  string `json:"was,omitempty"` // of a renamed one
}

func journalMember(ctx context.Context, tx *sqlite.Tx, e Entry, detail memberDetail) error {
	line, err := NewEntry(e.At, e.Who, "member."+e.What, e.Subject, detail)
	if err != nil {
		return err
	}
	return journal(ctx, tx, line)
}
