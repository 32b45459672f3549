package say

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestEachLanguageWritesNumbersDatesAndTimesItsOwnWay(t *testing.T) {
	at := time.Date(2026, 11, 1, 9, 12, 0, 0, time.UTC)
	noon := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct{ what, got, want string }{
		{"en number", English.Number(-1248000), "-1,248,000"},
		{"fr number", FrenchCanada.Number(48000), "48\u00a0000"},
		{"small number", FrenchCanada.Number(999), "999"},
		{"fr percent", FrenchCanada.Percent(.814), "81\u00a0%"},
		{"en clock", English.Clock(at), "9:12"},
		{"fr clock", FrenchCanada.Clock(at), "9\u00a0h\u00a012"},
		{"fr full hour", FrenchCanada.Clock(noon), "14\u00a0h"},
		{"fr first of the month", FrenchCanada.Date(at), "le dimanche 1er novembre 2026"},
		{"fr date", FrenchFrance.Date(noon), "le vendredi 20 novembre 2026"},
		{"en date", English.Date(noon), "Friday, November 20, 2026"},
		{"table date in Canada", FrenchCanada.ShortDate(noon), "2026-11-20"},
		{"table date in France", FrenchFrance.ShortDate(noon), "20/11/2026"},
		{"day on an axis", FrenchCanada.MonthDay(noon), "20\u00a0nov."},
		{"first day of a month in France", FrenchFrance.MonthDay(noon.AddDate(0, -3, -19)), "1er\u00a0août"},
		{"day on an axis in English", English.MonthDay(noon.AddDate(0, 0, -17)), "Nov 3"},
		{"day in a line", FrenchFrance.Day(noon), "20\u00a0nov.\u00a02026"},
		{"day in a line in English", English.Day(noon), "Nov 20, 2026"},
		{"since a day", FrenchCanada.Since(noon), "le " + FrenchCanada.Day(noon) + ", " + FrenchCanada.Clock(noon)},
		{"since a day in English", English.Since(noon), "Nov 20, 2026, " + English.Clock(noon)},
		{"fr zero is one", FrenchCanada.Plural(0, "mention", "mentions"), "mention"},
		{"en zero is many", English.Plural(0, "mention", "mentions"), "mentions"},
		{"span", FrenchCanada.Span(3*time.Hour + 20*time.Minute), "3\u00a0h\u00a020\u00a0min"},
		{"long span", FrenchCanada.Span(73 * time.Hour), "3\u00a0jours"},
		{"quote", FrenchCanada.Quote("été"), "«\u00a0été\u00a0»"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestAWeekBeginsOnSundayAndInFranceOnMonday(t *testing.T) {
	for l, want := range map[Lang]time.Weekday{English: time.Sunday, FrenchCanada: time.Sunday, FrenchFrance: time.Monday} {
		if got := l.FirstDay(); got != want {
			t.Errorf("%s: a week begins on %v, want %v", l, got, want)
		}
	}
}

func TestALocaleNamesTheLanguageItIsReadIn(t *testing.T) {
	for tag, want := range map[string]Lang{"fr": FrenchCanada, "fr_CA.UTF-8": FrenchCanada, "fr-FR": FrenchFrance, "FR_be": FrenchFrance, "en_US": English} {
		if got, ok := Parse(tag); !ok || got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", tag, got, ok, want)
		}
	}
	if got, ok := Parse("C.UTF-8"); ok || got != English {
		t.Errorf("Parse of a locale without a language = %q, %v, want English and false", got, ok)
	}
}

func TestAnErrorIsExplainedInTheReadersLanguageDownToItsCause(t *testing.T) {
	inner := Errorf(Text{EN: "the disk is full", FR: "le disque est plein"})
	err := Errorf(Text{EN: "mention not kept: %v", FR: "mention non conservée : %v"}, inner)
	if got, want := Explain(err, FrenchCanada), "mention non conservée : le disque est plein"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := err.Error(), "mention not kept: the disk is full"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(Errorf(Text{EN: "cut: %v", FR: "coupé : %v"}, io.ErrUnexpectedEOF), io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
}

func TestFranceSpacesItsHighPunctuationAndCanadaDoesNot(t *testing.T) {
	text := Text{EN: "Why? It is closed; see %s!", FR: "Pourquoi? C’est fermé; voyez %s! (/messages?code=1)"}
	for l, want := range map[Lang]string{
		FrenchCanada: "Pourquoi? C’est fermé; voyez a?b! (/messages?code=1)",
		FrenchFrance: "Pourquoi\u202f? C’est fermé\u202f; voyez a?b\u202f! (/messages?code=1)",
	} {
		if got := text.In(l, "a?b"); got != want {
			t.Errorf("%s: got %q, want %q", l, got, want)
		}
	}
	for plain, want := range map[string]string{
		"Déjà\u202f? Oui":         "Déjà\u202f? Oui",
		"Un flux RSS? Oui (a); b": "Un flux RSS\u202f? Oui (a)\u202f; b",
		"%d\u00a0%%; titre:?":     "3\u00a0%\u202f; titre:\u202f?",
	} {
		args := []any{3}[:strings.Count(plain, "%d")]
		if got := (Text{FR: "autre", France: plain}).In(FrenchFrance, args...); got != want {
			t.Errorf("%q: got %q, want %q", plain, got, want)
		}
	}
}
