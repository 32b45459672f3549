package config

import (
	"testing"
	"time"
)

func TestHoursAreReadAsPeopleWriteThem(t *testing.T) {
	night := Hours{21 * time.Hour, 7 * time.Hour}
	for text, want := range map[string]Hours{
		"21:00-07:00": night, "21 h - 7 h": night, "21h–7h": night, "21:00 - 7:00": night, "21\u00a0h\u00a000-7\u00a0h": night,
		"12:30-13:15": {12*time.Hour + 30*time.Minute, 13*time.Hour + 15*time.Minute}, "0:00-24:00": {}, "22:00-24:00": {22 * time.Hour, 0},
		"": {}, "21:00": {}, "25:00-7:00": {}, "21:60-7:00": {}, "nuit-jour": {}, "21:00-21:00": {}, "-1:00-7:00": {}, "1:2:3-4": {}, "é-è": {},
	} {
		var got Hours
		err := got.UnmarshalText([]byte(text))
		if want.IsZero() != (err != nil) || err == nil && got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
		if err == nil {
			var again Hours
			if err := again.UnmarshalText([]byte(got.String())); err != nil || again != got {
				t.Errorf("%q is written %q and read %v, %v", text, got, again, err)
			}
		}
	}
}

func FuzzHours(f *testing.F) {
	f.Add("21:00-07:00")
	f.Add("21 h 30 – 7 h")
	f.Fuzz(func(t *testing.T, text string) {
		var h Hours
		if h.UnmarshalText([]byte(text)) == nil && (h.From < 0 || h.To < 0 || h.From >= 24*time.Hour || h.To >= 24*time.Hour || h.IsZero()) {
			t.Errorf("%q is %v", text, h)
		}
	})
}
