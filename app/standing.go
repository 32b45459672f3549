package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// ErrNoRule is a rule that the configuration does not have.
var ErrNoRule = errors.New("no such rule")

// Standing is a rule as it stands.
type Standing struct {
	alerting.NamedRule
	Severity string // as it was configured, "" for the kind's own
	Watches  string // the watch it is about, "" for none
	Asked    time.Time
	Next     time.Time
	Open     []alerting.Incident
}

// Rules are the configured rules as they stand, also beside a running daemon. Nothing
// was asked where nothing has run yet.
func Rules(ctx context.Context, f *config.File, o Options) (all []Standing, err error) {
	if all, err = configuredRules(f, o); err != nil || !remembers(f) {
		return all, err
	}
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now, Beat: o.Beat})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	progress, err := db.Progress(ctx)
	if err != nil {
		return nil, err
	}
	open, err := db.OpenIncidents(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		p := progress[all[i].Name]
		all[i].Asked, all[i].Next = p.Asked, p.Next
		for _, incident := range open {
			if incident.Rule == all[i].Name {
				all[i].Open = append(all[i].Open, incident)
			}
		}
	}
	return all, nil
}

func configuredRules(f *config.File, o Options) (all []Standing, err error) {
	rules, err := newRules(f, depsOf(f, o))
	if err != nil {
		return nil, err
	}
	for i, p := range pairs(f) {
		all = append(all, Standing{NamedRule: rules[i], Severity: p.Severity, Watches: p.watch})
	}
	return all, nil
}

// remembers says whether a daemon has ever run here.
func remembers(f *config.File) bool {
	_, err := os.Stat(filepath.Join(f.Data, "state.db"))
	return err == nil
}

// Situation is an incident as programs read it, its subject in a language.
func Situation(f *config.File, i alerting.Incident, l say.Lang) wire.Situation {
	return alerting.Answer(i, readerOf(f, l))
}

// Finding is something that a rule lacks.
type Finding struct {
	Rule   string
	Grave  bool // it can tell nobody, or of nothing; else it will in time
	Code   string
	Lacks  say.Text
	Values []any
}

// In says what is lacking.
func (f Finding) In(l say.Lang) string { return say.Errorf(f.Lacks, f.Values...).In(l) }

// CheckRules says what each rule lacks to do its work: by its configuration, and by what
// is kept where a daemon has run.
func CheckRules(ctx context.Context, f *config.File, o Options) (found []Finding, rules []Standing, err error) {
	if rules, err = configuredRules(f, o); err != nil {
		return nil, nil, err
	}
	for _, r := range rules {
		found = append(found, soundness(f, r, depsOf(f, o))...)
	}
	if _, err := os.Stat(filepath.Join(f.Data, "mentions.db")); err != nil {
		return found, rules, nil
	}
	s, err := OpenStore(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, r := range rules {
		more, err := learning(ctx, s, r, o.Now())
		if err != nil {
			return nil, nil, err
		}
		found = append(found, more...)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return slices.IndexFunc(rules, func(r Standing) bool { return r.Name == a.Rule }) - slices.IndexFunc(rules, func(r Standing) bool { return r.Name == b.Rule })
	})
	return found, rules, nil
}

// soundness is what the configuration alone says.
func soundness(f *config.File, r Standing, d alerting.Deps) (found []Finding) {
	grave := func(code string, lacks say.Text, values ...any) {
		found = append(found, Finding{r.Name, true, code, lacks, values})
	}
	if len(f.Channels) == 0 {
		grave("no_channel", say.Text{EN: "tells nobody: add a channel under channels:", FR: "ne prévient personne\u00a0: ajoutez un moyen d’envoi sous channels:"})
	}
	if len(d.Sources) == 0 {
		grave("no_source", say.Text{EN: "has nothing to read: add a source under sources:", FR: "n’a rien à lire\u00a0: ajoutez une source sous sources:"})
	}
	kin := d.Kin(r.Watches)
	if ruleKinds[r.Kind].looks == looksAround && len(kin.Above)+len(kin.Beside) == 0 {
		grave("no_kin", say.Text{EN: "has nobody to look at: give a watch the relation parent or sister, or %s a parent", FR: "n’a personne à regarder\u00a0: donnez à une veille la relation parent ou sister, ou à %s un parent"}, r.Watches)
	}
	return found
}

// learnt is from when on what is usual about a watch is known.
const learnt = 14 * 24 * time.Hour

// learning is what will be known in time.
func learning(ctx context.Context, s store.Store, r Standing, now time.Time) ([]Finding, error) {
	if r.Watches == "" || !ruleKinds[r.Kind].learns {
		return nil, nil
	}
	first, _, err := s.Search(ctx, store.Question{Watches: []string{r.Watches}, Order: store.OldestSeen, Gone: true}, 1, "")
	if err != nil {
		return nil, fmt.Errorf("ask since when %s is listened for: %w", r.Watches, err)
	}
	if len(first) == 0 {
		return []Finding{{r.Name, false, "learning", say.Text{EN: "learns what is usual from the first mention of %s on, for two weeks; there is none yet", FR: "apprend ce qui est habituel dès la première mention de %s, pendant deux semaines; il n’y en a pas encore"}, []any{r.Watches}}}, nil
	}
	if left := learnt - now.Sub(first[0].SeenAt); left > 0 {
		days := int((left + 24*time.Hour - 1) / (24 * time.Hour))
		return []Finding{{r.Name, false, "learning", say.Text{EN: "still learns what is usual: %d days to go", FR: "apprend encore ce qui est habituel\u00a0: reste %d jours"}, []any{days}}}, nil
	}
	return nil, nil
}

// Fired is what became of a test situation in one channel.
type Fired struct {
	Rule, Channel, Subject string
	Err                    error
}

// Fire sends a situation that was made up, and says so, through the channels of a rule.
// Nothing of it is kept.
func Fire(ctx context.Context, f *config.File, name string, o Options) (results []Fired, err error) {
	rules, err := rulesCalled(f, name, o)
	if err != nil {
		return nil, err
	}
	channels, err := newChannels(f, depsOf(f, o))
	if err != nil {
		return nil, err
	}
	exercise := rand.Text()
	for _, c := range channels {
		if r := rules[0]; len(r.Channels) == 0 || slices.Contains(r.Channels, c.Name) {
			m := alerting.Exercise(r, c, exercise, o.Now())
			results = append(results, Fired{name, c.Name, m.Subject, c.Notifier.Notify(ctx, m)})
		}
	}
	slices.SortStableFunc(results, func(a, b Fired) int { return cmp.Compare(a.Channel, b.Channel) })
	return results, nil
}
