package state

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// beatEvery is how often we write that we run, unless Options say.
const beatEvery = time.Minute

// beatLost is the silence that means that we did not run. A shorter one, such as a
// restart, is no gap: the sources' own clocks are slower than that.
func (d *DB) beatLost() time.Duration { return d.every * 5 / 2 }

// forever is later than anything stored.
var forever = time.UnixMicro(1<<62 - 1)

// Span is a time during which ouidire ran without a pause.
type Span struct{ Start, Until time.Time }

// Live writes that we run, at once, every minute, and when ctx ends. Sources read
// as blind where this is missing, so it starts before the crawler. Only an error
// ends it early.
func (d *DB) Live(ctx context.Context, c clock.Clock) error {
	bell := c.Bell()
	defer bell.Close()
	for {
		if err := d.Beat(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		bell.Wait(ctx, d.every)
	}
}

// Beat writes that we run now.
func (d *DB) Beat(ctx context.Context) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := d.beat(ctx, tx, d.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("write that ouidire runs: %w", err)
	}
	return nil
}

// beaten is the last beat of this process: until when the span reached, and by the
// clock that nobody sets.
type beaten struct {
	until int64
	awake time.Duration
}

// gap is how long nothing was written since the span ended: by the clock that nobody
// sets when we wrote its end ourselves. A clock put forward by an hour is no hour
// during which we did not run; an hour of sleep is.
func (b beaten) gap(until int64, byTheClock, awake time.Duration) time.Duration {
	if b.until == 0 || b.until != until {
		return byTheClock
	}
	return awake - b.awake
}

// beat draws the span we are in out to now, or begins one, and returns its start.
func (d *DB) beat(ctx context.Context, tx *sqlite.Tx, now time.Time) (started time.Time, err error) {
	var start, until int64
	err = tx.QueryRow(ctx, "SELECT start, until FROM uptime ORDER BY start DESC LIMIT 1").Scan(&start, &until)
	if err != nil && !none(err) {
		return time.Time{}, err
	}
	gap := now.Sub(instant(until))
	if d.awake != nil {
		gap = d.beaten.gap(until, gap, d.awake())
		defer func() { d.beaten = beaten{max(until, micros(now)), d.awake()} }()
	}
	if none(err) || gap > d.beatLost() {
		_, err := tx.Exec(ctx, "INSERT INTO uptime (start, until) VALUES (?1, ?1)", micros(now))
		return instant(micros(now)), err
	}
	_, err = tx.Exec(ctx, "UPDATE uptime SET until = max(until, ?) WHERE start = ?", micros(now), start)
	return instant(start), err
}

// Spans returns the times in [from, to) during which we ran, oldest first, cut to
// that interval; what lies between them is time when nothing was read.
func (d *DB) Spans(ctx context.Context, from, to time.Time) ([]Span, error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT start, until FROM uptime WHERE until >= ? AND start < ? ORDER BY start", micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("ask when ouidire ran: %w", err)
	}
	defer rows.Close()
	var spans []Span
	for rows.Next() {
		var start, until int64
		if err := rows.Scan(&start, &until); err != nil {
			return nil, fmt.Errorf("ask when ouidire ran: %w", err)
		}
		spans = append(spans, Span{instant(max(start, micros(from))), instant(min(until, micros(to)))})
	}
	return spans, rows.Err()
}

// TakeSpans adds times during which ouidire ran somewhere else. One that began when one
// of ours did is that one.
func (d *DB) TakeSpans(ctx context.Context, spans []Span) error {
	err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
		for _, s := range spans {
			_, err := tx.Exec(ctx, "INSERT INTO uptime (start, until) VALUES (?1, ?2) ON CONFLICT (start) DO UPDATE SET until = max(until, ?2)", micros(s.Start), micros(s.Until))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take %d times when ouidire ran: %w", len(spans), err)
	}
	return nil
}

// spanAt is the span that an instant lies in, zero when we did not run, and the one before it.
// A span reaches one lost beat further than it says: the question asked live,
// between two beats, and the same question later have one answer.
func (d *DB) spanAt(ctx context.Context, at time.Time) (now, before Span, err error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT start, until FROM uptime WHERE start <= ? ORDER BY start DESC LIMIT 2", micros(at))
	if err != nil {
		return now, before, err
	}
	defer rows.Close()
	var last [2]Span
	for i := 0; rows.Next(); i++ {
		var start, until int64
		if err := rows.Scan(&start, &until); err != nil {
			return now, before, err
		}
		last[i] = Span{instant(start), instant(until)}
	}
	if at.Sub(last[0].Until) <= d.beatLost() {
		return last[0], last[1], rows.Err()
	}
	return Span{}, last[0], rows.Err()
}

const lastPauseSQL = `SELECT until, next FROM (
		SELECT until, lead(start, 1, ?1) OVER (ORDER BY start) AS next FROM uptime WHERE start <= ?1)
	WHERE next - until >= ?2 ORDER BY next DESC LIMIT 1`

// LastPause is the last time before the instant at that we did not run for at least
// so long; zero times when we always did. One that no beat has ended yet, as when a
// machine has just woken, lasts until at.
func (d *DB) LastPause(ctx context.Context, at time.Time, atLeast time.Duration) (from, to time.Time, err error) {
	var until, next int64
	err = d.db.Read().QueryRowContext(ctx, lastPauseSQL, micros(at), max(atLeast, d.beatLost()).Microseconds()).Scan(&until, &next)
	if err != nil && !none(err) {
		return from, to, fmt.Errorf("ask when ouidire last did not run: %w", err)
	}
	return instant(until), instant(next), nil
}
