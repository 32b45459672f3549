package alerting

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// Trouble is why a channel did not take a message, in words of our own: what a place
// answers may hold the message, a password or a page of somebody's own network, and
// is repeated to nobody.
type Trouble struct {
	Reason Reason
	Err    error // for whoever mends the channel; it quotes no answer
}

func (t *Trouble) Error() string { return fmt.Sprintf("%s: %v", t.Reason, t.Err) }

// Unwrap gives the cause.
func (t *Trouble) Unwrap() error { return t.Err }

// In says what happened, and what to do.
func (t *Trouble) In(l say.Lang) string { return reasons[t.Reason].In(l) }

// Reason is one of a few reasons that a person can do something about.
type Reason string

// The reasons.
const (
	Unreachable     Reason = "unreachable"      // nobody answered, or not in time
	Untrusted       Reason = "untrusted"        // its certificate is not one that this machine trusts
	Broken          Reason = "broken"           // the place is out of order for now
	Overloaded      Reason = "overloaded"       // it asks to be left alone for a while
	Unauthorised    Reason = "unauthorised"     // an address, a password or a token is wrong
	PasswordEnded   Reason = "password-ended"   // the mail service takes no password any more
	PermissionEnded Reason = "permission-ended" // to send by an account was taken back, or is too old
	Uninvited       Reason = "uninvited"        // the program is not in that conversation
	Gone            Reason = "gone"             // nothing takes messages there any more
	Moved           Reason = "moved"            // the address points elsewhere
	TooLong         Reason = "too-long"         // longer than the place takes
	NoSuchPerson    Reason = "no-such-person"   // nobody of the recipients can be reached
	Refused         Reason = "refused"          // anything else
)

var reasons = map[Reason]say.Text{
	Unreachable: {EN: "nobody answers there; check the address, and whether this machine may reach it",
		FR: "personne ne répond à cette adresse; vérifiez-la, et que cette machine peut la joindre"},
	Untrusted: {EN: "this machine does not trust the certificate of the service; have it corrected there, or let this machine know the authority that signed it (for a mail server, by ca)",
		FR:     "cette machine ne se fie pas au certificat du service; faites-le corriger chez lui, ou faites connaître à cette machine l’autorité qui l’a signé (par ca, pour un serveur de courriel)",
		France: "cette machine ne se fie pas au certificat du service; faites-le corriger chez lui, ou faites connaître à cette machine l’autorité qui l’a signé (par ca, pour un serveur de messagerie)"},
	Broken: {EN: "the service is out of order for now; try again later",
		FR: "le service est en panne pour l’instant; réessayez plus tard"},
	Overloaded: {EN: "the service has too many messages for now; try again later",
		FR: "le service reçoit trop de messages pour l’instant; réessayez plus tard"},
	Unauthorised: {EN: "the service does not accept the address, the password or the token; copy it again from there",
		FR: "le service n’accepte pas l’adresse, le mot de passe ou le jeton; copiez-les de nouveau depuis ce service"},
	PasswordEnded: {EN: "this mail service takes no password any more; set sign_in to microsoft or google and give an application’s permission, as the guide of alerts explains",
		FR:     "ce service de courriel n’accepte plus de mot de passe; réglez sign_in à microsoft ou à google et donnez l’autorisation d’une application, comme l’explique le guide des alertes",
		France: "ce service de messagerie n’accepte plus de mot de passe; réglez sign_in à microsoft ou à google et donnez l’autorisation d’une application, comme l’explique le guide des alertes"},
	PermissionEnded: {EN: "the permission to send by this account is missing, has ended or was taken back; give it with ouidire notify signin, as the guide of alerts explains",
		FR: "l’autorisation d’envoyer par ce compte manque, est terminée ou a été retirée; donnez-la avec ouidire notify signin, comme l’explique le guide des alertes"},
	Uninvited: {EN: "the application is not a member of this conversation, or may not write there; invite it, then try again",
		FR: "l’application ne fait pas partie de cette conversation ou ne peut pas y écrire; invitez-la, puis réessayez"},
	Gone: {EN: "nothing takes messages at this address any more; make a new one in the service",
		FR: "cette adresse ne reçoit plus de messages; créez-en une nouvelle dans le service"},
	Moved: {EN: "this address points elsewhere, and messages go to no other than yours; copy the new one from the service",
		FR: "cette adresse renvoie ailleurs, et les messages ne vont qu’à la vôtre; copiez la nouvelle depuis le service"},
	TooLong: {EN: "the service finds the message too long", FR: "le service juge le message trop long"},
	NoSuchPerson: {EN: "the mail server knows none of these people; check their addresses",
		FR: "le serveur de courriel ne connaît aucune de ces personnes; vérifiez leurs adresses", France: "le serveur de messagerie ne connaît aucune de ces personnes; vérifiez leurs adresses"},
	Refused: {EN: "the service refused the message; check how this channel is set",
		FR: "le service a refusé le message; vérifiez les réglages de ce moyen d’envoi"},
}

// Unmet is the reason why a connection came to nothing.
func Unmet(err error) Reason {
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return Untrusted
	}
	return Unreachable
}

// What became of messages that were given up.
const (
	fateRefused = "refused"
	fateExpired = "expired"
)

var (
	sayTriedForADay   = say.Text{EN: "tried for a day in vain: %s", FR: "essayé en vain pendant une journée\u00a0: %s"}
	sayNoReasonKnown  = say.Text{EN: "the reason is in the log of ouidire", FR: "la raison est dans le journal d’ouidire"}
	sayChannelRemoved = say.Text{EN: "the channel was removed", FR: "le moyen d’envoi a été retiré"}
)

// ChannelRemoved is the Why of a row whose channel is configured no more.
const ChannelRemoved = "the channel was removed"

// whyDead is the Why of a row that is given up. Explain reads it.
func whyDead(fate, why string) string { return fate + ": " + why }

// Explain says in l why a message was not delivered, and what to do.
func (r Row) Explain(l say.Lang) string {
	if r.Why == ChannelRemoved {
		return sayChannelRemoved.In(l)
	}
	why, expired := strings.CutPrefix(r.Why, fateExpired+": ")
	if !expired {
		why, _ = strings.CutPrefix(why, fateRefused+": ")
	}
	said := sayNoReasonKnown.In(l)
	name, _, _ := strings.Cut(why, ": ")
	if text, known := reasons[Reason(name)]; known {
		said = text.In(l)
	}
	if expired {
		return sayTriedForADay.In(l, said)
	}
	return said
}

// why is what the ledger keeps of a failure: its reason first, as Explain wants it.
func why(err error) string {
	if t := (*Trouble)(nil); errors.As(err, &t) {
		return string(t.Reason) + ": " + err.Error()
	}
	return err.Error()
}
