package crawler_test

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

// Their servers are in the same process, so the true cost is lower still.
func TestTwoThousandFeedsAnHourCostLessThanATenthOfACore(t *testing.T) {
	const feeds, hours = 2000, 2
	var served, same int
	began := cpu(t)
	synctest.Test(t, func(t *testing.T) {
		items := strings.Repeat("<item><title>L’épargne d'été</title><description>Le Mouvement Valtisse ouvre une caisse</description></item>", 15)
		web := webtest.New(t)
		var addresses []string
		count := make(chan bool, feeds)
		for i := range feeds {
			host := fmt.Sprintf("fil%d.example", i)
			addresses = append(addresses, "http://"+host+"/fil")
			web.Handle(host, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				etag := fmt.Sprintf(`"%d"`, (time.Now().Unix()+int64(i)*100)/(5*3600)) // something new every five hours
				count <- r.Header.Get("If-None-Match") == etag
				answer(w, r, etag, "", rss(items))
			}))
		}
		client := web.Client(t, polite.Config{})
		stop := run(t, crawler.New(jobs(t, client, addresses), keep, newMemory(), quiet()))
		for range hours * 60 {
			time.Sleep(time.Minute)
			for len(count) > 0 {
				if served++; <-count {
					same++
				}
			}
		}
		stop()
	})
	share := (cpu(t) - began).Seconds() / (hours * time.Hour).Seconds()
	t.Logf("%d requests in %d simulated hours, %.0f %% answered 304, %.2f %% of one core", served, hours, 100*float64(same)/float64(served), 100*share)
	if served < feeds*(hours-1) || served > feeds*hours {
		t.Errorf("%d requests, want about %d an hour", served, feeds)
	}
	if share > 0.1 {
		t.Errorf("%.1f %% of one core", 100*share)
	}
}

// cpu is the time this process has computed.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
