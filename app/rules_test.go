package app

import (
	"slices"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
)

func TestWithoutRulesNewsOfAllAndSurgesAboutOneselfAndTheParentAreTold(t *testing.T) {
	f := &config.File{Watches: []config.Watch{{Name: "caisse", Relation: config.Self}, {Name: "mouvement", Relation: config.Parent},
		{Name: "banque", Relation: "competitor"}, {Name: "fraude", Relation: "theme"}}}
	rules, err := newRules(f, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Kind+" "+r.Name)
	}
	want := []string{"fresh nouvelles/caisse", "fresh nouvelles/mouvement", "fresh nouvelles/banque", "fresh nouvelles/fraude",
		"surge vagues-caisse", "surge vagues-mouvement"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestARuleForOneWatchOrForAllIsOneRuleForEachWatch(t *testing.T) {
	f := &config.File{Watches: []config.Watch{{Name: "caisse"}, {Name: "mouvement"}}}
	rule := config.Rule{Entry: config.Entry{Name: "vagues", Kind: "surge", Config: ruleKinds["surge"].defaults()}}
	f.Rules = []config.Rule{rule}
	rules, err := newRules(f, alerting.Deps{})
	if err != nil || len(rules) != 2 || rules[0].Name != "vagues/caisse" || rules[1].Watch != "mouvement" {
		t.Fatalf("got %+v, %v", rules, err)
	}
}
