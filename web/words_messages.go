package web

import "github.com/ouidire/ouidire/internal/say"

// messagesWords is the channels and their tests.
var messagesWords = map[string]say.Text{
	"channel.email":        {EN: "e-mail", FR: "courriel", France: "e-mail"},
	"channel.slack":        {EN: "Slack", FR: "Slack"},
	"channel.teams":        {EN: "Microsoft Teams", FR: "Microsoft Teams"},
	"channel.ntfy":         {EN: "phones, by ntfy", FR: "téléphones, par ntfy"},
	"channel.mattermost":   {EN: "Mattermost", FR: "Mattermost"},
	"channel.alertmanager": {EN: "Alertmanager of Prometheus", FR: "Alertmanager de Prometheus"},
	"channel.shoutrrr":     {EN: "Discord, Telegram, Matrix and others", FR: "Discord, Telegram, Matrix et d’autres"},
	"channel.webhook":      {EN: "another program", FR: "un autre programme"},
	"channel.log":          {EN: "the log of ouidire", FR: "le journal d’ouidire"},

	"messages.title":     {EN: "How you are told", FR: "Comment on vous prévient"},
	"messages.none":      {EN: "No channel is set: no alert can reach you. Choose Add a way to be told, under Settings.", FR: "Aucun moyen d’envoi n’est réglé\u00a0: aucune alerte ne peut vous parvenir. Choisissez Ajouter un moyen d’envoi, sous Réglages."},
	"messages.never":     {EN: "never confirmed", FR: "jamais confirmé"},
	"messages.confirmed": {EN: "confirmed %s", FR: "confirmé %s"},
	"messages.send":      {EN: "Send a test message", FR: "Envoyer un message d’essai"},
	"messages.send.to":   {EN: "Send a test message by %s", FR: "Envoyer un message d’essai par %s"},
	"messages.sent":      {EN: "A test message was sent by %s. When it arrives, type its six digits.", FR: "Un message d’essai est parti par %s. Quand vous l’aurez reçu, tapez ses six chiffres."},
	"messages.done":      {EN: "Confirmed: messages sent by %s arrive.", FR: "C’est confirmé\u00a0: les messages envoyés par %s arrivent à destination."},
	"messages.owners":    {EN: "hears of what nobody takes", FR: "on lui transmet ce dont personne ne s’occupe"},
	"messages.fallback":  {EN: "what it refuses goes by %s", FR: "envoi de secours\u00a0: %s"},
	"messages.dead":      {EN: "Messages that did not arrive", FR: "Messages qui ne sont pas arrivés"},
	"messages.dead.text": {EN: "In the last 30 days. Once the channel works again, send a test message: what it refused in the last 24 hours is then sent to it again.", FR: "Depuis 30 jours. Quand le moyen d’envoi fonctionnera de nouveau, envoyez un message d’essai\u00a0: ce qu’il a refusé depuis 24 heures lui sera alors renvoyé."},
	"messages.dead.by":   {EN: "%s, by %s: %s.", FR: "%s, par %s\u00a0: %s."},
	"messages.code":      {EN: "The six digits of the test message", FR: "Les six chiffres du message d’essai"},
	"messages.confirm":   {EN: "Confirm", FR: "Confirmer"},

	"messages.left":      {EN: "No digests, as they asked", FR: "Sans résumé, à leur demande"},
	"messages.left.text": {EN: "These people left by the link in a digest. Alerts still reach them.", FR: "Ces personnes l’ont demandé par le lien d’un résumé. Les alertes continuent de leur parvenir."},
	"messages.left.by":   {EN: "%s, since %s", FR: "%s, depuis le %s"},
	"messages.again":     {EN: "Send them again", FR: "Les envoyer de nouveau"},
	"messages.again.to":  {EN: "Send digests to %s again", FR: "Envoyer de nouveau les résumés à %s"},

	"unsubscribe.title":     {EN: "No more digests?", FR: "Ne plus recevoir les résumés?"},
	"unsubscribe.text":      {EN: "%[1]s gets what the channel “%[2]s” sends at set hours: digests, and the weekly sign that ouidire works.", FR: "%[1]s reçoit ce que le moyen d’envoi «\u00a0%[2]s\u00a0» envoie à heures fixes\u00a0: les résumés, et chaque semaine le signe qu’ouidire fonctionne."},
	"unsubscribe.text.all":  {EN: "%s gets what is sent at set hours: digests, and the weekly sign that ouidire works.", FR: "%s reçoit ce qui est envoyé à heures fixes : les résumés, et chaque semaine le signe qu’ouidire fonctionne."},
	"unsubscribe.done.all":  {EN: "Nothing more is sent to %s at set hours.", FR: "Plus rien n’est envoyé à %s à heures fixes."},
	"messages.left.all":     {EN: "no digests at all, since %s", FR: "aucun résumé, depuis le %s"},
	"unsubscribe.stays":     {EN: "Alerts go on: what is urgent, and each situation, still comes to this address.", FR: "Les alertes continuent\u00a0: ce qui est urgent, et chaque situation, parvient toujours à cette adresse."},
	"unsubscribe.go":        {EN: "Send no more", FR: "Ne plus les envoyer"},
	"unsubscribe.done":      {EN: "It is done.", FR: "C’est fait."},
	"unsubscribe.done.text": {EN: "Nothing more is sent to %[1]s at set hours by the channel “%[2]s”.", FR: "Plus rien n’est envoyé à %[1]s à heures fixes par le moyen d’envoi «\u00a0%[2]s\u00a0»."},
	"unsubscribe.undo":      {EN: "Send them again", FR: "Les envoyer de nouveau"},
	"unsubscribe.back":      {EN: "The next digest will be sent to %s again.", FR: "Le prochain résumé sera de nouveau envoyé à %s."},
	"unsubscribe.gone":      {EN: "This link is not one of ours.", FR: "Ce lien n’est pas des nôtres."},
	"unsubscribe.gone.text": {EN: "Copy it whole from the digest, or ask the person who looks after ouidire.", FR: "Copiez-le en entier depuis le résumé, ou adressez-vous à la personne qui s’occupe d’ouidire."},
}
