package web

import "github.com/ouidire/ouidire/internal/say"

// advisoriesWords is what parent organisations advise: the list, one of them with who
// read it, the form, and the page that a link of a message leads to.
var advisoriesWords = map[string]say.Text{
	"advice.title":     {EN: "Advisories", FR: "Consignes"},
	"advice.all":       {EN: "All advisories", FR: "Toutes les consignes"},
	"advice.force":     {EN: "In force", FR: "En vigueur"},
	"advice.past":      {EN: "Before", FR: "Auparavant"},
	"advice.none":      {EN: "No advisory", FR: "Aucune consigne"},
	"advice.none.text": {EN: "The team of a parent organisation sends advice to its affiliates here: what to answer, what to leave to it, until when. It reaches them by their channels and stands at the top of the home page while it holds; the team sees who read it.", FR: "C’est ici que l’équipe d’une organisation mère envoie ses consignes à ses organisations affiliées\u00a0: quoi répondre, quoi lui laisser, jusqu’à quand. Elles leur parviennent par leurs moyens d’envoi et restent en tête de l’accueil tant qu’elles valent; l’équipe voit qui les a lues."},
	"advice.nobody":    {EN: "Nobody can be advised yet: no watch is that of an organisation with affiliates listened to here. Under Watches, say of each affiliate to which organisation it belongs.", FR: "Il n’y a encore personne à qui en adresser\u00a0: aucune veille n’est celle d’une organisation dont les organisations affiliées sont écoutées ici. Sous Veilles, dites de chacune de quelle organisation elle fait partie."},
	"advice.write":     {EN: "Send an advisory", FR: "Envoyer des consignes"},
	"advice.write.of":  {EN: "Send an advisory (%s)", FR: "Envoyer des consignes (%s)"},
	"advice.others":    {EN: "Or in the name of:", FR: "Ou au nom de\u00a0:"},

	"advice.about":        {EN: "The situation that it is about", FR: "La situation dont il s’agit"},
	"advice.about.of":     {EN: "About the situation:", FR: "Au sujet de la situation\u00a0:"},
	"advice.to":           {EN: "To", FR: "Pour"},
	"advice.subject":      {EN: "Subject", FR: "Objet"},
	"advice.subject.hint": {EN: "What it is about, in one line: 58 characters at most.", FR: "De quoi il s’agit, en une ligne\u00a0: 58 caractères au plus."},
	"advice.advice":       {EN: "Advice", FR: "Consignes"},
	"advice.advice.hint":  {EN: "What to do, what not to do, whom to ask. Plain text, read as you write it.", FR: "Quoi faire, quoi ne pas faire, à qui s’adresser. Du texte simple, lu tel que vous l’écrivez."},
	"advice.answer":       {EN: "An answer that they may use (optional)", FR: "Une réponse qu’elles peuvent utiliser (facultatif)"},
	"advice.answer.hint":  {EN: "Leave it empty if nobody is to answer yet, and say so above.", FR: "Laissez ceci vide si personne ne doit encore répondre, et dites-le plus haut."},
	"advice.answer.use":   {EN: "An answer that you may use", FR: "Une réponse que vous pouvez utiliser"},
	"advice.until":        {EN: "Last day on which it holds", FR: "Dernier jour où elles valent"},
	"advice.urgent":       {EN: "Urgent: send it in quiet hours too", FR: "Urgentes\u00a0: les envoyer aussi pendant les heures de tranquillité"},
	"advice.name":         {EN: "Your name (optional: others see it)", FR: "Votre nom (facultatif\u00a0: les autres le voient)"},
	"advice.look":         {EN: "See what will be sent", FR: "Voir ce qui partira"},
	"advice.preview":      {EN: "Preview", FR: "Aperçu"},
	"advice.preview.text": {EN: "Nothing has been sent yet. The message also holds a link to say that one has read it.", FR: "Rien n’est encore parti. Le message contient aussi un lien pour dire qu’on l’a lu."},
	"advice.reach":        {EN: "Who gets it, and how", FR: "Qui les reçoit, et comment"},
	"advice.reach.none":   {EN: "by no channel: they see it on the page alone", FR: "par aucun moyen d’envoi\u00a0: on ne les y verra que sur la page"},
	"advice.send":         {EN: "Send now", FR: "Envoyer maintenant"},
	"advice.edit":         {EN: "Change it", FR: "Modifier"},
	"advice.sent":         {EN: "It is on its way. Here you will see who has read it.", FR: "C’est parti. Vous verrez ici qui les a lues."},

	"advice.through":        {EN: "holds through %s", FR: "valables jusqu’au %s"},
	"advice.over":           {EN: "held through %s", FR: "valaient jusqu’au %s"},
	"advice.withdrawn":      {EN: "withdrawn", FR: "retirées"},
	"advice.withdrawn.text": {EN: "This advisory was withdrawn: do not follow it any more.", FR: "Ces consignes ont été retirées\u00a0: n’en tenez plus compte."},
	"advice.withdraw":       {EN: "Withdraw this advisory", FR: "Retirer ces consignes"},
	"advice.withdraw.text":  {EN: "Whoever got it is told not to follow it any more.", FR: "Les personnes qui les ont reçues apprennent qu’il ne faut plus en tenir compte."},

	"advice.read":       {EN: "I have read it", FR: "J’ai lu"},
	"advice.read.of":    {EN: "I have read it: %s", FR: "J’ai lu\u00a0: %s"},
	"advice.mine":       {EN: "You have read it. Read it again", FR: "Vous les avez lues. Les relire"},
	"advice.readers":    {EN: "Who has read it", FR: "Qui les a lues"},
	"advice.read.none":  {EN: "nobody has read it yet", FR: "lues par personne encore"},
	"advice.read.one":   {EN: "read by %s person", FR: "lues par %s personne"},
	"advice.read.many":  {EN: "read by %s people", FR: "lues par %s personnes"},
	"advice.unnamed":    {EN: "somebody who gave no name", FR: "quelqu’un qui n’a pas donné son nom"},
	"advice.by.link":    {EN: "from the message sent by %s", FR: "depuis le message envoyé par %s"},
	"advice.unread":     {EN: "Not yet", FR: "Pas encore"},
	"advice.unread.all": {EN: "Nobody has said so yet.", FR: "Personne ne l’a encore dit."},
	"advice.unopened":   {EN: "nobody from the message sent by %s", FR: "personne depuis le message envoyé par %s"},

	"receipt.done":      {EN: "Thank you. Whoever sent it sees that you have read it.", FR: "Merci. La personne qui les a envoyées voit que vous les avez lues."},
	"receipt.hint":      {EN: "This link is for this advisory alone, and for those who got the message.", FR: "Ce lien ne vaut que pour ces consignes, et pour les destinataires du message."},
	"receipt.gone.text": {EN: "It is too old, or was cut on its way. The advisory itself is on the page of advisories.", FR: "Il est trop vieux, ou a été coupé en chemin. Les consignes elles-mêmes se trouvent sur la page des consignes."},

	"journal.act.advised":   {EN: "Advisory sent", FR: "Consignes envoyées"},
	"journal.act.withdrawn": {EN: "Advisory withdrawn", FR: "Consignes retirées"},
}
