package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
)

// inThread writes the message as an app, in the thread of its situation.
func (n *Notifier) inThread(ctx context.Context, m alerting.Message) error {
	root, err := n.threads.find(ctx, m.Topic())
	if err != nil {
		return err
	}
	if root.Last == m.Key {
		return nil // it was taken, and our record of that was lost
	}
	first, err := n.post(ctx, m, root.At)
	if code(err) == "thread_not_found" || code(err) == "message_not_found" { // somebody has removed it
		root = thread{}
		first, err = n.post(ctx, m, "")
	}
	if err != nil {
		return err
	}
	if root.At == "" {
		root = thread{Incident: m.Topic(), At: first}
	} else {
		n.retitle(ctx, m, root)
	}
	root.Last, root.Seen = m.Key, n.deps.Now()
	if err := n.threads.remember(ctx, root); err != nil {
		// It was taken: to fail now would send it again. What follows begins a new thread.
		n.deps.Log.Warn("a Slack thread is not remembered", "incident", m.Incident, "err", err)
	}
	return nil
}

// post writes a message, in a thread unless root is "".
func (n *Notifier) post(ctx context.Context, m alerting.Message, root string) (at string, err error) {
	out := write(m)
	out.Channel, out.Thread = n.config.Conversation, root
	out.Broadcast = root != "" && m.Severity == alerting.Urgent && !m.Over
	said, err := n.call(ctx, "chat.postMessage", out)
	return said.At, err
}

// retitle has the first message of a thread say how things stand. That it could not
// be changed keeps nobody in the dark: what is new was written below.
func (n *Notifier) retitle(ctx context.Context, m alerting.Message, root thread) {
	out := write(m)
	out.Channel, out.At = n.config.Conversation, root.At
	if _, err := n.call(ctx, "chat.update", out); err != nil {
		n.deps.Log.Info("the first message of a Slack thread is old", "incident", m.Incident, "err", err)
	}
}

// answer is what the Web API says, with status 200 also when it refuses.
type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
	At    string `json:"ts"`
}

func (n *Notifier) call(ctx context.Context, method string, m message) (said answer, err error) {
	body, err := notify.JSON(m)
	if err != nil {
		return said, alerting.Permanent(err)
	}
	got, err := n.client.Post(ctx, notify.Request{Address: n.api + "/" + method, Body: body,
		Header: map[string]string{"Authorization": "Bearer " + n.config.Token.Reveal()}})
	if err != nil {
		return said, fmt.Errorf("%s: %w", method, err)
	}
	if err := json.Unmarshal(got, &said); err != nil {
		return said, &alerting.Trouble{Reason: alerting.Broken, Err: fmt.Errorf("%s: the answer is not that of Slack", method)}
	}
	if !said.OK {
		return said, refusal(method, said.Error)
	}
	return said, nil
}

// apiError is a code that Slack documents; what is none is not repeated.
type apiError string

func (e apiError) Error() string { return string(e) }

// codes are the errors that a person or time can mend, with what they mean.
var codes = map[apiError]alerting.Reason{
	"invalid_auth": alerting.Unauthorised, "not_authed": alerting.Unauthorised, "account_inactive": alerting.Unauthorised,
	"token_revoked": alerting.Unauthorised, "token_expired": alerting.Unauthorised, "no_permission": alerting.Unauthorised, "missing_scope": alerting.Unauthorised,
	"not_in_channel": alerting.Uninvited, "channel_not_found": alerting.Uninvited, "restricted_action": alerting.Uninvited,
	"is_archived": alerting.Gone, "msg_too_long": alerting.TooLong, "msg_blocks_too_long": alerting.TooLong,
	"thread_not_found": alerting.Gone, "message_not_found": alerting.Gone,
	"ratelimited": alerting.Overloaded, "rate_limited": alerting.Overloaded,
	"internal_error": alerting.Broken, "fatal_error": alerting.Broken, "service_unavailable": alerting.Broken, "request_timeout": alerting.Broken,
}

func refusal(method, said string) error {
	reason, known := codes[apiError(said)]
	trouble := &alerting.Trouble{Reason: reason, Err: fmt.Errorf("%s: %w", method, apiError(said))}
	if !known {
		trouble = &alerting.Trouble{Reason: alerting.Refused, Err: fmt.Errorf("%s was not taken", method)}
	}
	switch trouble.Reason {
	case alerting.Overloaded:
		return &alerting.Busy{Err: trouble}
	case alerting.Broken:
		return trouble
	}
	return alerting.Permanent(trouble)
}

// thread is where one situation is told.
type thread struct {
	Incident string    `json:"incident"`
	At       string    `json:"at"`   // what Slack calls the first message
	Last     string    `json:"last"` // key of the newest message in it
	Seen     time.Time `json:"seen"`
}

// threads remembers where situations are told, across restarts.
type threads struct {
	keep alerting.Settings
	key  string
	mu   sync.Mutex
}

const (
	threadsKey  = "alerting.slack."
	threadsMost = 500
	// keptFor is how long a thread may be answered: a situation that nobody touches
	// ends by itself before.
	keptFor = 60 * 24 * time.Hour
)

// find is the thread of an incident; zero when there is none, or nothing is kept.
func (t *threads) find(ctx context.Context, incident string) (thread, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.load(ctx)
	i := slices.IndexFunc(all, func(one thread) bool { return incident != "" && one.Incident == incident })
	if err != nil || i < 0 {
		return thread{}, err
	}
	return all[i], nil
}

// remember keeps the newest threads, and forgets those that nobody answers any more.
func (t *threads) remember(ctx context.Context, one thread) error {
	if t.keep == nil || one.Incident == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.load(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(old thread) bool {
		return old.Incident == one.Incident || one.Seen.Sub(old.Seen) > keptFor
	})
	all = append(all, one)
	value, err := json.Marshal(all[max(0, len(all)-threadsMost):])
	if err == nil {
		err = t.keep.Set(ctx, t.key, value)
	}
	return err
}

func (t *threads) load(ctx context.Context) (all []thread, err error) {
	if t.keep == nil {
		return nil, nil
	}
	value, ok, err := t.keep.Get(ctx, t.key)
	if err == nil && ok {
		err = json.Unmarshal(value, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("recall Slack threads: %w", err)
	}
	return all, nil
}

// code is the documented error of the Web API in err, "" for none.
func code(err error) apiError {
	if said := apiError(""); errors.As(err, &said) {
		return said
	}
	return ""
}
