package alerting_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// press is the outlets of these stories.
var press = []string{"echo", "radio", "brumelin"}

// daily is a digest of every watch at 7:30.
func daily(zone *time.Location) alerting.Edition {
	return alerting.Edition{
		Kind: alerting.Digest, Cadence: alerting.Cadence{Every: alerting.Daily, On: time.Monday, At: 7*time.Hour + 30*time.Minute, Zone: zone}, Sources: press,
		Watches: []alerting.EditionWatch{{Name: "caisse", Own: true}, {Name: "mouvement", Rank: 1}, {Name: "brulis", Rank: 2}},
	}
}

// untold is a world in which nothing is told at once.
func untold(begins time.Time, editions ...alerting.Edition) func(*world) {
	return func(w *world) {
		w.begins, w.beat, w.editions = begins, 20*time.Minute, editions
		w.rules = []alerting.NamedRule{w.fresh(alerting.Terms{Watch: "personne"})}
	}
}

// chronicle is a text like no other, whose title begins with its number.
func chronicle(n int) said {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	syllables := []string{"mo", "yac", "val", "ti", "brû", "lis", "nor", "de", "lu", "ne", "épar", "gne", "ca", "isse", "œu", "vre", "pê", "che"}
	words := make([]string, 60)
	for i := range words {
		for range 2 + random.IntN(3) {
			words[i] += syllables[random.IntN(len(syllables))]
		}
	}
	return said{id: fmt.Sprint("chronique-", n), source: press[n%len(press)], title: fmt.Sprintf("Chronique-%d, %s", n, strings.Join(words[:4], " ")), text: strings.Join(words, " ") + "."}
}

// titlesOf is how often each of so many chronicles was told.
func (w *world) titlesOf(numbers int) (times []int) {
	times = make([]int, numbers)
	for _, m := range w.inbox.messages() {
		for n := range times {
			times[n] += strings.Count(m.Body, fmt.Sprintf("Chronique-%d,", n))
		}
	}
	return times
}

func TestEachMentionIsInOneDigestAcrossTheChangesOfTheClock(t *testing.T) {
	for _, c := range []struct{ zone, from string }{
		{"America/Toronto", "2026-03-06"}, {"America/Toronto", "2026-10-30"},
		{"Europe/Paris", "2026-03-27"}, {"Europe/Paris", "2026-10-23"},
	} {
		t.Run(c.zone+" "+c.from, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			begins, err := time.ParseInLocation(time.DateOnly, c.from, zone)
			if err != nil {
				t.Fatal(err)
			}
			withinAs(t, untold(begins, daily(zone)), func(w *world) {
				const stories = 10 // over five days
				for n := range stories {
					w.keep(chronicle(n))
					if n == 4 {
						w.restart()
					}
					w.wait(w.begins.Add(time.Duration(n+1) * 12 * time.Hour).Sub(w.now()))
				}
				w.wait(24 * time.Hour)
				if got := w.titlesOf(stories); slices.ContainsFunc(got, func(n int) bool { return n != 1 }) {
					t.Errorf("told so many times: %v\n%s", got, strings.Join(w.inbox.subjects(), "\n"))
				}
				days := map[string]int{}
				for _, m := range w.inbox.messages() {
					at := m.At.In(zone)
					days[at.Format(time.DateOnly)]++
					if at.Format("15:04") != "07:30" {
						t.Errorf("a digest of %v", at)
					}
				}
				for day := begins.AddDate(0, 0, 1); day.Before(begins.AddDate(0, 0, 6)); day = day.AddDate(0, 0, 1) {
					if n := days[day.Format(time.DateOnly)]; n != 1 {
						t.Errorf("%d digests on %s", n, day.Format(time.DateOnly))
					}
				}
			})
		})
	}
}

func thursday(hour int) time.Time { return time.Date(2026, 11, 19, hour, 0, 0, 0, time.UTC) }

func TestANightSwitchedOffIsOneDigestOfAllThatWasMissed(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		w.wait(10 * time.Hour) // one on Thursday, of nothing
		w.keep(chronicle(0))
		w.wait(time.Hour)
		w.close()
		time.Sleep(16 * time.Hour) // until Friday, 9:00
		w.open()
		w.keep(chronicle(1))
		w.wait(5 * time.Minute)
		if got := len(w.inbox.messages()); got != 1 {
			t.Fatalf("%d messages before what was missed has come in", got)
		}
		w.wait(12 * time.Hour)
		w.want("Rien à signaler : 3 sources lues, aucune mention", "Résumé du matin : 2 nouvelles")
		if body := w.inbox.messages()[1].Body; !strings.Contains(body, "ouidire était arrêté de ") {
			t.Errorf("it does not say that we were stopped:\n%s", body)
		}
		w.wait(12 * time.Hour)
		if got := w.titlesOf(2); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("told so many times: %v", got)
		}
	})
}

