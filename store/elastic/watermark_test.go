package elastic

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// The server itself stops all writing: by its own watermark its disk is too full.
func TestAServerWhoseDiskIsTooFullIsWaitedForByItsOwnWatermark(t *testing.T) {
	if !needs.Soak() {
		t.Skip("SKIPPED: it starts an Elasticsearch of its own; run make soak")
	}
	server := startServer(t)
	h := newHouse(t, server.address).guest(t, "w")
	h.config.Addresses = []string{server.address}
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 60)
	put(t, s, batch...)
	drain(t, s)
	h.watermark("9999tb") // must be free
	untilWithin(t, 5*time.Minute, "the server has its indices only be read", func() bool {
		var is map[string]any
		err := h.direct.do(t.Context(), esapi.IndicesGetSettingsRequest{Index: []string{h.config.Prefix + "-mentions-*"}, Name: []string{"index.blocks.read_only_allow_delete"}}, &is)
		return err == nil && len(is) > 0
	})
	more, others := h.many(60, 60)
	put(t, s, more...)
	until(t, "the trouble is told", func() bool { return s.State().Trouble != nil })
	for l, want := range map[say.Lang]string{say.FrenchCanada: "disque est plein", say.English: "its disk is full"} {
		if said := say.Explain(s.State().Trouble, l); !strings.Contains(said, want) {
			t.Errorf("said: %s", said)
		}
	}
	if n, err := s.Count(t.Context(), store.Question{}); err != nil || n != len(ids) {
		t.Errorf("%d can be found while it lasts (%v), want the %d of before", n, err, len(ids))
	}
	h.watermark("1b")
	drainWithin(t, s, 5*time.Minute)
	h.once(append(ids, others...)...)
	if dead, err := s.DeadLetters(t.Context(), 5); err != nil || len(dead) > 0 {
		t.Errorf("dead letters: %v, %v", dead, err)
	}
}

// watermark sets how much must be free on a disk.
func (h *house) watermark(free string) {
	h.t.Helper()
	body, err := json.Marshal(object{"persistent": object{"cluster.info.update.interval": "10s", "cluster.routing.allocation.disk": object{
		"threshold_enabled": true, "watermark": object{"low": free, "high": free, "flood_stage": free}}}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.must(esapi.ClusterPutSettingsRequest{Body: bytes.NewReader(body)})
}
