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

// Advisory is what a parent organisation advises the watches of its affiliates.
type Advisory struct {
	ID          string    `json:"id"`
	State       string    `json:"state" enum:"in_force,over,withdrawn"`
	Urgent      bool      `json:"urgent,omitempty"`
	From        string    `json:"from" doc:"The watch of the organisation that advises."`
	To          []string  `json:"to" doc:"The watches that are advised."`
	Subject     string    `json:"subject" doc:"One line; this, advice and answer are as a person wrote them."`
	Advice      string    `json:"advice"`
	Answer      string    `json:"answer,omitempty" doc:"Words that may be used to answer."`
	By          string    `json:"by,omitempty" doc:"Who sent it: a member, or a program by the name of its token."`
	SentAt      time.Time `json:"sent_at"`
	Until       time.Time `json:"until" doc:"The instant at which it stops holding."`
	About       string    `json:"about,omitempty" doc:"The id of a situation."`
	Story       string    `json:"story,omitempty" doc:"The id of the story of that situation."`
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
	WithdrawnBy string    `json:"withdrawn_by,omitempty"`
	Readers     int       `json:"readers,omitempty" doc:"How many have said that they read it."`
}

// WholeAdvisory is an advisory with who read it, and what happened.
type WholeAdvisory struct {
	Advisory
	Read    []Receipt      `json:"read,omitempty" doc:"Oldest first."`
	Reached []AdvisedWatch `json:"reached" doc:"How far it has come to the people of each watch."`
	Unread  []string       `json:"unread,omitempty" doc:"The members of the team, of whichever watch, who have not said that they read it, but for who sent it."`
	Journal []Happened     `json:"journal,omitempty" doc:"What happened to it, oldest first, for 90 days."`
}

// Receipt is that somebody said that they have read an advisory.
type Receipt struct {
	At      time.Time `json:"at"`
	Name    string    `json:"name,omitempty" doc:"A member, or a program by the name of its token; absent of who gave none."`
	Channel string    `json:"channel,omitempty" doc:"Whose message they said it from; absent of who said it on the page."`
}

// AdvisedWatch is how far an advisory has come to the people of a watch.
type AdvisedWatch struct {
	Watch    string   `json:"watch"`
	Channels []string `json:"channels,omitempty" doc:"That tell these people."`
	Took     []string `json:"took,omitempty" doc:"Those of them that took it."`
	Read     int      `json:"read,omitempty" doc:"How many said from a message of these channels that they read it."`
}

// AdvisoryPage is a part of a list of advisories.
type AdvisoryPage struct {
	Advisories []Advisory `json:"advisories"`
	Next       string     `json:"next,omitempty" doc:"The address of those that follow; absent when there are none."`
}

// Advise is an advisory that a program asks to be sent.
type Advise struct {
	Key     string    `json:"key" doc:"What tells one sending from another, at most 64 characters: sent again with the same key by the same token it is the same advisory, and goes out once."`
	From    string    `json:"from" doc:"The watch of the organisation that advises."`
	To      []string  `json:"to,omitempty" doc:"Watches of its affiliates; absent for all of them."`
	Subject string    `json:"subject" doc:"One line of at most 58 characters."`
	Advice  string    `json:"advice" doc:"At most 1,200 characters."`
	Answer  string    `json:"answer,omitempty" doc:"At most 600 characters."`
	Until   time.Time `json:"until" doc:"Within 31 days."`
	Urgent  bool      `json:"urgent,omitempty" doc:"It goes out in quiet hours too."`
	About   string    `json:"about,omitempty" doc:"The id of a situation of the organisation that advises."`
}

// AdvisoryAct is what a program asks to be done with an advisory.
type AdvisoryAct struct {
	Act string `json:"act" enum:"read,withdraw"`
}

// Conversation is a part of a conversation. Each text names the one that it answers
// (parent): together they are a tree.
type Conversation struct {
	Root     *Mention  `json:"root,omitempty" doc:"What the conversation began with, on each page; absent when it is not kept."`
	Mentions []Mention `json:"mentions" doc:"What was said there, newest first; own is what the organisation answered itself."`
	Next     string    `json:"next,omitempty" doc:"The address of those that follow; absent when there are none."`
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
