package web

import "github.com/ouidire/ouidire/internal/say"

// sourcesWords is the sources.
var sourcesWords = map[string]say.Text{
	"sources.title":       {EN: "What is read", FR: "Ce qui est lu"},
	"sources.all":         {EN: "All sources are being read.", FR: "Toutes les sources sont lues normalement."},
	"sources.some.one":    {EN: "%d source is not being read right now.", FR: "%d source n’est pas lue en ce moment."},
	"sources.some.many":   {EN: "%d sources are not being read right now.", FR: "%d sources ne sont pas lues en ce moment."},
	"sources.poorly.one":  {EN: "All sources are being read, %d of them with difficulty.", FR: "Toutes les sources sont lues, dont %d avec difficulté."},
	"sources.poorly.many": {EN: "All sources are being read, %d of them with difficulty.", FR: "Toutes les sources sont lues, dont %d avec difficulté."},
	"sources.none":        {EN: "No source is set yet. Choose Add a source, on the page Sources.", FR: "Aucune source pour l’instant. Choisissez Ajouter une source, à la page Sources."},
	"sources.name":        {EN: "Source", FR: "Source"},
	"sources.state":       {EN: "State", FR: "État"},
	"sources.last":        {EN: "Last read", FR: "Dernière lecture"},
	"sources.next":        {EN: "Next visit", FR: "Prochaine visite"},
	"sources.visit":       {EN: "Read now", FR: "Lire maintenant"},
	"sources.visit.of":    {EN: "Read now: %s", FR: "Lire maintenant\u00a0: %s"},
	"sources.visited":     {EN: "“%s” is being read.", FR: "«\u00a0%s\u00a0» est en cours de lecture."},
	"sources.newest":      {EN: "Newest item", FR: "Dernier élément"},
	"sources.own":         {EN: "yours", FR: "à vous"},
	"sources.failures":    {EN: "%d failed visits in a row", FR: "%d visites de suite sans succès"},

	"health.new":    {EN: "not visited yet", FR: "pas encore visitée"},
	"health.well":   {EN: "works", FR: "lue normalement"},
	"health.poorly": {EN: "works badly", FR: "lue avec difficulté"},
	"health.paused": {EN: "paused", FR: "en pause"},
	"health.ended":  {EN: "gone for good: remove it or give its new address", FR: "disparue pour de bon\u00a0: retirez-la ou donnez sa nouvelle adresse"},

	"source.feed": {EN: "feed", FR: "fil RSS", France: "flux RSS"},
}
