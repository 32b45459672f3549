package fresh

import (
	"fmt"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
)

var nine = ruletest.Monday.Add(9 * time.Hour)

// carried is a story that these tell, one every half hour.
func carried(w *ruletest.World, by ...ruletest.Said) {
	for i, s := range by {
		s.At, s.Kind, s.Title = nine.Add(time.Duration(i)*30*time.Minute), mention.Article, "Nouvelles heures à l’épargne des Moyacs"
		if s.ID = fmt.Sprint("membre-", i); i > 0 {
			s.Story = "membre-0"
		}
		w.Keep(s)
	}
	w.Upto(nine.Add(24 * time.Hour))
}

func worldOf(t *testing.T, change func(*Config)) *ruletest.World {
	t.Helper()
	config := Default()
	change(&config)
	r, err := New(config, alerting.Terms{Watch: "caisse"}, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return ruletest.New(t, alerting.NamedRule{Name: "nouvelles", Kind: "fresh", Rule: r})
}

const (
	toldFirst = "9h2m0s opened: Nouvelle : Nouvelles heures à l’épargne des Moyacs (echo.example)"
	toldAgain = "revised: Reprise : Nouvelles heures à l’épargne des Moyacs (3 médias)"
)

func TestAStoryThatWasToldIsToldOnceMoreWhenALargeOutletTakesItUp(t *testing.T) {
	echo, fil, radio, gazette := ruletest.Said{Source: "echo"}, ruletest.Said{Source: "fil"}, ruletest.Said{Source: "Radio"}, ruletest.Said{Source: "gazette"}
	followed := ruletest.Said{Source: "reseau", Author: mention.Author{Name: "Odette Malenfroy", Audience: 12_000}}
	for name, c := range map[string]struct {
		large []string
		by    []ruletest.Said
		again string // "" when it is not told again
	}{
		"nobody is large":              {by: []ruletest.Said{echo, fil, radio, gazette}},
		"by its site":                  {large: []string{"www.RADIO.example"}, by: []ruletest.Said{echo, fil, radio, gazette}, again: "10h0m0s " + toldAgain},
		"by its source":                {large: []string{"radio"}, by: []ruletest.Said{echo, fil, radio, gazette}, again: "10h0m0s " + toldAgain},
		"an account with followers":    {by: []ruletest.Said{echo, fil, followed, gazette}, again: "10h0m0s " + toldAgain},
		"two of them, once":            {large: []string{"radio", "gazette"}, by: []ruletest.Said{echo, fil, radio, gazette}, again: "10h0m0s " + toldAgain},
		"large from the beginning":     {large: []string{"echo", "radio"}, by: []ruletest.Said{echo, fil, radio}},
		"it takes up what it wrote":    {large: []string{"echo"}, by: []ruletest.Said{echo, fil, echo}},
		"what it wrote before is old":  {large: []string{"radio"}, by: []ruletest.Said{echo, fil, {Source: "radio", History: true}}},
		"the end of a name is no name": {large: []string{"adio.example"}, by: []ruletest.Said{echo, fil, radio}},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, func(config *Config) { config.Large = c.large })
			carried(w, c.by...)
			want := []string{toldFirst}
			if c.again != "" {
				want = append(want, c.again)
			}
			w.WantTold(want...)
		})
	}
}
