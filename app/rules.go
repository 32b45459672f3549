package app

import (
	"fmt"
	"slices"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/config"
)

// falseAlarms is how many false alarms a month all rules of a kind may raise together.
const falseAlarms = 1.0

// pair is a rule and one of the watches it looks at; "" for what looks at no watch.
type pair struct {
	config.Rule
	watch string
}

// pairs are the rules of a configuration, each once for every watch it looks at.
func pairs(f *config.File) (all []pair) {
	for _, r := range rulesOf(f) {
		if ruleKinds[r.Kind].looks == looksAtSources {
			all = append(all, pair{r, ""})
			continue
		}
		for _, w := range f.Watches {
			p := pair{r, w.Name}
			if (r.Watch == "" || r.Watch == w.Name) && !leftToDigest(f, p, w.Relation) {
				all = append(all, p)
			}
		}
	}
	return all
}

// leftToDigest says whether a rule over every watch leaves one to the digest, since what
// such a rule finds of others is no reason to interrupt those who read of it in the
// morning. A rule that names the watch was asked for it.
func leftToDigest(f *config.File, p pair, relation string) bool {
	near := ruleKinds[p.Kind].interrupts
	return p.Rule.Watch == "" && near != nil && !slices.Contains(near, relation) && digested(f, p)
}

// waits says whether what a rule finds of a watch can wait for the digest. One that names
// the watch was asked for it, and waits only when its settings could say otherwise.
func waits(f *config.File, p pair) bool {
	kind := ruleKinds[p.Kind]
	return kind.interrupts == nil && (p.Rule.Watch == "" || kind.atOnce) && digested(f, p)
}

// name is how a rule for one watch is called: one that looks at several has several.
func (p pair) name() string {
	if p.Rule.Watch == "" && p.watch != "" {
		return p.Name + "/" + p.watch
	}
	return p.Name
}

// newRules makes a rule for each watch it looks at.
func newRules(f *config.File, d alerting.Deps) ([]alerting.NamedRule, error) {
	all := pairs(f)
	m := ruleMaker{file: f, deps: d, ofKind: map[string]int{}, all: all}
	for _, p := range all {
		m.ofKind[p.Kind]++
	}
	var rules, shared []alerting.Rule
	for _, p := range all {
		made, err := m.beneath(p)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", p.Name, err)
		}
		rules = append(rules, made)
	}
	for i := range all {
		shared = append(shared, m.among(rules, i))
	}
	var named []alerting.NamedRule
	for i, p := range all {
		made, err := m.beside(shared, i)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", p.Name, err)
		}
		n := alerting.NamedRule{Name: p.name(), Kind: p.Kind, Watch: p.watch, Channels: p.Channels, Rule: made}
		if l := ladderOf(f, p.Rule); len(l.Then) > 0 {
			n.Ladder, n.Channels = l, nil
			for _, h := range l.First {
				n.Channels = append(n.Channels, h.Channel)
			}
		}
		if ruleKinds[p.Kind].looks != looksAtWatch {
			n.Watch = "" // whatever is kept may matter to it
		}
		named = append(named, n)
	}
	return named, nil
}

// ladderOf is who hears of a rule's situations, and who hears of those that nobody takes.
func ladderOf(f *config.File, r config.Rule) (l alerting.Ladder) {
	hearer := func(c config.Channel) alerting.Hearer {
		return alerting.Hearer{Channel: c.Name, Quiet: alerting.Quiet(c.Quiet), Zone: f.Organisation.Zone()}
	}
	first, then := f.Told(r)
	for _, c := range first {
		l.First = append(l.First, hearer(c))
	}
	for _, c := range then {
		l.Then = append(l.Then, alerting.Rung{Hearer: hearer(c), After: c.After})
	}
	return l
}

// ruleMaker makes the rules of a configuration.
type ruleMaker struct {
	file   *config.File
	deps   alerting.Deps
	ofKind map[string]int
	all    []pair
}

