// Package alerting asks rules when something they count was kept, opens, updates
// and closes incidents (to readers: situations), and tells each channel once.
// Read Rule, then Step, then Engine.
//
// A mention that was kept is first joined to a story (join.go), by its signature
// and in order of sight. Then each rule is judged (judge.go) at the instants at
// which something was kept or it wished to be asked, never past the watermark. What
// follows for its incidents is one pure function (step.go), so that a backtest owes
// what live owed. Incidents and what they owe are made durable together (ledger.go)
// before anybody is told (post.go): at least once, in order within an incident and a
// channel, with a key by which a receiver drops the double that a crash can cause.
// What a channel refuses, or does not take in time though it is urgent, its fallback is
// owed too (fallback.go); why it was not taken is said in words of our own (trouble.go).
// What could not be told in time is told as it stands (word.go), not replayed; and
// more than a few such messages, after a long stop or a long failure of a channel,
// are one (letters.go, summary.go).
//
// Beside what rules find, a channel is told at its own hours what was said, or that we
// are there (edition.go, cadence.go): what was first seen since the edition before is
// gathered (gather.go), made durable with how far it reaches (issue.go) as a row of the
// same outbox, and worded when it is sent (word_edition.go), with those that could not be.
// What the team of a parent organisation advises its affiliates (advisory.go, advise.go)
// takes the same way, in its author's words (word_advisory.go).
//
// A mention that resembles nothing is joined in 0.8 ms beside 10,000 others
// (BenchmarkJoin); a message about a surge is worded in 0.7 ms of processor time, its
// examples cut to what is read in a minute (BenchmarkCompose); an incident with its message is durable in 1.2 ms (store/state,
// BenchmarkSettle).
package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Rule decides whether something is worth telling. It keeps nothing: what it
// needs it asks, so it survives a restart and can be replayed over history.
type Rule interface {
	// Eval judges the instant asOf from what was known then. next is the instant
	// at which it wants to be asked again whatever happens, zero for none; it is
	// also asked whenever something was kept. Equal answers give equal signals.
	Eval(ctx context.Context, ask Asker, asOf time.Time) (signals []Signal, next time.Time, err error)
}

// Asker is what a rule may ask. Questions without AsOf are asked as of the instant judged.
type Asker interface {
	Search(ctx context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error)
	Count(ctx context.Context, q store.Question) (int, error)
	Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error)
	// Stories returns the stories of a watch ("" of any) that got a member seen in
	// [from, to), by their first member, oldest first. Members seen after the
	// instant judged are left out.
	Stories(ctx context.Context, watch string, from, to time.Time) ([]Story, error)
	// Talk returns the members of stories, whoever claims them, that stand in a conversation
	// or that it began with, seen in [from, to), in order of sight, then by mention. Those
	// seen after the instant judged are left out.
	Talk(ctx context.Context, conversation string, from, to time.Time) ([]Member, error)
	// Blind returns the sources of a watch that could not be read at an instant, and since when.
	Blind(ctx context.Context, watch string, at time.Time) ([]Blindness, error)
	// Listened returns since when a watch is listened for, as far as that was noted; zero
	// when it was not.
	Listened(ctx context.Context, watch string) (since time.Time, err error)
	// FalseAlarms returns what people had called false alarms of the rule that is judged,
	// and had not taken back, in the order in which they said so.
	FalseAlarms(ctx context.Context) ([]FalseAlarmed, error)
}

// FalseAlarmed is a time in which a matter was told that was none, as a person said.
type FalseAlarmed struct {
	Key      string    // of the signals, Signal.Key
	From, To time.Time // since when the matter was, and up to when they judged it
	Said     time.Time // when they said so
}

// Blindness is a source that could not be read.
type Blindness struct {
	Source string
	Since  time.Time
	Away   bool // not its fault: we did not run, or have not come back to it since
}

// Severity is how soon a person must know.
type Severity string

// The severities, as the glossary names them to readers.
const (
	Urgent Severity = "urgent"
	Watch  Severity = "watch"
	Inform Severity = "info"
)

// Signal is what a rule found at an instant. Signals of one rule with equal Key
// speak of the same matter and walk one incident.
type Signal struct {
	Key      string // stable: watch and matter
	Rule     string // configured name; the engine fills it
	Kind     string // kind of rule, "fresh"; the engine fills it
	Watch    string
	Severity Severity
	Since    time.Time // when the matter began
	Size     int       // how big it is, in the rule's own unit; doubling is told; 0 for what does not grow
	Revision string    // told again whenever it changes: a correction, a retraction, a large outlet
	Over     bool      // the matter has ended
	Mentions []string  // examples, most telling first
	Facts    Facts     // what the message says; each kind of rule has its own
	Under    string    // the watch above this one, while it is moved by the same kind of matter; see Beneath
	Story    *Story    // the story or the conversation that it tells of, nil for another matter
	Of       string    // the watch of which a wave of negative comments may have brought it; "" when none can
	Due      time.Time // of a story: since when there is reason to tell what is said of it now; zero when no other rule could
	Named    bool      // of a story: it is told as one about the organisation itself
	With     string    // the rule by which people are told of the same, "" while it must tell itself
	Covered  bool      // that rule tells how it grows, too
	Also     []string  // the rules that find the same and leave it to this one
}

