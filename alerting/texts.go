package alerting

import "github.com/ouidire/ouidire/internal/say"

// What our messages say.
var (
	sayNews           = say.Text{EN: "New", FR: "Nouvelle", France: "Actualité"}
	sayCorrected      = say.Text{EN: "Corrected", FR: "Corrigée"}
	sayRetracted      = say.Text{EN: "Retracted", FR: "Mise au point"}
	sayTakenUp        = say.Text{EN: "Picked up", FR: "Reprise"}
	sayOutletJoined   = say.Text{EN: "%s, a large outlet, now tells it too.", FR: "%s, un grand média, en parle maintenant aussi."}
	sayAccountJoined  = say.Text{EN: "%s now tells it too.", FR: "%s en parle maintenant aussi."}
	sayReminder       = say.Text{EN: "Reminder", FR: "Rappel"}
	sayUntitled       = say.Text{EN: "untitled", FR: "sans titre"}
	sayOutlets        = say.Text{EN: "%s outlets", FR: "%s médias"}
	sayWhereWhen      = say.Text{EN: "%s, %s, %s. %s", FR: "%s, %s, %s. %s"}
	sayWatch          = say.Text{EN: "Watch: %s.", FR: "Veille\u00a0: %s."}
	sayWatches        = say.Text{EN: "Watches: %s.", FR: "Veilles\u00a0: %s."}
	sayNamesYou       = say.Text{EN: "You are named now", FR: "Vous y êtes nommés"}
	sayPickedUp       = say.Text{EN: "Picked up by %s outlets.", FR: "Reprise par %s médias."}
	sayNamed          = say.Text{EN: "You are named.", FR: "Votre organisation est nommée."}
	sayNotNamed       = say.Text{EN: "You are not named.", FR: "Vous n’êtes pas nommés."}
	sayIsCorrected    = say.Text{EN: "The figures have changed since the first version: check before you quote them.", FR: "Les chiffres ont changé depuis la première version\u00a0: vérifiez avant de les citer."}
	sayIsRetracted    = say.Text{EN: "The outlet has taken something back: read it again before you quote or share it.", FR: "Le média revient sur ce qu’il a écrit\u00a0: relisez-la avant de la citer ou de la partager."}
	sayRead           = say.Text{EN: "Read: %s", FR: "Lire\u00a0: %s"}
	sayReadThenDecide = say.Text{EN: "Next: read it, then say whether you will handle it.", FR: "À faire\u00a0: lisez-la, puis dites si vous vous en occupez."}
	sayLookThenDecide = say.Text{EN: "Next: look at the examples, then say whether you will handle it.", FR: "À faire\u00a0: regardez les exemples, puis dites si vous vous en occupez."}
	sayBegins         = say.Text{EN: "Worth a look", FR: "À regarder"}
	sayGrows          = say.Text{EN: "Growing", FR: "La situation grandit"}
	sayOver           = say.Text{EN: "Resolved", FR: "Situation réglée"}
	sayGrowsShort     = say.Text{EN: "More", FR: "En hausse"}
	sayOverShort      = say.Text{EN: "Over", FR: "Réglée"}
	sayUnder          = say.Text{EN: "%s is under fire too.", FR: "Au même moment, d’autres visent aussi %s."}
	sayAlso           = say.Text{EN: "Also reported by: %s.", FR: "Aussi signalé par\u00a0: %s."}
	sayAlsoOne        = say.Text{EN: "Also reported by another rule.", FR: "Aussi signalé par une autre règle d’alerte."}
	sayAlsoMany       = say.Text{EN: "Also reported by %s other rules.", FR: "Aussi signalé par %s autres règles d’alerte."}
	sayToldBy         = say.Text{EN: "You are told of it by your rule %s.", FR: "Votre règle d’alerte %s vous en prévient."}
	sayFollowThat     = say.Text{EN: "Nothing to do here: follow the situation of that rule.", FR: "Rien à faire ici\u00a0: suivez la situation de cette règle."}
	saySince          = say.Text{EN: "Since %s, %s.", FR: "Depuis %s, %s."}
	saySize           = say.Text{EN: "Mentions so far: %s.", FR: "Mentions jusqu’ici\u00a0: %s."}
	sayItIsOver       = say.Text{EN: "It is over. There is nothing to do.", FR: "C’est réglé. Il n’y a rien à faire."}
	sayResumes        = say.Text{EN: "It goes on", FR: "La situation reprend"}
	sayReopenIfNot    = say.Text{EN: "Settled. Reopen it if it is not.", FR: "C’est réglé. Rouvrez-la si ce n’est pas le cas."}
	sayTakenBy        = say.Text{EN: "%s is handling it.", FR: "Prise en charge par %s."}
	sayAssignedTo     = say.Text{EN: "Assigned to %s.", FR: "Confiée à %s."}
	saySettledBy      = say.Text{EN: "Settled by %s.", FR: "Réglée par %s."}
	sayCalledFalse    = say.Text{EN: "Marked as a false alarm by %s.", FR: "Marquée comme fausse alerte par %s."}
	sayNobodyTook     = say.Text{EN: "Told first (%s): %s. Nobody has taken it in hand yet.", FR: "Prévenus d’abord (%s)\u00a0: %s. Personne ne s’en occupe encore."}
	sayToldFurther    = say.Text{EN: "Escalated to: %s.", FR: "Transmise à\u00a0: %s."}
	sayNobodyHasIt    = say.Text{EN: "Nobody has it", FR: "Personne ne s’en occupe"}
	sayEscalated      = say.Text{EN: "Escalated", FR: "Transmise"}
	sayAssignedToYou  = say.Text{EN: "Assigned to you", FR: "On vous confie"}
	sayForYou         = say.Text{EN: "For you", FR: "Pour vous"}
	sayAsksYou        = say.Text{EN: "%s asks you to take this in hand.", FR: "%s vous confie cette situation."}
	sayTakeIt         = say.Text{EN: "You are asked to take this in hand.", FR: "Cette situation vous est confiée."}
	sayInstead        = say.Text{EN: "Sent this way because %s did not take it.", FR: "Envoi de secours\u00a0: %s n’a pas accepté ce message."}
	sayTestSubject    = say.Text{EN: "Test message from ouidire: %s", FR: "Message d’essai d’ouidire\u00a0: %s"}
	sayTestBody       = say.Text{EN: "This is a test. It shows that ouidire can reach you by this channel.", FR: "Ceci est un essai. Il montre qu’ouidire peut vous joindre par ce moyen d’envoi."}
	sayTestCode       = say.Text{EN: "To confirm that you received it, type this code on the page: %s", FR: "Pour confirmer que vous l’avez reçu, tapez ce code sur la page\u00a0: %s"}
	sayTestLink       = say.Text{EN: "Or open this link: %s", FR: "Ou ouvrez ce lien\u00a0: %s"}
	sayTestExpires    = say.Text{EN: "The code works for 24 hours. If you did not expect this message, ignore it.", FR: "Le code est valable 24 heures. Si vous n’attendiez pas ce message, ignorez-le."}
)

