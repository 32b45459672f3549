package alerting_test

import (
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// late keeps what another process saw long ago and brings only now.
func (w *world) late(one said, seen time.Time) {
	if _, _, err := w.store.Put(w.Context(), []mention.Mention{one.mention(seen.UTC().Truncate(time.Microsecond))}); err != nil {
		w.Fatal(err)
	}
}

func TestWhatAnotherProcessBringsTooLateIsToldOnceAsIfItWereSeenNow(t *testing.T) {
	const told, late = "Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Nouvelle : L’été des frais (echo.example)"
	story := said{id: "tard", source: "echo", title: "L’été des frais", text: "La caisse Valtisse change ses frais dès l'été : le quai, les homards et la fanfare en parlent à l’Anse, où personne n’attendait cela."}
	within(t, func(w *world) {
		away := time.Now()
		w.wait(30 * time.Minute)
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)...)
		w.wait(time.Hour)
		w.late(story, away.Add(time.Minute))
		w.wait(time.Hour)
		w.want(told) // nobody said that something came late
		w.engine.Reread(away)
		w.wait(10 * time.Minute)
		w.want(told, late)
		w.engine.Reread(away)
		w.wait(10 * time.Minute)
		w.restart()
		w.wait(10 * time.Minute)
		w.want(told, late)
	})
}

func TestWhatIsBroughtLateByOneWhoIsStillBehindIsTold(t *testing.T) {
	const told, first, second = "Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Nouvelle : L’été des frais (echo.example)", "Nouvelle : La fanfare du quai (radio.example)"
	within(t, func(w *world) {
		away := time.Now()
		w.wait(30 * time.Minute)
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)...)
		w.wait(time.Hour)
		reached := away.Add(10 * time.Minute)
		w.behind.Store(&reached)
		w.engine.Reread(away)
		w.late(said{id: "tard", source: "echo", title: "L’été des frais", text: "La caisse Valtisse change ses frais dès l'été : le quai, les homards et la fanfare en parlent à l’Anse, où personne n’attendait cela."}, away.Add(time.Minute))
		w.wait(5 * time.Minute)
		w.late(said{id: "plus-tard", source: "radio", title: "La fanfare du quai", text: "Au bord de l’eau, la fanfare joue pour Valtisse : trois cents personnes, un phare allumé, des crêpes et la brume d’octobre qui se lève enfin."}, away.Add(20*time.Minute))
		w.behind.Store(nil)
		w.wait(20 * time.Minute)
		w.want(told, first, second)
	})
}

func TestOfWhatIsReadAgainNothingOlderIsNews(t *testing.T) {
	within(t, func(w *world) {
		before := time.Now()
		w.late(copies(1, "Valtisse fermera 14 comptoirs", closures)[0], before.Add(-time.Hour))
		w.wait(time.Hour)
		w.engine.Reread(before)
		w.wait(time.Hour)
		w.want()
	})
}
