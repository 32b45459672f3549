package web

import "github.com/ouidire/ouidire/internal/say"

// mentionWords is one mention.
var mentionWords = map[string]say.Text{
	"mention.back":      {EN: "All mentions", FR: "Toutes les mentions"},
	"mention.original":  {EN: "See the original (%s)", FR: "Voir l’original (%s)"},
	"mention.where":     {EN: "Where", FR: "Où"},
	"mention.who":       {EN: "Who", FR: "Qui"},
	"mention.published": {EN: "Published", FR: "Publiée"},
	"mention.seen":      {EN: "Seen", FR: "Vue"},
	"mention.edited":    {EN: "Edited", FR: "Modifiée"},
	"mention.gone":      {EN: "Deleted", FR: "Effacée"},

	"date.given": {EN: "as the site gives it", FR: "selon le site"},
	"date.seen":  {EN: "the site gives no date: this is when it was first seen", FR: "le site ne donne pas de date\u00a0: c’est le moment où elle a été vue"},

	"mention.why":       {EN: "Why it is here", FR: "Pourquoi elle est ici"},
	"mention.words":     {EN: "These words:", FR: "Ces mots\u00a0:"},
	"mention.place":     {EN: "It was said at a place of yours, so it counts even if it does not name you.", FR: "Elle a été publiée chez vous; elle compte même si elle ne vous nomme pas."},
	"mention.unclaimed": {EN: "No watch keeps it.", FR: "Aucune veille ne la retient."},
	"mention.tone":      {EN: "Tone", FR: "Tonalité"},
	"mention.counted":   {EN: "Why? The words that counted:", FR: "Pourquoi? Les mots qui ont compté\u00a0:"},
	"mention.person":    {EN: "Set by a person.", FR: "Fixée par une personne."},
	"mention.auto":      {EN: "Tone is judged automatically and can be wrong.", FR: "La tonalité est évaluée automatiquement; elle peut se tromper."},
	"mention.correct":   {EN: "Correct it", FR: "Corriger"},
	"mention.a.article": {EN: "Article without a title", FR: "Article sans titre"},
	"mention.a.post":    {EN: "Post", FR: "Publication"},
	"mention.a.comment": {EN: "Comment", FR: "Commentaire"},
	"mention.a.review":  {EN: "Review", FR: "Avis"},
	"mention.judged":    {EN: "Every judgement", FR: "Toutes les évaluations"},
	"mention.by.person": {EN: "by a person", FR: "par une personne"},
	"mention.talk":      {EN: "The conversation", FR: "La conversation"},
	"mention.talk.more": {EN: "The conversation is longer: only its newest answers are shown.", FR: "La conversation est plus longue : seules ses dernières réponses sont affichées."},
	"mention.own":       {EN: "You", FR: "Vous"},
	"mention.somebody":  {EN: "Somebody", FR: "Quelqu’un"},
	"mention.story":     {EN: "The story it tells", FR: "La nouvelle qu’elle reprend", France: "L’actualité qu’elle reprend"},
	"mention.changed":   {EN: "seen changed %s", FR: "modification vue le %s"},
	"mention.added":     {EN: "added", FR: "ajouté"},
	"mention.removed":   {EN: "removed", FR: "retiré"},
	"mention.earlier":   {EN: "What it said before", FR: "Ce qu’elle disait avant"},
	"mention.repaired":  {EN: "Garbled accents in it were repaired.", FR: "Ses accents abîmés ont été réparés."},
	"mention.lang":      {EN: "Language", FR: "Langue"},
	"mention.unknown":   {EN: "unknown", FR: "inconnue"},
}
