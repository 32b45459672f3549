package elastic

import (
	"time"

	"github.com/ouidire/ouidire/store"
)

// plan is a question as Elasticsearch is asked.
type plan struct {
	question *store.Question
	indices  []string
	sure     object // finds what is asked for, and when it is not exact more than that
	exact    bool
	// then finds what has changed since the instant asked about: what it was then, only
	// its body knows. nil for a question about now.
	then object
}

func (n indices) plan(q *store.Question) *plan {
	p := &plan{question: q, indices: []string{n.mentions()}, exact: true}
	if q.Unclaimed || !q.AsOf.IsZero() {
		p.indices = n.all() // what is no longer claimed, or was not yet
	}
	if q.Own && q.Unclaimed {
		p.sure = object{"match_none": object{}}
		return p
	}
	lasting, passing := lastingConditions(q), passingConditions(q)
	if q.Text != nil {
		f := translate(q.Text)
		passing, p.exact = append(passing, f.query), f.exact
	}
	if q.AsOf.IsZero() {
		p.sure = all(append(lasting, passing...))
		return p
	}
	known := q.AsOf.UnixMicro()
	lasting = append(lasting, within("micro.seen", object{"lte": known}))
	changedSince := within("micro.changed", object{"gt": known})
	p.sure = object{"bool": object{"filter": append(lasting[:len(lasting):len(lasting)], passing...), "must_not": changedSince}}
	p.then = all(append(lasting, changedSince))
	return p
}

// whole finds all that may be asked for.
func (p *plan) whole() object {
	if p.then == nil {
		return p.sure
	}
	return anyOf([]object{p.sure, p.then})
}

// lastingConditions are those on what a mention never changes.
func lastingConditions(q *store.Question) (all []object) {
	all = appendOneOf(all, "source", q.Sources)
	all = appendOneOf(all, "place", q.Places)
	all = appendOneOf(all, "kind", q.Kinds)
	all = appendOneOf(all, "lang", q.Langs)
	all = appendOneOf(all, "thread", q.Threads)
	all = appendOneOf(all, "id", q.IDs)
	all = appendSpan(all, "@timestamp", "micro.published", q.From, q.To)
	all = appendSpan(all, "seen_at", "micro.seen", q.SeenFrom, q.SeenTo)
	if q.News {
		all = append(all, object{"term": object{"history": false}})
	}
	return all
}

// passingConditions are those on what a mention can become.
func passingConditions(q *store.Question) []object {
	all := []object{oneOf("standing", standings(q))}
	all = appendOneOf(all, "watch", q.Watches)
	all = appendOneOf(all, "sentiment.label", q.Labels)
	all = appendOneOf(all, "sentiment.target", q.Targets)
	return appendSpan(all, "changed_at", "micro.changed", q.ChangedFrom, q.ChangedTo)
}

func standings(q *store.Question) []string {
	s := others
	switch {
	case q.Own:
		s = own
	case q.Unclaimed:
		s = aside
	}
	if q.Gone {
		return []string{s, s + gone}
	}
	return []string{s}
}

func appendOneOf[T ~string](all []object, field string, values []T) []object {
	if len(values) == 0 {
		return all
	}
	keywords := make([]string, len(values))
	for i, v := range values {
		keywords[i] = keyword(string(v))
	}
	return append(all, oneOf(field, keywords))
}

// appendSpan asks for [from, to); zero is open. The date lets Elasticsearch pass over
// indices of another time. Where a bound cuts a millisecond, micro decides.
func appendSpan(all []object, date, micro string, from, to time.Time) []object {
	millis, micros := object{}, object{}
	if !from.IsZero() {
		millis["gte"] = floorMilli(from)
		if cutsMilli(from) {
			micros["gte"] = ceilMicro(from)
		}
	}
	if !to.IsZero() {
		millis["lt"] = floorMilli(to)
		if cutsMilli(to) {
			millis["lt"] = floorMilli(to) + 1
			micros["lt"] = ceilMicro(to)
		}
	}
	if len(millis) > 0 {
		millis["format"] = "epoch_millis"
		all = append(all, within(date, millis))
	}
	if len(micros) > 0 {
		all = append(all, within(micro, micros))
	}
	return all
}

func within(field string, bounds object) object { return object{"range": object{field: bounds}} }

func cutsMilli(t time.Time) bool { return t.Nanosecond()%int(time.Millisecond) != 0 }

// floorMilli is the last millisecond that is not after t, also before 1970.
func floorMilli(t time.Time) int64 {
	return t.Unix()*1000 + int64(t.Nanosecond()/int(time.Millisecond))
}

func all(conditions []object) object { return object{"bool": object{"filter": conditions}} }
