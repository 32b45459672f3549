package web

import (
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
)

// Status is what the page shows of the running program. It may change at any time.
type Status struct {
	Organisation string
	Short        string // what one calls it in a sentence
	Lang         say.Lang
	Zone         *time.Location
	Watches      []Watch
	Sources      []Source
	Channels     []Channel
	Rules        []Rule
	Named        map[string]alerting.Named // how situations call the watches
	Demo         bool                      // a demonstration runs, not the reader's own watch
	Outdated     int                       // mentions that are found as an older version of the program cut their words
	Rereading    bool                      // what is kept is being judged again, as this version judges
	BadConfig    error                     // the last reload was refused for this
	Waiting      []config.Change           // taken up at the next start only
}

// Watch is a watch as readers name it, and what it asks.
type Watch struct {
	Name, Title, Query, Relation, Parent string
	Affiliates                           []string // the watches that this one's organisation may advise
	// Until Deaf no surge of negative comments is told, until Wary only one of eight people or
	// more within half an hour: too little is known yet. Zero when no rule is to tell one.
	Deaf, Wary time.Time
}

// Rule is an alert rule in force.
type Rule struct {
	Name, Kind, Watch string // Watch is "" for every watch
	Given             bool   // a person wrote it; without any there are the usual ones
}

// Source is a configured source and what is remembered of it.
type Source struct {
	Name, Kind string
	Own        bool
	Every      time.Duration
	Paused     bool // by a person: it is not visited
	Shard      int  // which other process visits it; 0 for this one
	Visit      crawler.Visit
}

// Channel is a configured channel. Confirmed is zero until a person has
// confirmed that a test message reached them.
type Channel struct {
	Name, Kind string
	Fallback   string // the channel that takes what this one does not, "" for none
	Owners     bool   // it hears of what nobody takes in charge
	Confirmed  time.Time
	Lang       say.Lang
	Watches    []string // about which it tells anybody anything
}
