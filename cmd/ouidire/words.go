package main

import (
	"github.com/alecthomas/kong"

	"github.com/ouidire/ouidire/internal/say"
)

// helps is what --help says, by the name its struct tag gives.
var helps = map[string]say.Text{
	"config_flag": {EN: "The configuration; by default ouidire.yml here, then in the configuration folder.", FR: "La configuration; sinon ouidire.yml ici, puis dans le dossier de configuration."},
	"output_flag": {EN: "How to answer: text for people, json for programs.", FR: "La forme des réponses\u00a0: text pour les gens, json pour les programmes."},
	"lang_flag":   {EN: "Your language; by default that of the locale.", FR: "Votre langue; sinon celle du système."},
	"data_flag":   {EN: "The folder of ouidire's data; by default that of the configuration.", FR: "Le dossier des données d’ouidire; sinon celui de la configuration."},
	"stats_flag":  {EN: "At the end, say on stderr how much was done and what it cost.", FR: "À la fin, dire sur stderr ce qui a été fait et à quel coût."},
	"files_arg":   {EN: "Files; none, or -, is standard input.", FR: "Des fichiers; aucun, ou -, désigne l’entrée standard."},

	"run":            {EN: "Start the daemon. Without a configuration, the demonstration.", FR: "Démarrer ouidire. Sans configuration, la démonstration."},
	"run_shard":      {EN: "Which of several processes this is, counted from 0; 0 shows the page and tells people.", FR: "Lequel de plusieurs processus est celui-ci, à partir de 0; 0 montre la page et prévient les gens."},
	"run_shards":     {EN: "How many processes share the sources; their store must be Elasticsearch.", FR: "Combien de processus se partagent les sources; leur stockage doit être Elasticsearch."},
	"demo":           {EN: "Show ten invented weeks in three minutes, offline.", FR: "Montrer dix semaines inventées en trois minutes, sans réseau."},
	"help_flag":      {EN: "Show this.", FR: "Afficher ceci."},
	"init":           {EN: "Write a first configuration.", FR: "Écrire une première configuration."},
	"check":          {EN: "Is the configuration good? Every mistake at once; contacts nobody.", FR: "La configuration est-elle bonne? Toutes les erreurs d’un coup; ne contacte personne."},
	"try":            {EN: "Look before you leap: what a source would bring. Keeps nothing.", FR: "Essayer avant d’adopter\u00a0: ce qu’une source apporterait. Ne conserve rien."},
	"try_source":     {EN: "A source of the configuration.", FR: "Une source de la configuration."},
	"try_feed":       {EN: "A feed: path, address or - for standard input.", FR: "Un fil RSS\u00a0: chemin, adresse ou - pour l’entrée standard.", France: "Un flux RSS\u00a0: chemin, adresse ou - pour l’entrée standard."},
	"try_page":       {EN: "A web page: path, address or - for standard input.", FR: "Une page web\u00a0: chemin, adresse ou - pour l’entrée standard."},
	"try_url":        {EN: "The address that the input came from.", FR: "L’adresse d’où vient l’entrée."},
	"try_type":       {EN: "The Content-Type header that it came with.", FR: "L’en-tête Content-Type qui l’accompagnait."},
	"try_open":       {EN: "Open a private range of addresses on purpose.", FR: "Ouvrir exprès une plage d’adresses privées."},
	"search":         {EN: "Search the mentions that are kept.", FR: "Chercher dans les mentions conservées."},
	"match":          {EN: "Which lines does a search match?", FR: "Quelles lignes une recherche retient-elle?"},
	"stories":        {EN: "Which mentions tell the same story?", FR: "Quelles mentions racontent la même nouvelle?", France: "Quelles mentions racontent la même actualité?"},
	"stories_arg":    {EN: "Mentions (NDJSON) or lines of text, oldest first; - is standard input.", FR: "Des mentions (NDJSON) ou des lignes de texte, les plus anciennes d’abord; - désigne l’entrée standard."},
	"match_count":    {EN: "Only say how many.", FR: "Dire seulement combien."},
	"query_arg":      {EN: "A search, as on the page.", FR: "Une recherche, comme sur la page."},
	"limit_flag":     {EN: "At most so many.", FR: "Pas plus de tant."},
	"analyze":        {EN: "Language, tone, target and intent of texts.", FR: "Langue, tonalité, cible et intention de textes."},
	"model_flag":     {EN: "The model that judges the tone: a name or a path; left out, the one of the daemon.", FR: "Le modèle qui juge la tonalité\u00a0: un nom ou un chemin; par défaut, celui du service."},
	"surges":         {EN: "When comments would have been told as a surge.", FR: "Quand des commentaires auraient donné lieu à une alerte."},
	"surges_arg":     {EN: "CSV files with a header; - is standard input.", FR: "Des fichiers CSV avec un en-tête; - désigne l’entrée standard."},
	"notify":         {EN: "Messages to people.", FR: "Les messages aux gens."},
	"notify_signin":  {EN: "Let a channel use a mail account at Microsoft 365 or Google: a person signs in, once, with a browser.", FR: "Permettre à un moyen d’envoi d’utiliser un compte de courriel chez Microsoft 365 ou Google\u00a0: une personne ouvre une session, une fois, dans un navigateur.", France: "Permettre à un moyen d’envoi d’utiliser un compte e-mail chez Microsoft 365 ou Google\u00a0: une personne se connecte, une fois, dans un navigateur."},
	"signin_arg":     {EN: "The channel.", FR: "Le moyen d’envoi."},
	"notify_test":    {EN: "Send a test message through every channel, or one.", FR: "Envoyer un message d’essai par tous les moyens d’envoi, ou un seul."},
	"channel_arg":    {EN: "A channel of the configuration; all when left out.", FR: "Un moyen d’envoi de la configuration; tous par défaut."},
	"backtest":       {EN: "What the rules would have told over stored history.", FR: "Ce que les règles d’alerte auraient dit de l’historique conservé."},
	"backtest_since": {EN: "From when on: a day or an instant; 30 days back when left out.", FR: "À partir de quand\u00a0: un jour ou une heure; il y a 30 jours par défaut."},
	"backtest_until": {EN: "Until when; now when left out.", FR: "Jusqu’à quand; maintenant par défaut."},
	"backtest_rule":  {EN: "One rule alone, as rules list names it.", FR: "Une seule règle, comme rules list la nomme."},
	"backtest_full":  {EN: "Whole messages, not their subjects alone.", FR: "Les messages entiers, et non leurs seuls objets."},
	"rules":          {EN: "The rules that decide what is told.", FR: "Les règles d’alerte, qui décident de ce qui est dit."},
	"rules_check":    {EN: "What does each rule lack to do its work? Contacts nobody.", FR: "Que manque-t-il à chaque règle pour faire son travail? Ne contacte personne."},
	"rules_list":     {EN: "Each rule, when it was last asked, and what is going on.", FR: "Chaque règle, quand elle a été interrogée, et ce qui est en cours."},
	"rules_fire":     {EN: "Send an exercise, marked as such, through a rule’s real channels.", FR: "Envoyer un exercice, annoncé comme tel, par les vrais moyens d’envoi d’une règle."},
	"rule_arg":       {EN: "A rule, as rules list names it.", FR: "Une règle, comme rules list la nomme."},
	"export":         {EN: "Write the whole history into one file that other programs can read too.", FR: "Écrire tout l’historique dans un fichier que d’autres programmes peuvent lire aussi."},
	"import":         {EN: "Take such a file into the data folder; repeated, it changes nothing.", FR: "Verser un tel fichier dans le dossier de données; répété, cela ne change rien."},
	"backup":         {EN: "Copy all data into one file, also while the daemon runs.", FR: "Copier toutes les données dans un fichier, même pendant qu’ouidire tourne."},
	"restore":        {EN: "Put a copy back into an empty data folder.", FR: "Remettre une copie dans un dossier de données vide."},
	"rebuild":        {EN: "Read again what is kept as this version reads it; can be stopped and begun again.", FR: "Relire ce qui est conservé comme cette version le lit; peut s’interrompre et se reprendre."},
	"store":          {EN: "What the server that mentions are kept on refused.", FR: "Ce que le serveur qui conserve les mentions a refusé."},
	"store_refused":  {EN: "What Elasticsearch refused for good, the newest first, and why.", FR: "Ce qu’Elasticsearch a refusé pour de bon, le plus récent d’abord, et pourquoi."},
	"store_resend":   {EN: "Send it again, all of it or by number.", FR: "Le renvoyer, en entier ou par numéro."},
	"resend_arg":     {EN: "Numbers, as store refused gives them; all when left out.", FR: "Des numéros, tels que store refused les donne; tout par défaut."},
	"file_arg":       {EN: "The file.", FR: "Le fichier."},
	"dashboards":     {EN: "Write the boards of Grafana and the rules of Prometheus.", FR: "Écrire les tableaux de Grafana et les règles de Prometheus."},
	"version":        {EN: "Which version this is.", FR: "Quelle est cette version."},
	"completion":     {EN: "A script that completes commands in your shell.", FR: "Un script qui complète les commandes dans votre interpréteur."},
	"shell_arg":      {EN: "bash, zsh or fish.", FR: "bash, zsh ou fish."},

	"surges_every":     {EN: "The files hold counts of spans of so long, instead of comments.", FR: "Les fichiers contiennent des décomptes par tranche de cette durée, et non des commentaires."},
	"surges_scores":    {EN: "Say how strange each count is, instead of the surges.", FR: "Dire à quel point chaque décompte sort de l’ordinaire, au lieu des vagues."},
	"surges_timezone":  {EN: "Whose hours of the week.", FR: "Le fuseau horaire des heures de la semaine."},
	"surges_budget":    {EN: "How many false alarms a month you accept.", FR: "Combien de fausses alertes par mois vous acceptez."},
	"surges_threshold": {EN: "From which probability on a comment is negative.", FR: "À partir de quelle probabilité un commentaire est négatif."},

	"dashboards_out":   {EN: "A folder for the boards of Grafana; made if it is not there.", FR: "Un dossier pour les tableaux de Grafana; créé s’il n’existe pas."},
	"dashboards_rules": {EN: "A file for the rules of Prometheus.", FR: "Un fichier pour les règles de Prometheus."},
	"dashboards_page":  {EN: "The address of ouidire's page, to which the boards lead.", FR: "L’adresse de la page d’ouidire, où mènent les tableaux."},

	"init_name":     {EN: "The name of your organisation.", FR: "Le nom de votre organisation."},
	"init_parent":   {EN: "The organisation it belongs to.", FR: "L’organisation dont elle fait partie."},
	"init_place":    {EN: "Its town or region.", FR: "Sa ville ou sa région."},
	"init_language": {EN: "The language of messages and pages: fr-CA, fr-FR or en.", FR: "La langue des messages et des pages\u00a0: fr-CA, fr-FR ou en."},
	"init_email":    {EN: "Where to write to you.", FR: "Où vous écrire."},
	"init_feed":     {EN: "The address of a feed to read; may be repeated.", FR: "L’adresse d’un fil RSS à lire; peut se répéter.", France: "L’adresse d’un flux RSS à lire; peut se répéter."},
	"init_force":    {EN: "Replace a configuration that exists.", FR: "Remplacer une configuration existante."},
}

// helpWords hands the help texts to kong in one language.
func helpWords(l say.Lang) kong.Vars {
	vars := kong.Vars{}
	for name, text := range helps {
		vars[name] = text.In(l)
	}
	return vars
}

func describe(l say.Lang) string {
	return say.Text{
		EN: "ouidire listens to what is said about you and tells you in time.",
		FR: "ouidire écoute ce qui se dit de vous et vous prévient à temps.",
	}.In(l)
}
