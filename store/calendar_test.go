package store

import (
	"errors"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestABucketBeginsWhereTheCalendarSays(t *testing.T) {
	for _, c := range []struct {
		what, zone string
		every      Every
		at, want   string
	}{
		{"a plain hour", "", Hour, "2026-03-01T12:34:56Z", "2026-03-01T12:00:00Z"},
		{"an hour of half-hour clocks", "America/St_Johns", Hour, "2026-01-05T12:34:56Z", "2026-01-05T09:00:00-03:30"},
		{"a day", "America/Toronto", Day, "2026-07-01T03:59:59Z", "2026-06-30T00:00:00-04:00"},
		{"the day clocks go forward", "America/Toronto", Day, "2026-03-08T20:00:00Z", "2026-03-08T00:00:00-05:00"},
		{"the day clocks go back", "Europe/Paris", Day, "2026-10-25T20:00:00Z", "2026-10-25T00:00:00+02:00"},
		{"the first of two equal hours", "America/Toronto", Hour, "2026-11-01T05:30:00Z", "2026-11-01T01:00:00-04:00"},
		{"the second of two equal hours", "America/Toronto", Hour, "2026-11-01T06:30:00Z", "2026-11-01T01:00:00-05:00"},
		{"a midnight that is skipped", "Africa/Cairo", Day, "2026-04-24T12:00:00Z", "2026-04-24T01:00:00+03:00"},
		{"a midnight that comes twice", "America/Havana", Day, "2026-11-01T20:00:00Z", "2026-11-01T00:00:00-04:00"},
		{"a change by half an hour", "Australia/Lord_Howe", Hour, "2026-04-04T15:15:00Z", "2026-04-05T01:30:00+10:30"},
		{"a Sunday belongs to the week before", "Europe/Paris", Week, "2026-03-29T12:00:00Z", "2026-03-23T00:00:00+01:00"},
		{"a Monday", "Europe/Paris", Week, "2026-03-29T22:00:00Z", "2026-03-30T00:00:00+02:00"},
		{"a month", "America/Toronto", Month, "2026-04-01T03:00:00Z", "2026-03-01T00:00:00-05:00"},
	} {
		by := Buckets{Every: c.every, Zone: zone(t, c.zone)}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := by.Floor(at).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestBucketsFollowOneAnotherThroughAllChangesOfClocks(t *testing.T) {
	first, last := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "America/Toronto", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo"} {
		for every, most := range map[Every]time.Duration{Hour: time.Hour, Day: 25 * time.Hour, Week: 169 * time.Hour, Month: 745 * time.Hour} {
			by := Buckets{Every: every, Zone: zone(t, name)}
			starts, err := by.Starts(first, last)
			if err != nil {
				t.Fatal(err)
			}
			for i, start := range starts[1:] {
				if length := start.Sub(starts[i]); length <= 0 || length > most {
					t.Fatalf("%s of %s: the bucket of %s lasts %s", every, name, starts[i], length)
				}
				if !by.Floor(start).Equal(start) || !by.Floor(start.Add(-1)).Equal(starts[i]) {
					t.Fatalf("%s of %s: %s does not begin a bucket", every, name, start)
				}
			}
			if starts[0].After(first) || !starts[len(starts)-1].After(last) || starts[len(starts)-2].After(last) {
				t.Errorf("%s of %s: from %s to %s", every, name, starts[0], starts[len(starts)-1])
			}
		}
	}
}

func TestMoreBucketsThanAnybodyReadsAreRefused(t *testing.T) {
	_, err := Buckets{Every: Hour}.Starts(time.Time{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if !errors.Is(err, ErrTooManyBuckets) {
		t.Errorf("got %v, want ErrTooManyBuckets", err)
	}
}
