package email

import (
	"net/mail"
	"strings"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Security is how the way to the server is protected.
type Security string

// The securities. None is for a server on the same machine.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	None     Security = "none"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	Host     string        `yaml:"host" required:"true" doc:"The server that sends mail for you." fr:"Le serveur qui envoie vos courriels." france:"Le serveur qui envoie vos e-mails." example:"courriel.caisse.example"`
	Port     int           `yaml:"port" min:"0" max:"65535" doc:"Its port; 587 for starttls, 465 for tls, 25 for none when left out." fr:"Son port; par défaut, 587 avec starttls, 465 avec tls, 25 sans protection." example:"587"`
	Security Security      `yaml:"security" enum:"starttls,tls,none" doc:"How the connection is protected." fr:"Comment la connexion est protégée." example:"starttls"`
	Username string        `yaml:"username" doc:"The account to send with; no sign-in when left out." fr:"Le compte avec lequel envoyer; aucun, par défaut." example:"veille@caisse.example"`
	Password config.Secret `yaml:"password" doc:"Its password." fr:"Son mot de passe." example:"${OUIDIRE_SMTP_PASSWORD}"`
	CA       string        `yaml:"ca" doc:"A PEM file with the authority that signed the server’s certificate; when it is your own." fr:"Un fichier PEM avec l’autorité qui a signé le certificat du serveur; s’il s’agit de la vôtre." example:"/etc/ouidire/ca.pem"`
	From     string        `yaml:"from" required:"true" doc:"Who the messages are from." fr:"De qui viennent les messages." example:"'ouidire <veille@caisse.example>'"`
	To       []string      `yaml:"to" required:"true" doc:"Who gets them; one address a line on the page." fr:"Qui les reçoit; une adresse par ligne." example:"[equipe@caisse.example]"`
}

// Default protects the connection.
func Default() Config { return Config{Security: StartTLS} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	var all []config.Problem
	if c.From != "" {
		if _, err := parse(c.From); err != nil {
			all = append(all, noAddress("from", "veille@caisse.example"))
		}
	}
	for _, to := range c.To {
		if _, err := parse(to); err != nil {
			all = append(all, noAddress("to", "[equipe@caisse.example]"))
			break
		}
	}
	if strings.ContainsAny(c.Host, ":/@ ") {
		all = append(all, config.Problem{Key: "host", Example: "courriel.caisse.example",
			Text: say.Text{EN: "host takes the name of the server alone; the port has its own setting", FR: "host ne prend que le nom du serveur; le port a son propre réglage"}})
	}
	if c.Security == None && c.Username != "" {
		all = append(all, config.Problem{Key: "security", Example: string(StartTLS),
			Text: say.Text{EN: "a password is never sent over an unprotected connection", FR: "un mot de passe n’est jamais envoyé par une connexion sans protection"}})
	}
	if (c.Username == "") != c.Password.IsZero() {
		all = append(all, config.Problem{Key: "password", Example: "${OUIDIRE_SMTP_PASSWORD}",
			Text: say.Text{EN: "username and password go together: give both, or neither", FR: "username et password vont ensemble\u00a0: donnez les deux, ou aucun des deux"}})
	}
	return all
}

func noAddress(key, example string) config.Problem {
	return config.Problem{Key: key, Example: example,
		Text: say.Text{EN: "this is not an e-mail address", FR: "ce n’est pas une adresse de courriel", France: "ce n’est pas une adresse e-mail"}}
}

// parse reads an address that fits a mail header and an SMTP command.
func parse(s string) (*mail.Address, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return nil, errAddress
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, err
	}
	local, domain, _ := strings.Cut(a.Address, "@")
	if local == "" || domain == "" || strings.ContainsAny(a.Address, " \r\n<>") {
		return nil, errAddress
	}
	return a, nil
}

func (c *Config) port() int {
	switch {
	case c.Port != 0:
		return c.Port
	case c.Security == TLS:
		return 465
	case c.Security == None:
		return 25
	}
	return 587
}
