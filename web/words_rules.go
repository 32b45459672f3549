package web

import "github.com/ouidire/ouidire/internal/say"

// rulesWords are the alert rules: when one is told.
var rulesWords = map[string]say.Text{
	"rule.fresh":     {EN: "each new story", FR: "chaque nouvelle", France: "chaque actualité"},
	"rule.surge":     {EN: "a surge of negative comments", FR: "une vague de commentaires négatifs"},
	"rule.threshold": {EN: "many mentions in little time", FR: "beaucoup de mentions en peu de temps"},
	"rule.share":     {EN: "mostly negative mentions", FR: "des mentions surtout négatives"},
	"rule.keyword":   {EN: "words that you choose", FR: "des mots que vous choisissez"},
	"rule.silence":   {EN: "a source that falls silent", FR: "une source qui se tait"},
	"rule.newsource": {EN: "somebody who speaks of you for the first time", FR: "quelqu’un qui parle de vous pour la première fois"},
	"rule.blind":     {EN: "a source that is not read", FR: "une source non lue"},
	"rule.parent":    {EN: "a stir around your parent organisation or a sister", FR: "du mouvement autour de votre organisation mère ou d’une organisation sœur"},

	"choice.count.negative": {EN: "what is judged negative", FR: "ce qui est jugé négatif"},
	"choice.count.mentions": {EN: "everything", FR: "tout"},

	"setup.title.rules": {EN: "When you are told", FR: "Règles d’alerte"},
	"rules.add":         {EN: "Add a rule", FR: "Ajouter une règle"},
	"rules.usual":       {EN: "These are the usual rules. Once you add one of your own, only yours count.", FR: "Ce sont les règles d’office. Dès que vous en ajoutez une, seules les vôtres comptent."},
	"remove.rules":      {EN: "Remove the rule %s?", FR: "Retirer la règle %s?"},
	"remove.rules.text": {EN: "Nobody will be told by it any more. Without any rule of yours, the usual ones come back.", FR: "Elle ne préviendra plus personne. Sans aucune règle à vous, celles d’office reviennent."},

	"rules.rehearse":        {EN: "See what it would have told", FR: "Voir ce qu’elle aurait annoncé"},
	"rules.rehearsed":       {EN: "Over the last month, this rule would have told you", FR: "Depuis un mois, cette règle vous aurait annoncé"},
	"rules.rehearsed.none":  {EN: "Nothing: you would not have been disturbed.", FR: "Rien\u00a0: vous n’auriez pas été dérangé."},
	"rules.rehearsed.since": {EN: "By what is kept since %s. Nothing has been saved yet.", FR: "D’après ce qui est conservé depuis le %s. Rien n’est encore enregistré."},
	"rules.more.one":        {EN: "And %s more message.", FR: "Et %s\u00a0autre message."},
	"rules.more.many":       {EN: "And %s more messages.", FR: "Et %s\u00a0autres messages."},
}
