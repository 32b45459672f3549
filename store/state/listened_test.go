package state

import (
	"testing"
	"time"
)

func TestAWatchIsListenedForSinceItWasConfiguredWithoutAPause(t *testing.T) {
	d, clock := openState(t)
	listen := func(watches ...string) {
		t.Helper()
		if err := d.Listen(t.Context(), watches); err != nil {
			t.Fatal(err)
		}
	}
	began := clock.at
	listen("caisse", "Fête d’Éloïse")
	clock.at = began.Add(48 * time.Hour)
	listen("caisse", "mouvement")
	for watch, want := range map[string]time.Time{"caisse": began, "mouvement": clock.at, "Fête d’Éloïse": {}, "": {}} {
		if got := must[time.Time](t)(d.Listened(t.Context(), watch)); !got.Equal(want) {
			t.Errorf("%q: since %v, want %v", watch, got, want)
		}
	}
	clock.at = clock.at.Add(time.Hour)
	listen("Fête d’Éloïse")
	if got := must[time.Time](t)(d.Listened(t.Context(), "Fête d’Éloïse")); !got.Equal(clock.at) {
		t.Errorf("one that came back: since %v, want %v", got, clock.at)
	}
}
