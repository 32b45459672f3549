package config

import (
	"testing"
	"time"
)

func TestADigestIsReadWithItsHourAndItsDay(t *testing.T) {
	for text, want := range map[string]Digest{
		`{every: day}`:                              {Every: EveryDay, At: Clock{7*time.Hour + 30*time.Minute, true}},
		`{every: day, at: 07:30}`:                   {Every: EveryDay, At: Clock{7*time.Hour + 30*time.Minute, true}},
		`{every: day, at: 6 h 45}`:                  {Every: EveryDay, At: Clock{6*time.Hour + 45*time.Minute, true}},
		`{every: day, at: "00:00"}`:                 {Every: EveryDay, At: Clock{0, true}},
		`{every: week, on: friday, at: 17:00}`:      {Every: EveryWeek, On: "friday", At: Clock{17 * time.Hour, true}},
		`{every: week, at: 9h, only_news: true}`:    {Every: EveryWeek, At: Clock{9 * time.Hour, true}, OnlyNews: true},
		`{every: day, at: 8:05, watches: [caisse]}`: {Every: EveryDay, At: Clock{8*time.Hour + 5*time.Minute, true}, Watches: []string{"caisse"}},
		``: {},
	} {
		f, err := Parse(Name, []byte("organisation: {name: Caisse Valtisse}\nwatches: [{name: caisse, query: caisse valtisse}]\n"+
			"channels:\n  - name: courriel\n    kind: email\n    to: [equipe@caisse.example]\n    digest: "+text+"\n"), nil, testKinds())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := f.Channels[0].Digest
		if got.Every != want.Every || got.At != want.At || got.On != want.On || got.OnlyNews != want.OnlyNews || len(got.Watches) != len(want.Watches) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	if day := (Digest{On: "friday"}).Weekday(); day != time.Friday {
		t.Errorf("friday is %v", day)
	}
	if day := (Digest{}).Weekday(); day != time.Monday {
		t.Errorf("no day is %v", day)
	}
}

func TestAnHourIsWrittenAsItIsTyped(t *testing.T) {
	for text, want := range map[string]string{"7:30": "07:30", "07 h 30": "07:30", "7\u00a0h\u00a030": "07:30", "0:00": "00:00", "17h": "17:00"} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err != nil || c.String() != want {
			t.Errorf("%s: %s, %v, want %s", text, c, err, want)
		}
	}
	for _, text := range []string{"", "matin", "25:00", "7:61", "07:30-08:00", "-1:00"} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %s", text, c)
		}
	}
}

func TestAHeartbeatGoesToAnAddress(t *testing.T) {
	head := "organisation: {name: Caisse Valtisse}\nwatches: [{name: caisse, query: caisse valtisse}]\n"
	f, err := Parse(Name, []byte(head+"heartbeat: {url: 'https://veille.example/ping/abc'}\n"), nil, testKinds())
	if err != nil || f.Heartbeat.URL.Reveal() != "https://veille.example/ping/abc" {
		t.Errorf("%v", err)
	}
	if _, err := Parse(Name, []byte(head+"heartbeat: {url: veille.example/ping}\n"), nil, testKinds()); err == nil {
		t.Error("what is no address is taken")
	}
}