func (m ruleMaker) rule(p pair) (alerting.Rule, error) {
	terms := alerting.Terms{Watch: p.watch, Wait: p.Wait, Severity: alerting.Severity(p.Severity), Budget: falseAlarms / float64(m.ofKind[p.Kind]), Digested: waits(m.file, p)}
	return ruleKinds[p.Kind].make(p.Rule, terms, m.deps)
}

// beneath makes a rule that is quiet while a rule of its kind tells that the
// organisation above is moved: there must be one, and it must tell the same channels,
// else nobody would hear of either.
func (m ruleMaker) beneath(p pair) (alerting.Rule, error) {
	made, err := m.rule(p)
	if err != nil || !ruleKinds[p.Kind].above || m.deps.Kin == nil {
		return made, err
	}
	for _, above := range m.deps.Kin(p.watch).Above {
		i := slices.IndexFunc(m.all, func(o pair) bool { return o.Kind == p.Kind && o.watch == above && hears(o.Channels, p.Channels) })
		if i < 0 {
			continue
		}
		there, err := m.rule(m.all[i]) // its own: each remembers where it was asked last
		return &rule.Beneath{Rule: made, Above: above, There: there}, err
	}
	return made, nil
}

// among is a rule that tells what concerns several watches once, among those of its kind
// that tell the very same channels.
func (m ruleMaker) among(rules []alerting.Rule, at int) alerting.Rule {
	joint, ok := rules[at].(alerting.Joint)
	if !ok {
		return rules[at]
	}
	same := m.alike(at, func(o int) bool { return m.all[o].Kind == m.all[at].Kind })
	others := make([]alerting.Rule, len(same))
	for n, i := range same {
		others[n] = rules[i]
	}
	return joint.Among(others, slices.Index(same, at))
}

// alike are the rules that tell the very same channels as one of them, and are wanted;
// those nearest to the organisation first.
func (m ruleMaker) alike(at int, wanted func(int) bool) (same []int) {
	for i, o := range m.all {
		if p := m.all[at]; wanted(i) && hears(o.Channels, p.Channels) && hears(p.Channels, o.Channels) {
			same = append(same, i)
		}
	}
	slices.SortStableFunc(same, func(a, b int) int { return m.nearness(m.all[a].watch) - m.nearness(m.all[b].watch) })
	return same
}

// beside is a rule that does not tell again what another tells the same people.
func (m ruleMaker) beside(rules []alerting.Rule, at int) (alerting.Rule, error) {
	made := rules[at]
	if _, tells := made.(alerting.Storyteller); tells {
		made = m.together(rules, at)
	}
	if swept, is := alerting.As[rule.Swept](made); is {
		return m.within(made, swept, rules, at)
	}
	if _, is := alerting.As[rule.Wave](made); is {
		return m.sweeping(rules, at), nil
	}
	return made, nil
}

// together is a rule that tells stories, among all of them.
func (m ruleMaker) together(rules []alerting.Rule, at int) alerting.Rule {
	tells := func(o int) bool { _, is := rules[o].(alerting.Storyteller); return is }
	t := &rule.Together{Rule: rules[at]}
	for n, i := range m.alike(at, tells) {
		if i == at {
			t.At = n
		}
		t.All = append(t.All, rule.Storyteller{Storyteller: rules[i].(alerting.Storyteller), Name: m.all[i].name(), Kind: m.all[i].Kind})
	}
	return t
}

