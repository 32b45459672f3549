package dashboards

import (
	"fmt"
	"io"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/internal/say"
)

// Runbooks is where the pages are that say what to do about an alert; a language and
// the alert's name follow.
const Runbooks = "https://github.com/ouidire/ouidire/blob/main/docs/%s/runbooks/%s.md"

// alert is one way in which ouidire is not well. What it watches for is never told
// through Prometheus: these are for whoever looks after the program.
type alert struct {
	name     string
	expr     string
	hold     time.Duration // true for so long before anybody is told
	keep     time.Duration // told for so long after it is no longer true
	severity string        // critical: nobody is told of what happens; warning: somebody may not be

	summary     say.Text // one sentence that names the trouble, without figures
	description say.Text // what follows from it; {{ $labels… }} and {{ $value }} are Prometheus'
}

const (
	critical = "critical"
	warning  = "warning"
)

// recordings are asked often, or by several: by boards, and by alerts. Gauges are taken
// over five minutes, so that one failed scrape neither hides a trouble nor begins its
// time anew.
var recordings = []struct{ record, expr string }{
	{"watch:ouidire_mentions:increase1h", `sum without (source_kind, sentiment) (increase(ouidire_mentions_total[1h]))`},
	{"watch:ouidire_mentions_negative:increase1h", `sum without (source_kind, sentiment) (increase(ouidire_mentions_total{sentiment="negative"}[1h]))`},
	{"watch:ouidire_mentions_negative_per_mentions:ratio_increase1h", `watch:ouidire_mentions_negative:increase1h / (watch:ouidire_mentions:increase1h > 0)`},
	{"source:ouidire_source_staleness:ratio", `(time() - last_over_time(ouidire_source_last_success_timestamp_seconds[5m])) / last_over_time(ouidire_source_interval_seconds[5m])`},
	{"source_kind:ouidire_fetches_failed_per_fetches:ratio_rate30m", `sum without (reason) (rate(ouidire_fetches_failed_total[30m])) / sum without (reason) (rate(ouidire_fetches_total[30m]) > 0)`},
}

