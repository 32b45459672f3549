package web

import "github.com/ouidire/ouidire/internal/say"

// keepingWords is how mentions are kept, and what could not be.
var keepingWords = map[string]say.Text{
	"keeping.title":   {EN: "How mentions are kept", FR: "Comment les mentions sont conservées"},
	"keeping.here":    {EN: "Mentions are kept in a file on this machine. Nothing is sent to a server that could refuse it.", FR: "Les mentions sont conservées dans un fichier, sur cette machine. Rien n’est envoyé à un serveur qui pourrait le refuser."},
	"keeping.well":    {EN: "Elasticsearch takes what is found.", FR: "Elasticsearch prend ce qui est trouvé."},
	"keeping.trouble": {EN: "Elasticsearch has not been written to since %s.", FR: "Rien ne s’écrit dans Elasticsearch depuis %s."},
	"keeping.safe":    {EN: "Sources are still read. What is found waits on this machine, and is sent when the server takes it again.", FR: "Les sources sont toujours lues. Ce qui est trouvé attend sur cette machine, et partira quand le serveur le prendra de nouveau."},
	"keeping.full":    {EN: "There is no room left for what waits: sources are not read until Elasticsearch takes some of it. Nothing is lost.", FR: "Il n’y a plus de place pour ce qui attend\u00a0: les sources ne sont plus lues tant qu’Elasticsearch n’en prend pas une partie. Rien n’est perdu."},
	"keeping.filling": {EN: "What waits for Elasticsearch takes half of its room or more. When it is full, sources are no longer read.", FR: "Ce qui attend Elasticsearch prend au moins la moitié de la place prévue. Quand elle sera pleine, les sources ne seront plus lues."},
	"keeping.none":    {EN: "Nothing waits to be sent.", FR: "Rien n’attend d’être envoyé."},
	"keeping.one":     {EN: "%s change waits to be sent, since %s. It takes %s of the room there is.", FR: "%s changement attend d’être envoyé, depuis %s. Il prend %s de la place prévue."},
	"keeping.many":    {EN: "%s changes wait to be sent, since %s. They take %s of the room there is.", FR: "%s changements attendent d’être envoyés, depuis %s. Ils prennent %s de la place prévue."},

	"refused.title":      {EN: "What Elasticsearch refused", FR: "Ce qu’Elasticsearch a refusé"},
	"refused.none":       {EN: "Nothing. All that was found is kept, or on its way.", FR: "Rien. Tout ce qui a été trouvé est conservé, ou en chemin."},
	"refused.text":       {EN: "These are put aside on the machine that found them, and missing from lists, searches, counts and alerts. Put right what stands in the way, then send them again: nothing is kept twice.", FR: "Ces mentions sont mises de côté sur la machine qui les a trouvées et manquent aux listes, aux recherches, aux décomptes et aux alertes. Corrigez ce qui s’y oppose, puis renvoyez-les\u00a0: rien n’est conservé deux fois."},
	"refused.what.gone":  {EN: "that it was deleted", FR: "sa suppression"},
	"refused.what.judge": {EN: "a judgement of its tone", FR: "un jugement sur sa tonalité"},
	"refused.unknown":    {EN: "Mention %s", FR: "Mention %s"},
	"refused.at":         {EN: "refused %s", FR: "refusée le %s"},
	"refused.shard":      {EN: "found by another machine (shard %d)", FR: "trouvée par une autre machine (processus %d)"},
	"refused.asked":      {EN: "Shard %d was asked to send it again, and does so as soon as it runs.", FR: "Le renvoi a été demandé au processus %d, qui s’en chargera dès qu’il sera en marche."},
	"refused.words":      {EN: "The server’s words", FR: "Les mots du serveur"},
	"refused.send":       {EN: "Send again", FR: "Renvoyer"},
	"refused.send.of":    {EN: "Send again: “%s”", FR: "Renvoyer\u00a0: «\u00a0%s\u00a0»"},
	"refused.send.all":   {EN: "Send all of them again", FR: "Tout renvoyer"},
	"refused.more":       {EN: "And %s more.", FR: "Et %s de plus."},
	"refused.sent.no":    {EN: "There was nothing left to send again.", FR: "Il n’y avait plus rien à renvoyer."},
	"refused.sent.one":   {EN: "%s is on its way again. If it is refused once more, it stands here again in a moment.", FR: "%s est repartie. Si elle est encore refusée, elle reparaîtra ici dans un instant."},
	"refused.sent.many":  {EN: "%s are on their way again. What is refused once more stands here again in a moment.", FR: "%s sont reparties. Ce qui est encore refusé reparaîtra ici dans un instant."},
	"refused.home.one":   {EN: "%s mention could not be kept: Elasticsearch refused it, and it is missing here.", FR: "%s mention n’a pas pu être conservée\u00a0: Elasticsearch l’a refusée, et elle manque ici."},
	"refused.home.many":  {EN: "%s mentions could not be kept: Elasticsearch refused them, and they are missing here.", FR: "%s mentions n’ont pas pu être conservées\u00a0: Elasticsearch les a refusées, et elles manquent ici."},
	"refused.see":        {EN: "See why, and send again", FR: "Voir pourquoi, et renvoyer"},
	"home.unkept.one":    {EN: "Nothing to report in what is kept, but %s mention could not be", FR: "Rien à signaler dans ce qui est conservé, mais %s mention n’a pas pu l’être"},
	"home.unkept.many":   {EN: "Nothing to report in what is kept, but %s mentions could not be", FR: "Rien à signaler dans ce qui est conservé, mais %s mentions n’ont pas pu l’être"},
	"home.unwritten":     {EN: "Nothing to report up to now, but what is found cannot be searched", FR: "Rien à signaler jusqu’ici, mais ce qui est trouvé ne peut plus être cherché"},
	"keeping.see":        {EN: "See how mentions are kept", FR: "Voir comment les mentions sont conservées"},

	"index.outdated.one":  {EN: "%s mention is still indexed as it was before the update: until it is renewed, a search may miss it.", FR: "%s mention reste à réindexer depuis la mise à jour\u00a0: d’ici là, une recherche peut ne pas la trouver."},
	"index.outdated.many": {EN: "%s mentions are still indexed as they were before the update: until they are renewed, a search may miss some.", FR: "%s mentions restent à réindexer depuis la mise à jour\u00a0: d’ici là, une recherche peut en manquer."},
	"index.rereading":     {EN: "What is kept is being read again as this version reads it: until that is done, tones and numbers may change.", FR: "Ce qui est conservé est en cours de relecture, tel que cette version le lit\u00a0: d’ici la fin, des tonalités et des nombres peuvent changer."},

	"sorry.away":      {EN: "The mentions cannot be asked for right now.", FR: "Les mentions ne peuvent pas être consultées pour l’instant."},
	"sorry.away.text": {EN: "Sources are still read. What is found waits on this machine, and nothing is lost. The person who looks after ouidire must know this:", FR: "Les sources sont toujours lues. Ce qui est trouvé attend sur cette machine, et rien n’est perdu. La personne qui s’occupe d’ouidire doit savoir ceci\u00a0:"},

	"sources.shard": {EN: "read by another machine (shard %d)", FR: "lue par une autre machine (processus %d)"},
}