func TestDigestsThatWereNotTakenAreOneMessageAndNothingIsLostOrDoubled(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		w.inbox.behave(func(alerting.Message) error { return errors.New("out of order") })
		for n := range 2 {
			w.keep(chronicle(n))
			w.wait(13 * time.Hour)
		}
		w.inbox.behave(nil)
		w.wait(time.Hour)
		w.want("Résumé du matin : 2 nouvelles")
		w.wait(24 * time.Hour)
		w.want("Résumé du matin : 2 nouvelles", "Rien à signaler : 3 sources lues, aucune mention")
		if got := w.titlesOf(2); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("told so many times: %v", got)
		}
	})
}

func TestADigestThatWasAcceptedIsTheSameWhenItIsSentAgain(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		w.inbox.after = func(alerting.Message) error { return errors.New("the line was cut") }
		w.keep(chronicle(0))
		w.wait(time.Hour + 31*time.Minute)
		w.inbox.mu.Lock()
		w.inbox.after = nil
		w.inbox.mu.Unlock()
		w.restart()
		w.wait(10 * time.Minute)
		got := w.inbox.messages()
		if len(got) < 2 {
			t.Fatalf("%d messages", len(got))
		}
		for _, m := range got {
			if m.Key != got[0].Key || m.Body != got[0].Body {
				t.Errorf("another message:\n%s\n%s", m.Key, m.Body)
			}
		}
	})
}

func TestADigestThatIsRefusedGoesByTheFallback(t *testing.T) {
	other := &inbox{}
	change := func(w *world) {
		untold(thursday(6), daily(time.UTC))(w)
		w.fallback = "secours"
		w.more = []alerting.Channel{{Name: "secours", Recipients: "secours", Reader: alerting.Reader{Lang: say.FrenchCanada}, Notifier: other}}
	}
	withinAs(t, change, func(w *world) {
		w.inbox.behave(func(alerting.Message) error { return alerting.Permanent(errors.New("gone")) })
		w.keep(chronicle(0))
		w.wait(3 * time.Hour)
		if got := other.messages(); len(got) != 1 || !strings.Contains(got[0].Body, "Chronique-0,") || !strings.Contains(got[0].Body, "courriel n’a pas accepté") {
			t.Errorf("by the fallback came %v", got)
		}
	})
}

func TestAQuietDayIsSaidUnlessNobodyWantsIt(t *testing.T) {
	silent := daily(time.UTC)
	silent.OnlyNews = true
	withinAs(t, untold(thursday(6), silent), func(w *world) {
		w.wait(26 * time.Hour)
		w.want()
		w.keep(chronicle(0))
		w.wait(24 * time.Hour)
		w.want("Résumé du matin : 1 nouvelle")
		w.blind.Store(&[]alerting.Blindness{{Source: "radio", Since: thursday(6)}})
		w.wait(24 * time.Hour)
		w.want("Résumé du matin : 1 nouvelle", "Rien de nouveau : 2 sources lues, aucune mention, 1 source non lue")
	})
}

func TestASourceThatWasUnreadForAWhileIsSaidAlsoWhenItIsReadAgain(t *testing.T) {
	change := func(w *world) {
		untold(thursday(6), daily(time.UTC))(w)
		w.blindness = func(at time.Time) []alerting.Blindness {
			if at.Before(thursday(20)) {
				return []alerting.Blindness{{Source: "radio", Since: thursday(6)}}
			}
			return []alerting.Blindness{{Source: "echo", Since: thursday(20), Away: at.Before(thursday(24))}}
		}
	}
	withinAs(t, change, func(w *world) {
		w.wait(26 * time.Hour)
		if body := w.inbox.messages()[1].Body; !strings.Contains(body, "par moments\u00a0: radio.") || !strings.Contains(body, "Source non lue\u00a0: echo (") {
			t.Errorf("it says of what could be read:\n%s", body)
		}
	})
}

