package elastic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// What is said when the server is not as it must be: one sentence, and what to change.
var (
	textAway = say.Text{
		EN: "Elasticsearch does not answer at %[1]s (%[2]s). Start it, or correct addresses under store.",
		FR: "Elasticsearch ne répond pas à l’adresse %[1]s (%[2]s). Démarrez-le, ou corrigez addresses sous store.",
	}
	textSlow = say.Text{
		EN: "Elasticsearch at %[1]s took too long to answer. Look at its load; if it is not there, correct addresses under store.",
		FR: "Elasticsearch, à l’adresse %[1]s, a mis trop de temps à répondre. Vérifiez sa charge; s’il n’est pas là, corrigez addresses sous store.",
	}
	textCredentials = say.Text{
		EN: "Elasticsearch at %[1]s does not accept these credentials. Correct api_key, or username and password, under store.",
		FR: "Elasticsearch, à l’adresse %[1]s, refuse ces identifiants. Corrigez api_key, ou username et password, sous store.",
	}
	textAnonymous = say.Text{
		EN: "Elasticsearch at %[1]s wants to know who asks. Write api_key, or username and password, under store.",
		FR: "Elasticsearch, à l’adresse %[1]s, exige de savoir qui l’interroge. Écrivez api_key, ou username et password, sous store.",
	}
	textRights = say.Text{
		EN: "Elasticsearch at %[1]s does not let this user do what ouidire must (%[2]s). Give the user that right, or write another api_key, or another username and password, under store.",
		FR: "Elasticsearch, à l’adresse %[1]s, ne permet pas à cet utilisateur ce qu’ouidire doit faire (%[2]s). Donnez-lui ce droit, ou écrivez une autre clé (api_key) ou un autre utilisateur (username et password) sous store.",
	}
	textTemplates = say.Text{
		EN: "this user may not write index templates in Elasticsearch at %[1]s. Give it the cluster privilege manage_index_templates, or write another api_key, or another username and password, under store.",
		FR: "cet utilisateur n’a pas le droit d’écrire des modèles d’index dans Elasticsearch, à l’adresse %[1]s. Donnez-lui le privilège manage_index_templates, ou écrivez une autre clé (api_key) ou un autre utilisateur (username et password) sous store.",
	}
	textUnknownCA = say.Text{
		EN: "nobody whom this machine trusts vouches for the certificate of %[1]s. Write the PEM file of its authority in ca under store.",
		FR: "rien sur cette machine ne répond du certificat de %[1]s. Écrivez dans ca, sous store, le fichier PEM de son autorité.",
	}
	textExpired = say.Text{
		EN: "the certificate of %[1]s was valid until %[2]s. Renew it on the server; when another authority signs it, also change ca under store.",
		FR: "le certificat de %[1]s était valide jusqu’au %[2]s. Renouvelez-le sur le serveur; si une autre autorité le signe, changez aussi ca sous store.",
	}
	textOtherName = say.Text{
		EN: "the certificate of %[1]s was made for another name. Write in addresses, under store, the name that it was made for.",
		FR: "le certificat de %[1]s porte un autre nom. Écrivez dans addresses, sous store, le nom pour lequel il a été fait.",
	}
	textBadCertificate = say.Text{
		EN: "the certificate of %[1]s cannot be trusted (%[2]s). Correct it on the server, or ca under store.",
		FR: "le certificat de %[1]s n’est pas digne de confiance (%[2]s). Corrigez-le sur le serveur, ou corrigez ca sous store.",
	}
	textPlain = say.Text{
		EN: "what answers at %[1]s does not encrypt. Begin the address with http:// in addresses under store, or turn TLS on at the server.",
		FR: "ce qui répond à l’adresse %[1]s ne chiffre pas. Faites commencer l’adresse par http:// dans addresses, sous store, ou activez TLS sur le serveur.",
	}
	textEncrypted = say.Text{
		EN: "Elasticsearch at %[1]s broke off the conversation: it may want encryption. Begin the address with https:// in addresses under store.",
		FR: "Elasticsearch, à l’adresse %[1]s, a rompu l’échange\u00a0: il exige peut-être le chiffrement. Faites commencer l’adresse par https:// dans addresses, sous store.",
	}
	textStranger = say.Text{
		EN: "what answers at %[1]s is not Elasticsearch (answer %[2]d, %[3]s): a page, or a proxy in between. Correct addresses under store.",
		FR: "ce qui répond à l’adresse %[1]s n’est pas Elasticsearch (réponse %[2]d, %[3]s)\u00a0: c’est une page, ou un serveur mandataire placé devant. Corrigez addresses sous store.",
	}
	textOutdated = say.Text{
		EN: "%[2]s %[3]s answers at %[1]s; ouidire works with Elasticsearch 8.16 or newer. Install that, or write another server in addresses under store.",
		FR: "%[2]s %[3]s répond à l’adresse %[1]s; il faut à ouidire Elasticsearch 8.16 ou plus récent. Installez-le, ou écrivez un autre serveur dans addresses sous store.",
	}
	textTakenName = say.Text{
		EN: "the index %[1]s is not one of ouidire’s: it has the name that an alias of theirs must have. Write another index_prefix under store.",
		FR: "l’index %[1]s n’appartient pas à ouidire\u00a0: il porte le nom que doit porter un de ses alias. Écrivez un autre index_prefix sous store.",
	}
	textOtherMapping = say.Text{
		EN: "the index %[1]s is not one of ouidire’s, though its name begins as theirs do: somebody else made it, with other fields. Write another index_prefix under store.",
		FR: "l’index %[1]s n’appartient pas à ouidire, même si son nom commence comme les siens\u00a0: quelqu’un d’autre l’a créé, avec d’autres champs. Écrivez un autre index_prefix sous store.",
	}
	textForeign = say.Text{
		EN: "the index %[1]s is not one of ouidire’s, though its name begins as theirs do (%[2]s). Write another index_prefix under store.",
		FR: "l’index %[1]s n’appartient pas à ouidire, même si son nom commence comme les siens (%[2]s). Écrivez un autre index_prefix sous store.",
	}
	textBlocked = say.Text{
		EN: "Elasticsearch at %[1]s only lets its indices be read (%[2]s): most often its disk is full. Make room there; writing goes on by itself.",
		FR: "Elasticsearch, à l’adresse %[1]s, ne laisse que lire ses index (%[2]s)\u00a0: le plus souvent, son disque est plein. Faites-y de la place; l’écriture reprendra d’elle-même.",
	}
	textShut = say.Text{
		EN: "an index of Elasticsearch at %[1]s takes no writes (%[2]s). While ouidire writes it anew that lasts for moments; if somebody has shut it, have index.blocks.write taken from its settings. What waits is sent then.",
		FR: "un index d’Elasticsearch, à l’adresse %[1]s, est fermé à l’écriture (%[2]s). Quand ouidire le récrit, cela ne dure que quelques instants; si quelqu’un l’a fermé, faites retirer index.blocks.write de ses réglages. Ce qui attend sera alors envoyé.",
	}
	textMayNotCompact = say.Text{
		EN: "Elasticsearch at %[1]s does not let this user merge the segments of closed months (%[2]s): they go on taking about twice the room that they need. Give the user the index privilege maintenance, or manage.",
		FR: "Elasticsearch, à l’adresse %[1]s, ne permet pas à cet utilisateur de fusionner les segments des mois clos (%[2]s)\u00a0: ils continuent de prendre près du double de la place nécessaire. Donnez-lui sur les index le privilège maintenance, ou manage.",
	}
	textRefused = say.Text{
		EN: "Elasticsearch at %[1]s does not do what it is asked now (%[2]s).",
		FR: "Elasticsearch, à l’adresse %[1]s, ne fait pas pour l’instant ce qui lui est demandé (%[2]s).",
	}
	textPreparing = say.Text{
		EN: "Elasticsearch at %[1]s is being prepared. Try again in a moment.",
		FR: "Elasticsearch, à l’adresse %[1]s, est en préparation. Réessayez dans un instant.",
	}
	textNoAnswer = say.Text{EN: "no answer", FR: "aucune réponse"}
	textNobody   = say.Text{EN: "nothing listens there", FR: "rien n’y écoute"}
	textNoName   = say.Text{EN: "no such name", FR: "ce nom n’existe pas"}
)

