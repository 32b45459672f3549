package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// What the web API answers, and the command line where it has the same. Each is filled
// where its facts are known; here are its names alone.

// Failure is what went wrong: an input that failed, what ended a command, why a program
// gets no answer.
type Failure struct {
	Input  string `json:"input,omitempty" doc:"The argument that failed, as given."`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Code   string `json:"code" doc:"A stable word."`
	Error  string `json:"error" doc:"An English sentence."`
}

// Situation is a matter that people are told of, as it stands.
type Situation struct {
	ID           string    `json:"id"`
	State        string    `json:"state" enum:"new,acknowledged,snoozed,resolved"`
	Severity     string    `json:"severity" enum:"urgent,watch,info"`
	Since        time.Time `json:"since,omitzero" doc:"When the matter began."`
	Subject      string    `json:"subject" doc:"What is told of it, in one line."`
	Rule         string    `json:"rule,omitempty"`
	Kind         string    `json:"kind,omitempty" doc:"Of the rule."`
	Watch        string    `json:"watch,omitempty"`
	Watches      []string  `json:"watches,omitempty" doc:"All that it is told for, when they are several."`
	Size         int       `json:"size,omitempty" doc:"How big it is, in the unit of its rule."`
	OpenedAt     time.Time `json:"opened_at,omitzero"`
	MovedAt      time.Time `json:"moved_at,omitzero" doc:"When something last happened to it."`
	EndedAt      time.Time `json:"ended_at,omitzero" doc:"Absent while it is open."`
	Over         bool      `json:"over,omitempty" doc:"The matter has ended by itself, whatever people did."`
	FalseAlarm   bool      `json:"false_alarm,omitempty"`
	By           string    `json:"by,omitempty" doc:"Who took it in charge, or settled it."`
	AssignedTo   string    `json:"assigned_to,omitempty" doc:"Until that person acts."`
	UntakenSince time.Time `json:"untaken_since,omitzero" doc:"Since when people know of it and nobody has acted."`
	EscalatedTo  []string  `json:"escalated_to,omitempty" doc:"The channels of the owners that were told since nobody had taken it."`
	SnoozedUntil time.Time `json:"snoozed_until,omitzero" doc:"Absent of one that is snoozed until it gets worse."`
	Mentions     []string  `json:"mentions,omitempty" doc:"The ids of the most telling ones, first the most telling."`
}

// WholeSituation is a situation with all there is to say of it.
type WholeSituation struct {
	Situation
	Facts    []string   `json:"facts,omitempty" doc:"Whole sentences, the weightiest first."`
	NextStep string     `json:"next_step,omitempty" doc:"The one thing to do."`
	Caveats  []string   `json:"caveats,omitempty" doc:"What could not be read, and what may be wrong."`
	Acts     []string   `json:"acts,omitempty" doc:"What one may do with it as it stands."`
	Journal  []Happened `json:"journal,omitempty" doc:"What happened to it, oldest first, for 90 days."`
}

// Happened is one line of a journal.
type Happened struct {
	At      time.Time `json:"at"`
	What    string    `json:"what" doc:"A stable word: opened, grown, told, acknowledge, resolve…"`
	Person  string    `json:"person,omitempty" doc:"Who acted: a member, or a program by the name of its token."`
	To      string    `json:"to,omitempty" doc:"Of assign: to whom; of escalated: the channels that were told."`
	Until   time.Time `json:"until,omitzero" doc:"Of snooze; absent until it gets worse."`
	Note    string    `json:"note,omitempty"`
	Reason  string    `json:"reason,omitempty" doc:"A stable word: why nobody was told, or why a channel did not take it."`
	Size    int       `json:"size,omitempty"`
	Channel string    `json:"channel,omitempty" doc:"Of a message: what was to deliver it."`
	Subject string    `json:"subject,omitempty" doc:"Of a message, as it was sent."`
}

// SituationPage is a part of a list of situations.
type SituationPage struct {
	Situations []Situation `json:"situations"`
	Next       string      `json:"next,omitempty" doc:"The address of those that follow; absent when there are none."`
}

