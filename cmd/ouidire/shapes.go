package main

import (
	"encoding/json"
	"time"

	"github.com/ouidire/ouidire/mention/wire"
)

// What the commands print with -o json. These types are the one description of it:
// docs/output.schema.json is made from them and their tags (doc, enum), and every
// line that a test script prints is held against it.

// shapes are the objects of the command line, by the name the schema gives them.
func shapes() map[string]any {
	return map[string]any{
		"mention": item{}, "history": wire.Whole{}, "feed": feedObject{}, "match": matched{}, "count": counted{}, "analysis": analysed{},
		"surge": surged{}, "score": scored{}, "story": told{}, "tested": tested{}, "sign_in": signInPrompt{}, "done": success{},
		"rule": ruleListed{}, "rule_check": ruleChecked{}, "rule_fired": ruleFired{}, "would_tell": wouldTell{},
		"refused": refusedMention{}, "resent": resent{},
		"version": build{}, "error": wire.Failure{},
	}
}

// item is a mention; try says which input it came from.
type item struct {
	Input string `json:"input,omitempty" doc:"The argument that it came from, as given."`
	wire.Mention
}

// feedObject is the feed itself, before its items.
type feedObject struct {
	Kind        string    `json:"kind" enum:"feed"`
	Input       string    `json:"input" doc:"The argument that it came from, as given."`
	Title       string    `json:"title,omitempty"`
	Link        string    `json:"link,omitempty"`
	Description string    `json:"description,omitempty"`
	Lang        string    `json:"lang,omitempty" doc:"As the feed declares it; often wrong."`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	Author      string    `json:"author,omitempty" doc:"Several are joined by \"; \"."`
}

// matched is one line that a query matches.
type matched struct {
	Input string          `json:"input,omitempty" doc:"The file, when there are several."`
	ID    json.RawMessage `json:"id,omitempty" doc:"Of the mention, as given."`
	Line  int             `json:"line,omitempty" doc:"From 1, when there is no id."`
	Words []string        `json:"words" doc:"What matched, as written."`
}

// counted is how many lines a query matches.
type counted struct {
	Count int `json:"count"`
}

// analysed is what the analyzer reads in one text.
type analysed struct {
	Input     string          `json:"input,omitempty" doc:"The file, when there are several."`
	ID        json.RawMessage `json:"id,omitempty" doc:"Of the mention, as given."`
	Line      int             `json:"line,omitempty" doc:"From 1, when there is no id."`
	Lang      string          `json:"lang" enum:"fr,en,other," doc:"Empty when unknown."`
	Sentiment tone            `json:"sentiment"`
	Target    string          `json:"target" enum:"brand,third,none," doc:"Empty when unknown."`
	Intent    string          `json:"intent" enum:"question,complaint,suggestion,praise,information,provocation,other"`
}

// tone is a reading that has just been made.
type tone struct {
	Label    string   `json:"label" enum:"negative,neutral,positive," doc:"Empty when it abstains."`
	Negative float64  `json:"negative" doc:"A probability; the three sum to 1."`
	Neutral  float64  `json:"neutral"`
	Positive float64  `json:"positive"`
	Sure     bool     `json:"sure" doc:"Shown to a person as certain: measured precision of 85 % or more."`
	Why      []string `json:"why" doc:"The words that counted, as written."`
	Model    string   `json:"model"`
}

// surged is one surge that is told, or told again because it has doubled.
type surged struct {
	Input       string    `json:"input,omitempty" doc:"The file, when there are several."`
	Stream      string    `json:"stream"`
	At          time.Time `json:"at" doc:"Publication of the comment that told."`
	Since       time.Time `json:"since" doc:"Publication of the first comment of the surge."`
	Count       int       `json:"count" doc:"Comments from since to at, both included."`
	Expected    float64   `json:"expected" number:"any" doc:"How many are usual in that time."`
	Factor      float64   `json:"factor" number:"any" doc:"Count over expected."`
	Score       float64   `json:"score" number:"any" doc:"Higher is stranger."`
	FalseAlarms float64   `json:"false_alarms_per_month" number:"any" doc:"How many alarms of this score chance alone raises."`
	WarmUp      bool      `json:"warm_up" doc:"Less than two weeks are known."`
	Doubled     bool      `json:"doubled" doc:"It was told before, and has doubled since."`
}

// scored is how strange one count is.
type scored struct {
	Input string    `json:"input" doc:"The file, as given."`
	Time  time.Time `json:"time"`
	Score float64   `json:"score" number:"any" doc:"Higher is stranger; comparable between files. 0: not at all."`
}

// told is to which story a mention belongs.
type told struct {
	Input   string          `json:"input,omitempty" doc:"The file, when there are several."`
	ID      json.RawMessage `json:"id,omitempty" doc:"Of the mention, as given."`
	Line    int             `json:"line,omitempty" doc:"From 1, when there is no id."`
	Story   json.RawMessage `json:"story" doc:"The id, or the line, of its first mention."`
	Why     string          `json:"why,omitempty" enum:"same,excerpt,edited" doc:"How it stands to the mention it was joined to; absent of a first one."`
	Related json.RawMessage `json:"related,omitempty" doc:"Another story: the same event told apart."`
}

