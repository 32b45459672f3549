// Package shoutrrr reaches what has no kind of its own (Discord, Telegram, Matrix,
// Signal, Rocket.Chat, Zulip, Google Chat, Pushover and others) by the library of
// that name, which spells each service as an address: discord://token@id.
//
// The library follows redirects with the password in hand, cannot be interrupted,
// quotes addresses and answers in its errors, tries again by itself, and takes some
// refusals for acceptance. It therefore runs in a process of its own (Main), one for each
// message: that process is ended when our time is up, refuses redirects, goes by what went
// over the wire, and reports a status and no word.
//
// Words are plain text. As each service has marks of its own, an invisible character
// after @ and < and within ]( keeps what a stranger wrote from calling everybody or
// showing a link as another; other marks may show as bold. A message is at most 1,900
// characters long, which all take but Pushover: there it is 900.
//
// None of these has a place for a key. A double, which only a crash or a lost answer
// between acceptance and our record of it can bring, is told by its words: it is the
// first again, under the same situation's address.
package shoutrrr

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL config.Secret `yaml:"url" required:"true" doc:"The service, as shoutrrr spells it; it holds the password." fr:"Le service, comme l’écrit shoutrrr; l’adresse contient le mot de passe." example:"${OUIDIRE_SHOUTRRR_URL}"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// own are the services that a kind of ours serves better.
var own = map[string]string{"slack": "slack", "teams": "teams", "ntfy": "ntfy", "mattermost": "mattermost", "smtp": "email"}

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	const example = "${OUIDIRE_SHOUTRRR_URL}"
	service := serviceOf(c.URL)
	switch better, ours := own[service]; {
	case c.URL.IsZero():
		return nil
	case ours:
		return []config.Problem{{Key: "url", Example: example, Text: say.Text{
			EN: "this service has a kind of its own: write kind: " + better,
			FR: "ce service a son propre genre\u00a0: écrivez kind: " + better}}}
	case service == "logger", !slices.Contains((&router.ServiceRouter{}).ListServices(), service):
		return []config.Problem{{Key: "url", Example: example, Text: say.Text{
			EN: "shoutrrr knows no such service; an address begins with its name, as discord:// or telegram://",
			FR: "shoutrrr ne connaît pas ce service; l’adresse commence par son nom, comme discord:// ou telegram://"}}}
	case service == "matrix" && !rooms(c.URL):
		return []config.Problem{{Key: "url", Example: example, Text: say.Text{
			EN: "say into which room: without rooms= the message goes wherever the account is, or nowhere",
			FR: "dites dans quel salon\u00a0: sans rooms=, le message part partout où est le compte, ou nulle part"}}}
	}
	return nil
}

// rooms says whether an address of Matrix names a room.
func rooms(address config.Secret) bool {
	u, err := url.Parse(address.Reveal())
	return err == nil && (u.Query().Get("rooms") != "" || u.Query().Get("room") != "")
}

// serviceOf is the name that an address begins with.
func serviceOf(address config.Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(u.Scheme, "+")
	return name
}

// Notifier sends to one service.
type Notifier struct {
	url     config.Secret
	program string
	now     func() time.Time
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{url: c.URL, program: d.Program, now: d.Now}, nil
}

// Recipients is whoever the address reaches.
func (n *Notifier) Recipients() string {
	return notify.Recipients("https://"+serviceOf(n.url), n.url.Reveal())
}

// size is how much of a text a service takes, and how that is counted.
type size struct {
	most  int
	weigh notify.Weigh
}

// usual is what most services take. limits are those of the others: Pushover takes 1,024
// characters, PagerDuty as many, of which the library drops the rest without a word; of
// Telegram, Lark and WeCom it refuses more than 4,096 bytes.
var (
	usual  = size{1900, notify.Characters}
	limits = map[string]size{
		"pushover": {900, notify.Characters}, "pagerduty": {1024, notify.Characters},
		"telegram": {3900, notify.Bytes}, "lark": {4096, notify.Bytes}, "wecom": {4096, notify.Bytes},
	}
)

// sizeOf is what a service takes.
func sizeOf(service string) size {
	if s, its := limits[service]; its {
		return s
	}
	return usual
}

// order is what the other process is asked to send.
type order struct {
	URL   string `json:"url"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// report is what it says of it.