// Facts words a signal for a person. It must survive JSON. A kind of rule that the
// page does not draw in a way of its own has a Notice.
type Facts struct {
	Story  *StoryFacts `json:"story,omitempty"`
	Surge  *SurgeFacts `json:"surge,omitempty"`
	Notice *Notice     `json:"notice,omitempty"`
	// Edition is what a digest says, or a sign of life. No rule brings one.
	Edition *EditionFacts `json:"edition,omitempty"`
	// Advisory is what a parent organisation advises. No rule brings one.
	Advisory *Advisory `json:"advisory,omitempty"`
}

// crossed is the publication of what made the rule speak, zero when it is not known.
func (f Facts) crossed() time.Time {
	switch {
	case f.Surge != nil:
		return f.Surge.Upto
	case f.Story != nil:
		return f.Story.At
	case f.Notice != nil:
		return f.Notice.Upto
	}
	return time.Time{}
}

// StoryFacts is what one says of a story.
type StoryFacts struct {
	Title   string    `json:"title"`
	Outlet  string    `json:"outlet"`
	Outlets int       `json:"outlets"`
	Watches []string  `json:"watches,omitempty"` // those of the rules that it is told for, nearest first; empty for one
	Named   bool      `json:"named"`             // a watch of the reader's own organisation claims it too
	At      time.Time `json:"at"`
	Change  Change    `json:"change,omitempty"`
	Excerpt string    `json:"excerpt,omitempty"` // as its author wrote it: untrusted
	URL     string    `json:"url,omitempty"`
	// Joined is the large outlet that took it up after it was told, when nothing changed
	// it since; nil for none.
	Joined *StoryVoice `json:"joined,omitempty"`
}

// StoryVoice is an outlet or an account that many people follow.
type StoryVoice struct {
	Name     string `json:"name"`               // untrusted
	Audience int    `json:"audience,omitempty"` // 0 when it is not known
}

// SurgeFacts is what one says of a surge of negative comments.
type SurgeFacts struct {
	Count      int           `json:"count"` // negative comments from Since to Upto
	Usual      float64       `json:"usual"` // as a rule in so long at that hour of the week
	Upto       time.Time     `json:"upto"`  // publication of the newest of them; Since is Signal.Since
	People     int           `json:"people"`
	Rising     bool          `json:"rising"`             // the last of them come faster than the first
	WarmUp     bool          `json:"warm_up,omitempty"`  // less than two weeks are known: it may be wrong
	Places     []SurgePlace  `json:"places,omitempty"`   // where, most first
	Words      []string      `json:"words,omitempty"`    // what they speak of that was not spoken of before
	Amplifiers []SurgeVoice  `json:"voices,omitempty"`   // who carries it far, most first
	Examples   []SurgeQuote  `json:"examples,omitempty"` // three that differ
	Copies     int           `json:"copies,omitempty"`   // comments that are word for word the same as another
	Blind      []string      `json:"blind,omitempty"`    // sources that could not be read meanwhile
	BlindSince time.Time     `json:"blind_since,omitzero"`
	Total      int           `json:"total,omitempty"`  // negative comments from beginning to end, when it is over
	Lasted     time.Duration `json:"lasted,omitempty"` // from beginning to end, when it is over
}

// SurgePlace is a conversation or a source where a surge happens.
type SurgePlace struct {
	Title string  `json:"title"` // of the post under which people write, or the source's; untrusted
	Own   bool    `json:"own"`   // the organisation's own post
	Share float64 `json:"share"` // of the negative comments, 0 to 1
	URL   string  `json:"url,omitempty"`
}

// SurgeVoice is somebody many people listen to.
type SurgeVoice struct {
	Name     string `json:"name"` // untrusted
	Audience int    `json:"audience"`
}

// SurgeQuote is one comment, as its author wrote it: untrusted.
type SurgeQuote struct {
	Text  string    `json:"text"`
	Place string    `json:"place"`
	At    time.Time `json:"at"`
}

// Notifier is one channel that takes a message to people. It is safe for
// concurrent use, and returns nil only when the channel has accepted the message.
type Notifier interface {
	// Notify sends one message. The same Key twice is the same message: a channel
	// that can tell does not show it twice. Permanent errors are not tried again.
	Notify(ctx context.Context, m Message) error
}

// Message is what one channel is to deliver, worded for its readers.
type Message struct {
	Key      string // idempotency key: hash of incident, transition, channel and recipients, or of those it sums up
	Incident string // "" for a summary of many
	Thread   string // the story it speaks of: all that is told of it is one thread; "" for another matter
	Seq      int    // order within the incident
	Rule     string
	Watch    string
	Mentions []string // ids of examples, most telling first
	Severity Severity
	Lang     say.Lang
	Subject  string   // at most 70 characters, carries the news alone
	Body     string   // plain text, whole
	Link     string   // the page where to act, "" when the page's address is not known
	Buttons  []Button // what one can do at once, none when that cannot be reached
	At       time.Time
	Until    time.Time // when it ends by itself, zero for what does not say
	Over     bool      // the matter has ended
	Test     bool
	Layout   *Layout // the body in its parts, for a channel that can show more than lines; nil for most
}

