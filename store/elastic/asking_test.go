package elastic

import (
	"testing"

	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

func TestTheAskingHalfPassesTheSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openBare(t, testConfig(t)) })
}