// explain is err in words for people, as a store.ErrAway; where there are none it is err
// itself.
func (s *Store) explain(err error) error {
	if said := (*say.Error)(nil); errors.As(err, &said) {
		return said
	}
	at := s.config.addressed()
	for _, words := range []func(string, error) *say.Error{fromCertificate, fromStranger, fromServer, fromNetwork} {
		if said := words(at, err); said != nil {
			switch {
			case said.Text == textEncrypted && s.condition.known():
				said = say.Errorf(textAway, at, textNoAnswer) // it has answered without
			case said.Text == textCredentials && s.client.anonymous():
				said = say.Errorf(textAnonymous, at)
			}
			said.Err = errors.Join(store.ErrAway, err)
			return said
		}
	}
	return err
}

// unprepared says that the server is not ready yet, though nothing is wrong with it.
func (s *Store) unprepared() error {
	said := say.Errorf(textPreparing, s.config.addressed())
	said.Err = store.ErrAway
	return said
}

// explainCompacting is why closed months are not merged, in words for people.
func (s *Store) explainCompacting(err error) error {
	said := say.Errorf(textMayNotCompact, s.config.addressed(), err.Error())
	if r := (*refused)(nil); errors.As(err, &r) {
		said = say.Errorf(textMayNotCompact, s.config.addressed(), r.Reason)
	}
	said.Err = err
	return said
}

