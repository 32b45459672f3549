package alerting

import (
	"slices"
	"testing"
	"time"
)

// beneath walks one incident through what is signalled at these minutes, and gives
// what people were told and spared.
func beneath(t *testing.T, said ...Signal) (told []string) {
	t.Helper()
	var known []Incident
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, s := range said {
		s.Rule, s.Key, s.Since = "vagues", "caisse", at
		changed, owed := Step(known, []Signal{s}, Ladder{}, at.Add(time.Duration(len(told)+1)*time.Minute))
		for _, c := range changed {
			if i := slices.IndexFunc(known, func(k Incident) bool { return k.ID == c.ID }); i >= 0 {
				known[i] = c
			} else {
				known = append(known, c)
			}
		}
		line := "-"
		for _, d := range owed {
			line = string(d.Transition) + d.Suppressed
		}
		told = append(told, line)
	}
	return told
}

func TestWhatBeginsBelowAMovementIsToldOnceItHasDoubledOrOutlastsIt(t *testing.T) {
	quiet := Signal{Size: 8, Severity: Urgent, Under: "mouvement"}
	grown, calm, over := quiet, quiet, quiet
	grown.Size, calm.Under, over.Over = 16, "", true
	for name, c := range map[string]struct {
		said []Signal
		want []string
	}{
		"the movement ends":          {[]Signal{quiet, quiet, calm, calm}, []string{"openedunder", "-", "opened", "-"}},
		"it doubles":                 {[]Signal{quiet, grown, grown}, []string{"openedunder", "opened", "-"}},
		"it is over before":          {[]Signal{quiet, over, over}, []string{"openedunder", "endedunder", "-"}},
		"it was told and goes under": {[]Signal{calm, quiet, over}, []string{"opened", "-", "ended"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := beneath(t, c.said...); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
