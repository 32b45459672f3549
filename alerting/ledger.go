package alerting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// StoryLedger remembers stories. It is the truth; the joiner's index is a cache of it.
type StoryLedger interface {
	// JoinedUpto is the instant up to which mentions were joined, zero before the first.
	JoinedUpto(ctx context.Context) (time.Time, error)
	// Join appends members and moves that instant, in one transaction. A member
	// that is known (same mention, same SeenAt) is left as it is.
	Join(ctx context.Context, members []Joined, upto time.Time) error
	// EachJoined gives the members seen from since on, in order of sight.
	EachJoined(ctx context.Context, since time.Time, f func(Joined)) error
	// Stories answers Asker.Stories, with all members.
	Stories(ctx context.Context, watch string, from, to time.Time) ([]Story, error)
	// Talk answers Asker.Talk.
	Talk(ctx context.Context, conversation string, from, to time.Time) ([]Member, error)
}

// Joined is a member with its story, and the signature it was joined by.
type Joined struct {
	Story string
	Member
	Signature mention.Signature
}

// IncidentLedger remembers incidents, what is owed for them, and how far each
// rule was asked.
type IncidentLedger interface {
	// Progress is how far each rule was asked, by name.
	Progress(ctx context.Context) (map[string]Progress, error)
	// Known returns a rule's open incidents and the newest of each key, newest first.
	Known(ctx context.Context, rule string, keys []string) ([]Incident, error)
	// Called returns the incidents of a rule that a person has ever called a false alarm.
	Called(ctx context.Context, rule string) ([]Incident, error)
	// Incident returns one; ok is false when there is none.
	Incident(ctx context.Context, id string) (i Incident, ok bool, err error)
	// Settle makes all of it durable, in one transaction, or none.
	Settle(ctx context.Context, s Settlement) error
	// Opened counts the incidents that opened in [from, to), editions and what joined
	// another left out.
	Opened(ctx context.Context, from, to time.Time) (int, error)
}

// Progress is how far a rule was asked and when it wants to be asked again.
type Progress struct {
	Asked, Next time.Time // zero Next: only when something was kept
}

// Settlement is what follows from one instant, or from what one person did.
type Settlement struct {
	Rule      string // "" when no rule was asked
	Progress  Progress
	Incidents []Incident
	Owed      []Row
	Journal   []Entry
}

// Entry is one line of the journal of an incident: what happened to it, what a
// person did, or what became of a message.
type Entry struct {
	At       time.Time
	Incident string
	What     string    // a Transition, an Act, or one of the Entry words
	Person   string    // who acted, "" for the engine itself; as they were called then
	Member   string    // their id, "" for who is no member
	Reason   string    // why nobody was told, why a channel did not take it, or which
	Until    time.Time // of a Snooze
	To       string    // of an Assign: to whom; of Escalated: the channels
	ToMember string    // of an Assign: their id
	Note     string    // of an Act
	Size     int       // of a Transition
	Letter   *Letter   // of EntryTold and EntryGivenUp; of the others its channel alone
}

// What became of a message, as the journal calls it.
const (
	EntryTold    = "told"     // a channel accepted it
	EntryGivenUp = "given_up" // no more is tried
	// EntryHandedOver: a fallback channel is to tell what another does not take, which
	// is named by Reason.
	EntryHandedOver = "handed_over"
	EntryMoot       = "moot" // it was not sent: somebody acted first
	// What became of an advisory; of the situation it is about, that it was sent.
	EntryAdvised   = "advised"
	EntryRead      = "read" // Reason is the channel whose message led there
	EntryWithdrawn = "withdrawn"
)

// Letter is a message as it was sent.
type Letter struct {
	Channel    string `json:"channel"`
	Recipients string `json:"recipients,omitempty"`
	Lang       string `json:"lang"`
	Subject    string `json:"subject"`
	Body       string `json:"body"`
}

// Outbox remembers what is owed to channels until they have accepted it.
type Outbox interface {
	// Pending returns what a channel is owed, bundles first, then oldest first, at
	// most limit.
	Pending(ctx context.Context, channel string, limit int) ([]Row, error)
	// Bundle makes these one message of this key, until they are finished or postponed.
	Bundle(ctx context.Context, keys []string, bundle string) error
	// Postpone records a failed attempt of these, and that they are no bundle any more.
	Postpone(ctx context.Context, keys []string, notBefore time.Time, why string) error
	// Finish ends rows, all of them or none; they are kept to be shown.
	Finish(ctx context.Context, ends []Ending, at time.Time) error
	// Revive makes what was owed to a channel since an instant, and is dead, wait again.
	Revive(ctx context.Context, channel string, since time.Time) (int, error)
	// Deliveries returns what became of an incident's messages, in order.
	Deliveries(ctx context.Context, incident string) ([]Row, error)
	// Accepted counts the messages that a channel accepted in [from, to).
	Accepted(ctx context.Context, channel string, from, to time.Time) (int, error)
	// Retire makes dead what is owed to channels that are not among these, and has who left
	// one of those leave them all.
	Retire(ctx context.Context, channels []string, at time.Time) (int, error)
}

// Fate is what became of a row.
type Fate string

// The fates.
const (
	Waiting   Fate = "waiting"
	Sent      Fate = "sent"
	Collapsed Fate = "collapsed" // another message said it too: a later one of the same incident, or a summary
	Dead      Fate = "dead"      // the channel will never accept it
	Moot      Fate = "moot"      // nobody needs it any more
)

// Ending is what became of rows that are Waiting no more.
type Ending struct {
	Keys []string
	As   Fate
	Why  string // see Row.Why
}

// Row is one message owed to one channel.
type Row struct {
	Key        string
	Channel    string
	Recipients string
	Transition Transition
	Seq        int
	At         time.Time // since when it is owed
	Owed       Incident  // as it stood then
	Now        Incident  // as it stands when the row is read: what is told
	Bundle     string    // key of the summary that tells it with others, "" for none
	Attempts   int
	NotBefore  time.Time
	Why        string // the last failure; of a collapsed row, the key of the one that said it
	Fate       Fate
	EndedAt    time.Time // when its fate was sealed, zero while it waits
}

// newRow is what a Due means for one channel.
func newRow(d Due, c Channel) Row {
	return Row{
		Key:        idempotencyKey(d, c),
		Channel:    c.Name,
		Recipients: c.Recipients,
		Transition: d.Transition,
		Seq:        d.Incident.Seq,
		At:         d.At,
		Owed:       d.Incident,
		Now:        d.Incident,
		Fate:       Waiting,
	}
}

// idempotencyKey is equal for the same incident, transition, channel and
// recipients, whenever and wherever it is made.
func idempotencyKey(d Due, c Channel) string {
	parts := []string{d.Incident.ID, strconv.Itoa(d.Incident.Seq), string(d.Transition), c.Name, c.Recipients}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
