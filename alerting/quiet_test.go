package alerting

import (
	"testing"
	"time"
)

func TestQuietHoursEndWhenTheClockOnTheWallSaysSo(t *testing.T) {
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	night, noon := Quiet{21 * time.Hour, 7 * time.Hour}, Quiet{12 * time.Hour, 13*time.Hour + 30*time.Minute}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, toronto) }
	for _, c := range []struct {
		quiet    Quiet
		at, want time.Time
	}{
		{night, at(20, 21, 0), at(21, 7, 0)}, {night, at(20, 23, 59), at(21, 7, 0)}, {night, at(21, 0, 0), at(21, 7, 0)}, {night, at(21, 6, 59), at(21, 7, 0)},
		{night, at(21, 7, 0), time.Time{}}, {night, at(20, 20, 59), time.Time{}}, {night, at(30, 22, 0), at(31, 7, 0)},
		{noon, at(20, 12, 0), at(20, 13, 30)}, {noon, at(20, 13, 30), time.Time{}}, {Quiet{}, at(20, 3, 0), time.Time{}},
		{night, time.Date(2026, 10, 31, 23, 0, 0, 0, toronto), at(1, 7, 0)}, // the clock goes back in that night
	} {
		if got := c.quiet.until(c.at.UTC(), toronto); !got.Equal(c.want) {
			t.Errorf("%v at %v: until %v, want %v", c.quiet, c.at, got, c.want)
		}
	}
}
