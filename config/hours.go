package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Hours is a part of each day: 21:00-07:00 goes over midnight. The zero value is none.
type Hours struct{ From, To time.Duration } // since midnight, by the clock on the wall

// IsZero says that it is no part of a day.
func (h Hours) IsZero() bool { return h.From == h.To }

// UnmarshalText reads 21:00-07:00, and 21 h 30 - 7 h.
func (h *Hours) UnmarshalText(text []byte) error {
	from, to, two := strings.Cut(strings.NewReplacer("–", "-", "\u00a0", " ").Replace(string(text)), "-")
	if !two {
		return notHours()
	}
	var err error
	if h.From, err = wallClock(from); err == nil {
		h.To, err = wallClock(to)
	}
	if err == nil && h.IsZero() {
		return notHours()
	}
	return err
}

// wallClock reads 7:00, 07:00, 7 h, 7h30.
func wallClock(s string) (time.Duration, error) {
	hour, minute := 0, 0
	s = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(strings.ToLower(s)), " ", ""), "h", ":")
	if n, err := fmt.Sscanf(strings.TrimSuffix(s, ":")+":0:", "%d:%d:", &hour, &minute); n < 2 || err != nil || hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour == 24 && minute > 0 {
		return 0, notHours()
	}
	if strings.Trim(s, "0123456789:") != "" || strings.Count(s, ":") > 1 {
		return 0, notHours()
	}
	return time.Duration(hour%24)*time.Hour + time.Duration(minute)*time.Minute, nil
}

func notHours() error {
	return say.Errorf(say.Text{EN: "is not a part of the day", FR: "n’est pas une partie de la journée"})
}

// Clock is an hour of the day, by the clock on the wall. The zero value is none.
type Clock struct {
	Of    time.Duration // since midnight
	Given bool
}

// IsZero says that it is no hour.
func (c Clock) IsZero() bool { return !c.Given }

// UnmarshalText reads 07:30, 7:30, 7 h 30.
func (c *Clock) UnmarshalText(text []byte) error {
	of, err := wallClock(strings.ReplaceAll(string(text), "\u00a0", " "))
	if err != nil {
		return say.Errorf(say.Text{EN: "is not an hour of the day", FR: "n’est pas une heure de la journée"})
	}
	*c = Clock{of, true}
	return nil
}

// String is the hour as one types it.
func (c Clock) String() string {
	if c.IsZero() {
		return ""
	}
	return onTheWall(c.Of)
}

// MarshalText is String.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func onTheWall(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// String is the hours as one types them.
func (h Hours) String() string {
	if h.IsZero() {
		return ""
	}
	return onTheWall(h.From) + "-" + onTheWall(h.To)
}

// MarshalText is String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }
