package elastic

import (
	"testing"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

func openTest(t testing.TB, c Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	<-s.prepared // however busy the machine is
	b := &bare{reader: s.reader, client: s.client, config: c}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		b.remove(t)
	})
	return s
}

func TestTheElasticStorePassesTheSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openTest(t, testConfig(t)) })
}

func TestGeneratedQuestionsAreAnsweredAsTheMatcherAnswersThem(t *testing.T) {
	mentions, questions := 250, 120
	if needs.Soak() {
		mentions, questions = 1500, 5000
	}
	c := testConfig(t)
	c.Shards = 2 // what one shard leaves out, another may have
	b := openBare(t, c)
	b.limits = limits{batch: 40, values: 3, ranges: 50} // every answer is put together from several
	storetest.Questions(t, b, 11, mentions, questions)
}
