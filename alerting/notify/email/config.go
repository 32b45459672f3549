package email

import (
	"net/mail"
	"strings"

	"github.com/ouidire/ouidire/alerting/notify"
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

// SignIn is how one shows the server who sends.
type SignIn string

// The ways to sign in. Microsoft and Google end passwords for programs: they want a
// permission that an administrator, or the owner of the account, has given to an
// application.
const (
	ByPassword SignIn = "password"
	Microsoft  SignIn = "microsoft"
	Google     SignIn = "google"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	Host      string             `yaml:"host" required:"true" doc:"The server that sends mail for you." fr:"Le serveur qui envoie vos courriels." france:"Le serveur qui envoie vos e-mails." example:"courriel.caisse.example"`
	Port      int                `yaml:"port" min:"0" max:"65535" doc:"Its port; 587 for starttls, 465 for tls, 25 for none when left out." fr:"Son port; par défaut, 587 avec starttls, 465 avec tls, 25 sans protection." example:"587"`
	Security  Security           `yaml:"security" enum:"starttls,tls,none" doc:"How the connection is protected." fr:"Comment la connexion est protégée." example:"starttls"`
	Username  string             `yaml:"username" doc:"The account to send with; no sign-in when left out." fr:"Le compte avec lequel envoyer; aucun, par défaut." example:"veille@caisse.example"`
	Password  config.Secret      `yaml:"password" doc:"Its password." fr:"Son mot de passe." example:"${OUIDIRE_SMTP_PASSWORD}"`
	From      string             `yaml:"from" required:"true" doc:"Who the messages are from." fr:"De qui viennent les messages." example:"'ouidire <veille@caisse.example>'"`
	To        []string           `yaml:"to" required:"true" doc:"Who gets them; one address a line on the page." fr:"Qui les reçoit; une adresse par ligne." example:"[equipe@caisse.example]"`
	SignIn    SignIn             `yaml:"sign_in" enum:"password,microsoft,google" doc:"How the account is proven; Microsoft and Google take no password." fr:"Comment prouver que le compte est le vôtre; Microsoft et Google n’acceptent pas de mot de passe." example:"microsoft"`
	Tenant    string             `yaml:"tenant" rare:"true" doc:"Of Microsoft: the directory (tenant) ID of your organisation." fr:"Pour Microsoft : l’identifiant de l’annuaire (locataire) de votre organisation." example:"8eaef023-2b34-4da1-9baa-8bc8c9d6a490"`
	ClientID  string             `yaml:"client_id" rare:"true" doc:"Of Microsoft and Google: the application’s ID." fr:"Pour Microsoft et Google : l’identifiant de l’application." example:"11112222-bbbb-3333-cccc-4444dddd5555"`
	Client    config.Secret      `yaml:"client_secret" rare:"true" doc:"Of Microsoft and Google: the application’s secret." fr:"Pour Microsoft et Google : le secret de l’application." example:"${OUIDIRE_MAIL_CLIENT_SECRET}"`
	Refresh   config.Secret      `yaml:"refresh_token" rare:"true" doc:"The permission of the account’s owner; left out when it is given by ouidire notify signin, or when the application itself may send." fr:"L’autorisation de la personne à qui est le compte; facultatif si elle est donnée par ouidire notify signin, ou si l’application peut envoyer elle-même." example:"${OUIDIRE_MAIL_REFRESH_TOKEN}"`
	TokenURL  string             `yaml:"token_url" rare:"true" doc:"Where tokens are asked for; that of the service when left out." fr:"Où demander les jetons; l’adresse du service, par défaut." example:"https://login.microsoftonline.us/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/token"`
	DeviceURL string             `yaml:"device_url" rare:"true" doc:"Where a code to sign in with is asked for; that of the service when left out." fr:"Où demander un code pour ouvrir une session; l’adresse du service, par défaut." france:"Où demander un code pour se connecter; l’adresse du service, par défaut." example:"https://login.microsoftonline.us/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/devicecode"`
	CA        config.Authorities `yaml:"ca" rare:"true" doc:"A PEM file with the authority that signed the server’s certificate, when that is your own; from the folder of this file." fr:"Un fichier PEM avec l’autorité qui a signé le certificat du serveur, quand c’est la vôtre; à partir du dossier de ce fichier-ci." example:"/etc/ouidire/ca.pem"`
}

// Default protects the connection.
func Default() Config { return Config{Security: StartTLS, SignIn: ByPassword} }

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
	return append(all, c.checkSignIn()...)
}

// checkSignIn says what is missing for the chosen way to sign in.
func (c *Config) checkSignIn() []config.Problem {
	if c.SignIn == ByPassword || c.SignIn == "" {
		if (c.Username == "") == c.Password.IsZero() {
			return nil
		}
		return []config.Problem{{Key: "password", Example: "${OUIDIRE_SMTP_PASSWORD}",
			Text: say.Text{EN: "username and password go together: give both, or neither", FR: "username et password vont ensemble\u00a0: donnez les deux, ou aucun des deux"}}}
	}
	all := append(notify.CheckAddress("token_url", c.TokenURL, "https://oauth2.googleapis.com/token"),
		notify.CheckAddress("device_url", c.DeviceURL, "https://oauth2.googleapis.com/device/code")...)
	if !c.Password.IsZero() {
		all = append(all, config.Problem{Key: "password", Example: "",
			Text: say.Text{EN: "with this sign_in there is no password: take it out", FR: "avec ce sign_in il n’y a pas de mot de passe\u00a0: retirez-le"}})
	}
	for _, need := range []struct {
		key, example string
		missing      bool
	}{
		{"username", "veille@caisse.example", c.Username == ""},
		{"client_id", "11112222-bbbb-3333-cccc-4444dddd5555", c.ClientID == ""},
		{"tenant", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490", c.SignIn == Microsoft && c.Tenant == "" && c.TokenURL == ""},
		{"client_secret", "${OUIDIRE_MAIL_CLIENT_SECRET}", c.SignIn == Google && c.Client.IsZero()},
	} {
		if need.missing {
			all = append(all, config.Problem{Key: need.key, Example: need.example,
				Text: say.Text{EN: "this is needed to sign in to " + string(c.SignIn), FR: "il le faut pour ouvrir une session chez " + string(c.SignIn), France: "il le faut pour se connecter à " + string(c.SignIn)}})
		}
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
