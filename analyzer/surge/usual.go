package surge

import "math"

// usual is what an hour of the week brings as a rule.
type usual struct {
	level float64             // arrivals an hour, over all hours
	rate  [slots]float64      // of each hour of the week
	doubt [slots]float64      // variance of rate, relative to its square
	sway  [len(spans)]float64 // variance of a count beyond chance, relative to its mean's square
}

// spans are the lengths, in hours, over which it is learnt how much counts sway.
var spans = [...]int{1, 2, 3, 6, 12}

const spansLongest = 12

// What is believed before anything is known, and for how much it counts.
const (
	levelGuess = 0.3 // arrivals an hour
	levelTrust = 0.5 // arrivals
	hourTrust  = 2   // arrivals
	dayTrust   = 4
	swayGuess  = 0.15
	swayTrust  = 20
)

const (
	clumps    = 1.3 // variance over mean of a count, since comments come in clumps
	swayShare = 0.6 // of the sway learnt, in the variance of a count
	capSigmas = 3   // an hour teaches no more than so many deviations above its mean
)

// How much more an hour teaches than the one before: twice as much as one 20, 42 and
// 14 days before. Over 24 weeks that is at most 5,000 times as much.
var (
	levelGrows = math.Exp2(1.0 / (20 * 24))
	formGrows  = math.Exp2(1.0 / (42 * 24))
	swayGrows  = math.Exp2(1.0 / (14 * 24))
)

// variance is that of a count of which so much is expected, in a span of so many
// hours that ends in an hour of the week.
func (u *usual) variance(mean, hours float64, slot uint8) float64 {
	w := 0
	for w < len(spans)-1 && hours > float64(spans[w]) {
		w++
	}
	return clumps*mean + swayShare*(u.sway[w]+u.doubt[slot])*mean*mean
}

// tally is what came and what was due.
type tally struct{ got, due float64 }

func (t *tally) add(got, due float64) { t.got += got; t.due += due }

// leaning is the ratio, which leans to guess as if trust had been due already.
func (t tally) leaning(guess, trust float64) float64 { return (t.got + guess*trust) / (t.due + trust) }

// weights are what an hour counts for.
type weights struct{ level, form, sway float64 }

// learner walks over past hours: the level is a gamma posterior, the form of the
// week a factor of the hour times one of the day.
type learner struct {
	weights        // of the newest hour; what is believed at first fades beside them
	level    tally // arrivals, and hours by their form
	hours    [24]tally
	days     [7]tally
	swing    [len(spans)]tally // squares beyond chance, and squares of means
	hourForm [24]float64       // mean 1
	dayForm  [7]float64
	last     [spansLongest]tally // the newest hours
	sums     [len(spans)]tally   // of the newest spans
	walked   int
}

// learn learns from hours, oldest first, of which the first had an arrival.
func learn(cells []cell) usual {
	l := learner{weights: weights{1, 1, 1}, level: tally{levelTrust, levelTrust / levelGuess}}
	l.shape()
	for i := 0; i < len(cells); i++ {
		if skip := empty(cells[i:]); skip > 0 {
			i += skip - 1
			continue
		}
		l.take(cells[i])
	}
	l.shape()
	return l.usual()
}

func (l *learner) take(c cell) {
	h, d, count := c.slot%24, c.slot/24, c.count
	form := l.hourForm[h] * l.dayForm[d]
	level := l.level.got / l.level.due
	mean := level * form
	if count > 0 && !c.whole {
		v := clumps*mean + (l.swayed(0)+l.doubt(int(h)))*mean*mean
		count = min(count, mean+capSigmas*math.Sqrt(v)+1) // a surge does not teach itself
	}
	l.swings(tally{count, mean})
	l.weights.level *= levelGrows
	l.form *= formGrows
	l.level.add(l.weights.level*count, l.weights.level*form)
	l.hours[h].add(l.form*count, l.form*level*l.dayForm[d])
	l.days[d].add(l.form*count, l.form*level*l.hourForm[h])
	if l.walked%24 == 0 {
		l.shape()
	}
}

// swings compares what the last hours brought with what was expected of them.
func (l *learner) swings(newest tally) {
	at := l.walked % spansLongest
	l.walked++
	l.weights.sway *= swayGrows
	for w, span := range spans {
		sum := &l.sums[w]
		sum.add(newest.got, newest.due)
		if l.walked > span { // the hour that is no longer within
			out := l.last[(at+spansLongest-span)%spansLongest]
			sum.add(-out.got, -out.due)
		}
		if l.walked >= span {
			off := sum.got - sum.due
			l.swing[w].add(l.weights.sway*(off*off-clumps*sum.due), l.weights.sway*sum.due*sum.due)
		}
	}
	l.last[at] = newest
}

func (l *learner) swayed(w int) float64 {
	return max(l.swing[w].leaning(swayGuess, swayTrust*l.weights.sway), 0)
}

func (l *learner) doubt(h int) float64 {
	return l.weights.level/l.level.got + 0.5/(l.hours[h].got/l.form+hourTrust)
}

// shape makes the form of the week from what the hours and the days taught, once a
// day; neighbouring hours resemble one another.
func (l *learner) shape() {
	var raw [24]float64
	for h := range raw {
		raw[h] = l.hours[h].leaning(1, hourTrust*l.form)
	}
	for h := range raw {
		l.hourForm[h] = raw[(h+23)%24]/4 + raw[h]/2 + raw[(h+1)%24]/4
	}
	for d := range l.days {
		l.dayForm[d] = l.days[d].leaning(1, dayTrust*l.form)
	}
	meanOne(l.hourForm[:])
	meanOne(l.dayForm[:])
}

func meanOne(form []float64) {
	sum := 0.0
	for _, f := range form {
		sum += f
	}
	for i := range form {
		form[i] *= float64(len(form)) / sum
	}
}

func (l *learner) usual() (u usual) {
	u.level = l.level.got / l.level.due
	for s := range u.rate {
		u.rate[s] = u.level * l.hourForm[s%24] * l.dayForm[s/24]
		u.doubt[s] = l.doubt(s % 24)
	}
	for w := range u.sway {
		u.sway[w] = l.swayed(w)
	}
	return u
}
