package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/sqlite"
)

var hashed = config.NewSecret("$argon2id$v=19$m=19456,t=2,p=1$c2Vs$Y2zDqQ")

// invited is a new member who has not come in yet.
func invited(t testing.TB, d *DB, name string, role Role) (Member, string) {
	t.Helper()
	m, token, err := d.Invite(t.Context(), "Odette", Member{Name: name, Role: role})
	ok(t, err)
	return m, token
}

// joins is a member with a password.
func joins(t testing.TB, d *DB, name string, role Role) Member {
	t.Helper()
	_, token := invited(t, d, name, role)
	return must[Member](t)(d.Accept(t.Context(), token, hashed))
}

func TestAnInvitationLetsOnePersonInOnceWithinSevenDays(t *testing.T) {
	d, clock := openState(t)
	m, token := invited(t, d, "Zoé L’Heureux", Handler)
	if _, ok, err := d.MemberCalled(t.Context(), "Zoé L’Heureux"); ok || err != nil {
		t.Errorf("one who has not accepted may come in: %v", err)
	}
	for range 2 { // to look changes nothing
		if got, err := d.Invited(t.Context(), token); err != nil || got.Name != "Zoé L’Heureux" {
			t.Errorf("it invites %q, %v", got.Name, err)
		}
	}
	clock.add(invitationLength - time.Second)
	got := must[Member](t)(d.Accept(t.Context(), token, hashed))
	if got.ID != m.ID || got.Role != Handler || !got.Joined() || !got.InvitedTo.IsZero() {
		t.Errorf("who accepted is %+v", got)
	}
	for _, used := range []string{token, "", "JAMAISDONNE"} {
		if _, err := d.Invited(t.Context(), used); !errors.Is(err, ErrNoInvitation) {
			t.Errorf("Invited(%q): %v", used, err)
		}
		if _, err := d.Accept(t.Context(), used, hashed); !errors.Is(err, ErrNoInvitation) {
			t.Errorf("Accept(%q): %v", used, err)
		}
	}
	_, late := invited(t, d, "Trop-Tard", Reader)
	clock.add(invitationLength)
	if _, err := d.Accept(t.Context(), late, hashed); !errors.Is(err, ErrNoInvitation) {
		t.Errorf("after seven days: %v", err)
	}
	clock.add(time.Second)
	if n := must[int](t)(d.Forget(t.Context(), time.Time{}, time.Time{})); n != 1 {
		t.Errorf("forgot %d rows, want the expired invitation", n)
	}
}

func TestANewLinkMakesTheOneBeforeUselessAndThePasswordLastsUntilItIsUsed(t *testing.T) {
	d, _ := openState(t)
	m, first := invited(t, d, "Odette", Owner)
	_, second, err := d.InviteAgain(t.Context(), Deed{Member: m.ID})
	ok(t, err)
	if _, err := d.Invited(t.Context(), first); !errors.Is(err, ErrNoInvitation) {
		t.Errorf("the first link: %v", err)
	}
	must[Member](t)(d.Accept(t.Context(), second, hashed))
	ok(t, d.CreateSession(t.Context(), "jeton", Session{Person: m.ID, Expires: friday.Add(time.Hour)}))
	_, third, err := d.InviteAgain(t.Context(), Deed{Member: m.ID})
	ok(t, err)
	if got, ok, err := d.MemberCalled(t.Context(), "odette"); !ok || err != nil || !got.Password.Equal(hashed) {
		t.Errorf("meanwhile: %t, %v", ok, err)
	}
	if _, err := d.Session(t.Context(), "jeton"); err != nil {
		t.Errorf("a new link closed a session: %v", err)
	}
	other := config.NewSecret("$argon2id$autre")
	must[Member](t)(d.Accept(t.Context(), third, other))
	if got, _, err := d.MemberCalled(t.Context(), "odette"); err != nil || !got.Password.Equal(other) {
		t.Errorf("the password is not the new one: %v", err)
	}
	if _, err := d.Session(t.Context(), "jeton"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session of the lost password: %v", err)
	}
}