// MentionPage is a part of a list of mentions.
type MentionPage struct {
	Mentions  []Mention `json:"mentions"`
	Total     *int      `json:"total,omitempty" doc:"How many there are in all, when count was asked for."`
	TotalMore bool      `json:"total_more,omitempty" doc:"There are more than total: counting took too long."`
	Next      string    `json:"next,omitempty" doc:"The address of those that follow; absent when there are none."`
}

// Story is one piece of news and all who told it.
type Story struct {
	ID          string        `json:"id" doc:"The id of its first mention."`
	Watches     []string      `json:"watches,omitempty"`
	Outlets     int           `json:"outlets" doc:"How many tell it."`
	Change      string        `json:"change,omitempty" enum:"corrected,retracted"`
	Members     []StoryMember `json:"members" doc:"In the order in which they were seen."`
	MembersMore int           `json:"members_more,omitempty" doc:"How many are not listed."`
}

// StoryMember is one step of a story.
type StoryMember struct {
	ID      string    `json:"id" doc:"Of the mention."`
	Outlet  string    `json:"outlet"`
	SeenAt  time.Time `json:"seen_at"`
	Change  string    `json:"change,omitempty" enum:"corrected,retracted" doc:"What it brought besides another outlet."`
	Related string    `json:"related,omitempty" doc:"Another story: the same event told apart."`
	Mention *Mention  `json:"mention,omitempty" doc:"Absent when it is no longer kept."`
}

// SourceList is every source that is visited.
type SourceList struct {
	Sources []SourceState `json:"sources"`
}

// SourceState is a source and how well it is read.
type SourceState struct {
	Source      string    `json:"source"`
	Kind        string    `json:"kind"`
	Own         bool      `json:"own,omitempty" doc:"A place of the organisation itself."`
	State       string    `json:"state" enum:"well,poorly,unread,paused" doc:"unread: its silence says nothing; paused: by a person."`
	UnreadSince time.Time `json:"unread_since,omitzero" doc:"Absent when it was never read."`
	Reason      string    `json:"reason,omitempty" doc:"A stable word: why it is not well."`
	Every       int       `json:"every_seconds" doc:"How often it is to be visited."`
	VisitedAt   time.Time `json:"visited_at,omitzero"`
	ReadAt      time.Time `json:"read_at,omitzero" doc:"When a visit last succeeded."`
	NextAt      time.Time `json:"next_at,omitzero"`
	NewestAt    time.Time `json:"newest_at,omitzero" doc:"Publication of the newest item that was ever read there."`
	Shard       int       `json:"shard,omitempty" doc:"Which other process visits it."`
}

// WatchList is what is listened for.
type WatchList struct {
	Watches []WatchState `json:"watches"`
}

// WatchState is a watch in force.
type WatchState struct {
	Watch    string `json:"watch"`
	Title    string `json:"title,omitempty"`
	Query    string `json:"query"`
	Relation string `json:"relation" enum:"self,parent,sister,competitor,theme" doc:"What it is to the organisation."`
	Parent   string `json:"parent,omitempty"`
}

// Act is what a program asks to be done with a situation.
type Act struct {
	Act   string    `json:"act" enum:"acknowledge,assign,snooze,resolve,false_alarm,reopen"`
	To    string    `json:"to,omitempty" doc:"Of assign: a member, by name or e-mail."`
	Until time.Time `json:"until,omitzero" doc:"Of snooze; absent until it gets worse."`
	Note  string    `json:"note,omitempty" doc:"At most 500 characters; the journal keeps it."`
}

// Encode is v as one line of JSON; with first, it carries schema_version.
func Encode(v any, first bool) ([]byte, error) {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write the answer: %w", err)
	}
	if !first {
		return line.Bytes(), nil
	}
	return append(fmt.Appendf(nil, `{"schema_version":%d,`, Version), bytes.TrimPrefix(line.Bytes(), []byte("{"))...), nil
}
