package feed

import (
	"testing"
	"time"
)

func TestADateIsReadAsSitesSpellIt(t *testing.T) {
	for written, want := range map[string]string{
		"ven., 20 nov. 2026 09:12:00 -0500":      "2026-11-20T14:12:00Z",
		"vendredi 20 novembre 2026 09:12:00 GMT": "2026-11-20T09:12:00Z",
		"le samedi 1er août 2026":                "2026-08-01T00:00:00Z",
		"20 FÉVRIER 2026":                        "2026-02-20T00:00:00Z",
		"20 fe\u0301vrier 2026":                  "2026-02-20T00:00:00Z",
		"3 juil. 2026 08:00":                     "2026-07-03T08:00:00Z",
		"3 juin 2026 08:00":                      "2026-06-03T08:00:00Z",
		"mar. 3 mars 2026":                       "2026-03-03T00:00:00Z",
		"31 déc. 2026":                           "2026-12-31T00:00:00Z",
		"20 Nov 2026 09:12":                      "2026-11-20T09:12:00Z",
		"Fri, 20-Nov-2026 09:12:00 GMT":          "2026-11-20T09:12:00Z",
		"20261120T091200Z":                       "2026-11-20T09:12:00Z",
		"20261120":                               "2026-11-20T00:00:00Z",
		"ven. 20 nov. 2026 09:12:00 HNE":         "", // a name that means several zones
		"31 novembre 2026":                       "",
		"avant-hier, vers midi":                  "",
		"":                                       "",
		"20 novembre":                            "",
		"marsouin":                               "",
	} {
		got := ""
		if at := spelt(written); at != nil {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("spelt(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestWhatFeedsWriteForNoDateIsNone(t *testing.T) {
	for at, want := range map[string]bool{
		"0001-01-01T00:00:00Z": false, "1970-01-01T00:00:00Z": false, "1969-12-31T19:00:00-05:00": false,
		"1985-04-12T23:20:50Z": true, "2026-11-20T09:12:00Z": true, "9999-12-31T00:00:00Z": false,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := !date(nil, &when).IsZero(); got != want {
			t.Errorf("%s counts as a date: %v, want %v", at, got, want)
		}
	}
}

func FuzzADateFromElsewhere(f *testing.F) {
	for _, seed := range []string{"ven., 20 nov. 2026 09:12:00 -0500", "20 fe\u0301vrier 2026", "le 1er août 2026", "\xff", "20261120T091200Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at := spelt(s); at != nil && !at.Equal(*spelt(s)) {
			t.Errorf("spelt(%q) changes its mind", s)
		}
	})
}
