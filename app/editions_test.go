package app

import (
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/store"
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

func TestARuleOverEveryWatchLeavesWhatIsNotAboutOneselfToTheDigest(t *testing.T) {
	everyOther := []string{"banque", "mouvement", "fraude", "caisse", "brulis"}
	for name, c := range map[string]struct {
		rule   config.Rule
		digest config.Digest
		asked  []string // about which watches
		waits  []string // for which of them
	}{
		"no digest":               {rule: config.Rule{Entry: config.Entry{Kind: "threshold"}}, asked: everyOther},
		"a crowd":                 {rule: config.Rule{Entry: config.Entry{Kind: "threshold"}}, digest: config.Digest{Every: config.EveryDay}, asked: []string{"caisse"}},
		"a crowd about others":    {rule: config.Rule{Entry: config.Entry{Kind: "threshold"}, Watch: "banque"}, digest: config.Digest{Every: config.EveryDay}, asked: []string{"banque"}},
		"a surge":                 {rule: config.Rule{Entry: config.Entry{Kind: "surge"}}, digest: config.Digest{Every: config.EveryDay}, asked: []string{"mouvement", "caisse"}},
		"words":                   {rule: config.Rule{Entry: config.Entry{Kind: "keyword"}}, digest: config.Digest{Every: config.EveryDay}, asked: everyOther, waits: []string{"banque", "mouvement", "fraude", "brulis"}},
		"words about others":      {rule: config.Rule{Entry: config.Entry{Kind: "keyword"}, Watch: "banque"}, digest: config.Digest{Every: config.EveryDay}, asked: []string{"banque"}},
		"stories":                 {rule: config.Rule{Entry: config.Entry{Kind: "fresh"}}, digest: config.Digest{Every: config.EveryDay}, asked: everyOther, waits: []string{"banque", "mouvement", "fraude", "brulis"}},
		"stories about others":    {rule: config.Rule{Entry: config.Entry{Kind: "fresh"}, Watch: "banque"}, digest: config.Digest{Every: config.EveryDay}, asked: []string{"banque"}, waits: []string{"banque"}},
		"a digest about one only": {rule: config.Rule{Entry: config.Entry{Kind: "silence"}}, digest: config.Digest{Every: config.EveryDay, Watches: []string{"banque"}}, asked: []string{"mouvement", "fraude", "caisse", "brulis"}},
	} {
		f := family()
		f.Rules, f.Channels = []config.Rule{c.rule}, []config.Channel{channelWith(c.digest)}
		var asked, waiting []string
		for _, p := range pairs(f) {
			asked = append(asked, p.watch)
			if waits(f, p) {
				waiting = append(waiting, p.watch)
			}
		}
		if !slices.Equal(asked, c.asked) || !slices.Equal(waiting, c.waits) {
			t.Errorf("%s: asked about %q, want %q; waits for the digest about %q, want %q", name, asked, c.asked, waiting, c.waits)
		}
	}
}

func TestTheDigestTellsWhatTheLineKeptAndNothingElseDoes(t *testing.T) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	press, receiver := newPress(t), newReceiver(t, 0)
	now := time.Now().In(zone)
	six := time.Date(now.Year(), now.Month(), now.Day(), 6, 0, 0, 0, zone)
	if six.Before(now) {
		six = six.AddDate(0, 0, 1) // no more than a day ahead: what the press dates a day back is history
	}
	var ahead atomic.Int64
	ahead.Store(int64(six.Sub(now)))
	path := settings{folder: t.TempDir(), feeds: []string{press.server.URL}, hook: receiver.server.URL}.write(t)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("query: valtisse}", "query: valtisse}\n  - {name: mouvement, title: Le Mouvement, query: moyacs, relation: parent}",
		"watch: caisse, wait: 300ms", "watch: mouvement, wait: 300ms", "pour-signer}", "pour-signer, digest: {every: day, at: 07:30}}").Replace(string(body))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	app := startWith(t, path, Options{Hurry: 20 * time.Millisecond, Beat: 200 * time.Millisecond,
		Clock: clock.Set(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })})
	app.readAll(t)
	eventually(t, "the digest to begin: what is kept before is no news", func() bool {
		progress, err := app.state.Progress(t.Context())
		return err == nil && slices.ContainsFunc(slices.Collect(maps.Keys(progress)), func(name string) bool { return strings.Contains(name, " of ") })
	})
	press.publish("L’été aux Moyacs", "Les Moyacs célèbrent l'été, la pêche et l’épargne.")
	eventually(t, "what was published", func() bool {
		n, err := app.store.Count(t.Context(), store.Question{Watches: []string{"mouvement"}})
		return n == 1 && err == nil
	})
	ahead.Add(int64(91 * time.Minute))
	press.publish("Une autre histoire des Moyacs", "Demain, aux Moyacs, un marché d'hiver ouvrira ses portes sur la grève.")
	eventually(t, "the digest", func() bool { return len(receiver.messages()) > 0 })
	got := receiver.messages()
	if len(got) != 1 || !strings.Contains(got[0].Subject, "Résumé du matin") || !strings.Contains(got[0].Body, "L’été aux Moyacs") || strings.Contains(got[0].Body, "Une autre") {
		t.Errorf("told %+v", got)
	}
}