func TestANameIsTheSameHoweverItIsTyped(t *testing.T) {
	d, _ := openState(t)
	_, token, err := d.Invite(t.Context(), "", Member{Name: "  Zoé  d’Amours ", Email: "Zoe.Damours@Caisse.example", Role: Reader})
	ok(t, err)
	must[Member](t)(d.Accept(t.Context(), token, hashed))
	for _, typed := range []string{"Zoé d’Amours", "ZOÉ D'AMOURS", "zoe d'amours", "Zoe\u0301 d’Amours", " zoé  d’amours ", "zoe.damours@caisse.example", "ZOE.DAMOURS@CAISSE.EXAMPLE"} {
		if m, ok, err := d.MemberCalled(t.Context(), typed); !ok || err != nil || m.Name != "Zoé d’Amours" {
			t.Errorf("%q is %q, %v", typed, m.Name, err)
		}
	}
	for _, typed := range []string{"", "Zoé", "damours@caisse.example", "%", "' OR 1=1 --"} {
		if m, ok, err := d.MemberCalled(t.Context(), typed); ok || err != nil {
			t.Errorf("%q is %q, %v", typed, m.Name, err)
		}
	}
}

func TestWhatIsWrongWithANewMemberIsSaid(t *testing.T) {
	d, _ := openState(t)
	invited(t, d, "Éloïse", Reader)
	_, _, err := d.Invite(t.Context(), "", Member{Name: "Œdipe", Email: "oe@caisse.example", Role: Reader})
	ok(t, err)
	for _, c := range []struct {
		why  string
		m    Member
		want error
	}{
		{"no name", Member{Role: Reader}, errName},
		{"blank", Member{Name: " \u200b\t", Role: Reader}, errName},
		{"too long", Member{Name: strings.Repeat("é", 41), Role: Reader}, errName},
		{"an address", Member{Name: "zoe@caisse.example", Role: Reader}, errName},
		{"an address in disguise", Member{Name: "zoe＠caisse.example", Role: Reader}, errName},
		{"taken", Member{Name: "ELOISE", Role: Reader}, errTaken},
		{"ligature", Member{Name: "oedipe", Role: Reader}, errTaken},
		{"e-mail taken", Member{Name: "Zoé", Email: "OE@caisse.example", Role: Reader}, errTaken},
		{"no e-mail", Member{Name: "Zoé", Email: "partout", Role: Reader}, errEmail},
		{"a line more", Member{Name: "Zoé", Email: "a@b.example\r\nBcc: c@d.example", Role: Reader}, errEmail},
		{"no role", Member{Name: "Zoé"}, errRole},
		{"unknown role", Member{Name: "Zoé", Role: "chef"}, errRole},
	} {
		if _, _, err := d.Invite(t.Context(), "", c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	if all := must[[]Member](t)(d.Members(t.Context())); len(all) != 2 {
		t.Errorf("there are %d members, want 2", len(all))
	}
}

func TestADisabledMemberIsOutAtOnceAndMayComeBack(t *testing.T) {
	d, _ := openState(t)
	joins(t, d, "Odette", Owner)
	m := joins(t, d, "Zoé", Handler)
	ok(t, d.CreateSession(t.Context(), "jeton", Session{Person: m.ID, Expires: friday.Add(time.Hour)}))
	if s, err := d.Session(t.Context(), "jeton"); err != nil || s.Member.Name != "Zoé" || s.Member.Role != Handler {
		t.Fatalf("inside: %+v, %v", s, err)
	}
	ok(t, d.SetRole(t.Context(), Deed{Member: m.ID, By: "Odette"}, Reader))
	if s, err := d.Session(t.Context(), "jeton"); err != nil || s.Member.Role != Reader {
		t.Errorf("an open session after a change of role: %+v, %v", s, err)
	}
	_, link, err := d.InviteAgain(t.Context(), Deed{Member: m.ID})
	ok(t, err)
	ok(t, d.Disable(t.Context(), Deed{Member: m.ID, By: "Odette"}))
	// One who came in at that very moment is out as well.
	ok(t, d.CreateSession(t.Context(), "autre", Session{Person: m.ID, Expires: friday.Add(time.Hour)}))
	for _, token := range []string{"jeton", "autre"} {
		if _, err := d.Session(t.Context(), token); !errors.Is(err, ErrNoSession) {
			t.Errorf("session %s: %v", token, err)
		}
	}
	if _, err := d.Accept(t.Context(), link, hashed); !errors.Is(err, ErrNoInvitation) {
		t.Errorf("the link of one who is out: %v", err)
	}
	if _, _, err := d.InviteAgain(t.Context(), Deed{Member: m.ID}); !errors.Is(err, ErrNoMember) {
		t.Errorf("a new link for one who is out: %v", err)
	}
	if _, ok, err := d.MemberCalled(t.Context(), "Zoé"); ok || err != nil {
		t.Errorf("may come in: %v", err)
	}
	ok(t, d.Enable(t.Context(), Deed{Member: m.ID, By: "Odette"}))
	if _, ok, err := d.MemberCalled(t.Context(), "Zoé"); !ok || err != nil {
		t.Errorf("may not come back: %v", err)
	}
	var what []string
	for _, e := range must[[]Entry](t)(d.Entries(t.Context(), time.Time{}, time.Time{}, 100)) {
		if e.Subject == m.ID {
			what = append(what, e.Who+" "+e.What)
		}
	}
	want := []string{"Odette member.enabled", "Odette member.disabled", " member.invited", "Odette member.role", "Zoé member.joined", "Odette member.invited"}
	if diff := cmp.Diff(want, what); diff != "" {
		t.Errorf("the journal (-want +got):\n%s", diff)
	}
}

func TestAnInvitationThatIsTakenBackLeavesTheNameFree(t *testing.T) {
	d, _ := openState(t)
	m, token := invited(t, d, "Zoé", Reader)
	ok(t, d.Disable(t.Context(), Deed{Member: m.ID}))
	if _, err := d.Invited(t.Context(), token); !errors.Is(err, ErrNoInvitation) {
		t.Errorf("the link: %v", err)
	}
	invited(t, d, "Zoé", Reader)
}

func TestThereIsAlwaysSomebodyWhoMayLetOthersIn(t *testing.T) {
	for _, c := range []struct {
		name  string
		also  func(*testing.T, *DB)
		spare bool
		want  error
	}{
		{"alone", func(*testing.T, *DB) {}, false, ErrLastOwner},
		{"beside those of other roles", func(t *testing.T, d *DB) { joins(t, d, "Zoé", Handler) }, false, ErrLastOwner},
		{"beside one who has not come in", func(t *testing.T, d *DB) { invited(t, d, "Zoé", Owner) }, false, ErrLastOwner},
		{"beside one who is out", func(t *testing.T, d *DB) {
			ok(t, d.Disable(t.Context(), Deed{Member: joins(t, d, "Zoé", Owner).ID}))
		}, false, ErrLastOwner},
		{"beside another owner", func(t *testing.T, d *DB) { joins(t, d, "Zoé", Owner) }, false, nil},
		{"beside the password of the page", func(*testing.T, *DB) {}, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for what, do := range map[string]func(*DB, Deed) error{
				"demote":  func(d *DB, deed Deed) error { return d.SetRole(t.Context(), deed, Handler) },
				"disable": func(d *DB, deed Deed) error { return d.Disable(t.Context(), deed) },
			} {
				d, _ := openState(t)
				last := joins(t, d, "Odette", Owner)
				c.also(t, d)
				if err := do(d, Deed{Member: last.ID, Spare: c.spare}); !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", what, err, c.want)
				}
			}
		})
	}
}