// addressed is the addresses as people wrote them, without what is secret.
func (c Config) addressed() string {
	shown := make([]string, len(c.Addresses))
	for i, a := range c.Addresses {
		shown[i] = a
		if u, err := url.Parse(a); err == nil {
			shown[i] = u.Redacted()
		}
	}
	return strings.Join(shown, ", ")
}

func fromCertificate(at string, err error) *say.Error {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return say.Errorf(textUnknownCA, at)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return say.Errorf(textExpired, at, invalid.Cert.NotAfter.Format("2006-01-02"))
	case errors.As(err, &name):
		return say.Errorf(textOtherName, at)
	case errors.As(err, &invalid):
		return say.Errorf(textBadCertificate, at, invalid.Error())
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"): // net/http makes the one of the other
		return say.Errorf(textPlain, at)
	}
	return nil
}

func fromStranger(at string, err error) *say.Error {
	var old *outdated
	var unknown *stranger
	var index *foreign
	switch {
	case errors.As(err, &old):
		return say.Errorf(textOutdated, at, old.Name, old.Version)
	case errors.Is(err, errTakenName) && errors.As(err, &index):
		return say.Errorf(textTakenName, index.Index)
	case errors.Is(err, errOtherMapping) && errors.As(err, &index):
		return say.Errorf(textOtherMapping, index.Index)
	case errors.As(err, &index):
		return say.Errorf(textForeign, index.Index, index.Why.Error())
	case errors.As(err, &unknown) && unknown.name != "":
		return say.Errorf(textOutdated, at, unknown.name, unknown.version)
	case errors.As(err, &unknown) && unknown.Status == http.StatusUnauthorized:
		return say.Errorf(textCredentials, at)
	case errors.As(err, &unknown):
		return say.Errorf(textStranger, at, unknown.Status, unknown.Type)
	}
	return nil
}

func fromServer(at string, err error) *say.Error {
	var r *refused
	if !errors.As(err, &r) {
		return nil
	}
	switch {
	case errors.Is(err, errTemplates):
		return say.Errorf(textTemplates, at)
	case isShut(err):
		return say.Errorf(textShut, at, r.Reason)
	case isBlocked(err):
		return say.Errorf(textBlocked, at, r.Reason)
	case r.Status == http.StatusUnauthorized:
		return say.Errorf(textCredentials, at)
	case r.Status == http.StatusForbidden:
		return say.Errorf(textRights, at, r.Reason)
	}
	return say.Errorf(textRefused, at, r.Type)
}

func fromNetwork(at string, err error) *say.Error {
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return say.Errorf(textAway, at, textNobody)
	case errors.As(err, &dns):
		return say.Errorf(textAway, at, textNoName)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return say.Errorf(textSlow, at)
	case strings.HasPrefix(at, "http://") && brokenOff(err):
		return say.Errorf(textEncrypted, at)
	case errors.As(err, &network), brokenOff(err):
		return say.Errorf(textAway, at, textNoAnswer)
	}
	return nil
}

// definite says that waiting changes nothing: somebody must change the settings or
// the server.
func definite(err error) bool {
	return fromCertificate("", err) != nil || fromStranger("", err) != nil && status(err) < 500 ||
		status(err) == http.StatusUnauthorized || status(err) == http.StatusForbidden && !isBlocked(err)
}

// brokenOff says that the server hung up in the middle.
func brokenOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
