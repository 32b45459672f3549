package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
)

func TestMessagesCallTheReadersOwnWatchesByTheShortName(t *testing.T) {
	f := &config.File{
		Organisation: config.Organisation{Name: "Caisse Valtisse de l’Anse-aux-Moyacs", Short: "la Caisse"},
		Watches: []config.Watch{{Name: "caisse", Title: "Notre caisse", Relation: config.Self},
			{Name: "mouvement", Title: "Le Mouvement", Relation: "parent"}},
	}
	want := map[string]alerting.Named{"caisse": {Title: "Notre caisse", Whom: "la Caisse"}, "mouvement": {Title: "Le Mouvement", Whom: "Le Mouvement"}}
	if diff := cmp.Diff(want, named(f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
