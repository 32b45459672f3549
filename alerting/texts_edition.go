package alerting

import "github.com/ouidire/ouidire/internal/say"

// What a digest says.
var (
	sayMorning       = say.Text{EN: "Morning digest", FR: "Résumé du matin"}
	sayOfTheDay      = say.Text{EN: "Digest of the day", FR: "Résumé du jour"}
	sayOfTheWeek     = say.Text{EN: "Digest of the week", FR: "Résumé de la semaine"}
	sayNamingAll     = say.Text{EN: "%s naming you", FR: "%s où vous êtes nommés"}
	sayTalk          = say.Text{EN: "%s conversation to read", FR: "%s conversation à lire"}
	sayTalks         = say.Text{EN: "%s conversations to read", FR: "%s conversations à lire"}
	sayNothingNew    = say.Text{EN: "Nothing to report", FR: "Rien à signaler"}
	sayNothingElse   = say.Text{EN: "Nothing new", FR: "Rien de nouveau"}
	sayNoSource      = say.Text{EN: "no source read", FR: "aucune source lue"}
	saySourceRead    = say.Text{EN: "%s source read", FR: "%s source lue"}
	saySourcesRead   = say.Text{EN: "%s sources read", FR: "%s sources lues"}
	saySourceUnread  = say.Text{EN: "%s source not read", FR: "%s source non lue"}
	saySourcesUnread = say.Text{EN: "%s sources not read", FR: "%s sources non lues"}
	sayNoMention     = say.Text{EN: "no mention", FR: "aucune mention"}
	sayOneMention    = say.Text{EN: "%s mention", FR: "%s mention"}
	sayManyMentions  = say.Text{EN: "%s mentions", FR: "%s mentions"}
	sayOpenOne       = say.Text{EN: "%s situation open", FR: "%s situation en cours"}
	sayOpenMany      = say.Text{EN: "%s situations open", FR: "%s situations en cours"}

	sayLead       = say.Text{EN: "Since %s, %s: %s, %s.", FR: "Depuis %s, %s\u00a0: %s, %s."}
	sayDayBefore  = say.Text{EN: "%s (%s the day before)", FR: "%s (%s la veille)"}
	sayWeekBefore = say.Text{EN: "%s (%s the week before)", FR: "%s (%s la semaine d’avant)"}
	sayVoice      = say.Text{EN: "About you: %s of the mentions%s. Tone (judged automatically, can be wrong): %s.", FR: "À votre sujet\u00a0: %s des mentions%s. Tonalité (évaluée automatiquement, peut se tromper)\u00a0: %s."}
	sayVoiceWas   = say.Text{EN: ", %s before", FR: ", contre %s auparavant"}
	sayToneNeg    = say.Text{EN: "%s negative", FR: "%s négative"}
	sayToneNegs   = say.Text{EN: "%s negative", FR: "%s négatives"}
	sayToneNeut   = say.Text{EN: "%s neutral", FR: "%s neutre"}
	sayToneNeuts  = say.Text{EN: "%s neutral", FR: "%s neutres"}
	sayTonePos    = say.Text{EN: "%s positive", FR: "%s positive"}
	sayTonePoss   = say.Text{EN: "%s positive", FR: "%s positives"}
	sayTonesWere  = say.Text{EN: "%s (before: %s, %s and %s)", FR: "%s (auparavant\u00a0: %s, %s et %s)"}
	sayNotRead    = say.Text{EN: "Source not read: %s.", FR: "Source non lue\u00a0: %s."}
	sayNotReadAny = say.Text{EN: "Sources not read: %s.", FR: "Sources non lues\u00a0: %s."}
	sayNotAlways  = say.Text{EN: "Not always read: %s.", FR: "Lecture interrompue par moments\u00a0: %s."}
	sayNeverRead  = say.Text{EN: "%s (never)", FR: "%s (jamais)"}
	sayReadUpto   = say.Text{EN: "%s (since %s)", FR: "%s (depuis %s)"}
	sayMoreNamed  = say.Text{EN: "%s and %s more", FR: "%s et %s de plus"}

	sayOutletsTell  = say.Text{EN: " (%s outlets)", FR: " (%s médias)"}
	sayOutletTells  = say.Text{EN: " (%s)", FR: " (%s)"}
	sayCorrectedIn  = say.Text{EN: ", corrected", FR: ", corrigée"}
	sayTakenBack    = say.Text{EN: ", with a retraction", FR: ", avec une mise au point"}
	sayComplained   = say.Text{EN: "%s, %s of them negative", FR: "%s, dont %s"}
	sayWhereTalked  = say.Text{EN: "at %s", FR: "dans %s"}
	sayCommentOne   = say.Text{EN: "%s comment", FR: "%s commentaire"}
	sayCommentMany  = say.Text{EN: "%s comments", FR: "%s commentaires"}
	sayAllNegative  = say.Text{EN: "%s negative comment", FR: "%s commentaire négatif"}
	sayAllNegatives = say.Text{EN: "%s negative comments", FR: "%s commentaires négatifs"}
	sayNegativeOne  = say.Text{EN: "%s", FR: "%s négatif"}
	sayNegatives    = say.Text{EN: "%s", FR: "%s négatifs"}

	sayOpenWhatAsks = say.Text{EN: "Next: open what calls for an answer from you.", FR: "À faire\u00a0: ouvrez ce qui demande une réponse de votre part."}
	sayOneIsOpen    = say.Text{EN: "Next: %s situation is open; begin there.", FR: "À faire\u00a0: %s situation est en cours; commencez par elle."}
	sayManyAreOpen  = say.Text{EN: "Next: %s situations are open; begin there.", FR: "À faire\u00a0: %s situations sont en cours; commencez par elles."}
	sayMendSources  = say.Text{EN: "Next: see why this is not read.", FR: "À faire\u00a0: voyez pourquoi cela n’est pas lu."}
	sayNothingToDo  = say.Text{EN: "There is nothing to do.", FR: "Il n’y a rien à faire."}

	sayStopDigest     = say.Text{EN: "You get this digest because it is set for the channel %s. To change or stop it: %s", FR: "Vous recevez ce résumé parce qu’il est demandé pour le moyen d’envoi %s. Pour le changer ou l’arrêter\u00a0: %s"}
	sayStopDigestAsk  = say.Text{EN: "You get this digest because it is set for the channel %s. To stop it, ask the person who looks after ouidire (setting digest).", FR: "Vous recevez ce résumé parce qu’il est demandé pour le moyen d’envoi %s. Pour l’arrêter, adressez-vous à la personne qui s’occupe d’ouidire (réglage digest)."}
	sayWhereToSign    = say.Text{EN: "This comes once a week by the channel %s. To stop it: %s", FR: "Ceci vient une fois par semaine par le moyen d’envoi %s. Pour l’arrêter\u00a0: %s"}
	sayWhereToSignAsk = say.Text{EN: "This comes once a week by the channel %s. To stop it, ask the person who looks after ouidire (setting no_sign_of_life).", FR: "Ceci vient une fois par semaine par le moyen d’envoi %s. Pour l’arrêter, adressez-vous à la personne qui s’occupe d’ouidire (réglage no_sign_of_life)."}
)

