package alerting_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/alerting/rule/fresh"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// newspaper gives the world the rules that there are without any, for the caisse, and a
// digest in the morning.
func newspaper(w *world) {
	w.sweep("caisse", must(w, "fresh", "caisse", fresh.Default(), fresh.New))
	w.begins, w.editions = time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), []alerting.Edition{daily(time.UTC)}
}

// told is what was told at once since so many messages.
func (w *world) told(since int) (all []alerting.Message) {
	return slices.DeleteFunc(w.inbox.messages()[since:], func(m alerting.Message) bool { return m.Rule == "" })
}

func subjectsOf(all []alerting.Message) string {
	var subjects []string
	for _, m := range all {
		subjects = append(subjects, m.At.Format(time.TimeOnly)+" "+m.Subject)
	}
	return strings.Join(subjects, "\n\t")
}

// voices are comments in a newspaper's feed, in both languages, of which a fourth complain of
// nothing.
func voices(n int, thread func(int) string) (all []said) {
	texts := []string{
		"L’attente au comptoir numéro %d est une honte.", "J'ai perdu l'épargne de %d étés, à cœur ouvert.",
		"They closed counter %d, what a disgrace.", "Et pourtant, la caisse %d m’a bien servie à l’été.",
	}
	for i := range n {
		all = append(all, said{id: fmt.Sprint("voix-", i), source: "echo", comment: thread(i), author: fmt.Sprint("Autrice ", i),
			text: fmt.Sprintf(texts[i%len(texts)], i), calm: i%len(texts) == 3, watches: []string{"caisse"}})
	}
	return all
}

func TestAWaveInANewspapersCommentsCostsFourMessagesAtMost(t *testing.T) {
	for name, c := range map[string]struct {
		thread func(int) string
		fresh  int // notices of what is new: of the conversations that began before the wave was known, and of those that began without complaints
		lines  int // of the digest, which counts calm conversations and names the others
		said   int // in those
	}{
		"one article":   {func(int) string { return "article-1" }, 1, 1, 24},
		"eight of them": {func(i int) string { return fmt.Sprint("article-", i%8) }, 5, 6, 18},
	} {
		t.Run(name, func(t *testing.T) {
			withinAs(t, newspaper, func(w *world) {
				w.wait(9 * time.Hour)
				w.complain(4, 24*time.Hour)
				before, negative, eighth := len(w.inbox.messages()), 0, time.Time{}
				for _, s := range voices(24, c.thread) {
					w.keep(s)
					if !s.calm {
						if negative++; negative == 8 {
							eighth = w.now()
						}
					}
					w.wait(100 * time.Second)
				}
				w.restart()
				w.wait(12 * time.Hour)
				told := w.told(before)
				news := slices.DeleteFunc(slices.Clone(told), func(m alerting.Message) bool { return m.Rule != "fresh/caisse" })
				waves := slices.DeleteFunc(slices.Clone(told), func(m alerting.Message) bool { return m.Rule != "surge/caisse" })
				if len(news) > c.fresh || len(waves) > 3 || len(waves) == 0 || len(news) == 0 {
					w.Fatalf("told\n\t%s\nwant %d of what is new and 3 of the wave at most", subjectsOf(told), c.fresh)
				}
				if at := waves[0].At; at.Sub(eighth) > 5*time.Minute {
					t.Errorf("the wave was told at %s, the eighth came at %s", at, eighth)
				}
				for _, m := range news {
					if m.At.After(waves[0].At) && !strings.Contains(m.Subject, "Et pourtant") {
						t.Errorf("a comment was told beside its wave:\n\t%s", subjectsOf(told))
					}
				}
				if strings.Contains(facts(w.situation("surge/caisse"), say.English), "Also reported") {
					t.Errorf("that comments are new is said of the wave:\n%s", facts(w.situation("surge/caisse"), say.English))
				}
				w.wait(12 * time.Hour) // the digest
				digest := w.newestDigest()
				in, lines := 0, 0
				for _, l := range digest.Lines {
					if l.Talk {
						in, lines = in+l.New, lines+1
					}
				}
				if in != c.said || lines != c.lines || digest.Now.All != 24 || digest.Now.Negative != 18 {
					t.Errorf("the digest has %d comments in %d conversations, %+v", in, lines, digest.Now)
				}
			})
		})
	}
}

