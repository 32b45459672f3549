package app

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/app/demo"
)

var rewriteDemo = flag.Bool("demo.rewrite", false, "write the golden file of the demonstration anew")

// rehearse plays the demonstration at full speed, by the chapters named.
func rehearse(t *testing.T, p func(t *theatre) play) *theatre {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	th, stop, err := newTheatre(Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	th.Listener = loopback(t)
	if _, err := th.run(t.Context(), 0, p(th)); err != nil {
		t.Fatal(err)
	}
	return th
}

func loopback(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
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

func TestTenWeeksOweTheMessagesOfTheGoldenFileAndNoOther(t *testing.T) {
	began := time.Now()
	th := rehearse(t, func(th *theatre) play {
		return func(ctx context.Context, _ int) (int, error) {
			return 0, th.stage.Upto(ctx, th.clock.Load(), th.script.End())
		}
	})
	t.Logf("ten weeks took %v", time.Since(began))
	got := told(th.mailbox.Letters())
	const golden = "testdata/demo.golden"
	if *rewriteDemo {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the demonstration told\n%s\nwant\n%s\n(go test ./app -run TenWeeks -demo.rewrite writes it anew)", got, want)
	}
}
