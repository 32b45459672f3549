package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
)

// judging is a rule of every kind over so many watches, in the middle of a wave about the
// first two of them, with a story every half minute.
type judging struct {
	*testing.B
	file     *config.File
	mentions *local.Store
	state    *state.DB
	now      time.Time
	made     int
	stories  map[string]string // the newest story of each watch
}

func newJudging(b *testing.B, watches int) *judging {
	b.Helper()
	folder := b.TempDir()
	mentions, err1 := local.Open(b.Context(), filepath.Join(folder, "mentions.db"), local.Options{})
	memory, err2 := state.Open(b.Context(), filepath.Join(folder, "state.db"), state.Options{})
	if err := errors.Join(err1, err2); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { mentions.Close(); memory.Close() })
	j := &judging{B: b, file: &config.File{}, mentions: mentions, state: memory, now: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), stories: map[string]string{}}
	for i := range watches {
		relation := []string{config.Self, config.Parent, config.Sister}
		w := config.Watch{Name: fmt.Sprint("veille-", i), Relation: "theme"}
		if i < len(relation) {
			w.Relation = relation[i]
		}
		j.file.Watches = append(j.file.Watches, w)
	}
	for _, kind := range slices.Sorted(maps.Keys(ruleKinds)) {
		j.file.Rules = append(j.file.Rules, config.Rule{Entry: config.Entry{Name: kind, Kind: kind, Config: ruleKinds[kind].defaults()}})
	}
	j.live()
	return j
}

// live keeps 15 days in which each watch has a calm comment an hour, then three hours of
// news with a wave in the last.
func (j *judging) live() {
	const calm = 15 * 24
	n := len(j.file.Watches)
	for hour := range calm {
		at := j.now.Add(time.Duration(hour-calm) * time.Hour)
		for w := range n {
			j.keep(at.Add(time.Duration(w)*time.Second), mention.Comment, fmt.Sprintf("Les heures d’ouverture, numéro %d", hour), 0.2, w)
		}
	}
	for step := range 360 {
		at := j.now.Add(time.Duration(step-360) * 30 * time.Second)
		text := fmt.Sprintf("La nouvelle %d de l’été au comptoir", step)
		if step%10 == 0 {
			text += " : une fraude"
		}
		j.keep(at, mention.Article, text, 0, step%n, step*7%n)
		if step > 280 {
			text = fmt.Sprintf("Une honte, l'attente au comptoir %d", step)
			if step%8 == 0 {
				text += ", quelle arnaque"
			}
			j.keep(at.Add(time.Second), mention.Comment, text, 0.9, 0, 1)
		}
	}
}

// keep keeps one mention of some watches. An article of three is the copy of another.
func (j *judging) keep(at time.Time, kind mention.Kind, text string, negative float64, watches ...int) {
	j.made++
	var hits []mention.Hit
	for _, w := range watches {
		hits = append(hits, mention.Hit{Watch: j.file.Watches[w].Name, Words: []string{"Valtisse"}})
	}
	m := mention.Mention{ID: mention.NewID("bench", fmt.Sprint(j.made)), Source: fmt.Sprint("media-", j.made%40), Place: "web", Kind: kind,
		URL: fmt.Sprintf("https://media-%d.example/%d", j.made%40, j.made), PublishedAt: at, SeenAt: at, Lang: "fr",
		Versions: []mention.Version{{At: at, Text: text, Hits: hits}},
		Readings: []mention.Reading{{At: at, Negative: negative, Neutral: 1 - negative, By: "bench"}}}
	told := m.ID
	if kind == mention.Comment {
		m.Thread, m.Author.Name = fmt.Sprint("fil-", j.made%3), fmt.Sprint("Autrice ", j.made)
	} else if newest, known := j.stories[hits[0].Watch]; known && j.made%3 == 0 {
		told = newest
	} else {
		j.stories[hits[0].Watch] = told
	}
	_, _, err1 := j.mentions.Put(j.Context(), []mention.Mention{m})
	err2 := j.state.Join(j.Context(), []alerting.Joined{{Story: told, Member: alerting.Conversation(m.Thread, []mention.Mention{m}).Members[0]}}, at)
	if err := errors.Join(err1, err2); err != nil {
		j.Fatal(err)
	}
}

// rules are those of the configuration; alone, each as if there were no others.
func (j *judging) rules(alone bool) []alerting.NamedRule {
	j.Helper()
	own := func(watch string) bool { return watch == j.file.Watches[0].Name }
	rules, err := newRules(j.file, alerting.Deps{Own: own, Kin: func(watch string) alerting.Kin { return kinOf(j.file, watch) }})
	if err != nil {
		j.Fatal(err)
	}
	for i := range rules {
		if within, is := rules[i].Rule.(*rule.Within); is && alone {
			rules[i].Rule = within.Rule
		}
		if together, is := rules[i].Rule.(*rule.Together); is && alone {
			rules[i].Rule = together.Rule
		}
		if sweeping, is := rules[i].Rule.(*rule.Sweeping); is && alone {
			rules[i].Rule = sweeping.Rule
		}
	}
	return rules
}

// judge asks every rule about one instant, and keeps what follows: how many situations moved.
func (j *judging) judge(rules []alerting.NamedRule, at time.Time) (moved int) {
	blind := func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
	for _, r := range rules {
		v, err := alerting.Judge(j.Context(), r, alerting.Known{Mentions: j.mentions, Stories: j.state, Blind: blind}.At(at), j.state, at)
		if err == nil && len(v.Changed) > 0 {
			err = j.state.Settle(j.Context(), alerting.Settlement{Rule: r.Name, Progress: alerting.Progress{Asked: at}, Incidents: v.Changed})
		}
		if err != nil {
			j.Fatal(err)
		}
		moved += len(v.Changed)
	}
	return moved
}

// BenchmarkJudging asks every rule about one instant in the middle of a wave, with the
// situations of three hours: once as if each were alone, once as they ask each other.
func BenchmarkJudging(b *testing.B) {
	for _, watches := range []int{10, 50} {
		for _, alone := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d watches, alone %t", watches, alone), func(b *testing.B) {
				j := newJudging(b, watches)
				rules, opened := j.rules(alone), 0
				for at := j.now.Add(-3 * time.Hour); !at.After(j.now); at = at.Add(10 * time.Minute) {
					opened += j.judge(rules, at)
				}
				at, began := j.now, cpu(b)
				for b.Loop() {
					at = at.Add(time.Millisecond)
					j.judge(rules, at)
				}
				b.ReportMetric(float64((cpu(b)-began).Milliseconds())/float64(b.N), "cpu-ms/instant")
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(opened), "situations")
				b.ReportMetric(float64(len(rules)), "rules")
			})
		}
	}
}
