package web

import "github.com/ouidire/ouidire/internal/say"

// situationsWords is the situations.
var situationsWords = map[string]say.Text{
	"situations.title":     {EN: "Situations", FR: "Situations"},
	"situations.none":      {EN: "Nothing to report.", FR: "Rien à signaler."},
	"situations.none.text": {EN: "When a story about you appears, it is listed here and you are told once.", FR: "Dès qu’une nouvelle à votre sujet paraît, elle s’inscrit ici et vous est annoncée une seule fois.", France: "Dès qu’une actualité à votre sujet paraît, elle s’inscrit ici et vous est annoncée une seule fois."},

	"state.new":          {EN: "new", FR: "nouvelle"},
	"state.acknowledged": {EN: "being handled", FR: "prise en charge"},
	"state.snoozed":      {EN: "snoozed", FR: "en attente"},
	"state.resolved":     {EN: "resolved", FR: "réglée"},

	"situations.outlets": {EN: "Picked up by %s outlets.", FR: "Reprise par %s médias."},

	"situation.surge":    {EN: "Surge of negative comments", FR: "Vague de commentaires négatifs"},
	"situation.back":     {EN: "All situations", FR: "Toutes les situations"},
	"situation.since":    {EN: "since", FR: "depuis"},
	"situation.unnamed":  {EN: "You are not named.", FR: "Vous n’êtes pas nommés."},
	"situation.examples": {EN: "Examples", FR: "Exemples"},

	"act.acknowledge": {EN: "I’ll handle it", FR: "Je m’en occupe"},
	"act.resolve":     {EN: "Resolved", FR: "Situation réglée"},
	"act.false_alarm": {EN: "False alarm", FR: "Fausse alerte"},
	"act.reopen":      {EN: "Reopen", FR: "Rouvrir"},
}