// alerts are those of the program's health. Each has a page under docs/*/runbooks.
var alerts = []alert{
	{
		name: "OuidireDown", severity: critical, hold: 5 * time.Minute,
		expr:        `absent(up{job="ouidire"} == 1)`,
		summary:     say.Text{EN: "ouidire does not answer.", FR: "ouidire ne répond pas."},
		description: say.Text{EN: "No ouidire has answered Prometheus for five minutes: nothing is read, and nobody is told of anything.", FR: "Aucun ouidire ne répond à Prometheus depuis cinq minutes\u00a0: rien n’est lu et personne n’est prévenu de rien."},
	},
	{
		name: "OuidireAllSourcesStale", severity: critical, hold: 10 * time.Minute,
		expr:        `min without (source) (source:ouidire_source_staleness:ratio) > 3`,
		summary:     say.Text{EN: "No source can be read.", FR: "Aucune source n’est lue."},
		description: say.Text{EN: "Even the source read last has missed {{ $value | humanize }} visits. Most often the network of the machine is at fault.", FR: "Même la source lue en dernier a manqué {{ $value | humanize }} visites. Le plus souvent, c’est le réseau de la machine."},
	},
	{
		name: "OuidireSourceStale", severity: warning, hold: 10 * time.Minute, keep: 15 * time.Minute,
		expr:        `source:ouidire_source_staleness:ratio > 3`,
		summary:     say.Text{EN: "A source is no longer read.", FR: "Une source n’est plus lue."},
		description: say.Text{EN: "Nothing could be read from “{{ $labels.source }}” for {{ $value | humanize }} times the time between two visits.", FR: "Rien n’a pu être lu de «\u00a0{{ $labels.source }}\u00a0» depuis {{ $value | humanize }} fois le temps entre deux visites."},
	},
	{
		name: "OuidireSourceBlind", severity: warning, hold: 30 * time.Minute, keep: 15 * time.Minute,
		expr:        `last_over_time(ouidire_source_blind[5m]) == 1`,
		summary:     say.Text{EN: "The silence of a source proves nothing.", FR: "Le silence d’une source ne prouve rien."},
		description: say.Text{EN: "“{{ $labels.source }}” turns us away, shows something else than it used to, or has been silent for longer than ever.", FR: "«\u00a0{{ $labels.source }}\u00a0» nous refuse, montre autre chose que d’habitude ou se tait depuis plus longtemps que jamais."},
	},
	{
		name: "OuidirePipelineStalled", severity: critical, hold: 5 * time.Minute,
		expr:        `time() - last_over_time(ouidire_heartbeat_timestamp_seconds{step="searchable"}[5m]) > 600`,
		summary:     say.Text{EN: "What is read does not become searchable.", FR: "Ce qui est lu ne peut pas être cherché."},
		description: say.Text{EN: "What was seen in the last {{ $value | humanizeDuration }} is still on its way: no rule is asked about it until it is kept.", FR: "Ce qui a été vu depuis {{ $value | humanizeDuration }} est encore en chemin\u00a0: aucune règle d’alerte n’en tient compte avant que ce soit conservé."},
	},
	{
		name: "OuidireFetchErrors", severity: warning, hold: 30 * time.Minute,
		expr:        `source_kind:ouidire_fetches_failed_per_fetches:ratio_rate30m > 0.5`,
		summary:     say.Text{EN: "Most visits to one kind of source fail.", FR: "La plupart des visites à un genre de source échouent."},
		description: say.Text{EN: "More than half of the visits to sources of the kind {{ $labels.source_kind }} have failed for half an hour.", FR: "Plus de la moitié des visites aux sources du genre {{ $labels.source_kind }} échouent depuis une demi-heure."},
	},
	{
		name: "OuidireStoreRejects", severity: critical, hold: 10 * time.Minute,
		expr:        `increase(ouidire_store_writes_failed_total[30m]) > 0 and increase(ouidire_store_writes_failed_total[30m]) >= increase(ouidire_store_writes_total[30m])`,
		summary:     say.Text{EN: "What is read cannot be kept.", FR: "Ce qui est lu ne peut pas être conservé."},
		description: say.Text{EN: "The store has refused every batch for ten minutes. Nothing is lost, as sources are read again, but nobody is told meanwhile.", FR: "Aucun lot de mentions n’a pu être conservé depuis dix minutes. Rien n’est perdu, car les sources seront relues, mais personne n’est prévenu d’ici là."},
	},
	{
		name: "OuidireStoreDown", severity: critical, hold: 5 * time.Minute,
		expr:        `last_over_time(ouidire_store_up[5m]) == 0`,
		summary:     say.Text{EN: "Elasticsearch cannot be written to.", FR: "Rien ne s’écrit dans Elasticsearch."},
		description: say.Text{EN: "For five minutes the server that mentions are kept on has not done what it is asked. What is found waits on this machine: nothing is lost, but nothing new is searched or told.", FR: "Depuis cinq minutes, le serveur qui conserve les mentions ne fait pas ce qu’on lui demande. Ce qui est trouvé attend sur cette machine : rien n’est perdu, mais rien de neuf n’est cherché ni annoncé."},
	},
	{
		name: "OuidireSpoolFilling", severity: warning, hold: 5 * time.Minute,
		expr:        `last_over_time(ouidire_spool_bytes[5m]) / last_over_time(ouidire_spool_limit_bytes[5m]) > 0.5`,
		summary:     say.Text{EN: "What waits for Elasticsearch fills its room.", FR: "Ce qui attend Elasticsearch remplit la place prévue."},
		description: say.Text{EN: "{{ $value | humanizePercentage }} of what may wait on this machine is taken. When it is full, sources are no longer read.", FR: "{{ $value | humanizePercentage }} de ce qui peut attendre sur cette machine est pris. Quand tout le sera, les sources ne seront plus lues."},
	},
	{
		name: "OuidireMentionsRefused", severity: warning, hold: 5 * time.Minute,
		expr:        `last_over_time(ouidire_dead_letters[5m]) > 0`,
		summary:     say.Text{EN: "Elasticsearch refuses mentions for good.", FR: "Elasticsearch refuse des mentions pour de bon."},
		description: say.Text{EN: "{{ $value }} mentions, or changes to some, are put aside on this machine with the reason. They are missing from searches, counts and alerts until they are sent again.", FR: "{{ $value }} mentions ou modifications sont mises de côté sur cette machine, avec la raison. Elles manquent aux recherches, aux décomptes et aux alertes tant qu’elles ne sont pas renvoyées."},
	},
	{
		name: "OuidireShardSilent", severity: critical, hold: 5 * time.Minute, keep: 15 * time.Minute,
		expr:        `last_over_time(ouidire_shard_alive[5m]) == 0`,
		summary:     say.Text{EN: "A process that reads sources is silent.", FR: "Un processus qui lit des sources ne donne plus signe de vie."},
		description: say.Text{EN: "Shard {{ $labels.shard }} gives no sign of life: its sources are not read, and the others no longer wait for what it holds.", FR: "Le processus {{ $labels.shard }} ne donne plus signe de vie\u00a0: ses sources ne sont pas lues, et les autres n’attendent plus ce qu’il détient."},
	},
	{
		name: "OuidireShardsDisagree", severity: warning, hold: 15 * time.Minute,
		expr:        `last_over_time(ouidire_shards_disagreeing[5m]) > 0`,
		summary:     say.Text{EN: "The processes that share the sources disagree about their number.", FR: "Les processus qui se partagent les sources ne s’entendent pas sur leur nombre."},
		description: say.Text{EN: "{{ $value }} of them were started with another number than shard 0: some sources are read twice, or by nobody.", FR: "{{ $value }} d’entre eux ont été démarrés avec un autre nombre que le processus 0\u00a0: des sources sont lues deux fois, ou ne le sont par personne."},
	},
	{
		name: "OuidireOutboxFilling", severity: warning, hold: 15 * time.Minute,
		expr:        `last_over_time(ouidire_outbox_pending[5m]) > 20`,
		summary:     say.Text{EN: "Messages pile up.", FR: "Les messages s’accumulent."},
		description: say.Text{EN: "{{ $value }} messages wait for the channel “{{ $labels.channel }}”.", FR: "{{ $value }} messages attendent le moyen d’envoi «\u00a0{{ $labels.channel }}\u00a0»."},
	},
	{
		name: "OuidireNotificationsStuck", severity: critical, hold: 2 * time.Minute,
		expr:        `time() - (last_over_time(ouidire_outbox_oldest_timestamp_seconds[5m]) > 0) > 300`,
		summary:     say.Text{EN: "A message does not get out.", FR: "Un message ne part pas."},
		description: say.Text{EN: "A message has waited for {{ $value | humanizeDuration }} for the channel “{{ $labels.channel }}”.", FR: "Un message attend depuis {{ $value | humanizeDuration }} le moyen d’envoi «\u00a0{{ $labels.channel }}\u00a0»."},
	},
	{
		name: "OuidireNotificationsFailed", severity: warning,
		expr:        `sum without (reason) (increase(ouidire_notifications_failed_total[1h])) > 0`,
		summary:     say.Text{EN: "A message was given up.", FR: "Un message a été abandonné."},
		description: say.Text{EN: "The channel “{{ $labels.channel }}” has refused a message for good, or for too long, within the last hour.", FR: "Le moyen d’envoi «\u00a0{{ $labels.channel }}\u00a0» a refusé un message pour de bon, ou trop longtemps, dans la dernière heure."},
	},
	{
		name: "OuidireRuleFailing", severity: warning, hold: 15 * time.Minute,
		expr:        `increase(ouidire_rule_evaluations_failed_total[15m]) > 0`,
		summary:     say.Text{EN: "An alert rule cannot be asked.", FR: "Une règle d’alerte ne peut pas être consultée."},
		description: say.Text{EN: "The rule “{{ $labels.rule }}” has failed for a quarter of an hour: what it would tell is late.", FR: "La règle d’alerte «\u00a0{{ $labels.rule }}\u00a0» échoue depuis un quart d’heure\u00a0: ce qu’elle aurait à dire est en retard."},
	},
	{
		name: "OuidireConfigReloadFailed", severity: warning, hold: 10 * time.Minute,
		expr:        `last_over_time(ouidire_config_last_reload_successful[5m]) == 0`,
		summary:     say.Text{EN: "The changed configuration is not in force.", FR: "La configuration modifiée n’est pas en vigueur."},
		description: say.Text{EN: "ouidire goes on with the configuration before it. The page, the log and ouidire check say what is wrong.", FR: "ouidire continue avec la configuration précédente. La page, le journal et ouidire check disent ce qui ne va pas."},
	},
}