type report struct {
	Sent        bool   `json:"sent"`
	Unreadable  bool   `json:"unreadable"` // the address
	Unreachable bool   `json:"unreachable"`
	Status      int    `json:"status"` // of an answer that was no acceptance
	Hint        string `json:"hint"`   // its Retry-After
}

// titled are the services at which the library shows a title beside the text. Elsewhere
// it drops it (Matrix, Rocket.Chat, Signal, Zulip, Google Chat ...), and with it who and
// how many: there it stands above the text. One that is missing here says it twice.
var titled = []string{"bark", "discord", "generic", "gotify", "join", "lark", "notifiarr", "opsgenie", "pushbullet", "pushover", "telegram"}

// Notify sends the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	spelled, err := notify.JSON(n.order(m))
	if err != nil {
		return alerting.Permanent(err)
	}
	said, err := n.ask(ctx, spelled)
	if err != nil {
		return &alerting.Trouble{Reason: alerting.Broken, Err: fmt.Errorf("run shoutrrr: %w", err)}
	}
	return n.judge(said)
}

// order words a message as its service takes it.
func (n *Notifier) order(m alerting.Message) order {
	service := serviceOf(n.url)
	size := sizeOf(service)
	title, above := quiet(notify.Subject(m)), ""
	if !slices.Contains(titled, service) {
		above = title + "\n\n"
	}
	text := notify.Text(m, size.most-size.weigh(above), func(s string) int { return size.weigh(quiet(s)) })
	return order{URL: n.url.Reveal(), Title: title, Text: above + quiet(text)}
}

// quiet keeps a stranger's words from calling anybody.
func quiet(s string) string {
	const joiner = "\u2060" // nobody sees it
	return strings.NewReplacer("@", "@"+joiner, "<", "<"+joiner, "](", "]"+joiner+"(").Replace(s)
}

// passed are the settings of this machine that the other process needs; it gets no
// other, as they may be secrets.
var passed = []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// ask has the other process send.
func (n *Notifier) ask(ctx context.Context, spelled []byte) (said report, err error) {
	if n.program == "" {
		return said, errors.New("the program does not know where it stands on this machine")
	}
	ctx, cancel := context.WithTimeout(ctx, patience+2*time.Second)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return said, err
	}
	other := exec.CommandContext(ctx, n.program, Command)
	other.Env = []string{}
	for _, name := range passed {
		if value, set := os.LookupEnv(name); set {
			other.Env = append(other.Env, name+"="+value)
		}
	}
	other.Stdin = bytes.NewReader(spelled)
	out, err := other.Output()
	if ctx.Err() != nil {
		return said, ctx.Err()
	}
	if err != nil {
		return said, err
	}
	return said, json.Unmarshal(out, &said)
}

func (n *Notifier) judge(r report) error {
	service := serviceOf(n.url)
	switch {
	case r.Sent:
		return nil
	case r.Unreadable:
		return alerting.Permanent(&alerting.Trouble{Reason: alerting.Refused, Err: fmt.Errorf("shoutrrr cannot read the address of %s", service)})
	case r.Status != 0:
		return notify.Judge(r.Status, r.Hint, service, n.now())
	case r.Unreachable:
		return &alerting.Trouble{Reason: alerting.Unreachable, Err: fmt.Errorf("%s was not reached", service)}
	}
	return &alerting.Trouble{Reason: alerting.Broken, Err: fmt.Errorf("shoutrrr could not send to %s", service)}
}
