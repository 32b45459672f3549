package email

import (
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/ouidire/ouidire/config"
)

// external is the server that tools/with-servers starts: STARTTLS, and an account.
func external(t *testing.T, address string) Config {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Host: host, Port: number, Security: StartTLS, CA: trusting(t, os.Getenv("OUIDIRE_TEST_SMTP_CA")),
		Username: "ouidire", Password: config.NewSecret("secret"),
		From: "veille@caisse.example", To: []string{"equipe@caisse.example"},
	}
}

// trusting reads the file of an authority; none of it when there is no file.
func trusting(t *testing.T, file string) config.Authorities {
	t.Helper()
	if file == "" {
		return config.Authorities{}
	}
	a, err := config.ReadAuthorities(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func good() Config {
	return Config{Host: "courriel.caisse.example", Security: StartTLS, Username: "veille", Password: config.NewSecret("x"),
		From: "ouidire <veille@caisse.example>", To: []string{"equipe@caisse.example"}}
}

func TestEachMistakeIsNamed(t *testing.T) {
	for key, spoil := range map[string]func(*Config){
		"":         func(*Config) {},
		"from":     func(c *Config) { c.From = "veille" },
		"to":       func(c *Config) { c.To = append(c.To, "equipe@caisse.example\r\nRCPT TO:<x@y.example>") },
		"host":     func(c *Config) { c.Host = "courriel.caisse.example:587" },
		"security": func(c *Config) { c.Security = None },
		"password": func(c *Config) { c.Password = config.Secret{} },
	} {
		c := good()
		spoil(&c)
		problems := c.Check()
		if key == "" && len(problems) != 0 || key != "" && (len(problems) != 1 || problems[0].Key != key) {
			t.Errorf("%q: got %+v", key, problems)
		}
	}
}

func TestThePortFollowsTheSecurity(t *testing.T) {
	for security, want := range map[Security]int{StartTLS: 587, TLS: 465, None: 25} {
		if got := (&Config{Security: security}).port(); got != want {
			t.Errorf("%s: %d, want %d", security, got, want)
		}
	}
	if got := (&Config{Port: 2525}).port(); got != 2525 {
		t.Errorf("a given port became %d", got)
	}
}
