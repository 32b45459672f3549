package web

import (
	"maps"

	"github.com/ouidire/ouidire/internal/say"
)

// rooms is every sentence of the page, room by room; a test finds a key that two
// rooms share. Spaces before « : » and « % » and inside « » do not break (glossary,
// Writing).
var rooms = []map[string]say.Text{frameWords, homeWords, mentionsWords, mentionWords, sourcesWords, situationsWords, advisoriesWords, messagesWords, keepingWords, setupWords, membersWords, rulesWords, demoWords}

// words is the rooms together.
var words = together(rooms)

func together(rooms []map[string]say.Text) map[string]say.Text {
	all := map[string]say.Text{}
	for _, room := range rooms {
		maps.Copy(all, room)
	}
	return all
}

// frameWords is what stands around every page, the door and the apologies.
var frameWords = map[string]say.Text{
	"nav.skip":       {EN: "Skip to content", FR: "Aller au contenu"},
	"nav.label":      {EN: "Pages", FR: "Pages"},
	"nav.home":       {EN: "Home", FR: "Accueil"},
	"nav.mentions":   {EN: "Mentions", FR: "Mentions"},
	"nav.situations": {EN: "Situations", FR: "Situations"},
	"nav.sources":    {EN: "Sources", FR: "Sources"},
	"nav.watches":    {EN: "Watches", FR: "Veilles"},
	"nav.settings":   {EN: "Settings", FR: "Réglages"},
	"nav.messages":   {EN: "Messages", FR: "Messages"},
	"nav.logout":     {EN: "Sign out", FR: "Fermer la session", France: "Se déconnecter"},
	"feed.stories":   {EN: "Stories", FR: "Nouvelles", France: "Actualités"},

	"chart.table": {EN: "The figures", FR: "Les chiffres"},
	"chart.all":   {EN: "All", FR: "Total"},

	"lang.switch": {EN: "Français", FR: "English"},
	"lang.label":  {EN: "Passer au français", FR: "Switch to English"},

	"demo.title": {EN: "This is a demonstration.", FR: "Ceci est une démonstration."},
	"demo.text": {EN: "The press, the people and the Caisse Valtisse are invented; everything else is real.",
		FR: "La presse, les gens et la Caisse Valtisse sont inventés; tout le reste est vrai."},
	"demo.init": {EN: "To watch your own name, stop the program and run: ouidire init", FR: "Pour veiller sur votre propre nom, arrêtez le programme et tapez\u00a0: ouidire init"},

	"silent.text": {EN: "No message has reached anybody yet: no test message has been confirmed.", FR: "Aucun message n’a encore joint personne\u00a0: aucun message d’essai n’a été confirmé."},
	"silent.link": {EN: "Send a test message", FR: "Envoyer un message d’essai"},

	"config.text":    {EN: "The new configuration was refused; the previous one is still in use.", FR: "La nouvelle configuration a été refusée; la précédente reste en vigueur."},
	"config.waiting": {EN: "Some changes to the configuration will take effect when ouidire is restarted:", FR: "Certains changements de configuration prendront effet au redémarrage d’ouidire\u00a0:"},

	"login.title":       {EN: "Sign in", FR: "Ouvrir une session", France: "Se connecter"},
	"login.name":        {EN: "Name or e-mail", FR: "Nom ou courriel", France: "Nom ou e-mail"},
	"login.name.hint":   {EN: "With the page’s password, leave this empty.", FR: "Avec le mot de passe de la page, laissez ceci vide."},
	"login.password":    {EN: "Password", FR: "Mot de passe"},
	"login.go":          {EN: "Sign in", FR: "Ouvrir une session", France: "Se connecter"},
	"login.wrong":       {EN: "That is not the password. The person who installed ouidire knows it.", FR: "Ce n’est pas le mot de passe. La personne qui a installé ouidire le connaît."},
	"login.wrong.named": {EN: "The name or the password is not right. An owner of the page can make you a new link.", FR: "Le nom ou le mot de passe n’est pas le bon. Une personne responsable de la page peut vous faire un nouveau lien."},
	"login.slow":        {EN: "Too many tries. Wait a minute.", FR: "Trop d’essais. Attendez une minute."},

	"behind.title":      {EN: "The clock of this computer is wrong.", FR: "L’horloge de cet ordinateur n’est pas à l’heure."},
	"behind.clock":      {EN: "It says %s; it is later than %s already.", FR: "Elle indique %s; or il est déjà plus tard que %s."},
	"behind.text":       {EN: "Nothing is read and nobody is told anything until it is right: it would be dated wrong for ever. A small computer without a battery sets its clock as soon as it reaches the internet; if it does not, set the clock by hand.", FR: "Rien n’est lu et personne n’est prévenu tant qu’elle n’est pas à l’heure\u00a0: tout serait mal daté pour toujours. Un petit ordinateur sans pile règle son horloge dès qu’il a accès à Internet; s’il ne le fait pas, réglez-la à la main."},
	"behind.soon":       {EN: "This page opens by itself when the clock is right.", FR: "Cette page s’ouvrira d’elle-même quand l’horloge sera à l’heure."},
	"sorry.none":        {EN: "There is nothing at this address.", FR: "Il n’y a rien à cette adresse."},
	"sorry.none.text":   {EN: "The mention may be older than what is kept.", FR: "La mention a peut-être dépassé la durée de conservation."},
	"sorry.role":        {EN: "Your role does not allow this.", FR: "Votre rôle ne le permet pas."},
	"sorry.role.text":   {EN: "Nothing was changed. An owner of the page can do it, or give you another role.", FR: "Rien n’a été changé. Une personne responsable de la page peut le faire, ou vous donner un autre rôle."},
	"sorry.slow":        {EN: "This took too long.", FR: "C’était trop long."},
	"sorry.slow.text":   {EN: "Search for rarer words, or within fewer days.", FR: "Cherchez des mots plus rares, ou sur moins de jours."},
	"sorry.broken":      {EN: "This did not work.", FR: "Cela n’a pas fonctionné."},
	"sorry.broken.text": {EN: "Nothing is lost. Try again in a minute. If it lasts, tell the person who looks after ouidire: the log says why.", FR: "Rien n’est perdu. Réessayez dans une minute. Si cela dure, prévenez la personne qui s’occupe d’ouidire\u00a0: le journal dit pourquoi."},
}
