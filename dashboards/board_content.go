package dashboards

import "github.com/ouidire/ouidire/internal/say"

// contentAsk is a question to Elasticsearch, in the form that Grafana's data source
// takes: counts over time, the most frequent values of a field, or mentions.
type contentAsk struct {
	query    string // of Lucene
	over     bool   // counted over time
	field    string // counted apart by its values; "" together
	limit    int
	distinct string // counts the values of this field instead of mentions
}

// ofWatch is what others say about the chosen watches and has not been taken away, as
// the page counts it.
const ofWatch = `watch:$watch AND NOT own:true AND NOT _exists_:gone_at`

var watchField = variable{name: "watch", label: say.Text{EN: "Watch", FR: "Veille"}, key: "watch"}

// content shows the mentions themselves, where they are kept in Elasticsearch.
var content = board{
	name:      "mentions",
	title:     say.Text{EN: "Mentions", FR: "Mentions"},
	about:     say.Text{EN: "What was said, where and by whom: for those who keep mentions in Elasticsearch.", FR: "Ce qui a été dit, où et par qui\u00a0: si vous conservez les mentions dans Elasticsearch."},
	content:   true,
	variables: []variable{watchField},
	marks: []mark{{name: yourPosts, colour: green,
		content: `own:true AND kind:(article OR post) AND NOT _exists_:gone_at`}},
	rows: []row{
		{id: 100, title: say.Text{EN: "Tone", FR: "Tonalité"}, panels: []panel{
			{id: 1, draw: text, high: 3, title: say.Text{EN: "Where this comes from", FR: "D’où cela vient"},
				about: say.Text{EN: "What this board needs.", FR: "Ce qu’il faut à ce tableau."},
				words: say.Text{
					EN: "This board reads the mentions that ouidire keeps in Elasticsearch. If ouidire keeps them itself, which is the default, it stays empty: **[read them in ouidire](${ouidire_url}/mentions)**. Tone is judged automatically and can be wrong.",
					FR: "Ce tableau lit les mentions qu’ouidire conserve dans Elasticsearch. Si ouidire les conserve lui-même, comme il le fait par défaut, ce tableau reste vide\u00a0: **[lisez-les dans ouidire](${ouidire_url}/mentions)**. La tonalité est évaluée automatiquement; elle peut se tromper.",
				}},
			{id: 2, draw: bars, unit: "none", wide: 16, stacked: true, title: say.Text{EN: "Mentions, by tone", FR: "Mentions, par tonalité"},
				about: say.Text{EN: "By time of publication.", FR: "Selon l’heure de publication."},
				asks: []ask{
					{content: &contentAsk{query: ofWatch + ` AND sentiment.label:negative`, over: true}, legend: say.Text{EN: "negative", FR: "négatives"}, colour: red},
					{content: &contentAsk{query: ofWatch + ` AND sentiment.label:neutral`, over: true}, legend: say.Text{EN: "neutral", FR: "neutres"}, colour: grey},
					{content: &contentAsk{query: ofWatch + ` AND sentiment.label:positive`, over: true}, legend: say.Text{EN: "positive", FR: "positives"}, colour: green},
					{content: &contentAsk{query: ofWatch + ` AND NOT sentiment.label:(negative OR neutral OR positive)`, over: true}, legend: say.Text{EN: "not judged", FR: "incertaines"}, colour: purple}}},
			{id: 3, draw: lines, unit: "none", wide: 8, title: say.Text{EN: "People who speak", FR: "Personnes qui parlent"},
				about: say.Text{EN: "How many different authors, over time. One angry person is no surge.", FR: "Combien d’auteurs différents, au fil du temps. Une seule personne en colère n’est pas une vague."},
				asks:  []ask{{content: &contentAsk{query: ofWatch, over: true, distinct: "author.name"}, legend: say.Text{EN: "people", FR: "personnes"}, colour: blue}}},
		}},
		{id: 200, title: say.Text{EN: "Who and where", FR: "Qui et où"}, panels: []panel{
			{id: 4, draw: table, unit: "none", wide: 8, title: say.Text{EN: "Sources", FR: "Sources"},
				about:   say.Text{EN: "Those that brought most mentions.", FR: "Celles qui ont apporté le plus de mentions."},
				asks:    []ask{{content: &contentAsk{query: ofWatch, field: "source", limit: 10}}},
				columns: map[string]say.Text{"source": {EN: "Source", FR: "Source"}, "Count": {EN: "Mentions", FR: "Mentions"}}},
			{id: 5, draw: table, unit: "none", wide: 8, title: say.Text{EN: "Authors", FR: "Auteurs"},
				about:   say.Text{EN: "Those who spoke most, under the names they use.", FR: "Les personnes qui ont parlé le plus, sous le nom qu’elles se donnent."},
				asks:    []ask{{content: &contentAsk{query: ofWatch, field: "author.name", limit: 10}}},
				columns: map[string]say.Text{"author.name": {EN: "Author", FR: "Auteur ou autrice"}, "Count": {EN: "Mentions", FR: "Mentions"}}},
			{id: 6, draw: table, unit: "none", wide: 8, title: say.Text{EN: "Places", FR: "Réseaux et sites"},
				about:   say.Text{EN: "Kinds of place, by number of mentions.", FR: "Par nombre de mentions."},
				asks:    []ask{{content: &contentAsk{query: ofWatch, field: "place", limit: 10}}},
				columns: map[string]say.Text{"place": {EN: "Place", FR: "Réseau ou site"}, "Count": {EN: "Mentions", FR: "Mentions"}}},
		}},
		{id: 300, title: say.Text{EN: "The words", FR: "Les mots"}, panels: []panel{
			{id: 7, draw: table, unit: "none", wide: 24, high: 12, title: say.Text{EN: "Newest mentions", FR: "Dernières mentions"},
				about: say.Text{EN: "The fifty newest of the span that is shown. A text leads to the mention in ouidire.", FR: "Les cinquante dernières de la période affichée. Le texte mène à la mention dans ouidire."},
				asks:  []ask{{content: &contentAsk{query: ofWatch, limit: 50}}},
				link:  &link{say.Text{EN: "Open in ouidire", FR: "Ouvrir dans ouidire"}, `/mentions/${__data.fields["_id"]:percentencode}`},
				read:  []string{"@timestamp", "source", "author.name", "title", "text", "sentiment.label"},
				columns: map[string]say.Text{"@timestamp": {EN: "Published", FR: "Publiée"}, "source": {EN: "Source", FR: "Source"},
					"author.name": {EN: "Author", FR: "Auteur ou autrice"}, "title": {EN: "Title", FR: "Titre"}, "text": {EN: "Text", FR: "Texte"},
					"sentiment.label": {EN: "Tone", FR: "Tonalité"}}},
		}},
	},
}
