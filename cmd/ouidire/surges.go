package main

import (
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

type surgesCmd struct {
	Files     []string      `arg:"" name:"file" help:"${surges_arg}"`
	Every     time.Duration `help:"${surges_every}" placeholder:"5m"`
	Scores    bool          `help:"${surges_scores}"`
	Timezone  string        `help:"${surges_timezone}" default:"UTC"`
	Budget    float64       `help:"${surges_budget}" default:"1"`
	Threshold float64       `help:"${surges_threshold}" default:"0.5"`
	Stats     bool          `help:"${stats_flag}"`
}

// Run implements `ouidire surges`: when each stream of each file would have been told.
func (cmd surgesCmd) Run(c *call) error {
	zone, err := cmd.check()
	if err != nil {
		return usage{"usage", err}
	}
	var s stats
	for _, name := range cmd.Files {
		judge := &surgesOf{surgesCmd: cmd, call: c, zone: zone, input: name, streams: map[string]*listener{}}
		err := judge.file(&s)
		if wrong := (bad{}); errors.As(err, &wrong) {
			s.inputs, s.failures = s.inputs+1, s.failures+1
			err = c.failed(wire.Failure{Input: name}, wrong)
		}
		if err != nil {
			return err
		}
	}
	return s.end(c, cmd.Stats, true)
}

// check refuses flags that mean nothing.
func (cmd surgesCmd) check() (*time.Location, error) {
	zone, err := time.LoadLocation(cmd.Timezone)
	switch {
	case err != nil || cmd.Timezone == "Local" || cmd.Timezone == "":
		return nil, say.Errorf(say.Text{
			EN: "there is no time zone called %s; give for example --timezone America/Toronto",
			FR: "aucun fuseau horaire ne s’appelle %s; donnez par exemple --timezone America/Toronto",
		}, cmd.Timezone)
	case !(cmd.Budget > 0) || math.IsInf(cmd.Budget, 0):
		return nil, say.Errorf(say.Text{EN: "--budget is a number above 0; write for example --budget 1", FR: "--budget est un nombre supérieur à 0; écrivez par exemple --budget 1"})
	case !(cmd.Threshold >= 0 && cmd.Threshold <= 1):
		return nil, say.Errorf(say.Text{EN: "--threshold is a probability between 0 and 1; write for example --threshold 0.5", FR: "--threshold est une probabilité entre 0 et 1; écrivez par exemple --threshold 0.5"})
	case cmd.Scores && cmd.Every == 0:
		return nil, say.Errorf(say.Text{EN: "--scores goes with counts; add for example --every 5m", FR: "--scores va avec des décomptes; ajoutez par exemple --every 5m"})
	case cmd.Every < 0, cmd.Every > 24*time.Hour, cmd.Every > 0 && cmd.Every < time.Second:
		return nil, say.Errorf(say.Text{EN: "--every is between one second and a day; write for example --every 5m", FR: "--every va d’une seconde à un jour; écrivez par exemple --every 5m"})
	}
	return zone, nil
}

// surgesOf listens to the streams of one file.
type surgesOf struct {
	surgesCmd
	call    *call
	zone    *time.Location
	input   string
	streams map[string]*listener
}

// file answers a bad when the file cannot be read, or not to its end, or when its
// header names no column of time.
func (j *surgesOf) file(s *stats) error {
	from, err := j.call.open(j.input)
	if err != nil {
		return err
	}
	defer from.Close() // only read: nothing is lost
	rows, err := newRows(from, j.zone, j.Every > 0)
	if errors.Is(err, io.EOF) {
		return nil // nothing in it: no surge
	}
	if err != nil {
		return err
	}
	for {
		r, err := rows.next()
		wrong := bad{}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case j.call.ctx.Err() != nil:
			return j.call.ctx.Err()
		case err != nil && !errors.As(err, &wrong):
			return unreadable(err)
		}
		s.inputs++
		if err == nil {
			err = j.take(r)
		}
		if errors.As(err, &wrong) {
			s.failures++
			err = j.call.failed(wire.Failure{Input: j.input, Line: r.line}, err)
		}
		if err != nil {
			return err
		}
	}
}

// listener is a stream with the last two instants at which something of it was seen.
type listener struct {
	*surge.Stream
	seen, before time.Time
}

