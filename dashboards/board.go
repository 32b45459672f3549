package dashboards

import (
	"github.com/ouidire/ouidire/internal/say"
)

// board answers one question, from the general to the particular. It is described here
// once, and made in each language (grafana.go) with the same panels under the same
// numbers, so that a link to a panel holds in both.
type board struct {
	name      string // part of its uid, which never changes
	title     say.Text
	about     say.Text
	content   bool // reads mentions in Elasticsearch; else counts in Prometheus
	variables []variable
	marks     []mark
	rows      []row
}

// variable is what a reader chooses at the top of a board.
type variable struct {
	name  string
	label say.Text
	from  string // Prometheus: a metric that has the label; Elasticsearch: nothing
	key   string // the label, or the field
}

// mark is an event that is drawn over every chart of a board.
type mark struct {
	name    say.Text
	expr    string   // of Prometheus: it is while this has a value
	text    say.Text // what is said of it then
	content string   // or of Elasticsearch: mentions, each at its time and with its text
	colour  string
}

// row is a part of a board. A folded one is opened by whoever looks for the cause.
type row struct {
	id     int
	title  say.Text
	folded bool
	panels []panel
}

// panel draws one thing. Its title says what, its description how to read it.
type panel struct {
	id            int // unique in its board; never used again for something else
	draw          form
	title, about  say.Text
	unit          string // as Grafana calls it
	wide, high    int    // of 24; 0 is the form's own
	asks          []ask
	link          *link          // of each value, into our page
	steps         []step         // from which value on which colour; the first begins at nothing
	says          map[int]answer // what a value means in words
	most          float64        // the end of the axis, 0 for that of the values
	words         say.Text       // of a panel that holds a text, in Markdown
	hidden        []string       // columns of a table that nobody reads
	read          []string       // those of a table that are read, in their order; none for all
	columns       map[string]say.Text
	stacked, line bool // bars one upon the other; the last step is drawn as a line
}

// form is how a panel draws, by Grafana's name.
type form string

const (
	figure  form = "stat"
	lines   form = "timeseries"
	bars    form = "barchart over time" // a timeseries drawn as bars
	ranking form = "bargauge"
	table   form = "table"
	states  form = "state-timeline"
	text    form = "text"
)

// ask is one question to the data source of a board.
type ask struct {
	expr   string
	legend say.Text // {{label}} is filled by Grafana
	colour string   // "" leaves it to Grafana, which takes it from the name
	whole  bool     // one value for the whole span, not one for each moment

	content *contentAsk // to Elasticsearch, instead of expr
}

// link leads from a value to our page.
type link struct {
	title say.Text
	to    string // from ${ouidire_url} on
}

type step struct {
	from   float64
	colour string
}

type answer struct {
	text   say.Text
	colour string
}

// The colours stay apart for those who see fewer of them (Okabe and Ito's choice), and
// nothing is said by a colour alone: each stands beside a word.
const (
	red    = "#D55E00" // negative, trouble
	orange = "#E69F00" // a surge, soon trouble
	green  = "#009E73" // positive, well
	blue   = "#0072B2" // what is neither
	grey   = "#7F7F7F" // neutral, nothing known
	sky    = "#56B4E9" // what is usual
	purple = "#CC79A7" // not judged
)

// by shows a label as it is.
func by(label string) say.Text { return say.Text{EN: "{{" + label + "}}", FR: "{{" + label + "}}"} }

// trouble is well at nothing, and trouble from one on.
var trouble = []step{{colour: green}, {1, red}}

var (
	yes = answer{say.Text{EN: "yes", FR: "oui"}, red}
	not = answer{say.Text{EN: "no", FR: "non"}, green}
)

var watchVariable = variable{name: "watch", label: say.Text{EN: "Watch", FR: "Veille"}, from: "ouidire_mentions_total", key: "watch"}

var (
	toMentions   = &link{say.Text{EN: "Read these mentions in ouidire", FR: "Lire ces mentions dans ouidire"}, "/mentions?watch=${__field.labels.watch}"}
	toNegative   = &link{say.Text{EN: "Read the negative comments in ouidire", FR: "Lire les commentaires négatifs dans ouidire"}, "/mentions?watch=${__field.labels.watch}&tone=negative"}
	toSituations = &link{say.Text{EN: "See the situations in ouidire", FR: "Voir les situations dans ouidire"}, "/situations"}
	toSources    = &link{say.Text{EN: "See the sources in ouidire", FR: "Voir les sources dans ouidire"}, "/sources"}
	toKeeping    = &link{say.Text{EN: "See how mentions are kept, in ouidire", FR: "Voir comment les mentions sont conservées, dans ouidire"}, "/keeping"}
	toMessages   = &link{say.Text{EN: "See the messages in ouidire", FR: "Voir les messages dans ouidire"}, "/messages"}
)

// surgeMark draws the times of surges over a chart.
var surgeMark = mark{
	name: say.Text{EN: "Surges", FR: "Vagues"}, colour: orange,
	expr: `ouidire_surge_active{watch=~"$watch"} == 1`,
	text: say.Text{EN: "Surge of negative comments: {{watch}}", FR: "Vague de commentaires négatifs\u00a0: {{watch}}"},
}

// advisoryMark draws the times in which an advisory of a parent organisation is in force.
var advisoryMark = mark{
	name: say.Text{EN: "Advisories", FR: "Consignes"}, colour: blue,
	expr: `ouidire_advisories{watch=~"$watch"} > 0`,
	text: say.Text{EN: "Advisory in force: {{watch}}", FR: "Consignes en vigueur\u00a0: {{watch}}"},
}

var yourPosts = say.Text{EN: "Your own posts", FR: "Vos publications"}

// ownMark draws when the organisation itself spoke, as it was found.
var ownMark = mark{
	name: yourPosts, colour: green,
	expr: `sum(increase(ouidire_own_posts_total[$__rate_interval])) > 0`,
	text: say.Text{EN: "You have posted", FR: "Vous avez publié"},
}

// elsewhere says where the words are: Prometheus holds numbers only.
func elsewhere(id int) panel {
	return panel{
		id: id, draw: text, high: 4,
		title: say.Text{EN: "What was said", FR: "Ce qui a été dit"},
		about: say.Text{EN: "Where the mentions themselves can be read.", FR: "Où lire les mentions elles-mêmes."},
		words: say.Text{
			EN: "These boards count; they hold no text and no name. **[Read the mentions in ouidire](${ouidire_url}/mentions)**, with why each is there and how its tone was judged.\n\nWhere ouidire keeps mentions in Elasticsearch, the board [Mentions](/d/ouidire-mentions-en) shows them here as well. Where it keeps them itself, which is the default, that board stays empty.",
			FR: "Ces tableaux comptent; ils ne contiennent ni texte ni nom. **[Lire les mentions dans ouidire](${ouidire_url}/mentions)**, avec la raison de leur présence et l’évaluation de leur tonalité.\n\nSi ouidire conserve les mentions dans Elasticsearch, le tableau [Mentions](/d/ouidire-mentions-fr) les montre ici aussi. S’il les conserve lui-même, comme il le fait par défaut, ce tableau reste vide.",
		},
	}
}

// boards are all there are, in the order in which one reads them.
func boards() []board { return []board{overview, surges, system, content} }
