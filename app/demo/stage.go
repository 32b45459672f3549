package demo

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

// Stage moves a clock through the script at the pace of the screen, and lets a
// reader hold it, hurry it and turn it back. It is safe for concurrent use.
type Stage struct {
	script *Script

	mu     sync.Mutex
	now    time.Time
	screen time.Duration // since the beginning, as it goes by on the screen
	speed  float64
	paused bool
	back   int // the chapter a reader asked for, -1 for none
	asked  chan struct{}
}

// NewStage stands at the beginning.
func NewStage(s *Script) *Stage {
	return &Stage{script: s, now: s.Chapters[0].From, speed: 1, back: -1, asked: make(chan struct{}, 1)}
}

// Scene is where a stage stands.
type Scene struct {
	Now      time.Time
	Chapter  int
	Chapters []Chapter
	Paused   bool
	Over     bool
	Speed    float64
}

// Scene is where it stands.
func (s *Stage) Scene() Scene {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Scene{s.now, s.script.chapter(s.now), s.script.Chapters, s.paused, !s.now.Before(s.script.End()), s.speed}
}

// Hold stops the time, or lets it go on.
func (s *Stage) Hold(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = paused
}

// The speeds a reader may choose.
const slowest, fastest = 0.25, 8

// Pace is how much faster than the script's own pace it goes.
func (s *Stage) Pace(speed float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speed = min(max(speed, slowest), fastest)
}

// Back asks for a chapter that has begun; another than those changes nothing.
func (s *Stage) Back(chapter int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if chapter < 0 || chapter > s.script.chapter(s.now) {
		return
	}
	s.back = chapter
	select {
	case s.asked <- struct{}{}:
	default: // it knows
	}
}

// Keep notes how things stand at the beginning of a chapter, so that a reader can
// come back to it. Everybody rests meanwhile.
type Keep func(ctx context.Context, chapter int) error

// Play moves the clock from a chapter on until ctx ends or a reader turns back;
// then it returns that chapter. At the end it waits there.
func (s *Stage) Play(ctx context.Context, c *clock.Stepped, from int, keep Keep) (back int, err error) {
	s.enter(from)
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for next := from; ; {
		limit := s.limit()
		if next < len(s.script.Chapters) && !limit.Before(s.script.Chapters[next].From) {
			limit = s.script.Chapters[next].From
		}
		if err := s.Upto(ctx, c, limit); err != nil {
			return 0, err
		}
		if next < len(s.script.Chapters) && limit.Equal(s.script.Chapters[next].From) {
			if err := keep(ctx, next); err != nil {
				return 0, err
			}
			next++
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-s.asked:
			return s.turned(), nil
		case <-tick.C:
			s.advance()
		}
	}
}

// frame is how often the screen moves.
const frame = 40 * time.Millisecond

// Upto does all that is due by limit, as fast as it can be done.
func (s *Stage) Upto(ctx context.Context, c *clock.Stepped, limit time.Time) error {
	for {
		woke, err := c.Step(ctx, limit)
		s.mu.Lock()
		s.now = c.Now()
		s.mu.Unlock()
		if err != nil || !woke {
			return err
		}
	}
}

func (s *Stage) enter(chapter int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.screen = s.script.Chapters[chapter].From, 0
	for _, c := range s.script.Chapters[:chapter] {
		s.screen += c.Lasts
	}
}

func (s *Stage) turned() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	back := s.back
	s.back = -1
	return back
}

func (s *Stage) advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.paused {
		s.screen += time.Duration(float64(frame) * s.speed)
	}
}

// limit is how far the time may go by now.
func (s *Stage) limit() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.script.at(s.screen)
}

// End is when the last chapter begins, in which nothing happens any more.
func (s *Script) End() time.Time { return s.Chapters[len(s.Chapters)-1].From }

// chapter is the one that an instant lies in.
func (s *Script) chapter(at time.Time) int {
	n := slices.IndexFunc(s.Chapters, func(c Chapter) bool { return c.From.After(at) })
	if n < 0 {
		n = len(s.Chapters)
	}
	return max(n-1, 0)
}

// at is the instant that a time on the screen shows: within a chapter both go by
// evenly.
func (s *Script) at(screen time.Duration) time.Time {
	for i, c := range s.Chapters[:len(s.Chapters)-1] {
		if screen < c.Lasts {
			share := float64(screen) / float64(c.Lasts)
			return c.From.Add(time.Duration(share * float64(s.Chapters[i+1].From.Sub(c.From))))
		}
		screen -= c.Lasts
	}
	return s.End()
}
