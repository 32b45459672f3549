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

func TestWhoLeftAChannelThatIsGoneIsLeftAloneByAll(t *testing.T) {
	d, clock := openState(t)
	for channel, address := range map[string]string{"courriel": "éloïse@caisse.example", "direction": "odette@caisse.example"} {
		if err := d.Unsubscribe(t.Context(), channel, address); err != nil {
			t.Fatal(err)
		}
	}
	left := func(channel string) []string {
		t.Helper()
		return must[[]string](t)(d.Unsubscribed(t.Context(), channel))
	}
	for _, now := range [][]string{{"courriel", "direction"}, {"equipe", "direction"}, {"equipe", "direction", "courriel"}} { // renamed, and the name given to another
		must[int](t)(d.Retire(t.Context(), now, clock.now()))
	}
	for channel, want := range map[string][]string{
		"equipe": {"éloïse@caisse.example"}, "courriel": {"éloïse@caisse.example"}, "direction": {"éloïse@caisse.example", "odette@caisse.example"},
	} {
		if got := left(channel); !slices.Equal(got, want) {
			t.Errorf("%s leaves alone %q, want %q", channel, got, want)
		}
	}
	if err := d.Unsubscribe(t.Context(), "equipe", "éloïse@caisse.example"); err != nil { // by the link of another letter
		t.Fatal(err)
	}
	must[int](t)(d.Retire(t.Context(), []string{"direction"}, clock.now()))
	if err := d.Resubscribe(t.Context(), "", "direction", "éloïse@caisse.example"); err != nil {
		t.Fatal(err)
	}
	if got := left("direction"); !slices.Equal(got, []string{"odette@caisse.example"}) {
		t.Errorf("once she is back it leaves alone %q", got)
	}
}
