package app

import (
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
)

func channelWith(d config.Digest) config.Channel {
	return config.Channel{Entry: config.Entry{Name: "courriel", Kind: "email"}, Digest: d}
}

func family() *config.File {
	return &config.File{
		Organisation: config.Organisation{Timezone: "America/Toronto"},
		Watches: []config.Watch{{Name: "banque", Relation: config.Competitor}, {Name: "mouvement", Relation: config.Parent}, {Name: "fraude", Relation: config.Theme},
			{Name: "caisse", Relation: config.Self}, {Name: "brulis", Relation: config.Sister}},
		Sources: []config.Source{{Entry: config.Entry{Name: "echo"}}, {Entry: config.Entry{Name: "radio"}, Paused: true}},
	}
}

func TestAChannelGetsItsDigestOrASignOfLife(t *testing.T) {
	for name, c := range map[string]struct {
		channel config.Channel
		want    []alerting.EditionKind
	}{
		"nothing said":     {channelWith(config.Digest{}), []alerting.EditionKind{alerting.SignOfLife}},
		"a digest":         {channelWith(config.Digest{Every: config.EveryDay}), []alerting.EditionKind{alerting.Digest}},
		"no quiet days":    {channelWith(config.Digest{Every: config.EveryWeek, OnlyNews: true}), []alerting.EditionKind{alerting.Digest, alerting.SignOfLife}},
		"nothing wanted":   {config.Channel{Entry: config.Entry{Kind: "email"}, NoSign: true}, nil},
		"an alert manager": {config.Channel{Entry: config.Entry{Kind: "alertmanager"}}, nil},
	} {
		got := editionsOf(family(), c.channel)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		for i := range got {
			if got[i].Kind != c.want[i] || len(got[i].Sources) != 1 {
				t.Errorf("%s: %+v", name, got[i])
			}
		}
	}
}

func TestADigestTellsOfTheWatchesItNamesOneselfFirst(t *testing.T) {
	d := config.Digest{Every: config.EveryWeek, On: "friday", At: config.Clock{Of: 17 * time.Hour, Given: true}}
	e := editionsOf(family(), channelWith(d))[0]
	if e.On != time.Friday || e.At != 17*time.Hour || e.Every != alerting.Weekly || e.Zone.String() != "America/Toronto" || len(e.Watches) != 5 {
		t.Errorf("got %+v", e)
	}
	rank := map[string]int{}
	for _, w := range e.Watches {
		rank[w.Name] = w.Rank
		if w.Own != (w.Name == "caisse") {
			t.Errorf("%s is one's own: %v", w.Name, w.Own)
		}
	}
	for i, name := range []string{"caisse", "mouvement", "brulis", "fraude", "banque"} {
		if rank[name] != i {
			t.Errorf("%s stands at %d, want %d", name, rank[name], i)
		}
	}
	d.Watches = []string{"brulis"}
	if e := editionsOf(family(), channelWith(d))[0]; len(e.Watches) != 1 || e.Watches[0].Name != "brulis" {
		t.Errorf("got %+v", e.Watches)
	}
}

func TestWhatADigestTellsIsToldAtOnceOnlyToWhoeverHasNone(t *testing.T) {
	day := config.Digest{Every: config.EveryDay}
	channels := func(digests ...config.Digest) (all []config.Channel) {
		for i, d := range digests {
			all = append(all, config.Channel{Entry: config.Entry{Name: []string{"courriel", "equipe"}[i], Kind: "email"}, Digest: d})
		}
		return all
	}
	for name, c := range map[string]struct {
		channels []config.Channel
		watch    string
		told     []string
		want     bool
	}{
		"the parent":            {channels: channels(day), watch: "mouvement", want: true},
		"a theme":               {channels: channels(day), watch: "fraude", want: true},
		"oneself":               {channels: channels(day), watch: "caisse"},
		"no channel":            {watch: "mouvement"},
		"no digest":             {channels: channels(config.Digest{}), watch: "mouvement"},
		"a digest of the week":  {channels: channels(config.Digest{Every: config.EveryWeek}), watch: "mouvement"},
		"another watch":         {channels: channels(config.Digest{Every: config.EveryDay, Watches: []string{"brulis"}}), watch: "mouvement"},
		"one of two":            {channels: channels(day, config.Digest{}), watch: "mouvement"},
		"the one that is told":  {channels: channels(day, config.Digest{}), watch: "mouvement", told: []string{"courriel"}, want: true},
		"the other that is not": {channels: channels(day, config.Digest{}), watch: "mouvement", told: []string{"equipe"}},
	} {
		f := family()
		f.Channels = c.channels
		if got := digested(f, pair{Rule: config.Rule{Channels: c.told}, watch: c.watch}); got != c.want {
			t.Errorf("%s: left to a digest: %v, want %v", name, got, c.want)
		}
	}
}
