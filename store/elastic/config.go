package elastic

import (
	"time"

	"github.com/ouidire/ouidire/config"
)

// Config is the settings of a store of kind elastic.
type Config struct {
	Addresses []string      `yaml:"addresses" required:"true" doc:"Where Elasticsearch answers; several are asked in turn." fr:"Où Elasticsearch répond; s’il y en a plusieurs, chacune à son tour." example:"[https://recherche.caisse.example:9200]"`
	APIKey    config.Secret `yaml:"api_key" doc:"Its API key, instead of a user name and a password." fr:"Sa clé d’API, au lieu d’un nom et d’un mot de passe." example:"${OUIDIRE_ELASTIC_KEY}"`
	Username  string        `yaml:"username" doc:"The user name, when there is no API key." fr:"Le nom d’utilisateur, s’il n’y a pas de clé d’API." example:"ouidire"`
	Password  config.Secret `yaml:"password" doc:"The password of that user." fr:"Le mot de passe de cet utilisateur." example:"${OUIDIRE_ELASTIC_PASSWORD}"`
	CA        string        `yaml:"ca" doc:"The PEM file that vouches for the server, when it is not publicly known." fr:"Le fichier PEM qui répond du serveur, si son certificat n’est pas reconnu partout." example:"/etc/ouidire/elastic-ca.pem"`
	Prefix    string        `yaml:"index_prefix" doc:"How the names of our indices begin." fr:"Le début du nom de nos index." example:"ouidire"`
	Shards    int           `yaml:"shards" min:"1" max:"1024" doc:"Primary shards of each index." fr:"Le nombre de fragments de chaque index." example:"1"`
	Replicas  int           `yaml:"replicas" min:"0" max:"32" doc:"Copies of each index; 0 on one node." fr:"Le nombre de copies de chaque index; 0 s’il n’y a qu’un nœud." example:"0"`
	Spool     int           `yaml:"spool" min:"16" max:"1048576" doc:"How many MiB may wait on this machine while Elasticsearch is away; then crawling pauses." fr:"Combien de Mio peuvent attendre sur cette machine en l’absence d’Elasticsearch; ensuite, la lecture des sources s’interrompt." example:"2048"`
	Refresh   time.Duration `yaml:"refresh" min:"1s" max:"5m" doc:"How soon what was kept can be found." fr:"Le délai avant que ce qui est conservé puisse être trouvé." example:"1s"`
}

// Default is right for one node.
func Default() Config {
	return Config{Prefix: "ouidire", Shards: 1, Refresh: time.Second, Spool: 2048}
}