// fresh is how old something may be and still be news, even if we looked since.
const fresh = 24 * time.Hour

// hear adds an arrival. One that is old, and was there when we last looked, is history.
func (l *listener) hear(a surge.Arrival) (surge.Alarm, bool) {
	if a.Seen.After(l.seen) {
		l.before, l.seen = l.seen, a.Seen
	}
	a.History = l.seen.Sub(a.At) > fresh && (l.before.IsZero() || a.At.Before(l.before))
	return l.Add(a)
}

// streamsMost bounds what one file makes us remember.
const streamsMost = 10_000

// take listens to one row and says what it told.
func (j *surgesOf) take(r row) error {
	if j.Every == 0 && r.negative < j.Threshold {
		return nil
	}
	if r.stream == "" {
		r.stream = j.input
	}
	stream := j.streams[r.stream]
	if stream == nil {
		if len(j.streams) == streamsMost {
			return bad{"too_large", say.Errorf(say.Text{EN: "is of another stream than the first %d, and was left out", FR: "appartient à un autre flux que les %d premiers et a été laissée de côté"}, streamsMost)}
		}
		stream = &listener{Stream: surge.New(surge.Options{Budget: j.Budget, Zone: j.zone, Every: j.Every})}
		j.streams[strings.Clone(r.stream)] = stream
	}
	alarm, told := stream.hear(r.Arrival)
	switch {
	case j.Scores:
		return j.score(r, stream.Score())
	case told:
		return j.tell(r.stream, alarm)
	}
	return nil
}

func (j *surgesOf) score(r row, score float64) error {
	if j.call.out.json {
		return j.call.out.object(scored{Input: j.input, Time: r.At.UTC(), Score: figures(score)})
	}
	return j.call.out.line("%s\t%.2f", j.call.lang.Moment(r.At.In(j.zone)), score)
}

func (j *surgesOf) tell(stream string, a surge.Alarm) error {
	factor := float64(a.Count) / a.Expected
	if !j.call.out.json {
		return j.call.out.line("%s", j.sentence(stream, a))
	}
	answer := surged{Stream: stream, At: a.At, Since: a.Since, Count: a.Count, Expected: figures(a.Expected), Factor: figures(factor),
		Score: figures(a.Score), FalseAlarms: figures(surge.FalseAlarms(a.Score)), WarmUp: a.WarmUp, Doubled: a.Doubled}
	if len(j.Files) > 1 {
		answer.Input = j.input
	}
	return j.call.out.object(answer)
}

// sentence says it as a message would.
func (j *surgesOf) sentence(stream string, a surge.Alarm) string {
	l := j.call.lang
	text := say.Text{EN: "%[1]s, %[2]s: %[3]s negative %[4]s in %[5]s, usually %[6]s", FR: "%[1]s, %[2]s\u00a0: %[3]s %[4]s en %[5]s, d’habitude %[6]s"}
	usually := decimal(l, a.Expected)
	if usually == "0" {
		usually = say.Text{EN: "none", FR: "aucun"}.In(l)
	}
	word := l.Plural(a.Count, "comment", "comments")
	if l.French() {
		word = l.Plural(a.Count, "commentaire négatif", "commentaires négatifs")
	}
	lasted := max(a.At.Sub(a.Since)+j.Every, time.Minute)
	said := text.In(l, oneLine(stream), l.Moment(a.At.In(j.zone)), l.Number(a.Count), word, l.Span(lasted), usually)
	if a.Doubled {
		said += say.Text{EN: " (it has doubled)", FR: " (la vague a doublé)"}.In(l)
	}
	if a.WarmUp {
		said += say.Text{EN: ". Less than two weeks are known: it may be a false alarm", FR: ". Moins de deux semaines sont connues\u00a0: ce peut être une fausse alerte"}.In(l)
	}
	return said + "."
}

// figures keeps the six that mean something.
func figures(x float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return x
	}
	return short
}

// decimal writes a number as people do: whole from ten on, else with one decimal.
func decimal(l say.Lang, x float64) string {
	tenths := int(x*10 + 0.5)
	if tenths >= 100 || tenths%10 == 0 {
		return l.Number(int(x + 0.5))
	}
	point := "."
	if l.French() {
		point = ","
	}
	return l.Number(tenths/10) + point + string(rune('0'+tenths%10))
}
