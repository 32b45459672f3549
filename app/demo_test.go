package app

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/app/demo"
	"github.com/ouidire/ouidire/internal/say"
)

var rewriteDemo = flag.Bool("demo.rewrite", false, "write the golden file of the demonstration anew")

// rehearsal is a demonstration at full speed, without the pauses of the screen.
type rehearsal struct {
	*testing.T
	*theatre
}

func rehearse(t *testing.T) rehearsal {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	th, stop, err := newTheatre(Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return rehearsal{t, th}
}

// from runs the program from the beginning of a chapter on.
func (r rehearsal) from(chapter int, p func(upto func(time.Time))) {
	r.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Fatal(err)
	}
	r.Listener = l
	_, err = r.run(r.Context(), chapter, func(ctx context.Context, _ int) (int, error) {
		var failed error
		p(func(limit time.Time) { failed = errors.Join(failed, r.stage.Upto(ctx, r.clock.Load(), limit)) })
		return 0, failed
	})
	if err != nil {
		r.Fatal(err)
	}
}

// told is the messages as a person reads them.
func told(letters []demo.Letter) []byte {
	var b bytes.Buffer
	for _, l := range letters {
		fmt.Fprintf(&b, "== %s, %s\n%s\n\n%s\n\n", l.At.In(demo.Start.Location()).Format("2006-01-02 15:04:05"), l.Severity, l.Subject, strings.TrimSpace(l.Body))
	}
	fmt.Fprintf(&b, "%d messages\n", len(letters))
	return b.Bytes()
}

func TestTenWeeksOweTheMessagesOfTheGoldenFileAndStillDoWhenAReaderTurnedBack(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	others := newAudience(t)
	r.more = others.channels()
	sixth := demo.Start.AddDate(0, 0, 5*7+2).Add(12 * time.Hour)
	const after = 14 // the chapter of the days after the wave
	r.from(0, func(upto func(time.Time)) {
		upto(sixth)
		blind, err := r.app.blind(t.Context(), "caisse", sixth)
		if err != nil || len(blind) != 1 || blind[0].Source != "radio" {
			t.Errorf("on Wednesday of week 6 these cannot be read: %v (%v), want the radio", blind, err)
		}
		upto(r.script.Chapters[after].From)
		if err := r.keep(t.Context(), after); err != nil {
			t.Fatal(err)
		}
		upto(r.script.End())
		if found, err := r.Try(t.Context(), "!!"); len(found) > 0 || !errors.As(err, new(*say.Error)) {
			t.Errorf("a name without a word is found %d times (%v), want a sentence for its reader", len(found), err)
		}
		for name, want := range map[string]int{"Croustille": 3, "Bételgeuse": 0, `croustille" OU`: 0} {
			if found, err := r.Try(t.Context(), name); err != nil || len(found) != want {
				t.Errorf("%q is found %d times (%v), want %d", name, len(found), err, want)
			}
		}
	})
	others.check("from the beginning", r.mailbox)
	others.checkLetters()
	others.english.Forget(r.script.Chapters[after].From)
	r.from(after, func(upto func(time.Time)) { upto(r.script.End()) })
	others.check("from the days after the wave again", r.mailbox)
}

func TestAReaderHoldsHurriesAndTurnsTheTimeBack(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r := rehearse(t)
	ended := make(chan error, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.Listener = l
	go func() { ended <- r.perform(ctx) }()
	r.Pace(8)
	eventually(t, "the second week", func() bool { return r.Scene().Chapter == 1 })
	r.Hold(true)
	held := func() bool { a := r.Scene().Now; <-time.After(100 * time.Millisecond); return r.Scene().Now.Equal(a) }
	eventually(t, "a time that stands still", held)
	r.Back(7) // not there yet
	r.Back(0)
	eventually(t, "the first day", func() bool { return r.Scene().Now.Equal(demo.Start) })
	r.Hold(false)
	eventually(t, "the second week again", func() bool { return r.Scene().Chapter == 1 })
	answer, err := http.Get("http://" + l.Addr().String() + "/demo")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the page answers %s after the time was turned back", answer.Status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
