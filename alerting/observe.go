package alerting

import "time"

// Observer is told what alerting does, to count it. Its methods must be quick and
// safe for concurrent use.
type Observer interface {
	// Transition: an incident of a kind of rule moved; told or not.
	Transition(kind string, t Transition)
	// Detected: an incident opened, so long after the publication of what made the rule speak.
	Detected(kind string, late time.Duration)
	// Acted: a person did something with an incident of a kind of rule.
	Acted(kind string, a Act)
	// Acknowledged: somebody took an incident in charge, so long after the first message.
	Acknowledged(s Severity, after time.Duration)
	// Owed: one message is owed to a channel.
	Owed(channel string)
	// Suppressed: something was not told, with the reason.
	Suppressed(reason string)
	// Attempt: a channel was asked to take a message, and answered.
	Attempt(channel string, took time.Duration, err error)
	// Accepted: a message was taken, so long after it was owed.
	Accepted(channel string, late time.Duration)
	// GivenUp: a message will not be sent: "refused", "expired", "removed".
	GivenUp(channel, reason string)
	// Pending: what a channel is owed now; oldest is zero when that is nothing.
	Pending(channel string, n int, oldest time.Time)
	// RuleFailed: a rule could not be asked; it will be again.
	RuleFailed(rule string)
}

// Unobserved counts nothing. Embed it to observe only some.
type Unobserved struct{}

var _ Observer = Unobserved{}

// Transition does nothing, as do the others.
func (Unobserved) Transition(string, Transition) {}

// Detected does nothing.
func (Unobserved) Detected(string, time.Duration) {}

// Acted does nothing.
func (Unobserved) Acted(string, Act) {}

// Acknowledged does nothing.
func (Unobserved) Acknowledged(Severity, time.Duration) {}

// Owed does nothing.
func (Unobserved) Owed(string) {}

// Suppressed does nothing.
func (Unobserved) Suppressed(string) {}

// Attempt does nothing.
func (Unobserved) Attempt(string, time.Duration, error) {}

// Accepted does nothing.
func (Unobserved) Accepted(string, time.Duration) {}

// GivenUp does nothing.
func (Unobserved) GivenUp(string, string) {}

// Pending does nothing.
func (Unobserved) Pending(string, int, time.Time) {}

// RuleFailed does nothing.
func (Unobserved) RuleFailed(string) {}
