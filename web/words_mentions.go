package web

import "github.com/ouidire/ouidire/internal/say"

// mentionsWords is the list of mentions, its search and filters.
var mentionsWords = map[string]say.Text{
	"search.label":  {EN: "Search the mentions", FR: "Chercher dans les mentions"},
	"search.hint":   {EN: "Words that must all be there, “an exact phrase”, AND, OR, NOT, word*, #hashtag", FR: "Des mots qui doivent tous y être, «\u00a0une expression exacte\u00a0», ET, OU, SAUF, mot*, #mot-clic", France: "Des mots qui doivent tous y être, «\u00a0une expression exacte\u00a0», ET, OU, SAUF, mot*, #hashtag"},
	"search.go":     {EN: "Search", FR: "Chercher"},
	"search.clear":  {EN: "Clear", FR: "Tout effacer"},
	"search.filter": {EN: "Filters", FR: "Filtres"},
	"search.wrong":  {EN: "This search could not be understood.", FR: "Cette recherche n’a pas été comprise."},

	"filter.watch":  {EN: "Watch", FR: "Veille"},
	"filter.source": {EN: "Source", FR: "Source"},
	"filter.tone":   {EN: "Tone", FR: "Tonalité"},
	"filter.kind":   {EN: "Kind", FR: "Genre"},
	"filter.lang":   {EN: "Language", FR: "Langue"},
	"filter.from":   {EN: "From", FR: "Du"},
	"filter.to":     {EN: "To", FR: "Au"},
	"filter.any":    {EN: "All", FR: "Toutes"},
	"filter.all":    {EN: "All", FR: "Tous"},

	"kind.article": {EN: "article", FR: "article"},
	"kind.post":    {EN: "post", FR: "publication"},
	"kind.comment": {EN: "comment", FR: "commentaire"},
	"kind.review":  {EN: "review", FR: "avis"},

	"language.fr":    {EN: "French", FR: "français"},
	"language.en":    {EN: "English", FR: "anglais"},
	"language.other": {EN: "other", FR: "autre"},

	"tone.negative":       {EN: "negative", FR: "négative"},
	"tone.neutral":        {EN: "neutral", FR: "neutre"},
	"tone.positive":       {EN: "positive", FR: "positive"},
	"tone.maybe.negative": {EN: "perhaps negative", FR: "peut-être négative"},
	"tone.maybe.neutral":  {EN: "perhaps neutral", FR: "peut-être neutre"},
	"tone.maybe.positive": {EN: "perhaps positive", FR: "peut-être positive"},
	"tone.unsure":         {EN: "not judged", FR: "incertaine"},

	"mentions.title":     {EN: "What is being said", FR: "Ce qui se dit"},
	"mentions.one":       {EN: "%s mention", FR: "%s mention"},
	"mentions.many":      {EN: "%s mentions", FR: "%s mentions"},
	"mentions.countless": {EN: "Too many mentions to count at once", FR: "Trop de mentions pour un compte immédiat"},
	"mentions.older":     {EN: "Older mentions", FR: "Mentions plus anciennes"},
	"mentions.untitled":  {EN: "Untitled", FR: "Sans titre"},
	"mentions.by":        {EN: "by %s", FR: "par %s"},
	"mentions.gone":      {EN: "since deleted", FR: "effacée depuis"},
	"mentions.none":      {EN: "Nothing yet.", FR: "Rien pour l’instant."},
	"mentions.none.text": {EN: "The sources are being read. What they published before ouidire was installed appears here first; you will be told about what comes next.",
		FR: "Les sources sont en cours de lecture. Ce qu’elles ont publié avant l’installation paraît ici d’abord; la suite vous sera annoncée."},
	"mentions.nothing":      {EN: "Nothing matches this search.", FR: "Aucune mention ne répond à cette recherche."},
	"mentions.nothing.text": {EN: "Try fewer words, or clear the filters.", FR: "Essayez avec moins de mots, ou effacez les filtres."},
	"mentions.words":        {EN: "Found", FR: "Mots trouvés"},

	"history": {EN: "from before installation, or old and seen late", FR: "d’avant l’installation, ou ancienne et vue tard"},
}