func TestADigestOfTheWeekThatWasNotTakenIsMadeAnewEachDay(t *testing.T) {
	weekly := daily(time.UTC)
	weekly.Every = alerting.Weekly
	withinAs(t, untold(thursday(6), weekly), func(w *world) {
		w.keep(chronicle(0))
		w.wait(4 * 24 * time.Hour) // Monday, 6:00
		w.want()
		w.inbox.behave(func(alerting.Message) error { return errors.New("out of order") })
		w.wait(24 * time.Hour)
		w.keep(chronicle(1))
		w.wait(2 * time.Hour)
		w.inbox.behave(nil)
		w.wait(time.Hour)
		w.want("Résumé de la semaine : 2 nouvelles")
		w.wait(5 * 24 * time.Hour)
		w.want("Résumé de la semaine : 2 nouvelles")
		w.wait(24 * time.Hour)
		w.want("Résumé de la semaine : 2 nouvelles", "Rien à signaler : 3 sources lues, aucune mention")
		if got := w.titlesOf(2); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("told so many times: %v", got)
		}
	})
}

func TestASignOfLifeComesEachWeekWithWhatWasRead(t *testing.T) {
	sign := daily(time.UTC)
	sign.Kind, sign.Every, sign.At = alerting.SignOfLife, alerting.Weekly, 9*time.Hour
	withinAs(t, untold(thursday(6), sign), func(w *world) {
		w.keep(chronicle(0), chronicle(1))
		w.wait(15 * 24 * time.Hour)
		w.want("ouidire veille : 3 sources lues, 2 mentions", "ouidire veille : 3 sources lues, aucune mention")
		if m := w.inbox.messages()[0]; strings.Contains(m.Body, "Chronique") {
			t.Errorf("a sign of life tells stories:\n%s", m.Body)
		}
	})
}

func TestWhatNamesYouStandsFirstAndTheRestIsCounted(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		for n := range 30 {
			s := chronicle(n)
			s.watches = []string{[]string{"mouvement", "brulis", "mouvement"}[n%3]}
			if n == 29 {
				s.watches = []string{"mouvement", "caisse"}
			}
			w.keep(s)
		}
		w.wait(2 * time.Hour)
		w.want("Résumé du matin : 30 nouvelles, dont 1 où vous êtes nommés")
		body := w.inbox.messages()[0].Body
		if first := strings.Index(body, "\n- "); !strings.HasPrefix(body[first:], "\n- caisse\u00a0: Chronique-29,") {
			t.Errorf("what names you does not stand first:\n%s", body)
		}
		lines := 0
		text, _, _ := strings.Cut(body, "Vous recevez")
		for line := range strings.Lines(text) {
			if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "https://") {
				lines++
			}
		}
		if lines > 12 {
			t.Errorf("%d lines to read:\n%s", lines, body)
		}
		if !strings.Contains(body, "de plus.") {
			t.Errorf("the rest is not counted:\n%s", body)
		}
	})
}

func TestAStoryIsToldAgainOnlyForWhatIsNew(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		first := chronicle(0)
		w.keep(first)
		w.wait(24 * time.Hour)
		again := first
		again.id, again.source = "ailleurs", "radio"
		w.keep(again)
		old := chronicle(1)
		old.history = true
		w.keep(old)
		w.wait(24 * time.Hour)
		w.want("Résumé du matin : 1 nouvelle", "Résumé du matin : 1 nouvelle")
		if body := w.inbox.messages()[1].Body; !strings.Contains(body, "(2 médias)") || strings.Contains(body, "Chronique-1,") {
			t.Errorf("the second says\n%s", body)
		}
	})
}

func TestADigestThatIsWantedAgainBeginsThen(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		w.wait(2 * time.Hour)
		w.editions = nil
		w.engine.Use(w.rules, w.channels())
		w.keep(chronicle(0))
		w.wait(24 * time.Hour)
		w.editions = []alerting.Edition{daily(time.UTC)}
		w.engine.Use(w.rules, w.channels())
		w.wait(time.Hour)
		w.keep(chronicle(1))
		w.wait(24 * time.Hour)
		if got := w.titlesOf(2); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("told so many times: %v", got)
		}
	})
}

func TestAnEditionIsNoSituation(t *testing.T) {
	withinAs(t, untold(thursday(6), daily(time.UTC)), func(w *world) {
		w.keep(chronicle(0))
		w.wait(2 * time.Hour)
		all, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 10)
		open, err2 := w.state.OpenIncidents(context.Background())
		if len(all)+len(open) != 0 || err != nil || err2 != nil {
			t.Errorf("situations %v and %v, %v, %v", all, open, err, err2)
		}
		if n, err := w.state.Accepted(context.Background(), "courriel", thursday(6), thursday(9)); n != 1 || err != nil {
			t.Errorf("%d accepted, %v", n, err)
		}
	})
}