func TestAnotherPasswordEndsTheSessionsOfThatMemberAlone(t *testing.T) {
	d, _ := openState(t)
	zoe, odette := joins(t, d, "Zoé", Reader), joins(t, d, "Odette", Owner)
	for token, person := range map[string]string{"z": zoe.ID, "o": odette.ID, "p": ""} {
		ok(t, d.CreateSession(t.Context(), token, Session{Person: person, Expires: friday.Add(time.Hour)}))
	}
	ok(t, d.SetPassword(t.Context(), zoe, config.NewSecret("$argon2id$autre")))
	if _, err := d.Session(t.Context(), "z"); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session of who changed it: %v", err)
	}
	for _, token := range []string{"o", "p"} {
		if _, err := d.Session(t.Context(), token); err != nil {
			t.Errorf("the session of another: %v", err)
		}
	}
}

func TestTheRolesCoverEachOtherInOrderAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		is, needs Role
		want      bool
	}{
		{Reader, Reader, true}, {Reader, Handler, false}, {Reader, Owner, false},
		{Handler, Reader, true}, {Handler, Handler, true}, {Handler, Owner, false},
		{Owner, Reader, true}, {Owner, Handler, true}, {Owner, Owner, true},
		{"", Reader, false}, {"", "", false}, {Owner, "", false}, {"chef", Reader, false}, {Owner, "chef", false},
	} {
		if got := c.is.Covers(c.needs); got != c.want {
			t.Errorf("%q covers %q: %t", c.is, c.needs, got)
		}
	}
}

