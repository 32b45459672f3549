package config

import (
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

func TestALengthOfTimeIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "2m": 2 * time.Minute, "1h30m": 90 * time.Minute, "1 h 30 min": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"30 days": 30 * day, "30 jours": 30 * day, "2 semaines": 14 * day, "1 Heure": time.Hour, "10\u00a0min": 10 * time.Minute, "0": 0, " 0 ": 0, "500ms": time.Second / 2,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "h", "5", "1 mois", "24 months", "1 an", "-5m", "beaucoup", "1h beaucoup", "1..5h", "1e9h", "99999999999999999999h", "１h", "h1", "1hh"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		} else if say.Explain(err, say.FrenchCanada) == err.Error() {
			t.Errorf("%q: %v is not said in French", text, err)
		}
	}
}

func TestAPeriodCountsOnTheCalendar(t *testing.T) {
	for text, want := range map[string]Period{
		"24 months": {Months: 24}, "24 mois": {Months: 24}, "30 days": {Days: 30}, "30 jours": {Days: 30}, "1 an": {Months: 12}, "2 années": {Months: 24}, "1 year 2 weeks": {Months: 12, Days: 14}, "3j": {Days: 3},
	} {
		got, err := ParsePeriod(text)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
		if again, err := ParsePeriod(got.String()); err != nil || again != got {
			t.Errorf("%q came back as %v, %v", got, again, err)
		}
	}
	for _, text := range []string{"", "24", "1h", "1.5 months", "1000000 days", "-1 month", "toujours"} {
		if got, err := ParsePeriod(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	if got, want := (Period{Months: 24, Days: 1}).Before(at), time.Date(2024, 11, 20, 9, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestALengthIsWrittenAsOneTypesIt(t *testing.T) {
	for d, want := range map[time.Duration]string{90 * time.Second: "1m30s", 2 * time.Minute: "2m", time.Hour: "1h", 90 * time.Minute: "1h30m", 48 * time.Hour: "2 days", 24 * time.Hour: "24h", 0: "0s"} {
		got := typed(d)
		if got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
		if back, err := ParseDuration(got); err != nil || back != d {
			t.Errorf("%q came back as %v, %v", got, back, err)
		}
	}
}

func TestASlugIsMadeOfPlainLettersWhateverTheWords(t *testing.T) {
	for words, want := range map[string]string{
		"Caisse Valtisse de l’Anse-aux-Moyacs": "caisse-valtisse-de-l-anse-aux-moyacs", "L'Épargne": "l-epargne", "d’E\u0301PARGNE": "d-epargne",
		"Œuvre & cœur": "oeuvre-coeur", "  --  ": "sans-nom", "": "sans-nom", "日本": "sans-nom", "Août 2026": "aout-2026",
	} {
		if got := Slug(words); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

func TestTheNearestWordIsTheOneLikelyMeant(t *testing.T) {
	keys := []string{"name", "kind", "every", "url", "allow_private", "watch"}
	for got, want := range map[string]string{"evry": "every", "EVERY": "every", "nmae": "name", "allow-private": "allow_private", "allowPrivate": "allow_private", "urls": "url", "couleur": "", "": "", "wacth": "watch", "name\u00a0": "name"} {
		if near := nearest(got, keys); near != want {
			t.Errorf("%q: got %q, want %q", got, near, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"1h30m", "30 jours", "0", "-5m", "1.5 semaines", "99999999h", "24 mois", "10000Y"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if d < 0 || err != nil && d != 0 {
			t.Errorf("%q: %v, %v", text, d, err)
		}
		p, err := ParsePeriod(text)
		if p.Days < 0 || p.Months < 0 {
			t.Errorf("%q: %v", text, p)
		}
		if again, bad := ParsePeriod(p.String()); err == nil && (bad != nil || again != p) {
			t.Errorf("%q: %v came back as %v, %v", text, p, again, bad)
		}
	})
}
