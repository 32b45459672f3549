package alerting

import (
	"strings"
	"testing"
	"time"
)

func TestAPassIsForOneIncidentAndForSevenDays(t *testing.T) {
	given := time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC)
	p := Passes{Key: []byte("une clé que personne ne connaît")}
	pass := p.Pass("w-été", given)
	if pass != p.Pass("w-été", given) {
		t.Error("the same message leads to another address each time")
	}
	if got, ok := p.Incident(pass, given.Add(7*24*time.Hour-time.Second)); !ok || got != "w-été" {
		t.Errorf("within seven days: %q, %v", got, ok)
	}
	other, rest, _ := strings.Cut(p.Pass("w-autre", given), ".")
	_, own, _ := strings.Cut(pass, ".")
	for name, bad := range map[string]string{
		"expired": p.Pass("w-été", given.Add(-7*24*time.Hour)), "of another incident, signed for this": other + "." + own,
		"of this, signed for another": strings.SplitN(pass, ".", 2)[0] + "." + rest,
		"cut":                         pass[:len(pass)-1], "longer": pass + "A", "empty": "", "a dot": ".", "dots": "..", "unsigned": strings.TrimRight(pass, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"),
	} {
		if got, ok := p.Incident(bad, given); ok {
			t.Errorf("%s: it is taken, for %q", name, got)
		}
	}
	if _, ok := (Passes{Key: []byte("une autre")}).Incident(pass, given); ok {
		t.Error("a pass that another key signed is taken")
	}
	if _, ok := (Passes{}).Incident(Passes{}.Pass("w", given), given); ok {
		t.Error("without a key everybody may act")
	}
}

func FuzzPass(f *testing.F) {
	now := time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC)
	p := Passes{Key: []byte("clé")}
	for _, s := range []string{p.Pass("w", now), "a.b.c", "", "....", "d2VhdGhlcg.zzzzzzzzzzzzzz.AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pass string) {
		incident, ok := p.Incident(pass, now)
		if ok && !strings.HasPrefix(pass, strings.SplitN(p.Pass(incident, now), ".", 2)[0]) {
			t.Errorf("%q is taken for %q", pass, incident)
		}
	})
}

func TestALinkOutOfTheDigestsIsForOneAddressAndNoOtherLinkIsOne(t *testing.T) {
	p := Passes{Key: []byte("une clé que personne ne connaît")}
	for _, c := range []struct{ channel, address, want string }{
		{"courriel", "Equipe@Caisse.example", "equipe@caisse.example"},
		{"résumés de l’équipe", "éloïse.d'amours@caisse.example", "éloïse.d'amours@caisse.example"},
		{"", "", ""},
	} {
		link := p.Leave(c.channel, c.address)
		if channel, address, ok := p.Leaver(link); !ok || channel != c.channel || address != c.want {
			t.Errorf("%q and %q come back as %q and %q, %v", c.channel, c.address, channel, address, ok)
		}
		if _, ok := p.Incident(link, time.Time{}); ok {
			t.Errorf("%q is taken for a pass", link)
		}
		if _, _, ok := (Passes{Key: []byte("une autre")}).Leaver(link); ok {
			t.Error("a link that another key signed is taken")
		}
	}
	link, other := p.Leave("courriel", "a@caisse.example"), p.Leave("relais", "b@caisse.example")
	mine, its := strings.Split(link, "."), strings.Split(other, ".")
	for name, bad := range map[string]string{
		"a pass": p.Pass("courriel", time.Now()), "of another channel": its[0] + "." + mine[1] + "." + mine[2], "of another address": mine[0] + "." + its[1] + "." + mine[2],
		"cut": link[:len(link)-1], "longer": link + "A", "empty": "", "dots": "..", "unsigned": mine[0] + "." + mine[1] + ".",
	} {
		if channel, address, ok := p.Leaver(bad); ok {
			t.Errorf("%s: it is taken, for %q of %q", name, address, channel)
		}
	}
	if (Passes{}).Leave("courriel", "a@caisse.example") != "" {
		t.Error("a link that nobody signed is given")
	}
}

func FuzzLeave(f *testing.F) {
	p := Passes{Key: []byte("clé")}
	for _, s := range []string{p.Leave("courriel", "éloïse@caisse.example"), "a.b.c", "", "....", "Y291cnJpZWw.YQ.AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pass string) {
		if channel, address, ok := p.Leaver(pass); ok && p.Leave(channel, address) != pass && strings.ToLower(address) == address {
			t.Errorf("%q is taken for %q of %q", pass, address, channel)
		}
	})
}
