package alerting

import "github.com/ouidire/ouidire/internal/say"

// What our messages say.
var (
	sayNews           = say.Text{EN: "New", FR: "Nouvelle", France: "Actualité"}
	sayCorrected      = say.Text{EN: "Corrected", FR: "Corrigée"}
	sayRetracted      = say.Text{EN: "Retracted", FR: "Mise au point"}
	sayReminder       = say.Text{EN: "Reminder", FR: "Rappel"}
	sayUntitled       = say.Text{EN: "untitled", FR: "sans titre"}
	sayOutlets        = say.Text{EN: "%s outlets", FR: "%s médias"}
	sayWhereWhen      = say.Text{EN: "%s, %s, %s. Watch: %s.", FR: "%s, %s, %s. Veille\u00a0: %s."}
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
	saySince          = say.Text{EN: "Since %s, %s.", FR: "Depuis %s, %s."}
	saySize           = say.Text{EN: "Mentions so far: %s.", FR: "Mentions jusqu’ici\u00a0: %s."}
	sayItIsOver       = say.Text{EN: "It is over. There is nothing to do.", FR: "C’est réglé. Il n’y a rien à faire."}
	sayTestSubject    = say.Text{EN: "Test message from ouidire: %s", FR: "Message d’essai d’ouidire\u00a0: %s"}
	sayTestBody       = say.Text{EN: "This is a test. It shows that ouidire can reach you by this channel.", FR: "Ceci est un essai. Il montre qu’ouidire peut vous joindre par ce moyen d’envoi."}
	sayTestCode       = say.Text{EN: "To confirm that you received it, type this code on the page: %s", FR: "Pour confirmer que vous l’avez reçu, tapez ce code sur la page\u00a0: %s"}
	sayTestLink       = say.Text{EN: "Or open this link: %s", FR: "Ou ouvrez ce lien\u00a0: %s"}
	sayTestExpires    = say.Text{EN: "The code works for 24 hours. If you did not expect this message, ignore it.", FR: "Le code est valable 24 heures. Si vous n’attendiez pas ce message, ignorez-le."}
)
