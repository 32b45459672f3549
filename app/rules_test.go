package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
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
	f.Rules = []config.Rule{{Entry: config.Entry{Name: "vagues", Kind: "surge", Config: ruleKinds["surge"].defaults()}}}
	rules, err := newRules(f, alerting.Deps{})
	if err != nil || len(rules) != 2 || rules[0].Name != "vagues/caisse" || rules[1].Watch != "mouvement" {
		t.Fatalf("got %+v, %v", rules, err)
	}
}

func TestRulesThatTellTheSamePeopleLeaveToOneAnotherWhatTheyFindTogether(t *testing.T) {
	f := &config.File{Watches: []config.Watch{{Name: "mouvement", Relation: config.Parent}, {Name: "caisse", Relation: config.Self}}}
	of := func(name, kind string, channels ...string) config.Rule {
		return config.Rule{Entry: config.Entry{Name: name, Kind: kind, Config: ruleKinds[kind].defaults()}, Channels: channels}
	}
	f.Rules = []config.Rule{of("nouvelles", "fresh"), of("mots", "keyword"), of("voix", "newsource", "sms"), of("seuil", "threshold"),
		of("vagues", "surge"), of("part", "share", "sms"), of("ailleurs", "surge", "sms")}
	f.Channels = []config.Channel{{Entry: config.Entry{Name: "courriel"}}, {Entry: config.Entry{Name: "sms"}}}
	rules, err := newRules(f, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rules {
		made := r.Rule
		if w, is := made.(*rule.Within); is {
			for watch, wave := range w.Waves {
				got[r.Name] += "joins " + wave.Teller + " of " + watch + " "
			}
			if _, tells := w.Rule.(*rule.Together); !tells {
				continue
			}
			made = w.Rule
		}
		switch made := made.(type) {
		case *rule.Together:
			var names []string
			for _, o := range made.All {
				names = append(names, o.Name)
			}
			got[r.Name] += fmt.Sprint("tells among ", strings.Join(names, " "), ", at ", made.At)
		case *rule.Sweeping:
			names := []string{"sweeps"}
			for _, o := range made.All {
				names = append(names, o.Name)
			}
			got[r.Name] = strings.Join(names, " ")
		default:
			t.Errorf("%s is alone: %T", r.Name, made)
		}
	}
	for name, want := range map[string]string{
		"nouvelles/caisse":   "joins vagues/caisse of caisse tells among nouvelles/caisse mots/caisse nouvelles/mouvement mots/mouvement, at 0",
		"mots/mouvement":     "joins vagues/mouvement of mouvement tells among nouvelles/caisse mots/caisse nouvelles/mouvement mots/mouvement, at 3",
		"voix/caisse":        "tells among voix/caisse voix/mouvement, at 0",
		"seuil/caisse":       "joins vagues/caisse of caisse ",
		"part/mouvement":     "joins vagues/mouvement of mouvement ",
		"vagues/caisse":      "sweeps mots/caisse seuil/caisse part/caisse",
		"ailleurs/mouvement": "sweeps part/mouvement",
	} {
		if got[name] != want {
			t.Errorf("%s %s, want %s", name, got[name], want)
		}
	}
}
