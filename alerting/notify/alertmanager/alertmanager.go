// Package alertmanager pushes situations to a Prometheus Alertmanager (API v2), for
// those whose nights are already planned there.
//
// A situation is one alert, OuidireSituation, with the labels incident, rule, watch
// and severity (critical, warning or info); the annotations summary and description
// are what other channels say. It fires until it is over, for 15 days at most, and is
// resolved then. As severity is a label, each push also resolves the alert that it was
// under another one; an Alertmanager tells nobody of the end of what it never knew. A
// summary and a test are OuidireMessage, and end by themselves after five minutes.
//
// The same alert twice is one alert: a double changes nothing. An Alertmanager that
// starts anew has forgotten its alerts; a situation is there again once it moves.
package alertmanager

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL      string        `yaml:"url" required:"true" doc:"Where the Alertmanager answers." fr:"L’adresse d’Alertmanager." example:"http://127.0.0.1:9093"`
	Token    config.Secret `yaml:"token" doc:"A token that what stands before it asks for; or a user and a password, or neither." fr:"Un jeton que demande ce qui le protège; ou un compte et un mot de passe, ou rien." example:"${OUIDIRE_ALERTMANAGER_TOKEN}"`
	Username string        `yaml:"username" doc:"The user, when there is no token." fr:"Le compte, sans jeton." example:"ouidire"`
	Password config.Secret `yaml:"password" doc:"Its password." fr:"Son mot de passe." example:"${OUIDIRE_ALERTMANAGER_PASSWORD}"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	all := notify.CheckAddress("url", c.URL, "http://127.0.0.1:9093")
	if (c.Username == "") != c.Password.IsZero() || !c.Token.IsZero() && c.Username != "" {
		all = append(all, config.Problem{Key: "token", Example: "${OUIDIRE_ALERTMANAGER_TOKEN}",
			Text: say.Text{EN: "give a token, or username and password together", FR: "donnez un jeton, ou username et password ensemble"}})
	}
	return all
}

// Notifier pushes to one Alertmanager.
type Notifier struct {
	config Config
	client *notify.Client
	now    func() time.Time
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{config: c, client: notify.NewClient(d), now: d.Now}, nil
}

// Recipients is whoever that Alertmanager tells.
func (n *Notifier) Recipients() string { return notify.Recipients(n.config.URL) }

// alert is what the API calls a postable alert.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	StartsAt    time.Time         `json:"startsAt,omitzero"`
	EndsAt      time.Time         `json:"endsAt"`
	Generator   string            `json:"generatorURL,omitempty"`
}

const (
	firesFor = 15 * 24 * time.Hour // a situation that nobody touches ends by itself before
	readFor  = 5 * time.Minute     // what has no end of its own
	bodyMost = 8000
)

// Notify pushes the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	body, err := notify.JSON(n.alerts(m))
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, notify.Request{Address: strings.TrimSuffix(n.config.URL, "/") + "/api/v2/alerts", Body: body, Header: n.header()})
	return err
}

// severities are how those on call name them.
var severities = map[alerting.Severity]string{alerting.Urgent: "critical", alerting.Watch: "warning", alerting.Inform: "info"}

func (n *Notifier) alerts(m alerting.Message) []alert {
	a := alert{
		Labels: labels(m, m.Severity),
		Annotations: map[string]string{
			"summary": notify.Subject(m), "description": notify.Text(m, bodyMost, notify.Characters), "key": notify.Visible(m.Key),
		},
		StartsAt: n.now(), EndsAt: n.now().Add(firesFor), Generator: m.Link, // it keeps the first start it heard of
	}
	if !m.Until.IsZero() {
		a.EndsAt = m.Until
	}
	switch {
	case m.Incident == "":
		a.EndsAt = n.now().Add(readFor)
		return []alert{a}
	case m.Over:
		a.StartsAt, a.EndsAt = time.Time{}, n.now()
	}
	all := []alert{a}
	for _, other := range []alerting.Severity{alerting.Urgent, alerting.Watch, alerting.Inform} {
		if other != m.Severity {
			all = append(all, alert{Labels: labels(m, other), Annotations: a.Annotations, EndsAt: n.now()})
		}
	}
	return all
}

// labels are what tells one alert from another: nothing that a stranger wrote.
func labels(m alerting.Message, s alerting.Severity) map[string]string {
	all := map[string]string{"alertname": "OuidireSituation", "severity": severities[s]}
	if m.Incident == "" {
		all["alertname"] = "OuidireMessage"
	}
	for name, value := range map[string]string{"incident": m.Incident, "rule": m.Rule, "watch": m.Watch} {
		if value != "" { // an empty label is none
			all[name] = alerting.Plain(value, 200)
		}
	}
	return all
}

func (n *Notifier) header() map[string]string {
	switch {
	case !n.config.Token.IsZero():
		return map[string]string{"Authorization": "Bearer " + n.config.Token.Reveal()}
	case n.config.Username != "":
		pair := n.config.Username + ":" + n.config.Password.Reveal()
		return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
	}
	return nil
}
