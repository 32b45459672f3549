package state

import (
	"slices"
	"testing"
)

func TestWhoLeavesIsRememberedOnceUntilTheyComeBack(t *testing.T) {
	d, _ := openState(t)
	for range 2 {
		if err := d.Unsubscribe(t.Context(), "courriel", "éloïse@caisse.example"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Unsubscribe(t.Context(), "relais", "odette@caisse.example"); err != nil {
		t.Fatal(err)
	}
	if got := must[[]string](t)(d.Unsubscribed(t.Context(), "courriel")); !slices.Equal(got, []string{"éloïse@caisse.example"}) {
		t.Errorf("they are %q", got)
	}
	for range 2 {
		if err := d.Resubscribe(t.Context(), "Odette", "courriel", "éloïse@caisse.example"); err != nil {
			t.Fatal(err)
		}
	}
	all := must[[]Unsubscription](t)(d.Unsubscriptions(t.Context()))
	if len(all) != 1 || all[0].Channel != "relais" || all[0].At.IsZero() {
		t.Errorf("left: %+v", all)
	}
	var said []string
	for _, e := range must[[]Entry](t)(d.Entries(t.Context(), all[0].At.AddDate(-1, 0, 0), all[0].At.AddDate(1, 0, 0), 10)) {
		said = append(said, e.What+" "+e.Subject+" "+e.Who)
	}
	slices.Sort(said)
	if want := []string{"digest.resumed courriel Odette", "digest.stopped courriel ", "digest.stopped relais "}; !slices.Equal(said, want) {
		t.Errorf("the journal says %q", said)
	}
}
