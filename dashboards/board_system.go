package dashboards

import "github.com/ouidire/ouidire/internal/say"

// of chooses the programs that are shown: one Prometheus may read several.
const of = `job=~"$job",instance=~"$instance"`

// slowest is how long nine of ten, or nineteen of twenty, take at most.
func slowest(share, histogram, apart string) string {
	return `histogram_quantile(` + share + `, sum by (le` + apart + `) (rate(` + histogram + `_bucket{` + of + `}[$__rate_interval])))`
}

// perSecond is a rate, apart by a label.
func perSecond(counter, apart string) string {
	return `sum by (` + apart + `) (rate(` + counter + `{` + of + `}[$__rate_interval]))`
}

// late is how many visits each source has missed.
const late = `(time() - ouidire_source_last_success_timestamp_seconds{` + of + `}) / ouidire_source_interval_seconds{` + of + `}`

// system answers: does the program do its work, and if not, where is the cause?
var system = board{
	name:  "state",
	title: say.Text{EN: "System state", FR: "État de la veille"},
	about: say.Text{EN: "Does ouidire do its work, and if not, where is the cause?", FR: "ouidire fait-il son travail, et sinon, d’où vient le problème?"},
	variables: []variable{
		{name: "job", label: say.Text{EN: "Job", FR: "Tâche de Prometheus"}, from: "ouidire_build_info", key: "job"},
		{name: "instance", label: say.Text{EN: "Program", FR: "Programme"}, from: "ouidire_build_info", key: "instance"},
	},
	rows: []row{
		{id: 100, title: say.Text{EN: "Is all well?", FR: "Tout va bien?"}, panels: []panel{
			{id: 1, draw: figure, unit: "none", wide: 4, steps: []step{{colour: red}, {1, green}},
				title: say.Text{EN: "Programs that answer", FR: "Programmes qui répondent"},
				about: say.Text{EN: "ouidires that Prometheus can read now.", FR: "Les ouidire que Prometheus peut lire en ce moment."},
				asks:  []ask{{expr: `sum(up{` + of + `})`, legend: say.Text{EN: "answer", FR: "répondent"}}}},
			{id: 2, draw: figure, unit: "s", wide: 4, steps: []step{{colour: green}, {300, orange}, {600, red}},
				title: say.Text{EN: "Not searchable yet", FR: "Pas encore cherchable"},
				about: say.Text{EN: "What was seen within so long is on its way to the store; alert rules wait for it.", FR: "Ce qui a été vu depuis ce temps est en chemin; les règles d’alerte l’attendent."},
				asks:  []ask{{expr: `time() - min(ouidire_heartbeat_timestamp_seconds{` + of + `,step="searchable"})`, legend: say.Text{EN: "since", FR: "depuis"}}}},
			{id: 3, draw: figure, unit: "none", wide: 4, steps: trouble, link: toSources,
				title: say.Text{EN: "Sources not read", FR: "Sources non lues"},
				about: say.Text{EN: "Sources whose silence proves nothing.", FR: "Les sources dont le silence ne prouve rien."},
				asks:  []ask{{expr: `sum(ouidire_source_blind{` + of + `})`, legend: say.Text{EN: "not read", FR: "non lues"}}}},
			{id: 4, draw: figure, unit: "short", wide: 4, steps: []step{{colour: green}, {2, orange}, {3, red}}, link: toSources,
				title: say.Text{EN: "Visits missed by the latest source", FR: "Visites manquées par la source la plus en retard"},
				about: say.Text{EN: "How many times the time between two visits has gone by since it was read.", FR: "Combien de fois le temps entre deux visites est passé depuis sa dernière lecture."},
				asks:  []ask{{expr: `max(` + late + `)`, legend: say.Text{EN: "visits", FR: "visites"}}}},
			{id: 5, draw: figure, unit: "s", wide: 4, steps: []step{{colour: green}, {60, orange}, {300, red}}, link: toMessages,
				title: say.Text{EN: "Oldest message that waits", FR: "Le plus vieux message en attente"},
				about: say.Text{EN: "Nothing when no message waits.", FR: "Rien si aucun message n’attend."},
				asks:  []ask{{expr: `max(time() - (ouidire_outbox_oldest_timestamp_seconds{` + of + `} > 0)) or vector(0)`, legend: say.Text{EN: "waits", FR: "attend"}}}},
			{id: 6, draw: figure, unit: "none", wide: 4, says: map[int]answer{0: yes, 1: not},
				title: say.Text{EN: "Configuration refused", FR: "Configuration refusée"},
				about: say.Text{EN: "Whether the configuration that was read last could not be taken; the one before holds.", FR: "Si la dernière configuration lue n’a pas pu être prise; la précédente reste en vigueur."},
				asks:  []ask{{expr: `min(ouidire_config_last_reload_successful{` + of + `})`, legend: say.Text{EN: "refused", FR: "refusée"}}}},
		}},
		{id: 200, title: say.Text{EN: "Reading", FR: "Lecture"}, panels: []panel{
			{id: 7, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Visits", FR: "Visites"},
				about: say.Text{EN: "Visits to sources per second, by kind of source.", FR: "Les visites aux sources par seconde, par genre de source."},
				asks:  []ask{{expr: perSecond("ouidire_fetches_total", "source_kind"), legend: by("source_kind")}}},
			{id: 8, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Visits that failed, by reason", FR: "Visites qui ont échoué, par raison"},
				about: say.Text{EN: "Reasons are those that the page of sources explains.", FR: "Les raisons sont celles qu’explique la page des sources."}, link: toSources,
				asks: []ask{{expr: perSecond("ouidire_fetches_failed_total", "reason"), legend: by("reason")}}},
			{id: 9, draw: lines, unit: "s", wide: 8, title: say.Text{EN: "Time of a visit", FR: "Durée d’une visite"},
				about: say.Text{EN: "Nineteen visits of twenty take at most so long.", FR: "Dix-neuf visites sur vingt durent au plus ce temps."},
				asks:  []ask{{expr: slowest("0.95", "ouidire_fetch_duration_seconds", ", source_kind"), legend: by("source_kind")}}},
			{id: 10, draw: ranking, unit: "short", wide: 12, steps: []step{{colour: green}, {2, orange}, {3, red}}, link: toSources,
				title: say.Text{EN: "The ten latest sources", FR: "Les dix sources les plus en retard"},
				about: say.Text{EN: "Visits missed since each was read; an alert is raised above three.", FR: "Visites manquées depuis la dernière lecture; au-dessus de trois, une alerte part."},
				asks:  []ask{{expr: `topk(10, ` + late + `)`, legend: by("source"), whole: true}}},
			{id: 11, draw: states, unit: "none", wide: 12, link: toSources,
				title: say.Text{EN: "Sources that were not read", FR: "Sources qui n’étaient pas lues"},
				about: say.Text{EN: "Only those whose silence proved nothing at some time.", FR: "Seulement celles dont le silence, à un moment, ne prouvait rien."},
				asks:  []ask{{expr: `ouidire_source_blind{` + of + `} and on (source) (max_over_time(ouidire_source_blind{` + of + `}[$__range]) == 1)`, legend: by("source")}},
				says: map[int]answer{0: {say.Text{EN: "read", FR: "lue"}, green},
					1: {say.Text{EN: "not read", FR: "non lue"}, red}}},
		}},
		{id: 300, title: say.Text{EN: "The line", FR: "La chaîne"}, folded: true, panels: []panel{
			{id: 12, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Items read, and those known already", FR: "Éléments lus, et ceux déjà connus"},
				about: say.Text{EN: "Most of what a feed shows was there before.", FR: "L’essentiel de ce qu’un fil RSS montre s’y trouvait déjà.", France: "L’essentiel de ce qu’un flux RSS montre s’y trouvait déjà."},
				asks: []ask{{expr: `sum(rate(ouidire_items_fetched_total{` + of + `}[$__rate_interval]))`, legend: say.Text{EN: "read", FR: "lus"}, colour: blue},
					{expr: `sum(rate(ouidire_mentions_duplicate_total{` + of + `}[$__rate_interval]))`, legend: say.Text{EN: "known already", FR: "déjà connus"}, colour: grey}}},
			{id: 13, draw: lines, unit: "s", wide: 8, title: say.Text{EN: "From publication to search", FR: "De la publication à la recherche"},
				about: say.Text{EN: "Nineteen mentions of twenty can be found within so long of their publication.", FR: "Dix-neuf mentions sur vingt peuvent être trouvées dans ce délai après leur publication."},
				asks:  []ask{{expr: slowest("0.95", "ouidire_pipeline_lag_seconds", ", source_kind"), legend: by("source_kind")}}},
			{id: 14, draw: lines, unit: "s", wide: 8, title: say.Text{EN: "Time of an analysis", FR: "Durée d’une analyse"},
				about: say.Text{EN: "Nineteen texts of twenty are judged within so long, by language.", FR: "Dix-neuf textes sur vingt sont évalués en ce temps, par langue."},
				asks:  []ask{{expr: slowest("0.95", "ouidire_analysis_duration_seconds", ", lang"), legend: by("lang")}}},
			{id: 15, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Texts judged, by language", FR: "Textes évalués, par langue"},
				about: say.Text{EN: "As it was recognised.", FR: "Telle qu’elle a été reconnue."},
				asks:  []ask{{expr: perSecond("ouidire_analysis_total", "lang"), legend: by("lang")}}},
			{id: 16, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Alert rules that failed", FR: "Règles d’alerte qui ont échoué"},
				about: say.Text{EN: "Evaluations that failed and are tried again.", FR: "Les consultations qui ont échoué et sont reprises."},
				asks:  []ask{{expr: perSecond("ouidire_rule_evaluations_failed_total", "rule"), legend: by("rule")}}},
		}},
		{id: 400, title: say.Text{EN: "Keeping", FR: "Conservation"}, folded: true, panels: []panel{
			{id: 17, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Batches kept, and those that could not be", FR: "Lots conservés, et ceux qui n’ont pas pu l’être"},
				about: say.Text{EN: "A batch that could not be kept is read again: nothing is lost.", FR: "Un lot qui n’a pas pu être conservé est relu\u00a0: rien n’est perdu."},
				asks: []ask{{expr: `sum(rate(ouidire_store_writes_total{` + of + `}[$__rate_interval]))`, legend: say.Text{EN: "batches", FR: "lots"}, colour: blue},
					{expr: `sum(rate(ouidire_store_writes_failed_total{` + of + `}[$__rate_interval]))`, legend: say.Text{EN: "not kept", FR: "non conservés"}, colour: red}}},
			{id: 18, draw: lines, unit: "s", wide: 8, title: say.Text{EN: "Time of a write", FR: "Durée d’une écriture"},
				about: say.Text{EN: "Nineteen batches of twenty are kept within so long.", FR: "Dix-neuf lots sur vingt sont conservés en ce temps."},
				asks:  []ask{{expr: slowest("0.95", "ouidire_store_write_duration_seconds", ""), legend: say.Text{EN: "nineteen of twenty", FR: "dix-neuf sur vingt"}, colour: blue}}},
			{id: 19, draw: lines, unit: "bytes", wide: 4, title: say.Text{EN: "On disk", FR: "Sur le disque"},
				about: say.Text{EN: "What mentions take, where ouidire keeps them itself.", FR: "La place des mentions, si ouidire les conserve lui-même."},
				asks:  []ask{{expr: `sum by (index_kind) (ouidire_store_size_bytes{` + of + `} > 0)`, legend: by("index_kind")}}},
			{id: 20, draw: lines, unit: "none", wide: 4, title: say.Text{EN: "Kept", FR: "Conservées"},
				about: say.Text{EN: "Mentions, and items that no watch claimed.", FR: "Les mentions, et ce qu’aucune veille n’a retenu."},
				asks:  []ask{{expr: `sum by (index_kind) (ouidire_store_documents{` + of + `})`, legend: by("index_kind")}}},
		}},
		{id: 500, title: say.Text{EN: "Telling", FR: "Envoi des messages"}, folded: true, panels: []panel{
			{id: 21, draw: lines, unit: "ops", wide: 8, title: say.Text{EN: "Attempts, and those that failed", FR: "Essais, et ceux qui ont échoué"}, link: toMessages,
				about: say.Text{EN: "Attempts to hand a message to a channel.", FR: "Les essais de remettre un message à un moyen d’envoi."},
				asks: []ask{{expr: perSecond("ouidire_notification_requests_total", "channel"), legend: by("channel")},
					{expr: perSecond("ouidire_notification_requests_failed_total", "channel"), legend: say.Text{EN: "{{channel}}, failed", FR: "{{channel}}, échecs"}, colour: red}}},
			{id: 22, draw: lines, unit: "s", wide: 8, title: say.Text{EN: "From owed to accepted", FR: "De dû à accepté"},
				about: say.Text{EN: "Nineteen messages of twenty are taken by their channel within so long.", FR: "Dix-neuf messages sur vingt sont acceptés par leur moyen d’envoi en ce temps."},
				asks:  []ask{{expr: slowest("0.95", "ouidire_notification_latency_seconds", ", channel"), legend: by("channel")}}},
			{id: 23, draw: lines, unit: "none", wide: 8, title: say.Text{EN: "Messages that wait", FR: "Messages en attente"}, link: toMessages,
				about: say.Text{EN: "By channel.", FR: "Par moyen d’envoi."},
				asks:  []ask{{expr: `sum by (channel) (ouidire_outbox_pending{` + of + `})`, legend: by("channel")}}},
			{id: 24, draw: bars, unit: "none", wide: 12, stacked: true, title: say.Text{EN: "Given up, by reason", FR: "Abandonnés, par raison"}, link: toMessages,
				about: say.Text{EN: "Messages that are not tried again.", FR: "Les messages qui ne sont plus tentés."},
				asks:  []ask{{expr: `sum by (channel, reason) (increase(ouidire_notifications_failed_total{` + of + `}[$__rate_interval]))`, legend: say.Text{EN: "{{channel}}: {{reason}}", FR: "{{channel}}\u00a0: {{reason}}"}}}},
			{id: 25, draw: bars, unit: "none", wide: 12, stacked: true, title: say.Text{EN: "Spared, by reason", FR: "Épargnés, par raison"},
				about: say.Text{EN: "What was found and told to nobody.", FR: "Ce qui a été trouvé et annoncé à personne."},
				asks:  []ask{{expr: `sum by (reason) (increase(ouidire_notifications_suppressed_total{` + of + `}[$__rate_interval]))`, legend: by("reason")}}},
		}},
		{id: 600, title: say.Text{EN: "The process", FR: "Le processus"}, folded: true, panels: []panel{
			{id: 26, draw: lines, unit: "percentunit", wide: 8, title: say.Text{EN: "Processor", FR: "Processeur"},
				about: say.Text{EN: "100% is one core.", FR: "100\u00a0% est un cœur."},
				asks:  []ask{{expr: perSecond("process_cpu_seconds_total", "instance"), legend: by("instance")}}},
			{id: 27, draw: lines, unit: "bytes", wide: 8, title: say.Text{EN: "Memory", FR: "Mémoire"},
				about: say.Text{EN: "Resident memory.", FR: "La mémoire résidente."},
				asks:  []ask{{expr: `sum by (instance) (process_resident_memory_bytes{` + of + `})`, legend: by("instance")}}},
			{id: 28, draw: table, unit: "none", wide: 8, title: say.Text{EN: "Versions", FR: "Versions"},
				about: say.Text{EN: "What runs where.", FR: "Ce qui tourne, et où."},
				asks:  []ask{{expr: `ouidire_build_info{` + of + `}`, legend: by("version"), whole: true}},
				columns: map[string]say.Text{"instance": {EN: "Program", FR: "Programme"}, "version": {EN: "Version", FR: "Version"},
					"revision": {EN: "Revision", FR: "Révision"}, "goversion": {EN: "Go", FR: "Go"}},
				hidden: []string{"Time", "Value", "__name__", "job"}},
		}},
	},
}
