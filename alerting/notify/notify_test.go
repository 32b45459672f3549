package notify

import (
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

func TestAnAnswerTellsWhetherToTryAgain(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for status, want := range map[int]string{
		200: "", 201: "", 204: "", 299: "",
		301: "final", 302: "final", 308: "final", 400: "final", 401: "final", 403: "final", 404: "final", 410: "final", 413: "final", 422: "final",
		408: "again", 425: "again", 500: "again", 502: "again", 504: "again",
		429: "busy", 503: "busy",
	} {
		err := Judge(status, "Fri, 20 Nov 2026 14:00:07 GMT", "caisse.example", now)
		got := ""
		if b, ok := err.(*alerting.Busy); ok && b.RetryAfter == 7*time.Second {
			got = "busy"
		} else if alerting.IsPermanent(err) {
			got = "final"
		} else if err != nil {
			got = "again"
		}
		if got != want {
			t.Errorf("%d: %q (%v), want %q", status, got, err, want)
		}
	}
}

func TestAHintIsReadAsSecondsOrADateWithinReason(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for hint, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-3": 0, "999999999": 24 * time.Hour, "bientôt": 0,
		"Fri, 20 Nov 2026 14:01:00 GMT": time.Minute, "Fri, 20 Nov 2020 14:01:00 GMT": 0,
	} {
		if got := RetryAfter(hint, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", hint, got, want)
		}
	}
}
