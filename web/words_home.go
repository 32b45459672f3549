package web

import "github.com/ouidire/ouidire/internal/say"

// homeWords is the first room: is anything wrong, and can we see?
var homeWords = map[string]say.Text{
	"home.quiet":      {EN: "Nothing to report", FR: "Rien à signaler"},
	"home.open.one":   {EN: "%s situation is open", FR: "%s situation en cours"},
	"home.open.many":  {EN: "%s situations are open", FR: "%s situations en cours"},
	"home.blind.one":  {EN: "Nothing to report in what could be read, but %s source is not being read", FR: "Rien à signaler dans ce qui a pu être lu, mais %s source n’est pas lue"},
	"home.blind.many": {EN: "Nothing to report in what could be read, but %s sources are not being read", FR: "Rien à signaler dans ce qui a pu être lu, mais %s sources ne sont pas lues"},
	"home.blind.all":  {EN: "No source is being read", FR: "Aucune source n’est lue"},
	"home.blind.all.text": {EN: "Nobody can say whether anything is wrong. If every source went silent at once, the connection of this machine to the Internet is the first thing to look at.",
		FR: "Personne ne peut dire si quelque chose ne va pas. Quand toutes les sources se taisent à la fois, c’est d’abord la connexion de cette machine à Internet qu’il faut vérifier."},
	"home.starting": {EN: "The first reading has begun", FR: "La première lecture est commencée"},
	"home.starting.text": {EN: "Each source is being visited for the first time. What it already holds will appear under Mentions within a few minutes; what comes after that is news, and you will be told.",
		FR: "Chaque source reçoit sa première visite. Ce qu’elle contient déjà paraîtra sous Mentions d’ici quelques minutes; ce qui viendra ensuite sera du neuf et vous sera annoncé."},
	"home.nosource": {EN: "Nothing is being read yet", FR: "Rien n’est encore lu"},
	"home.nosource.text": {EN: "Add a first source: the address of your local paper or of your own site is enough to begin.",
		FR: "Ajoutez une première source : l’adresse de votre journal local ou celle de votre propre site suffit pour commencer."},

	"home.sources.one":    {EN: "%s\u00a0source read", FR: "%s\u00a0source lue"},
	"home.sources.many":   {EN: "%s\u00a0sources read", FR: "%s\u00a0sources lues"},
	"home.mentions.one":   {EN: "%s\u00a0mention", FR: "%s\u00a0mention"},
	"home.mentions.many":  {EN: "%s\u00a0mentions", FR: "%s\u00a0mentions"},
	"home.questions.one":  {EN: "%s\u00a0question unanswered", FR: "%s\u00a0question sans réponse"},
	"home.questions.many": {EN: "%s\u00a0questions unanswered", FR: "%s\u00a0questions sans réponse"},
	"home.atleast":        {EN: "at least", FR: "au moins"},
	"home.window":         {EN: "Mentions of the last 24 hours, questions of the last 7 days at your own places.", FR: "Mentions des 24 dernières heures, questions des 7 derniers jours posées chez vous."},

	"home.situations":      {EN: "Open situations", FR: "Situations en cours"},
	"home.news":            {EN: "For information", FR: "Pour information"},
	"home.situations.one":  {EN: "And %s more", FR: "Et %s autre"},
	"home.situations.many": {EN: "And %s more", FR: "Et %s autres"},
	"home.off":             {EN: "Paused by you", FR: "En pause, à votre demande"},
	"home.asked":           {EN: "Unanswered", FR: "Sans réponse"},
	"home.asked.since":     {EN: "for %s", FR: "depuis %s"},
	"home.new":             {EN: "Since your last visit, %s", FR: "Depuis votre dernière visite, %s"},
	"home.new.more":        {EN: "More than %s mentions, the newest first", FR: "Plus de %s mentions, les plus récentes d’abord"},
	"home.new.none":        {EN: "Nothing new since then.", FR: "Rien de neuf depuis."},
	"home.day":             {EN: "The last 24 hours", FR: "Les 24 dernières heures"},
	"home.before": {EN: "Nothing new since ouidire began to read. What your sources published before is kept, marked as from before installation.",
		FR: "Rien de neuf depuis qu’ouidire a commencé à lire. Ce que vos sources ont publié avant est conservé, avec la mention «\u00a0avant l’installation\u00a0»."},
	"home.day.none": {EN: "No mention in the last 24 hours.", FR: "Aucune mention depuis 24 heures."},
	"home.all":      {EN: "All mentions", FR: "Toutes les mentions"},

	"home.sight":         {EN: "Can we see?", FR: "Voit-on bien?"},
	"home.blind.since":   {EN: "not read since %s", FR: "non lue depuis %s"},
	"home.blind.never":   {EN: "never read", FR: "jamais lue"},
	"home.paused":        {EN: "ouidire did not run from %s to %s; it is catching up.", FR: "ouidire était arrêté %s %s; le rattrapage est en cours."},
	"home.paused.caught": {EN: "ouidire did not run from %s to %s; it has caught up.", FR: "ouidire était arrêté %s %s; le rattrapage est fait."},
	"home.tone.none":     {EN: "Once there are mentions, this shows day by day whether people speak well or badly of you.", FR: "Dès qu’il y aura des mentions, on verra ici, jour par jour, si l’on parle de vous en bien ou en mal."},
	"home.messages":      {EN: "Do messages reach you?", FR: "Les messages vous parviennent-ils?"},
}
