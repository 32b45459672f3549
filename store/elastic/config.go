package elastic

import (
	"net/url"
	"reflect"
	"regexp"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is the settings of a store of kind elastic.
type Config struct {
	Addresses []string           `yaml:"addresses" required:"true" doc:"Where Elasticsearch answers; several are asked in turn." fr:"Où Elasticsearch répond; s’il y en a plusieurs, chacune à son tour." example:"[https://recherche.caisse.example:9200]"`
	APIKey    config.Secret      `yaml:"api_key" doc:"Its API key, instead of a user name and a password." fr:"Sa clé d’API, au lieu d’un nom et d’un mot de passe." example:"${OUIDIRE_ELASTIC_KEY}"`
	Username  string             `yaml:"username" doc:"The user name, when there is no API key." fr:"Le nom d’utilisateur, s’il n’y a pas de clé d’API." example:"ouidire"`
	Password  config.Secret      `yaml:"password" doc:"The password of that user." fr:"Le mot de passe de cet utilisateur." example:"${OUIDIRE_ELASTIC_PASSWORD}"`
	CA        config.Authorities `yaml:"ca" doc:"The PEM file that vouches for the server, when it is not publicly known; from the folder of this file." fr:"Le fichier PEM qui répond du serveur, si son certificat n’est pas reconnu partout; à partir du dossier de ce fichier-ci." example:"/etc/ouidire/elastic-ca.pem"`
	Prefix    string             `yaml:"index_prefix" doc:"How the names of our indices begin." fr:"Le début du nom de nos index." example:"ouidire"`
	Shards    int                `yaml:"shards" min:"1" max:"1024" doc:"Primary shards of each index." fr:"Le nombre de fragments de chaque index." example:"1"`
	Replicas  int                `yaml:"replicas" min:"0" max:"32" doc:"Copies of each index; 0 on one node." fr:"Le nombre de copies de chaque index; 0 s’il n’y a qu’un nœud." example:"0"`
	Spool     int                `yaml:"spool" min:"16" max:"1048576" doc:"How many MiB may wait on this machine while Elasticsearch is away; then crawling pauses." fr:"Combien de Mio peuvent attendre sur cette machine en l’absence d’Elasticsearch; ensuite, la lecture des sources s’interrompt." example:"2048"`
	Refresh   time.Duration      `yaml:"refresh" min:"1s" max:"5m" doc:"How soon what was kept can be found." fr:"Le délai avant que ce qui est conservé puisse être trouvé." example:"1s"`
}

var _ config.Taker = (*Config)(nil)

// Takes implements config.Taker: who we are and whom we trust may change while we run.
func (c *Config) Takes(next any) bool {
	other, ok := next.(*Config)
	return ok && reflect.DeepEqual(c.nameless(), other.nameless())
}

// nameless is all but who we are and whom we trust.
func (c *Config) nameless() Config {
	n := *c
	n.APIKey, n.Username, n.Password, n.CA = config.Secret{}, "", config.Secret{}, config.Authorities{}
	return n
}

// Default is right for one node.
func Default() Config {
	return Config{Prefix: "ouidire", Shards: 1, Refresh: time.Second, Spool: 2048}
}

// named is what the beginning of an index name may look like: Elasticsearch refuses
// the rest, or means something else by it.
var named = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,99}$`)

// Check implements config.Checker.
func (c *Config) Check() []config.Problem {
	var all []config.Problem
	bad := func(key, example string, t say.Text, args ...any) {
		all = append(all, config.Problem{Key: key, Text: t, Args: args, Example: example})
	}
	for _, a := range c.Addresses {
		if u, err := url.Parse(a); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad("addresses", "[https://recherche.caisse.example:9200]", say.Text{EN: "an address begins with https:// or http:// and the name of the server", FR: "une adresse commence par https:// ou http:// et le nom du serveur"})
			break
		} else if u.User != nil {
			bad("addresses", "[https://recherche.caisse.example:9200]", say.Text{EN: "a user name and a password do not stand in the address: write them in username and password", FR: "le nom d’utilisateur et le mot de passe ne s’écrivent pas dans l’adresse, mais dans username et password"})
			break
		}
	}
	if len(c.Addresses) == 0 {
		bad("addresses", "[https://recherche.caisse.example:9200]", say.Text{EN: "no address is given", FR: "aucune adresse n’est donnée"})
	}
	if !c.APIKey.IsZero() && (c.Username != "" || !c.Password.IsZero()) {
		bad("api_key", "", say.Text{EN: "there is an API key and also a user name or a password: keep one of them", FR: "il y a une clé d’API et aussi un nom d’utilisateur ou un mot de passe\u00a0: gardez l’un ou l’autre"})
	}
	if (c.Username == "") != c.Password.IsZero() {
		bad("username", "ouidire", say.Text{EN: "username and password go together", FR: "username et password vont ensemble"})
	}
	if !named.MatchString(c.Prefix) {
		bad("index_prefix", "ouidire", say.Text{EN: "it is made of lower-case letters, digits, - and _, and begins with a letter or a digit", FR: "il se compose de lettres minuscules sans accent, de chiffres et des signes - et _, et commence par une lettre ou un chiffre"})
	}
	return all
}