// within is a rule that finds what waves bring, beside the first rule for each watch that
// tells the same people of its waves.
func (m ruleMaker) within(made alerting.Rule, swept rule.Swept, rules []alerting.Rule, at int) (alerting.Rule, error) {
	w := &rule.Within{Rule: made, Waves: map[string]rule.ToldWave{}}
	var watches []string
	watches, w.Counts = swept.Swept()
	for i, o := range m.all {
		_, is := alerting.As[rule.Wave](rules[i])
		_, known := w.Waves[o.watch]
		if !is || known || !slices.Contains(watches, o.watch) || !hears(o.Channels, m.all[at].Channels) {
			continue
		}
		again, err := m.beneath(o) // its own: each remembers where it was asked last
		if err != nil {
			return nil, err
		}
		told := rule.ToldWave{Teller: o.name()}
		told.Wave, _ = alerting.As[rule.Wave](again)
		if b, is := again.(*rule.Beneath); is {
			told.Above, _ = alerting.As[rule.Wave](b.There)
		}
		w.Waves[o.watch] = told
	}
	if len(w.Waves) == 0 {
		return made, nil
	}
	return w, nil
}

// sweeping is a rule that tells waves, with those that find something more in them.
func (m ruleMaker) sweeping(rules []alerting.Rule, at int) alerting.Rule {
	s := &rule.Sweeping{Rule: rules[at]}
	for i, o := range m.all {
		stands, is := alerting.As[rule.Standing](rules[i])
		if !is || !hears(m.all[at].Channels, o.Channels) {
			continue
		}
		if watches, _ := stands.Swept(); slices.Contains(watches, m.all[at].watch) {
			s.All = append(s.All, rule.StandingRule{Standing: stands, Name: o.name()})
		}
	}
	return s
}

// nearness is how near a watch is to the organisation, less for nearer.
func (m ruleMaker) nearness(watch string) int {
	i := slices.IndexFunc(m.file.Watches, func(w config.Watch) bool { return w.Name == watch })
	if i < 0 {
		return len(nearness)
	}
	return slices.Index(nearness, m.file.Watches[i].Relation)
}

// hears says whether all who are told by one list of channels are told by another.
func hears(all, some []string) bool {
	return len(all) == 0 || len(some) > 0 && !slices.ContainsFunc(some, func(c string) bool { return !slices.Contains(all, c) })
}

// kinOf is who stands near a watch: its parent and the parent's, and of a watch about
// oneself whoever is called a parent or a sister.
func kinOf(f *config.File, watch string) (kin alerting.Kin) {
	i := slices.IndexFunc(f.Watches, func(w config.Watch) bool { return w.Name == watch })
	if i < 0 {
		return kin
	}
	of := f.Watches[i]
	for above := of.Parent; above != ""; above = parentOf(f, above) {
		kin.Above = append(kin.Above, above)
	}
	if of.Relation != config.Self {
		return kin
	}
	for _, w := range f.Watches {
		switch {
		case w.Name == watch || slices.Contains(kin.Above, w.Name):
		case w.Relation == config.Parent:
			kin.Above = append(kin.Above, w.Name)
		case w.Relation == config.Sister:
			kin.Beside = append(kin.Beside, w.Name)
		}
	}
	return kin
}

func parentOf(f *config.File, watch string) string {
	for _, w := range f.Watches {
		if w.Name == watch {
			return w.Parent
		}
	}
	return ""
}

// rulesOf is the rules of a configuration. One without any tells each new story of
// every watch, for nobody who installs this expects silence; and surges of negative
// comments about the organisation and the one it belongs to, whose storms reach it.
// Those about others are no reason to wake anybody who has not asked.
func rulesOf(f *config.File) []config.Rule {
	if len(f.Rules) > 0 {
		return f.Rules
	}
	rule := func(name, kind, watch string) config.Rule {
		return config.Rule{Entry: config.Entry{Name: name, Kind: kind, Config: ruleKinds[kind].defaults()}, Watch: watch}
	}
	rules := []config.Rule{rule("nouvelles", "fresh", "")}
	for _, w := range f.Watches {
		if w.Relation == config.Self || w.Relation == config.Parent {
			rules = append(rules, rule("vagues-"+w.Name, "surge", w.Name))
		}
	}
	return rules
}
