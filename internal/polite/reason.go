package polite

import "github.com/ouidire/ouidire/internal/say"

// Reason is a stable word for why a place could not be read: a label of a metric,
// and what is kept of a failure. The set is closed.
type Reason string

// The reasons. Parse, Robots and those below are for callers; the client gives all others.
const (
	Timeout     Reason = "timeout"
	DNS         Reason = "dns"
	TLS         Reason = "tls"
	Network     Reason = "network" // refused, cut before an answer, unreachable
	Cut         Reason = "cut"     // the answer stopped before its end
	HTTP4xx     Reason = "http_4xx"
	HTTP5xx     Reason = "http_5xx"
	RateLimited Reason = "rate_limited"
	Auth        Reason = "auth"
	Gone410     Reason = "gone"
	Redirects   Reason = "redirect" // a circle, too many, or to nowhere
	Oversize    Reason = "too_large"
	Guarded     Reason = "refused" // by our own guard
	Parse       Reason = "parse"
	Robots      Reason = "robots"
	Login       Reason = "login" // a page that asks for a password, with status 200
	Page        Reason = "page"  // a web page where a feed is expected
	Empty       Reason = "empty" // a list that used to be full
)

// Reasons lists them all, for metrics that start at zero.
func Reasons() []Reason {
	return []Reason{Timeout, DNS, TLS, Network, Cut, HTTP4xx, HTTP5xx, RateLimited, Auth, Gone410, Redirects,
		Oversize, Guarded, Parse, Robots, Login, Page, Empty}
}

// Text says to a person what happened and what to do. Its one verb, %s, is the
// host or the name of the source. ok is false for a word that is not a Reason.
func (r Reason) Text() (t say.Text, ok bool) {
	t, ok = texts()[r]
	return t, ok
}