// What a sign of life says besides.
var (
	sayListening  = say.Text{EN: "ouidire is listening", FR: "ouidire veille"}
	sayThisIsRead = say.Text{EN: "This is what I have read since %s, %s: %s, %s.", FR: "Voici ce que j’ai lu depuis %s, %s\u00a0: %s, %s."}
	sayWhatCame   = say.Text{EN: "Meanwhile: %s, %s.", FR: "Pendant ce temps\u00a0: %s, %s."}
	sayBeganOne   = say.Text{EN: "%s situation began", FR: "%s situation a commencé"}
	sayBeganMany  = say.Text{EN: "%s situations began", FR: "%s situations ont commencé"}
	sayBeganNone  = say.Text{EN: "no situation began", FR: "aucune situation n’a commencé"}
	saySentNone   = say.Text{EN: "no message went by this channel", FR: "aucun message n’est passé par ce moyen d’envoi"}
	saySentOne    = say.Text{EN: "%s message went by this channel", FR: "%s message est passé par ce moyen d’envoi"}
	saySentMany   = say.Text{EN: "%s messages went by this channel", FR: "%s messages sont passés par ce moyen d’envoi"}
	sayIfItStops  = say.Text{EN: "If this does not come next week, ouidire has stopped: tell the person who looks after it.", FR: "Si ce message ne vient pas la semaine prochaine, ouidire s’est arrêté\u00a0: prévenez la personne qui s’en occupe."}
)

// tones are the words for a tone, sure and less so.
var tones = map[string][2]say.Text{
	"negative": {{EN: ", negative tone", FR: ", tonalité négative"}, {EN: ", tone perhaps negative", FR: ", tonalité peut-être négative"}},
	"neutral":  {{EN: ", neutral tone", FR: ", tonalité neutre"}, {EN: ", tone perhaps neutral", FR: ", tonalité peut-être neutre"}},
	"positive": {{EN: ", positive tone", FR: ", tonalité positive"}, {EN: ", tone perhaps positive", FR: ", tonalité peut-être positive"}},
}
