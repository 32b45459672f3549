package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

// elsewhere is a block of settings for a store of kind elastic with indices of its
// own, which are erased when the test has ended.
func elsewhere(t *testing.T, address string) string {
	t.Helper()
	prefix := fmt.Sprintf("moving-%d", time.Now().UnixNano())
	t.Cleanup(func() {
		erase(t, address+"/_index_template/"+prefix+"-*")
		for _, index := range indicesOf(t, address, prefix) {
			erase(t, address+"/"+index)
		}
	})
	return fmt.Sprintf("store: {kind: elastic, addresses: [%q], index_prefix: %s}\n", address, prefix)
}

func indicesOf(t *testing.T, address, prefix string) []string {
	return strings.Fields(request(t, http.MethodGet, address+"/_cat/indices/"+prefix+"-*?h=index"))
}

func erase(t *testing.T, address string) { request(t, http.MethodDelete, address) }

func request(t *testing.T, method, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil || answer.StatusCode >= 300 && answer.StatusCode != http.StatusNotFound {
		t.Fatalf("%s %s: %s (%v)", method, address, answer.Status, err)
	}
	return body.String()
}

// move exports one installation and imports what comes out into another.
func move(t *testing.T, from, to *config.File, o Options) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "histoire.tar")
	if _, err := Export(t.Context(), from, file, o, unwatched); err != nil {
		t.Fatal(err)
	}
	if found, err := Import(t.Context(), to, file, o, unwatched); err != nil || found.Unfit > 0 {
		t.Fatalf("%+v, %v", found, err)
	}
}

func TestAHistoryMovesToElasticsearchAndBack(t *testing.T) {
	needs.EachElasticsearch(t, aHistoryMovesThereAndBack)
}

func aHistoryMovesThereAndBack(t *testing.T, address string) {
	n, questions := 200, 40
	if needs.Soak() {
		n, questions = 2000, 2000
	}
	there := elsewhere(t, address)
	first, o := home(t, "")
	second, _ := home(t, there)
	third, _ := home(t, "")
	furnish(t, first, o, n)
	move(t, first, second, o)
	move(t, second, third, o)
	before := remembered(t, first, o)
	for name, f := range map[string]*config.File{"there": second, "back": third} {
		if d := cmp.Diff(before, remembered(t, f, o)); d != "" {
			t.Errorf("%s (-exported +imported):\n%s", name, d)
		}
	}
	askBoth(t, first, second, storetest.Mentions(7, n), questions)
	askBoth(t, second, third, storetest.Mentions(7, n), questions)
}

// askBoth asks questions about these mentions of two installations that keep them.
func askBoth(t *testing.T, one, other *config.File, mentions []mention.Mention, questions int) {
	t.Helper()
	var stores []store.Store
	for _, f := range []*config.File{one, other} {
		s, err := OpenStore(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		stores = append(stores, s)
	}
	storetest.Agree(t, stores[0], stores[1], mentions, questions)
	if err := errors.Join(stores[0].Close(), stores[1].Close()); err != nil {
		t.Error(err)
	}
}