// tested is what became of a test message.
type tested struct {
	Channel string `json:"channel"`
	OK      bool   `json:"ok"`
	Code    string `json:"code,omitempty"`
	Error   string `json:"error,omitempty"`
}

// signInPrompt is what a person has to do elsewhere, so that a channel may use their account.
type signInPrompt struct {
	Channel  string    `json:"channel"`
	Address  string    `json:"address" doc:"To open in a browser."`
	UserCode string    `json:"user_code,omitempty" doc:"To type there. Absent of a service that has none: the address at which the browser ends is read from standard input."`
	Account  string    `json:"account" doc:"To sign in with."`
	Until    time.Time `json:"until,omitzero" doc:"Until when the code is good."`
}

// ruleListed is a rule as it stands.
type ruleListed struct {
	Rule        string           `json:"rule"`
	Kind        string           `json:"kind"`
	Watch       string           `json:"watch,omitempty" doc:"Absent of a rule that looks at no watch."`
	Severity    string           `json:"severity,omitempty" enum:"urgent,watch,info" doc:"As configured; absent when the kind's own holds."`
	Channels    []string         `json:"channels,omitempty" doc:"Those told at once; absent when every channel is."`
	EscalatesTo []string         `json:"escalates_to,omitempty" doc:"The channels of the owners, which hear of what nobody takes in charge."`
	AskedAt     time.Time        `json:"asked_at,omitzero" doc:"Up to when it was asked; absent when it never was."`
	NextAt      time.Time        `json:"next_at,omitzero" doc:"When it wants to be asked again if nothing is kept."`
	Open        []wire.Situation `json:"open,omitempty"`
}

// ruleChecked is what a rule lacks, or that it lacks nothing.
type ruleChecked struct {
	Rule  string `json:"rule"`
	OK    bool   `json:"ok" doc:"False when it can tell nobody, or of nothing."`
	Code  string `json:"code,omitempty" doc:"A stable word: no_channel, no_source, no_kin, learning."`
	Lacks string `json:"lacks,omitempty" doc:"An English sentence."`
}

// ruleFired is what became of a test situation in one channel.
type ruleFired struct {
	Rule    string `json:"rule"`
	Channel string `json:"channel"`
	OK      bool   `json:"ok"`
	Subject string `json:"subject"`
	Code    string `json:"code,omitempty"`
	Error   string `json:"error,omitempty"`
}

// wouldTell is one message that the rules would have told over stored history.
type wouldTell struct {
	At          time.Time `json:"at"`
	Rule        string    `json:"rule"`
	Kind        string    `json:"kind"`
	Watch       string    `json:"watch,omitempty"`
	Situation   string    `json:"situation" doc:"The id that the situation has, or would have."`
	Transition  string    `json:"transition" enum:"opened,grown,revised,reminded,ended,resumed,escalated"`
	To          []string  `json:"to,omitempty" doc:"Of escalated: the channels that hear of it."`
	Severity    string    `json:"severity" enum:"urgent,watch,info"`
	Since       time.Time `json:"since,omitzero"`
	Size        int       `json:"size,omitempty"`
	Subject     string    `json:"subject" doc:"In the language of the organisation."`
	Body        string    `json:"body"`
	Approximate bool      `json:"approximate,omitempty" doc:"Not all of what was known then is still kept."`
}

// refusedMention is what the server that mentions are kept on refused for good.
type refusedMention struct {
	Number      int       `json:"number" doc:"What store resend takes."`
	ID          string    `json:"id" doc:"Of the mention."`
	What        string    `json:"what" enum:"keep,gone,judge" doc:"What was to be noted: the mention or a version of it, that its place deleted it, a judgement of it."`
	Title       string    `json:"title,omitempty" doc:"Or the beginning of its text; absent when it is not known here."`
	Source      string    `json:"source,omitempty"`
	URL         string    `json:"url,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	KnownAt     time.Time `json:"known_at" doc:"When it was seen, edited, deleted or judged."`
	RefusedAt   time.Time `json:"refused_at"`
	Why         string    `json:"why" doc:"What the refusal means and what to do, an English sentence."`
	Reason      string    `json:"reason" doc:"In the server's own words."`
}

// resent is what became of what was sent again.
type resent struct {
	Sent    int  `json:"sent"`
	Refused int  `json:"refused" doc:"Of them, refused for good once more."`
	Waiting bool `json:"waiting,omitempty" doc:"The server has not taken all that waits; the daemon goes on."`
}

// success says that something is done.
type success struct {
	Input string `json:"input"`
	OK    bool   `json:"ok"`
}

// build is what this program was built from.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}
