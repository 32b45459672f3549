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

// String is the hours as one types them.
func (h Hours) String() string {
	if h.IsZero() {
		return ""
	}
	clock := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return clock(h.From) + "-" + clock(h.To)
}

// MarshalText is String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }
