package fresh

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
)

// told is how the rule tells a story, as long as first is not nil.
type told struct {
	first *alerting.Member // in whose words, seen when there was reason to
	due   time.Time
	talk  string // the conversation that it is told of, "" for the story itself
}

// signals is the story or the conversation that a signal speaks of.
func (t told) signals(s alerting.Story) *alerting.Story {
	if t.talk == "" {
		return &s
	}
	return &alerting.Story{ID: t.talk, Talk: true, Watches: t.first.Watches, Members: []alerting.Member{*t.first}}
}

// tells is how the rule tells a story: by the first member that is news to the watch, but
// for what people write in a conversation that was told already. All of it stays as it is,
// whatever else the story gets.
func (r *Rule) tells(ctx context.Context, q question, s alerting.Story) (told, error) {
	looked := map[string]bool{}
	for _, m := range s.Members {
		if looked[m.Mention] || !r.isNews(m) { // an edit of what was left to its conversation says no more
			continue
		}
		looked[m.Mention] = true
		at, story, pressing := r.reason(s, m)
		if !pressing {
			break
		}
		first := m
		first.SeenAt = at // it is told with the words of the first
		t := told{first: &first, due: at.Add(r.Wait)}
		if story {
			return t, nil
		}
		t.talk = m.Conversation
		if leads, err := r.leads(ctx, q, m, at); leads || err != nil {
			return t, err
		}
	}
	return told{}, nil
}

// reason is when a member gives one to tell a story, and whether as a story, for people
// wrote it and it does not spread; pressing is false while it can wait for a digest.
func (r *Rule) reason(s alerting.Story, m alerting.Member) (at time.Time, story, pressing bool) {
	article := m.Conversation == ""
	if !r.waits() {
		return m.SeenAt, article, true
	}
	at, pressing = rule.Pressing(s, m.SeenAt, r.config.Outlets, r.own)
	spread, spreads := rule.Pressing(s, m.SeenAt, r.config.Outlets, func(string) bool { return false })
	return at, article || spreads && !spread.After(at), pressing
}

// waits says whether what it finds can wait for a digest.
func (r *Rule) waits() bool { return r.Digested && !r.config.AtOnce }

// leads says whether a member gives the first reason to tell its conversation, since that
// last rested.
func (r *Rule) leads(ctx context.Context, q question, m alerting.Member, at time.Time) (bool, error) {
	back := alerting.CoolDown
	if r.waits() { // it goes on whatever in it was pressing
		back = rule.Edited
	}
	heard, err := rule.Heard(ctx, q, rule.Talk{Watch: r.Watch, ID: m.Conversation, At: at}, back, q.asOf)
	i := slices.IndexFunc(heard, r.presses)
	return i < 0 || heard[i].Mention == m.Mention || heard[i].SeenAt.After(at), err
}

// presses says whether what was heard in a conversation is a reason to tell it.
func (r *Rule) presses(m alerting.Member) bool {
	return !r.waits() || slices.ContainsFunc(m.Watches, r.own)
}

// Tells implements alerting.Storyteller.
func (r *Rule) Tells(ctx context.Context, ask alerting.Asker, s alerting.Story, asOf time.Time) (alerting.Telling, error) {
	t, q := alerting.Telling{Severity: r.Severity, Named: r.own(r.Watch)}, about(ask, asOf)
	talk := rule.Talk{Watch: r.Watch, ID: s.ID, At: s.Members[0].SeenAt}
	if !s.Talk {
		told, err := r.tells(ctx, q, s)
		if told.first != nil || err != nil {
			t.At = told.due
			return t, err
		}
		first := r.firstNews(s)
		if first == nil || first.Conversation == "" {
			return t, nil
		}
		talk.ID, talk.At = first.Conversation, first.SeenAt
	}
	heard, err := rule.Heard(ctx, q, talk, rule.Edited, asOf)
	if i := slices.IndexFunc(heard, r.presses); i >= 0 && err == nil {
		t.At = heard[i].SeenAt.Add(r.Wait)
	}
	return t, err
}

// Swept implements rule.Swept: what is said in a conversation may be said in a wave.
func (r *Rule) Swept() ([]string, time.Duration) { return []string{r.Watch}, r.longest() + slack }

// question is whom to ask, and about which instant. What is asked of one conversation is
// read once.
type question struct {
	alerting.Asker
	asOf  time.Time
	talks map[string]spoken
}

// spoken is who spoke in a conversation, from an instant on.
type spoken struct {
	from    time.Time
	members []alerting.Member
}

func about(ask alerting.Asker, asOf time.Time) question {
	return question{ask, asOf, map[string]spoken{}}
}

// Talk implements alerting.Asker, up to the instant judged.
func (q question) Talk(ctx context.Context, conversation string, from, _ time.Time) ([]alerting.Member, error) {
	known, read := q.talks[conversation]
	if !read || from.Before(known.from) {
		members, err := q.Asker.Talk(ctx, conversation, from, q.asOf.Add(rule.Instant))
		if err != nil {
			return nil, err
		}
		known = spoken{from, members}
		q.talks[conversation] = known
	}
	return slices.DeleteFunc(slices.Clone(known.members), func(m alerting.Member) bool { return m.SeenAt.Before(from) }), nil
}
