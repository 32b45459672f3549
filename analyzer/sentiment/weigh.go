package sentiment

import (
	"math"
	"sort"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

// The weights of the rules, tuned on the odd lines of testdata/dev-*.tsv.
const (
	boosted      = 1.35 // très, tabarnak
	damped       = 0.6  // un peu, assez
	capitals     = 1.3
	stretched    = 1.2  // trooop
	exclaimed    = 1.12 // for each exclamation mark, three at most
	conceded     = 0.4  // before a "mais"
	concluded    = 1.3  // after it
	notGood      = -0.9 // a negated praise blames
	notBad       = -0.4 // a negated blame praises, weakly
	asked        = 0.5  // a tone inside a question that is only a question
	reported     = 0.5  // a mild blame in a text where nobody speaks
	swornAlone   = 1.0  // a sacre with nothing to strengthen
	meantIronic  = 2.2  // thanks beside an outage
	ironicPraise = 0.15 // what is left of those thanks

	underEvent  = 0.4 // an outage, a price, a delay, where somebody speaks
	underDenial = 0.4 // a refusal that touches no praise
	underMost   = 1.0

	cheering = 0.6 // an exclamation in a text that blames nothing
	voiced   = 40  // words: a long text with fewer than one je, vous, my in so many is a report
	aReport  = 0.2
	comment  = 60 // words: beyond, a text is long, and evidence is a share of it

	slopeNegative = 1.0
	slopePositive = 1.0
	against       = 0.35 // what one tone takes from the other
	calm          = 0.75 // neutral, where nothing speaks
	near          = 0.05 // two probabilities nearer than that: abstain
)

// weight is the evidence of a text: how much of each tone, and what gave it.
type weight struct {
	negative, positive float64
	ironic             bool
	parts              []part
}

type part struct {
	hit  hit
	tone float64 // after the rules
}

// weigh applies the rules to every hit and adds up.
func (d *desk) weigh() weight {
	var w weight
	speaks := d.has(speaker) || d.has(us) || d.has(swears) || strings.Contains(d.text, "!")
	for _, h := range d.hits {
		if h.roles&ambivalent != 0 || h.tone == 0 {
			continue
		}
		w.add(h, d.ruled(h, speaks))
	}
	for _, h := range d.hits {
		if h.roles&ambivalent != 0 {
			w.add(h, d.ruled(d.byCompany(h, w), speaks))
		}
	}
	d.swearing(&w)
	d.irony(&w)
	if speaks {
		d.undertone(&w)
	}
	if w.negative == 0 && len(d.tokens) > 2 && d.cheers() {
		w.positive += cheering
	}
	share := d.share()
	w.negative, w.positive = w.negative*share, w.positive*share
	return w
}

// share is what the evidence of a text weighs. A long text has words of every tone,
// so that only their share says anything; one in which hardly anybody speaks is a
// report, and the bad events that it tells are not its tone.
func (d *desk) share() float64 {
	n := len(d.tokens)
	if n <= comment {
		return 1
	}
	voices := 0
	for _, r := range d.roles {
		if r&speaker != 0 {
			voices++
		}
	}
	share := comment / float64(n)
	if voices*voiced < n {
		share *= aReport
	}
	return share
}

func (w *weight) add(h hit, tone float64) {
	if tone > 0 {
		w.positive += tone
	} else {
		w.negative -= tone
	}
	w.parts = append(w.parts, part{hit: h, tone: tone})
}

// byCompany settles "malade" or "sick": with what else the text says, else with
// the tone that the lexicon gives it.
func (d *desk) byCompany(h hit, w weight) hit {
	if w.negative > w.positive+0.5 {
		h.tone = -math.Abs(h.tone)
	}
	return h
}

// ruled is the tone of a hit after what stands around it.
func (d *desk) ruled(h hit, speaks bool) float64 {
	tone := h.tone
	c := d.clauses[h.clause]
	if !h.sign {
		tone *= d.strength(h)
		if d.negated(h) {
			tone = negate(tone, h)
		}
		if tone < 0 && tone >= -1.2 && !speaks {
			tone *= reported
		}
		if c.question && math.Abs(tone) < 2 {
			tone *= asked
		}
	}
	switch {
	case c.before:
		tone *= conceded
	case c.turned || c.after:
		tone *= concluded
	}
	return tone * math.Pow(exclaimed, float64(min(c.exclaims, 3)))
}

func negate(tone float64, h hit) float64 {
	if tone < 0 {
		return tone * notBad
	}
	if h.roles&verb != 0 {
		return -max(1.6, tone)
	}
	return tone * notGood
}

// strength is how much louder or softer the words around a hit make it.
func (d *desk) strength(h hit) float64 {
	strength := 1.0
	for i := max(0, h.first-2); i <= min(h.last+2, len(d.tokens)-1); i++ {
		if d.owner[i] != 0 || d.clause[i] != h.clause {
			continue
		}
		switch {
		case d.roles[i]&(boosts|swears) != 0:
			strength *= boosted
		case d.roles[i]&damps != 0 && i < h.first:
			strength *= damped
		}
	}
	written := d.text[h.start:h.end]
	if shouted(written) {
		strength *= capitals
	}
	if heldDown(strings.ToLower(written)) {
		strength *= stretched
	}
	return min(strength, 2)
}

// negated looks for pas, jamais, not: three words before a hit, or, since French
// drops its ne, two words after a verb (j'aime vraiment pas).
func (d *desk) negated(h hit) bool {
	for i := max(0, h.first-3); i < h.first; i++ {
		if d.denies(i, h.clause) {
			return true
		}
	}
	if h.roles&verb == 0 {
		return false
	}
	for i := h.last + 1; i <= min(h.last+2, len(d.tokens)-1); i++ {
		if d.denies(i, h.clause) {
			return true
		}
	}
	return false
}

func (d *desk) denies(i, clause int) bool {
	return d.roles[i]&negates != 0 && d.owner[i] == 0 && d.clause[i] == clause
}

// swearing counts a sacre that strengthens nothing as weakly negative.
func (d *desk) swearing(w *weight) {
	if w.negative+w.positive > 0 {
		return
	}
	for i, r := range d.roles {
		if r&swears != 0 && d.owner[i] == 0 {
			t := d.tokens[i]
			w.add(hit{first: i, last: i, start: t.Start, end: t.End, clause: d.clause[i]}, -swornAlone)
			return
		}
	}
}

// undertone counts, in a text where somebody speaks and nothing praises, the
// refusals and the outages that no entry has taken: « Pas hier », "never even looked".
func (d *desk) undertone(w *weight) {
	if w.positive > 0.5 {
		return
	}
	sum := 0.0
	for i, r := range d.roles {
		if d.owner[i] != 0 || d.clauses[d.clause[i]].question || r&(negates|event) == 0 || sum >= underMost {
			continue
		}
		t := d.tokens[i]
		tone := underEvent
		if r&negates != 0 {
			tone = underDenial
		}
		sum += tone
		w.add(hit{first: i, last: i, start: t.Start, end: t.End, clause: d.clause[i]}, -tone)
	}
}

// irony turns praise that is not meant: thanks beside an outage, a delay or a
// price when nothing says that it was mended, or any praise with rolled eyes or an
// "ah ben oui".
func (d *desk) irony(w *weight) {
	praise := -1
	mocked := d.has(mocks) || d.rollsEyes()
	for i, p := range w.parts {
		if p.tone > 0 && !p.hit.sign && (mocked || d.roles[p.hit.first]&thanks != 0) {
			praise = i
		}
	}
	if praise < 0 || !mocked && (d.has(repairs) || !d.eventBeside(w.parts[praise].hit)) {
		return
	}
	w.ironic = true
	w.positive *= ironicPraise
	w.negative += meantIronic
	w.parts[praise].tone = -meantIronic
}

// cheers says that the text exclaims and asks nothing.
func (d *desk) cheers() bool {
	loud := false
	for _, c := range d.clauses {
		if c.question {
			return false
		}
		loud = loud || c.exclaims > 0
	}
	return loud
}

func (d *desk) rollsEyes() bool {
	for _, t := range d.tokens {
		if t.Class == text.Emoji && (t.Fold == "🙄" || t.Fold == "🤡") {
			return true
		}
	}
	return false
}

// eventBeside looks for an outage, a delay, a price within a dozen words.
func (d *desk) eventBeside(h hit) bool {
	const reach = 12
	for i := max(0, h.first-reach); i <= min(h.last+reach, len(d.tokens)-1); i++ {
		if (i < h.first || i > h.last) && d.roles[i]&event != 0 && !d.praised(i) {
			return true
		}
	}
	return false
}

// praised says that a word is part of a praise: "can't wait" is no wait.
func (d *desk) praised(i int) bool { return d.owner[i] != 0 && d.hits[d.owner[i]-1].tone > 0 }

func (d *desk) has(r role) bool {
	for _, roles := range d.roles {
		if roles&r != 0 {
			return true
		}
	}
	return false
}

// probabilities is the evidence as three probabilities that sum to 1.
func (w weight) probabilities() (neg, neu, pos float64) {
	n := slopeNegative*w.negative - against*w.positive
	p := slopePositive*w.positive - against*w.negative
	en, eu, ep := math.Exp(min(n, 6)), math.Exp(calm), math.Exp(min(p, 6))
	sum := en + eu + ep
	neg, pos = en/sum, ep/sum
	return neg, 1 - neg - pos, pos
}

// label is the likeliest tone, none when the second is near.
func label(neg, neu, pos float64) mention.Label {
	best, first, second := mention.Neutral, neu, max(neg, pos)
	if neg > first {
		best, first, second = mention.Negative, neg, max(neu, pos)
	}
	if pos > first {
		best, first, second = mention.Positive, pos, max(neu, neg)
	}
	if first-second < near {
		return ""
	}
	return best
}

// reasons are the words that counted for the stronger tone, as written, the
// heaviest first and each once.
func (d *desk) reasons(w weight) []string {
	sign := 1.0
	if w.negative > w.positive {
		sign = -1
	}
	parts := w.parts
	sort.SliceStable(parts, func(i, j int) bool { return sign*parts[i].tone > sign*parts[j].tone })
	var why []string
	for _, p := range parts {
		if sign*p.tone < 0.2 || len(why) == maxReason {
			break
		}
		if written := d.text[p.hit.start:p.hit.end]; !contains(why, written) {
			why = append(why, written)
		}
	}
	return why
}

func contains(list []string, s string) bool {
	folded := text.Fold(s)
	for _, have := range list {
		if text.Fold(have) == folded {
			return true
		}
	}
	return false
}
