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

func TestWhatAnotherRuleTellsJoinsItAndComesWhenThatOneDoesNotSayIt(t *testing.T) {
	joined := Signal{Size: 8, Severity: Watch, With: "vagues", Covered: true}
	alone, over, grown, corrected, uncovered := joined, joined, joined, joined, joined
	alone.With, over.Over, grown.Size, corrected.Revision = "", true, 16, "corrected"
	corrected.With = "" // which the other does not tell
	renamed := joined
	renamed.Revision = "names"
	over.Facts = Facts{Notice: &Notice{}}
	uncovered.Covered, uncovered.Size = false, 16
	grownAlone := alone
	grownAlone.Size = 16
	for name, c := range map[string]struct {
		said []Signal
		want []string
	}{
		"from the beginning":          {[]Signal{joined, joined, grown, over}, []string{"openedjoined", "-", "grownjoined", "-"}},
		"it outlasts the other":       {[]Signal{joined, alone, alone}, []string{"openedjoined", "opened", "-"}},
		"it was told before":          {[]Signal{alone, grown, over, over}, []string{"opened", "grownjoined", "endedjoined", "-"}},
		"told, and grown after":       {[]Signal{alone, joined, grownAlone}, []string{"opened", "-", "grown"}},
		"it is corrected":             {[]Signal{joined, corrected, corrected}, []string{"openedjoined", "opened", "-"}},
		"its growth is its own":       {[]Signal{joined, uncovered, uncovered}, []string{"openedjoined", "opened", "-"}},
		"it comes back in the other":  {[]Signal{alone, withoutWith(over), joined, alone}, []string{"opened", "ended", "resumedjoined", "-"}},
		"the other tells what is new": {[]Signal{alone, renamed, corrected}, []string{"opened", "revisedjoined", "revised"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := beneath(t, c.said...); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func withoutWith(s Signal) Signal { s.With = ""; return s }

func TestWhatJoinsAnotherIsClosedAndNamesWhatJoinedIt(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	s := Signal{Rule: "part", Key: "caisse", Since: at, Severity: Watch, With: "vagues"}
	changed, owed := Step(nil, []Signal{s}, Ladder{Then: []Rung{{Hearer: Hearer{Channel: "direction"}}}}, at)
	if len(changed) != 1 || changed[0].open() || changed[0].Waiting() || !changed[0].EndedAt.Equal(at) || owed[0].Suppressed != BecauseJoined {
		t.Errorf("got %+v, owed %+v", changed, owed)
	}
	wave := Signal{Rule: "vagues", Key: "caisse", Since: at, Severity: Urgent, Also: []string{"part"}}
	known, _ := Step(nil, []Signal{wave}, Ladder{}, at)
	wave.Also = []string{"seuil"}
	later, owed := Step(known, []Signal{wave}, Ladder{}, at.Add(time.Minute))
	if len(owed) != 0 || len(later) != 1 || !slices.Equal(later[0].Also, []string{"part", "seuil"}) || !slices.Equal(known[0].Also, []string{"part"}) {
		t.Errorf("what joined is forgotten, or told: %+v, %+v", later, owed)
	}
}
