package state

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/sqlite"
)

func TestAMemberIsWhoTheyAreWhateverTheyAreCalled(t *testing.T) {
	d, _ := openState(t)
	odette, zoe := joins(t, d, "Odette Malenfroy", Owner), joins(t, d, "Zoé", Reader)
	ok(t, d.CreateSession(t.Context(), "m-abc", Session{Person: odette.ID, CreatedAt: friday, Expires: friday.Add(time.Hour)}))
	ok(t, d.SetName(t.Context(), Deed{Member: odette.ID, By: "Odette Malenfroy"}, " Odette L’Heureux "))
	for typed, want := range map[string]bool{"odette l'heureux": true, "Odette Malenfroy": false} {
		if m, in, err := d.MemberCalled(t.Context(), typed); in != want || err != nil || in && m.ID != odette.ID {
			t.Errorf("%q is %+v, %v, %v", typed, m, in, err)
		}
	}
	if s := must[Session](t)(d.Session(t.Context(), "m-abc")); s.Member.Name != "Odette L’Heureux" {
		t.Errorf("the session is %q's", s.Member.Name)
	}
	if got := d.MemberName(odette.ID); got != "Odette L’Heureux" || d.MemberName("personne") != "" {
		t.Errorf("she is called %q", got)
	}
	for _, typed := range []string{"ODETTE L’HEUREUX", "", "a@b", strings.Repeat("é", 41), "\u202e"} {
		if err := d.SetName(t.Context(), Deed{Member: zoe.ID}, typed); err == nil || d.MemberName(zoe.ID) != "Zoé" {
			t.Errorf("Zoé may be called %q", typed)
		}
	}
	if err := d.SetName(t.Context(), Deed{Member: "personne"}, "Noël"); !errors.Is(err, ErrNoMember) {
		t.Errorf("of nobody: %v", err)
	}
	ok(t, d.SetName(t.Context(), Deed{Member: zoe.ID, By: "Odette L’Heureux"}, "ZOÉ"))              // only written otherwise
	ok(t, d.SetName(t.Context(), Deed{Member: zoe.ID, By: "Odette L’Heureux"}, "Odette Malenfroy")) // the name is free
	lines := must[[]Entry](t)(d.AccessEntries(t.Context(), 3))
	for i, want := range []string{`{"name":"Odette Malenfroy","role":"reader","was":"ZOÉ"}`, `{"name":"ZOÉ","role":"reader","was":"Zoé"}`, `{"name":"Odette L’Heureux","role":"owner","was":"Odette Malenfroy"}`} {
		if lines[i].What != "member.renamed" || string(lines[i].Detail) != want {
			t.Errorf("the journal says %s %s, want %s", lines[i].What, lines[i].Detail, want)
		}
	}
}

func TestNamesAreRecalledWhenTheFileIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	d, err := Open(t.Context(), path, Options{})
	ok(t, err)
	m := joins(t, d, "Éloïse", Handler)
	ok(t, d.Close())
	if again := openAt(t, path, &hands{at: friday}); again.MemberName(m.ID) != "Éloïse" {
		t.Errorf("she is called %q", again.MemberName(m.ID))
	}
}

func TestWhatWasSignedWithANameAloneIsItsMembersFromThenOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	before(t, path, 7, func(tx *sqlite.Tx) error {
		ctx := context.Background()
		for _, statement := range []string{
			`INSERT INTO member (id, name, called, email, role, password, created, seen, disabled) VALUES ('o', 'Odette', 'odette', '', 'owner', 'x', 1, 0, 0), ('z', 'Zoé', 'zoe', '', 'member', 'x', 1, 0, 0)`,
			`INSERT INTO incident (id, key, rule, state, opened, body) VALUES ('w', 'k', 'r', 'new', 1, '{"ID":"w","By":"Odette","For":"Zoé"}'), ('v', 'l', 'r', 'new', 2, '{"ID":"v","By":"Passante"}')`,
			`INSERT INTO journal (at, who, what, subject, detail) VALUES (1, 'Odette', 'incident.assign', 'w', '{"to":"Zoé"}'), (2, 'Passante', 'incident.acknowledge', 'v', '{}'), (3, '', 'configuration', '', 'null')`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	d := openAt(t, path, &hands{at: friday})
	i, _, err := d.Incident(t.Context(), "w")
	ok(t, err)
	if i.By != "Odette" || i.ByMember != "o" || i.ForMember != "z" {
		t.Errorf("the situation is %+v", i)
	}
	if i, _, err := d.Incident(t.Context(), "v"); err != nil || i.ByMember != "" || i.By != "Passante" {
		t.Errorf("who is no member became one: %+v, %v", i, err)
	}
	acts := must[[]alerting.Action](t)(d.Acts(t.Context(), time.Time{}, time.Time{}))
	if len(acts) != 2 || acts[0].Member != "o" || acts[0].ToMember != "z" || acts[1].Member != "" {
		t.Errorf("the acts are %+v", acts)
	}
}