// The form of Prometheus' rule files.
type (
	ruleFile  struct{ Groups []ruleGroup }
	ruleGroup struct {
		Name     string
		Interval string
		Rules    []rule
	}
	rule struct {
		Record      string            `yaml:"record,omitempty"`
		Alert       string            `yaml:"alert,omitempty"`
		Expr        string            `yaml:"expr"`
		For         string            `yaml:"for,omitempty"`
		Keep        string            `yaml:"keep_firing_for,omitempty"`
		Labels      map[string]string `yaml:"labels,omitempty"`
		Annotations *annotations      `yaml:"annotations,omitempty"`
	}
	annotations struct {
		Summary     string `yaml:"summary"`
		Description string `yaml:"description"`
		Runbook     string `yaml:"runbook_url"`
	}
)

// WriteRules writes Prometheus' rules about the health of the program, in a reader's
// language. Their job is called ouidire; a Prometheus from 2.42 on reads them.
func WriteRules(w io.Writer, l say.Lang) error {
	recorded, told := ruleGroup{Name: "ouidire-recordings", Interval: "1m"}, ruleGroup{Name: "ouidire-health", Interval: "1m"}
	for _, r := range recordings {
		recorded.Rules = append(recorded.Rules, rule{Record: r.record, Expr: r.expr})
	}
	for _, a := range alerts {
		told.Rules = append(told.Rules, rule{Alert: a.name, Expr: a.expr, For: span(a.hold), Keep: span(a.keep),
			Labels:      map[string]string{"severity": a.severity},
			Annotations: &annotations{a.summary.In(l), a.description.In(l), fmt.Sprintf(Runbooks, short(l), a.name)}})
	}
	if _, err := fmt.Fprintf(w, "# %s\n", madeBy.In(l)); err != nil {
		return fmt.Errorf("write the rules of Prometheus: %w", err)
	}
	if err := yaml.NewEncoder(w, yaml.UseLiteralStyleIfMultiline(true)).Encode(ruleFile{[]ruleGroup{recorded, told}}); err != nil {
		return fmt.Errorf("write the rules of Prometheus: %w", err)
	}
	return nil
}

var madeBy = say.Text{
	EN: "Made by: ouidire dashboards. What is changed here is lost at the next update.",
	FR: "Fait par\u00a0: ouidire dashboards. Ce qui est changé ici se perd à la prochaine mise à jour.",
}

// span is a duration as Prometheus writes it, "" for none.
func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%dm", int(d.Minutes()))
}

// short is the folder of a language: fr or en.
func short(l say.Lang) string {
	if l.French() {
		return "fr"
	}
	return "en"
}
