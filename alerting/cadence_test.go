package alerting

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAnEditionComesOnceOnEachDayAlsoWhenClocksChange(t *testing.T) {
	for _, c := range []struct {
		zone string
		days []string // around the change
	}{
		{"America/Toronto", []string{"2026-03-08", "2026-11-01"}},
		{"Europe/Paris", []string{"2026-03-29", "2026-10-25"}},
	} {
		z := zone(t, c.zone)
		for _, day := range c.days {
			for _, at := range []time.Duration{7*time.Hour + 30*time.Minute, 2*time.Hour + 30*time.Minute, time.Hour + 30*time.Minute, 0, 23*time.Hour + 59*time.Minute} {
				cadence := Cadence{Every: Daily, At: at, Zone: z}
				change, err := time.ParseInLocation(time.DateOnly, day, z)
				if err != nil {
					t.Fatal(err)
				}
				came := map[string]int{}
				for hour := cadence.next(change.AddDate(0, 0, -3)); hour.Before(change.AddDate(0, 0, 4)); hour = cadence.next(hour) {
					came[hour.Format(time.DateOnly)]++
				}
				for d := -2; d <= 2; d++ {
					if day := change.AddDate(0, 0, d).Format(time.DateOnly); came[day] != 1 {
						t.Errorf("%s at %v: %d editions on %s", c.zone, at, came[day], day)
					}
				}
			}
		}
	}
}

func TestAnEditionComesAtTheHourOfTheWall(t *testing.T) {
	z := zone(t, "America/Toronto")
	daily := Cadence{Every: Daily, At: 7*time.Hour + 30*time.Minute, Zone: z}
	weekly := Cadence{Every: Weekly, On: time.Monday, At: 9 * time.Hour, Zone: z}
	for _, c := range []struct {
		Cadence
		after, want string
	}{
		{daily, "2026-11-20 07:29", "2026-11-20 07:30"},
		{daily, "2026-11-20 07:30", "2026-11-21 07:30"},
		{daily, "2026-10-31 07:30", "2026-11-01 07:30"}, // 25 hours later
		{daily, "2026-03-07 07:30", "2026-03-08 07:30"}, // 23
		{weekly, "2026-11-20 07:30", "2026-11-23 09:00"},
		{weekly, "2026-11-23 09:00", "2026-11-30 09:00"},
		{weekly, "2026-10-26 09:00", "2026-11-02 09:00"},
	} {
		after, _ := time.ParseInLocation("2006-01-02 15:04", c.after, z)
		if got := c.next(after).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s after %s comes at %s, want %s", c.Every, c.after, got, c.want)
		}
	}
}

func TestWhatWasMissedIsOneEditionOnceTheRestOfItCameIn(t *testing.T) {
	z := zone(t, "America/Toronto")
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, z)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	daily := Cadence{Every: Daily, At: 7*time.Hour + 30*time.Minute, Zone: z}
	weekly := Cadence{Every: Weekly, On: time.Monday, At: 7*time.Hour + 30*time.Minute, Zone: z}
	for _, c := range []struct {
		name string
		Cadence
		last, from, to, now, want string
	}{
		{"a night switched off", daily, "2026-11-18 07:30", "2026-11-18 22:00", "2026-11-19 08:40", "2026-11-19 08:41", "2026-11-19 08:55"},
		{"woken just before", daily, "2026-11-18 07:30", "2026-11-18 22:00", "2026-11-19 07:25", "2026-11-19 07:26", "2026-11-19 07:40"},
		{"woken well before", daily, "2026-11-18 07:30", "2026-11-18 22:00", "2026-11-19 06:00", "2026-11-19 06:01", "2026-11-19 07:30"},
		{"woken at night", daily, "2026-11-18 07:30", "2026-11-19 07:00", "2026-11-20 02:00", "2026-11-20 02:01", "2026-11-20 07:30"},
		{"woken before midnight", daily, "2026-11-18 07:30", "2026-11-19 07:00", "2026-11-19 23:50", "2026-11-19 23:51", "2026-11-20 07:30"},
		{"four days", daily, "2026-11-15 07:30", "2026-11-15 08:00", "2026-11-19 08:40", "2026-11-19 08:41", "2026-11-19 08:55"},
		{"a stop that is long over", daily, "2026-11-18 07:30", "2026-11-10 08:00", "2026-11-11 08:40", "2026-11-19 07:31", "2026-11-19 07:30"},
		{"a Monday", weekly, "2026-11-16 07:30", "2026-11-22 22:00", "2026-11-24 10:00", "2026-11-24 10:01", "2026-11-25 07:30"},
		{"what could not be found for days", daily, "2026-11-15 07:30", "", "", "2026-11-19 08:41", "2026-11-19 07:30"},
	} {
		p := pause{}
		if c.from != "" {
			p = pause{at(c.from), at(c.to)}
		}
		if got := c.due(at(c.last), at(c.now), p).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s: due %s, want %s", c.name, got, c.want)
		}
	}
}

func TestEditionsMoveOnWhateverTheHour(t *testing.T) {
	zones := []*time.Location{zone(t, "America/Toronto"), zone(t, "Europe/Paris"), zone(t, "America/Sao_Paulo"), zone(t, "Australia/Lord_Howe"), nil}
	rapid.Check(t, func(t *rapid.T) {
		c := Cadence{
			Every: rapid.SampledFrom([]Every{Daily, Weekly}).Draw(t, "every"), On: time.Weekday(rapid.IntRange(0, 6).Draw(t, "on")),
			At: time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "at")) * time.Minute, Zone: rapid.SampledFrom(zones).Draw(t, "zone"),
		}
		last := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "last"), 0)
		next, most := c.next(last), 26*time.Hour
		if c.Every == Weekly {
			most = 8 * 24 * time.Hour
		}
		if !next.After(last) || next.Sub(last) > most {
			t.Fatalf("after %v comes %v", last, next)
		}
		if due := c.due(last, next, pause{}); !due.Equal(next) {
			t.Fatalf("due at %v, its hour is %v", due, next)
		}
	})
}