func TestATokenWorksUntilItIsRevoked(t *testing.T) {
	d, clock := openState(t)
	secret := must[string](t)(d.MakeToken(t.Context(), "Odette", Token{Name: " Prometheus ", Scope: ScopeMetrics}))
	got := must[Token](t)(d.Token(t.Context(), secret))
	want := Token{ID: got.ID, Name: "Prometheus", Scope: ScopeMetrics, CreatedAt: friday}
	if diff := cmp.Diff(want, got); diff != "" || !strings.HasPrefix(secret, tokenMark) {
		t.Errorf("token %s (-want +got):\n%s", secret, diff)
	}
	clock.add(time.Hour)
	ok(t, d.TokenUsed(t.Context(), got.ID))
	if all := must[[]Token](t)(d.Tokens(t.Context())); len(all) != 1 || !all[0].LastUsed.Equal(friday.Add(time.Hour)) {
		t.Errorf("tokens %+v", all)
	}
	for range 2 {
		ok(t, d.RevokeToken(t.Context(), "Odette", got))
	}
	for _, none := range []string{secret, "", tokenMark} {
		if _, err := d.Token(t.Context(), none); !errors.Is(err, ErrNoToken) {
			t.Errorf("Token(%q): %v", none, err)
		}
	}
	for _, c := range []struct {
		t    Token
		want error
	}{{Token{Scope: ScopeAPI}, errTokenName}, {Token{Name: strings.Repeat("é", 41), Scope: ScopeAPI}, errTokenName}, {Token{Name: "Liseuse", Scope: "tout"}, errScope}} {
		if _, err := d.MakeToken(t.Context(), "", c.t); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.t, err, c.want)
		}
	}
}

func TestATokenCoversWhatItWasMadeFor(t *testing.T) {
	covers := map[Scope][]Scope{ScopeAPI: {ScopeAPI}, ScopeAct: {ScopeAPI, ScopeAct}, ScopeMetrics: {ScopeMetrics}}
	for _, one := range Scopes() {
		for _, least := range append(Scopes(), "") {
			if got, want := one.Covers(least), slices.Contains(covers[one], least); got != want {
				t.Errorf("%q covers %q: %v", one, least, got)
			}
		}
	}
}

func TestNoLinkAndNoTokenIsInTheFile(t *testing.T) {
	d, _ := openState(t)
	_, link := invited(t, d, "Zoé", Reader)
	secret := must[string](t)(d.MakeToken(t.Context(), "", Token{Name: "Liseuse", Scope: ScopeAPI}))
	for _, end := range []string{"", "-wal"} {
		file, err := os.ReadFile(d.db.Path() + end)
		ok(t, err)
		for _, s := range []string{link, secret, strings.TrimPrefix(secret, tokenMark)} {
			if strings.Contains(string(file), s) {
				t.Errorf("state.db%s holds %s", end, s)
			}
		}
	}
}

// before is state.db as the version with so many migrations left it.
func before(t *testing.T, path string, migrated int, write func(*sqlite.Tx) error) {
	t.Helper()
	files := must[[]string](t)(fs.Glob(migrations, "migrations/*.sql"))
	steps := fstest.MapFS{}
	for _, file := range files[:migrated] {
		steps[filepath.Base(file)] = &fstest.MapFile{Data: must[[]byte](t)(fs.ReadFile(migrations, file))}
	}
	old := must[*sqlite.DB](t)(sqlite.Open(t.Context(), path, sqlite.Options{Migrations: steps, Now: func() time.Time { return friday }}))
	ok(t, old.Write(t.Context(), write))
	ok(t, old.Close())
}

