package web

import "github.com/ouidire/ouidire/internal/say"

// demoWords are those of a demonstration.
var demoWords = map[string]say.Text{
	"demo.heading":     {EN: "Ten weeks in three minutes", FR: "Dix semaines en trois minutes"},
	"demo.what":        {EN: "What you are seeing", FR: "Ce que vous voyez"},
	"demo.chapters":    {EN: "Chapters", FR: "Chapitres"},
	"demo.pause":       {EN: "Pause", FR: "Pause"},
	"demo.go":          {EN: "Go on", FR: "Continuer"},
	"demo.faster":      {EN: "Faster", FR: "Plus vite"},
	"demo.slower":      {EN: "Slower", FR: "Moins vite"},
	"demo.back":        {EN: "Go back to “%s”", FR: "Revenir à «\u00a0%s\u00a0»"},
	"demo.again":       {EN: "See it again from the beginning", FR: "Tout revoir depuis le début"},
	"demo.letters":     {EN: "Messages received", FR: "Messages reçus"},
	"demo.letters.one": {EN: "%s message since the first day", FR: "%s message depuis le premier jour"},
	"demo.letters.all": {EN: "%s messages since the first day", FR: "%s messages depuis le premier jour"},
	"demo.letters.no":  {EN: "None so far. Calm weeks are quiet.", FR: "Aucun pour l’instant. Les semaines calmes sont silencieuses."},
	"demo.look":        {EN: "See the situation", FR: "Voir la situation"},
	"demo.hint":        {EN: "Pause whenever you like, look at the other pages, and press False alarm on a situation to see what changes.", FR: "Mettez sur pause quand vous voulez, visitez les autres pages, et appuyez sur Fausse alerte dans une situation pour voir ce que cela change."},
	"demo.try":         {EN: "Type your own name", FR: "Essayez votre propre nom"},
	"demo.try.text":    {EN: "The same watch is asked about everything that was read so far. Try a word of this story too: samedi, Croustille, Nordelune.", FR: "La même veille est posée à tout ce qui a été lu jusqu’ici. Essayez aussi un mot de cette histoire\u00a0: samedi, Croustille, Nordelune."},
	"demo.try.name":    {EN: "The name of an organisation", FR: "Le nom d’une organisation"},
	"demo.try.go":      {EN: "Look", FR: "Chercher"},
	"demo.try.none":    {EN: "Nobody speaks of “%s” in this invented press.", FR: "Personne ne parle de «\u00a0%s\u00a0» dans cette presse inventée."},
	"demo.try.one":     {EN: "%s mention", FR: "%s mention"},
	"demo.try.many":    {EN: "%s mentions", FR: "%s mentions"},
	"demo.try.more":    {EN: "The %s newest are shown.", FR: "Les %s plus récentes sont montrées."},
	"demo.yours":       {EN: "To listen for it in the real world, stop the program and type:", FR: "Pour l’écouter dans le vrai monde, arrêtez le programme et tapez\u00a0:"},
	"demo.yours.feed":  {EN: "the address of a newspaper’s or a blog’s feed", FR: "l’adresse du fil RSS d’un journal ou d’un blogue", France: "l’adresse du flux RSS d’un journal ou d’un blog"},
}