// newestDigest is what the last digest says.
func (w *world) newestDigest() alerting.EditionFacts {
	w.Helper()
	entries, err := w.state.Entries(w.Context(), time.Time{}, time.Time{}, 1000)
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range entries { // the newest first
		i, known, err := w.state.Incident(w.Context(), e.Subject)
		if err != nil {
			w.Fatal(err)
		}
		if known && i.IsEdition() {
			return *i.Facts.Edition
		}
	}
	w.Fatal("no digest")
	return alerting.EditionFacts{}
}

func TestAQuietConversationIsToldOnceAndOnceMoreAfterItsRest(t *testing.T) {
	withinAs(t, newspaper, func(w *world) {
		began := w.now()
		w.wait(8 * time.Hour)
		speak := func(n int, every time.Duration) {
			for range n {
				w.number++
				w.keep(said{id: fmt.Sprint("parole-", w.number), source: "echo", comment: "article", author: fmt.Sprint("Autrice ", w.number), calm: true, text: fmt.Sprintf("L’été numéro %d à la caisse d'épargne", w.number), watches: []string{"caisse"}})
				w.wait(every)
			}
		}
		speak(5, 12*time.Minute)
		w.restart()
		w.wait(alerting.CoolDown - 13*time.Minute)
		speak(1, 3*time.Hour) // it has not rested yet
		if got := w.told(0); len(got) != 1 {
			t.Errorf("told\n\t%s\nwant one", subjectsOf(got))
		}
		speak(2, time.Minute)
		w.wait(time.Hour)
		got := w.told(0)
		if len(got) != 2 || got[0].Incident == got[1].Incident || got[0].Topic() != "article" || got[1].Topic() != "article" {
			t.Errorf("told\n\t%s\nwant two, in one thread", subjectsOf(got))
		}
		w.wantBacktest(began)
	})
}

// themes gives the world rules for news of the caisse, and of a theme that is not about it,
// which tell the same people.
func themes(w *world) {
	w.rules = []alerting.NamedRule{must(w, "fresh", "caisse", fresh.Default(), fresh.New), must(w, "fresh", "mouvement", fresh.Default(), fresh.New)}
	alone := []alerting.Rule{w.rules[0].Rule, w.rules[1].Rule}
	var all []rule.Storyteller
	for i := range w.rules {
		w.rules[i].Rule = alone[i].(alerting.Joint).Among(alone, i)
		all = append(all, rule.Storyteller{Storyteller: w.rules[i].Rule.(alerting.Storyteller), Name: w.rules[i].Name, Kind: w.rules[i].Kind})
	}
	for i := range w.rules {
		w.rules[i].Rule = &rule.Together{Rule: w.rules[i].Rule, All: all, At: i}
	}
}

func TestAConversationOfAThemeIsToldAgainOnlyWhenItNamesUs(t *testing.T) {
	withinAs(t, themes, func(w *world) {
		began := w.now()
		w.wait(time.Hour)
		w.comment("fil", "Le Mouvement, quelle attente cet été.", "mouvement")
		w.wait(20 * time.Minute)
		w.comment("fil", "D’accord: l'attente est longue.", "mouvement")
		w.wait(20 * time.Minute)
		w.restart()
		w.comment("fil", "And at our Caisse, too.", "caisse")
		w.wait(20 * time.Minute)
		w.comment("fil", "Both of them, à vrai dire.", "caisse", "mouvement")
		w.wait(20 * time.Minute)
		got := w.told(0)
		if len(got) != 2 || got[0].Rule != "fresh/mouvement" || got[1].Rule != "fresh/caisse" || got[0].Topic() != got[1].Topic() {
			t.Errorf("told\n\t%s", subjectsOf(got))
		}
		w.comment("autre", "La Caisse et le Mouvement, ensemble.", "caisse", "mouvement")
		w.wait(20 * time.Minute)
		w.comment("autre", "Le Mouvement encore.", "mouvement") // people were told of it for both
		w.wait(20 * time.Minute)
		got = w.told(2)
		if len(got) != 1 || got[0].Rule != "fresh/caisse" || !strings.Contains(got[0].Body, "Veilles\u00a0: caisse, mouvement.") {
			t.Errorf("told of both\n\t%s", subjectsOf(got))
		}
		w.wantBacktest(began)
	})
}

