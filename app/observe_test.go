package app

import (
	"errors"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/dashboards"
)

func TestTheLabelChannelListsTheKindsAndNothingElse(t *testing.T) {
	m := dashboards.New("1", "2", "3")
	m.Prepare(dashboards.Configured{Channels: ChannelKinds()})
	kinds := map[string]string{"courriel": "email", "nuit": "email", "relais": "webhook"}
	o := &observeAlerting{Metrics: m, kinds: func() map[string]string { return kinds }}
	o.Owed("relais")
	o.Attempt("relais", time.Second, errors.New("busy"))
	o.Accepted("relais", time.Second)
	o.Pending("courriel", 2, time.Unix(2000, 0))
	o.Pending("nuit", 3, time.Unix(1000, 0))
	scraped := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	for _, want := range []string{`outbox_pending{channel="email"} 5`, `outbox_oldest_timestamp_seconds{channel="email"} 1000`, `notification_requests_failed_total{channel="webhook"} 1`, `notifications_total{channel="slack"} 0`} {
		if !strings.Contains(scraped(), want+"\n") {
			t.Errorf("missing: %s", want)
		}
	}
	kinds = map[string]string{"courriel": "email"} // the others are removed
	o.GivenUp("relais", "refused")
	o.Pending("courriel", 2, time.Unix(2000, 0))
	if want := `outbox_pending{channel="email"} 2`; !strings.Contains(scraped(), want+"\n") {
		t.Errorf("missing: %s", want)
	}
	var labels []string
	for _, found := range regexp.MustCompile(`channel="([^"]*)"`).FindAllStringSubmatch(scraped(), -1) {
		labels = append(labels, found[1])
	}
	slices.Sort(labels)
	if labels = slices.Compact(labels); !slices.Equal(labels, ChannelKinds()) {
		t.Errorf("the label says %q, the kinds are %q", labels, ChannelKinds())
	}
}