func TestWhoeverWasInBeforeThereWereMembersStaysIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	before(t, path, 5, func(tx *sqlite.Tx) error {
		ctx := context.Background()
		_, err := tx.Exec(ctx, "INSERT INTO session (hash, person, created, expires) VALUES (?, '', ?, ?)",
			[]byte{0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad},
			micros(friday), micros(friday.Add(time.Hour))) // the SHA-256 of abc
		return err
	})
	d := openAt(t, path, &hands{at: friday})
	if s, err := d.Session(t.Context(), "abc"); err != nil || s.Person != "" || s.Member.ID != "" {
		t.Errorf("the session of the version before: %+v, %v", s, err)
	}
	if has, err := d.HasMembers(t.Context()); has || err != nil {
		t.Errorf("there are members: %v", err)
	}
	joins(t, d, "Odette", Owner)
	if has, err := d.HasMembers(t.Context()); !has || err != nil {
		t.Errorf("there is no member: %v", err)
	}
}

func FuzzANewMemberIsKeptAsOnePlainNameOrRefused(f *testing.F) {
	for _, name := range []string{"Odette Malenfroy", "Zoé d’Amours", "ZOE\u0301 D'AMOURS", "Œdipe", "\u202eetteO", "a@b", "a\r\nBcc: b", strings.Repeat("é", 41), "\xff"} {
		f.Add(name, "Odette@Caisse.example")
	}
	f.Fuzz(func(t *testing.T, name, email string) {
		m, err := Member{Name: name, Email: email, Role: Reader}.checked()
		if err != nil {
			return
		}
		if n := len([]rune(m.Name)); n == 0 || n > nameMost || strings.ContainsAny(m.Name+m.Email, "\r\n\x00") || strings.Contains(called(m.Name), "@") {
			t.Errorf("%q, %q became %q, %q", name, email, m.Name, m.Email)
		}
		again, err := m.checked()
		if err != nil || again.Name != m.Name || called(again.Name) != called(m.Name) || called(m.Name) != called(called(m.Name)) {
			t.Errorf("%q is %q the first time and %q, %v the next", name, m.Name, again.Name, err)
		}
	})
}

func TestAnEmailIsOneMembersAloneAndMayBeTakenAway(t *testing.T) {
	d, _ := openState(t)
	zoe, _ := invited(t, d, "Zoé", Handler)
	odette, _ := invited(t, d, "Odette", Owner)
	ok(t, d.SetEmail(t.Context(), Deed{Member: zoe.ID, By: "Odette"}, " Zoe@Caisse.example"))
	for typed, member := range map[string]Member{"zoe@caisse.EXAMPLE": odette, "pas une adresse": zoe, "a@b.example\r\nBcc: c@d.example": zoe} {
		if err := d.SetEmail(t.Context(), Deed{Member: member.ID}, typed); err == nil {
			t.Errorf("%s may have %q", member.Name, typed)
		}
	}
	ok(t, d.SetEmail(t.Context(), Deed{Member: zoe.ID}, "zoe@caisse.example")) // as it is
	ok(t, d.SetEmail(t.Context(), Deed{Member: odette.ID}, ""))
	ok(t, d.SetEmail(t.Context(), Deed{Member: zoe.ID}, ""))
	if err := d.SetEmail(t.Context(), Deed{Member: "personne"}, ""); !errors.Is(err, ErrNoMember) {
		t.Errorf("of nobody: %v", err)
	}
	lines := must[[]Entry](t)(d.Entries(t.Context(), time.Time{}, time.Time{}, 100))
	n := 0
	for _, e := range lines {
		if e.What == "member.email" {
			n++
			if strings.Contains(string(e.Detail), "caisse.example") {
				t.Errorf("the journal keeps the address: %s", e.Detail)
			}
		}
	}
	if n != 4 {
		t.Errorf("%d lines in the journal, want 4", n)
	}
}