// Terms is what every rule is told besides the settings of its kind. A zero value
// leaves it to the kind.
type Terms struct {
	Watch    string // "" is every watch
	Severity Severity
	Wait     time.Duration // how long what belongs together is gathered before it is told
	Budget   float64       // false alarms a month that it may raise, for kinds that can know
	Digested bool          // it can wait: all whom it tells read a daily digest of the watch, which is not about themselves
}

// Gauged is a rule that measures what it watches, for the boards. It is safe for
// concurrent use.
type Gauged interface {
	// Gauge is what it measured when it was last asked; ok is false before.
	Gauge() (g Gauge, ok bool)
}

// Joint is a rule that, among others of its kind that tell the same people, tells once
// what concerns several of their watches.
type Joint interface {
	Rule
	// Among is the rule as one of these, those nearest to the organisation first; at is its
	// own place among them. It leaves the rule itself as it is.
	Among(all []Rule, at int) Rule
}

// As finds what else a rule can do, also where another rule stands before it.
func As[T any](r Rule) (t T, ok bool) {
	for {
		if t, ok = r.(T); ok {
			return t, true
		}
		before, is := r.(interface{ Unwrap() Rule })
		if !is {
			return t, false
		}
		r = before.Unwrap()
	}
}

// Exercised is a rule that can say what it would say, with figures that were made up:
// for a test of the channels, which is marked as such.
type Exercised interface{ Exercise(asOf time.Time) Signal }

// Gauge is how negative comments about a watch stand.
type Gauge struct {
	Watch  string
	Score  float64 // how strange the newest of them is
	Active bool    // a surge was told and is not over
	Window int     // how many were published in the last three hours
	Usual  float64 // and how many usually are
	// Too little is known yet: until Deaf no surge is told, until Wary only one of eight people
	// or more within half an hour.
	Deaf, Wary time.Time
}

// Deps is what kinds of rules and channels need, and must not make themselves.
type Deps struct {
	Own  func(watch string) bool // is this watch one of the organisation's own names
	Kin  func(watch string) Kin  // the watches of its parent and its sisters
	HTTP *http.Client            // for channels: what the operator wrote is not guarded
	Now  func() time.Time
	Log  *slog.Logger
	Zone *time.Location // whose hours of the week people live by; nil is UTC
	Keep Settings       // what a channel must know again after a restart; nil where nothing is kept
	// Passes sign what leads from a message to an act; without a key nothing does.
	Passes Passes
	// Member is how a member of the team is called today; nil where there is no team.
	Member func(id string) string
	// Unsubscribed knows who wants no digests; nil where nobody can say so.
	Unsubscribed Unsubscribed
	// Program is where this program stands, for a channel that sends from a process of
	// its own; "" when that is not known.
	Program string

	Sources []string // every source that is visited
}

// Unsubscribed knows who wants no more of what channels send at their hours.
type Unsubscribed interface {
	// Unsubscribed are the addresses that left a channel, in lower case.
	Unsubscribed(ctx context.Context, channel string) ([]string, error)
}

// Kin is who stands near an organisation in its network, by their watches.
type Kin struct {
	Above  []string // its parent, then the parent's
	Beside []string // its sisters
}

// Addressed is a channel that knows whom it reaches: a message to other people is
// another message.
type Addressed interface{ Recipients() string }

// Signer is a channel whose account a person lets us use, once, from any browser.
type Signer interface {
	// SignIn returns when they have, or when it is known that they will not; what was
	// gained is kept. Its errors are for a person.
	SignIn(ctx context.Context, s Signing) error
}

// Signing is how one talks with that person.
type Signing struct {
	// Show tells them what to open, and the code to type there, "" for none.
	Show func(Prompt) error
	// Paste gives the address at which their browser ended up, for a service that wants
	// that; it is asked after Show.
	Paste func(ctx context.Context) (string, error)
}

// Prompt is what a person has to do elsewhere.
type Prompt struct {
	Address, Code string
	Account       string    // to sign in with there
	Until         time.Time // the code is good until then; zero when nobody said
}

// permanent marks an error that another try cannot mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent says of err that the channel will never accept this message.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells whether err was marked by Permanent.
func IsPermanent(err error) bool { var p permanent; return errors.As(err, &p) }

// Busy is a channel's wish to be asked later.
type Busy struct {
	RetryAfter time.Duration
	Err        error
}

func (b *Busy) Error() string { return fmt.Sprintf("busy for %v: %v", b.RetryAfter, b.Err) }

// Unwrap gives the channel's own words.
func (b *Busy) Unwrap() error { return b.Err }