// What they say of a surge.
var (
	sayUrgent         = say.Text{EN: "Urgent", FR: "Urgent"}
	sayWatchClosely   = say.Text{EN: "Watch closely", FR: "À surveiller"}
	sayForInformation = say.Text{EN: "For information", FR: "Pour information"}
	saySurgeRises     = say.Text{EN: "The surge is rising", FR: "La vague monte"}
	saySurgeGrew      = say.Text{EN: "The surge has grown", FR: "La vague a grossi"}
	saySurgeResumes   = say.Text{EN: "The surge is back", FR: "La vague reprend"}
	saySurgeOver      = say.Text{EN: "The surge is over", FR: "La vague est passée"}
	saySurgeOverShort = say.Text{EN: "Surge over", FR: "Vague passée"}

	saySurge         = say.Text{EN: "%s negative comments in %s, %s (%s)", FR: "%s commentaires négatifs en %s, %s (%s)"}
	saySurgeShort    = say.Text{EN: "%s negative in %s, %s (%s)", FR: "%s négatifs en %s, %s (%s)"}
	saySurgeOne      = say.Text{EN: "%s negative comment in %s, %s (%s)", FR: "%s commentaire négatif en %s, %s (%s)"}
	saySurgeOneShort = say.Text{EN: "%s negative in %s, %s (%s)", FR: "%s négatif en %s, %s (%s)"}
	sayUsually       = say.Text{EN: "usually %s", FR: "%s d’habitude"}
	saySurgeWas      = say.Text{EN: "%s comments, %s people, %s (%s)", FR: "%s commentaires, %s personnes, %s (%s)"}
	saySurgeWasShort = say.Text{EN: "%s comments, %s (%s)", FR: "%s commentaires, %s (%s)"}

	saySurgeStill      = say.Text{EN: "Since %s, and still rising: %s.", FR: "Depuis %s, et la vague monte\u00a0: %s."}
	saySurgeSteady     = say.Text{EN: "Since %s, not speeding up for now: %s.", FR: "Depuis %s, sans accélérer pour l’instant\u00a0: %s."}
	saySurgeFromTo     = say.Text{EN: "From %s to %s: %s.", FR: "De %s à %s\u00a0: %s."}
	saySurgeFromToDays = say.Text{EN: "From %s to %s: %s.", FR: "Du %s au %s\u00a0: %s."}
	sayPeople          = say.Text{EN: "%s people", FR: "%s personnes"}
	sayOnePerson       = say.Text{EN: "one person alone", FR: "une seule personne"}
	sayMostlyUnder     = say.Text{EN: ", mostly under your post %s (%s)", FR: ", surtout sous votre publication %s (%s)"}
	sayMostlyAt        = say.Text{EN: ", mostly at %s (%s)", FR: ", surtout dans %s (%s)"}
	sayEverywhere      = say.Text{EN: ", in many places", FR: ", un peu partout"}
	sayAmplified       = say.Text{EN: "Amplified by: %s.", FR: "Amplifiée par\u00a0: %s."}
	sayFollowers       = say.Text{EN: "%s (%s followers)", FR: "%s (%s abonnés)"}
	sayNewWords        = say.Text{EN: "New words: %s.", FR: "Mots nouveaux\u00a0: %s."}
	sayCopies          = say.Text{EN: "%s texts are identical.", FR: "%s textes sont identiques."}

	sayReadDeleteNothing = say.Text{EN: "Next: read the examples, delete nothing, say who handles it.", FR: "À faire\u00a0: lisez les exemples, ne supprimez rien, dites qui s’en occupe."}
	sayAskWhoHasIt       = say.Text{EN: "Next: ask %s whether your answer must change.", FR: "À faire\u00a0: voyez avec %s si votre réponse doit changer."}
	sayKeepAnswering     = say.Text{EN: "Next: see whether your answer must change.", FR: "À faire\u00a0: voyez si votre réponse doit changer."}
	sayAnswerWhatIsLeft  = say.Text{EN: "Next: answer the questions that are left; the rest can wait.", FR: "À faire\u00a0: répondez aux questions restées sans réponse; le reste peut attendre."}

	sayBlindOne       = say.Text{EN: "We could not read %s%s; the real number may be higher.", FR: "%s n’a pas été lu%s; le nombre réel est peut-être plus élevé."}
	sayBlindMany      = say.Text{EN: "We could not read %s%s; the real number may be higher.", FR: "%s n’ont pas été lus%s; le nombre réel est peut-être plus élevé."}
	saySinceHour      = say.Text{EN: " since %s", FR: " depuis %s"}
	sayAndMore        = say.Text{EN: "%s and %s more", FR: "%s et %s de plus"}
	sayWarmUp         = say.Text{EN: "Less than two weeks are known: this may be a false alarm.", FR: "Moins de deux semaines sont connues\u00a0: ce peut être une fausse alerte."}
	sayToneMayBeWrong = say.Text{EN: "Tone is judged automatically and can be wrong.", FR: "La tonalité est évaluée automatiquement; elle peut se tromper."}
)
