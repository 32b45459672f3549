package dashboards

import "github.com/ouidire/ouidire/internal/say"

// byTone is one bar for each tone. Its words say which, besides its colour.
func byTone(selector, span string) []ask {
	count := func(tone string) string {
		return `sum(increase(ouidire_mentions_total{` + selector + `,sentiment="` + tone + `"}[` + span + `]))`
	}
	return []ask{
		{expr: count("negative"), legend: say.Text{EN: "negative", FR: "négatives"}, colour: red},
		{expr: count("neutral"), legend: say.Text{EN: "neutral", FR: "neutres"}, colour: grey},
		{expr: count("positive"), legend: say.Text{EN: "positive", FR: "positives"}, colour: green},
		{expr: count("unscored"), legend: say.Text{EN: "not judged", FR: "incertaines"}, colour: purple},
	}
}

const chosen = `watch=~"$watch"`

// overview answers: is anything wrong, and can we see?
var overview = board{
	name:      "overview",
	title:     say.Text{EN: "Overview", FR: "Vue d’ensemble"},
	about:     say.Text{EN: "Is anything wrong, and can ouidire see?", FR: "Y a-t-il quelque chose, et ouidire voit-il?"},
	variables: []variable{watchVariable},
	marks:     []mark{surgeMark, ownMark, advisoryMark},
	rows: []row{
		{id: 100, title: say.Text{EN: "Right now", FR: "En ce moment"}, panels: []panel{
			{id: 1, draw: figure, unit: "none", wide: 4, steps: trouble, link: toSituations,
				title: say.Text{EN: "Urgent situations", FR: "Situations urgentes"},
				about: say.Text{EN: "Situations that are urgent and not settled, whoever handles them.", FR: "Les situations urgentes qui ne sont pas réglées, quelle que soit la personne qui s’en occupe."},
				asks:  []ask{{expr: `sum(ouidire_alerts{severity="urgent"})`, legend: say.Text{EN: "urgent", FR: "urgentes"}}}},
			{id: 2, draw: figure, unit: "none", wide: 4, steps: []step{{colour: green}, {1, orange}}, link: toNegative,
				title: say.Text{EN: "Surges of negative comments", FR: "Vagues de commentaires négatifs"},
				about: say.Text{EN: "Watches about which a surge that was told is not over.", FR: "Les veilles dont une vague annoncée n’est pas passée."},
				asks:  []ask{{expr: `sum(ouidire_surge_active{` + chosen + `})`, legend: say.Text{EN: "surges", FR: "vagues"}}}},
			{id: 3, draw: figure, unit: "none", wide: 4, link: toNegative,
				title: say.Text{EN: "Negative comments, last 3 hours", FR: "Commentaires négatifs, 3 dernières heures"},
				about: say.Text{EN: "By time of publication. Beside it, how many there usually are in three such hours.", FR: "Selon l’heure de publication. À côté, combien il y en a d’habitude en trois heures semblables."},
				asks: []ask{{expr: `sum(ouidire_window_mentions{` + chosen + `})`, legend: say.Text{EN: "now", FR: "maintenant"}, colour: red},
					{expr: `sum(ouidire_baseline_mentions{` + chosen + `})`, legend: say.Text{EN: "usually", FR: "d’habitude"}, colour: grey}}},
			{id: 4, draw: figure, unit: "percentunit", wide: 4, most: 1,
				title: say.Text{EN: "Negative share", FR: "Part de mentions négatives"},
				about: say.Text{EN: "Among the mentions kept in the span that is shown. Tone is judged automatically and can be wrong.", FR: "Parmi les mentions conservées pendant la période affichée. La tonalité est évaluée automatiquement; elle peut se tromper."},
				asks:  []ask{{expr: `sum(increase(ouidire_mentions_total{` + chosen + `,sentiment="negative"}[$__range])) / (sum(increase(ouidire_mentions_total{` + chosen + `}[$__range])) > 0)`, legend: say.Text{EN: "negative", FR: "négatives"}, whole: true}}},
			{id: 5, draw: figure, unit: "none", wide: 4, steps: trouble, link: toSources,
				title: say.Text{EN: "Sources not read", FR: "Sources non lues"},
				about: say.Text{EN: "Sources whose silence proves nothing. While there are any, calm may be a blind spot.", FR: "Les sources dont le silence ne prouve rien. Tant qu’il y en a, le calme est peut-être un angle mort."},
				asks:  []ask{{expr: `sum(ouidire_source_blind)`, legend: say.Text{EN: "not read", FR: "non lues"}}}},
			{id: 6, draw: figure, unit: "s", wide: 4, steps: []step{{colour: green}, {900, orange}, {3600, red}}, link: toSources,
				title: say.Text{EN: "Last visit to a source", FR: "Dernière visite d’une source"},
				about: say.Text{EN: "How long ago any source was visited.", FR: "Depuis combien de temps une source, n’importe laquelle, a été visitée."},
				asks:  []ask{{expr: `time() - max(ouidire_heartbeat_timestamp_seconds{step="fetched"})`, legend: say.Text{EN: "ago", FR: "depuis"}}}},
		}},
		{id: 200, title: say.Text{EN: "Tone", FR: "Tonalité"}, panels: []panel{
			{id: 7, draw: bars, unit: "none", wide: 16, stacked: true,
				title: say.Text{EN: "New mentions, by tone", FR: "Nouvelles mentions, par tonalité"},
				about: say.Text{EN: "When ouidire saw them. History read by a first visit is left out. Tone is judged automatically and can be wrong.", FR: "Selon l’heure où ouidire les a vues. L’historique lu à une première visite n’y est pas. La tonalité est évaluée automatiquement; elle peut se tromper."},
				asks:  byTone(chosen, "$__rate_interval")},
			{id: 8, draw: lines, unit: "percentunit", wide: 8, most: 1, link: toNegative,
				title: say.Text{EN: "Negative share, by watch", FR: "Part de mentions négatives, par veille"},
				about: say.Text{EN: "Over the hour before each moment; a gap is an hour without mentions.", FR: "Sur l’heure qui précède chaque moment; un trou est une heure sans mention."},
				asks:  []ask{{expr: `watch:ouidire_mentions_negative_per_mentions:ratio_increase1h{` + chosen + `}`, legend: by("watch")}}},
		}},
		{id: 300, title: say.Text{EN: "About whom, and where", FR: "Sur qui, et où"}, panels: []panel{
			{id: 9, draw: ranking, unit: "none", wide: 8, link: toMentions,
				title: say.Text{EN: "New mentions, by watch", FR: "Nouvelles mentions, par veille"},
				about: say.Text{EN: "In the span that is shown.", FR: "Pendant la période affichée."},
				asks:  []ask{{expr: `sort_desc(sum by (watch) (increase(ouidire_mentions_total{` + chosen + `}[$__range])))`, legend: by("watch"), whole: true}}},
			{id: 10, draw: ranking, unit: "none", wide: 8,
				title: say.Text{EN: "New mentions, by kind of source", FR: "Nouvelles mentions, par genre de source"},
				about: say.Text{EN: "In the span that is shown.", FR: "Pendant la période affichée."},
				asks:  []ask{{expr: `sort_desc(sum by (source_kind) (increase(ouidire_mentions_total{` + chosen + `}[$__range])))`, legend: by("source_kind"), whole: true}}},
			{id: 11, draw: ranking, unit: "none", wide: 8,
				title: say.Text{EN: "Old items, seen late", FR: "Anciennes, vues aujourd’hui"},
				about: say.Text{EN: "Kept and searched, never told: they were published before they could have been news.", FR: "Conservées et cherchées, jamais annoncées\u00a0: elles ont paru avant de pouvoir être des nouvelles."},
				asks:  []ask{{expr: `sort_desc(sum by (watch) (increase(ouidire_mentions_backfilled_total{` + chosen + `}[$__range])))`, legend: by("watch"), whole: true}}},
		}},
		{id: 400, title: say.Text{EN: "The words", FR: "Les mots"}, panels: []panel{elsewhere(12)}},
	},
}