// texts is a table, better whole.
func texts() map[Reason]say.Text {
	return map[Reason]say.Text{
		Timeout: {
			EN: "%s did not answer in time. We will try again on our own. If it lasts, check that the address opens in a browser.",
			FR: "%s n’a pas répondu à temps. Nous réessaierons de nous-mêmes. Si cela dure, vérifiez que l’adresse s’ouvre dans un navigateur.",
		},
		DNS: {
			EN: "The address of %s was not found. Check its spelling and this machine’s connection.",
			FR: "L’adresse de %s est introuvable. Vérifiez son orthographe et la connexion de cette machine.",
		},
		TLS: {
			EN: "No secure connection could be made with %s: its certificate is not valid for us. Tell the site’s owner, or give the file of your own certificate authority in crawler.ca.",
			FR: "Aucune connexion sécurisée n’a pu être établie avec %s\u00a0: son certificat n’est pas valide pour nous. Avertissez les responsables du site ou indiquez dans crawler.ca le fichier de votre propre autorité de certification.",
		},
		Network: {
			EN: "%s could not be reached. We will try again on our own. If it lasts, check the address and this machine’s connection.",
			FR: "Impossible de joindre %s. Nous réessaierons de nous-mêmes. Si cela dure, vérifiez l’adresse et la connexion de cette machine.",
		},
		Cut: {
			EN: "The answer of %s stopped before its end. Nothing was kept of it, and we will try again on our own.",
			FR: "La réponse de %s s’est interrompue avant la fin. Rien n’en a été gardé et nous réessaierons de nous-mêmes.",
		},
		HTTP4xx: {
			EN: "%s says that there is nothing at this address. Open it in a browser and correct it in the configuration.",
			FR: "%s répond qu’il n’y a rien à cette adresse. Ouvrez-la dans un navigateur et corrigez-la dans la configuration.",
		},
		HTTP5xx: {
			EN: "%s is out of order for now. There is nothing for you to do, and we will try again on our own.",
			FR: "%s est en panne pour le moment. Il n’y a rien à faire et nous réessaierons de nous-mêmes.",
		},
		RateLimited: {
			EN: "%s asks us to come less often. We are waiting as it asks. If it happens again, make “every” longer for this source in the configuration.",
			FR: "%s nous demande de venir moins souvent. Nous attendons le temps demandé. Si cela se répète, allongez «\u00a0every\u00a0» pour cette source dans la configuration.",
		},
		Auth: {
			EN: "%s does not let us in. Check the name, the password or the token of this source, or whether the place turns programs away.",
			FR: "%s ne nous laisse pas entrer. Vérifiez le nom, le mot de passe ou le jeton de cette source, ou si le site refuse les programmes.",
		},
		Gone410: {
			EN: "%s says that this address is gone for good. We no longer read it. Replace it or remove the source.",
			FR: "%s annonce que cette adresse a disparu pour de bon. Nous ne la lisons plus. Remplacez-la ou retirez la source.",
		},
		Redirects: {
			EN: "%s sends us from address to address without end. Open it in a browser and write in the configuration the address where you arrive.",
			FR: "%s nous renvoie sans fin d’une adresse à une autre. Ouvrez la première dans un navigateur et inscrivez dans la configuration celle où vous arrivez.",
		},
		Oversize: {
			EN: "The answer of %s is far too large for what was asked. Check that the address is the right one.",
			FR: "La réponse de %s est beaucoup trop volumineuse pour ce qui était demandé. Vérifiez que l’adresse est la bonne.",
		},
		Guarded: {
			EN: "%s leads to an address that is not public, or to an unusual port: we did not go there. If it is yours, open its range with crawler.allow_private.",
			FR: "%s mène à une adresse qui n’est pas publique ou à un port inhabituel\u00a0: nous n’y sommes pas allés. Si elle est à vous, ouvrez sa plage avec crawler.allow_private.",
		},
		Parse: {
			EN:     "What %s answered could not be understood. Check that the address is that of a feed or a page, and not of a login or an error page.",
			FR:     "La réponse de %s n’a pas pu être comprise. Vérifiez que l’adresse est bien celle d’un fil RSS ou d’une page, et non d’une page d’ouverture de session ou d’erreur.",
			France: "La réponse de %s n’a pas pu être comprise. Vérifiez que l’adresse est bien celle d’un flux RSS ou d’une page, et non d’une page de connexion ou d’erreur.",
		},
		Robots: {
			EN: "%s asks programs not to read this address. Ask its owner, or remove the source.",
			FR: "%s demande aux programmes de ne pas lire cette adresse. Demandez à ses responsables ou retirez la source.",
		},
		Login: {
			EN:     "%s asks for a password instead of showing what it holds. Use an address that everybody can read, or ask the people who run the site for one.",
			FR:     "%s demande d’ouvrir une session au lieu de montrer son contenu. Indiquez une adresse que tout le monde peut lire ou demandez-la aux responsables du site.",
			France: "%s demande de se connecter au lieu de montrer son contenu. Indiquez une adresse que tout le monde peut lire ou demandez-la aux responsables du site.",
		},
		Page: {
			EN:     "%s gives a web page instead of a feed. Open the site, look for the new address of its feed, and write it in the configuration.",
			FR:     "%s donne une page web au lieu d’un fil RSS. Ouvrez le site, cherchez la nouvelle adresse de son fil RSS et inscrivez-la dans la configuration.",
			France: "%s donne une page web au lieu d’un flux RSS. Ouvrez le site, cherchez la nouvelle adresse de son flux RSS et inscrivez-la dans la configuration.",
		},
		Empty: {
			EN: "The list that %s gives is empty, and it used to be full. Open its site: if there is news there, correct the address in the configuration. If the list is really empty, there is nothing to do, and we will believe it after two weeks.",
			FR: "La liste que donne %s est vide alors qu’elle contenait plusieurs éléments. Ouvrez le site\u00a0: s’il y a du nouveau, corrigez l’adresse dans la configuration. Si la liste est vraiment vide, il n’y a rien à faire et nous la croirons au bout de deux semaines.",
		},
	}
}