func TestAConversationThatIsEditedAndBroughtLateIsToldAsABacktestTellsIt(t *testing.T) {
	withinAs(t, themes, func(w *world) {
		began := w.now()
		w.wait(time.Hour)
		speak := func(id, text string, watches ...string) said {
			return said{id: id, source: "blogue", comment: "fil", author: id, text: text, watches: watches}
		}
		w.comment("fil", "Le Mouvement, cet été.", "mouvement")
		w.wait(30 * time.Minute)
		w.keep(speak("aurore", "Toujours rien à l'horizon du Mouvement.", "mouvement"))
		w.wait(30 * time.Minute)
		w.restart()
		w.keep(speak("aurore", "Toujours rien à l'horizon de la Caisse.", "caisse", "mouvement")) // an edit names us
		w.wait(30 * time.Minute)
		w.restart()
		away := w.now()
		w.keep(speak("zoe", "The Caisse again.", "caisse"))
		w.wait(30 * time.Minute)
		w.late(speak("tard", "La Caisse aussi, d’après moi.", "caisse"), away.Add(-time.Minute)) // before zoe, and found after her
		w.engine.Reread(away.Add(-2 * time.Minute))
		w.wait(30 * time.Minute)
		if got := w.told(0); len(got) != 2 || got[0].Rule != "fresh/mouvement" || got[1].Rule != "fresh/caisse" || !got[1].At.Before(away) {
			t.Errorf("told\n\t%s", subjectsOf(got))
		}
		w.wait(alerting.CoolDown)
		w.late(speak("plus-tard", "La Caisse, enfin.", "caisse"), w.now().Add(-alerting.CoolDown)) // the first to be found after the rest
		w.engine.Reread(w.now().Add(-alerting.CoolDown - time.Minute))
		w.wait(time.Minute)
		w.keep(speak("fin", "Et la Caisse, donc.", "caisse"))
		w.wait(30 * time.Minute)
		if got := w.told(2); len(got) != 1 || got[0].Rule != "fresh/caisse" {
			t.Errorf("after the rest\n\t%s", subjectsOf(got))
		}
		w.wantBacktest(began)
	})
}

// A comment at home is no news, and says nothing of a conversation: what names us in it is.
func TestWhatIsClaimedForItsPlaceAloneIsNotToldAlready(t *testing.T) {
	withinAs(t, themes, func(w *world) {
		began := w.now()
		w.wait(time.Hour)
		at, done := w.mark.Begin()
		home := said{id: "chez-nous", source: "blogue", comment: "fil", author: "Zoé", text: "Bravo, c’est l'été!", watches: []string{"caisse"}}.mention(at)
		home.Versions[0].Hits[0].Words = nil
		old := said{id: "ancienne", source: "blogue", comment: "fil", author: "Luc", text: "La Caisse, jadis.", watches: []string{"caisse"}, history: true}.mention(at)
		if _, _, err := w.store.Put(w.Context(), []mention.Mention{home, old}); err != nil {
			t.Fatal(err)
		}
		done()
		w.newest = at
		w.wait(20 * time.Minute)
		w.comment("fil", "Et la Caisse d’épargne?", "caisse")
		w.wait(20 * time.Minute)
		if got := w.told(0); len(got) != 1 {
			t.Errorf("told\n\t%s\nwant one", subjectsOf(got))
		}
		w.wantBacktest(began)
	})
}
