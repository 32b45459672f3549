package alerting

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
)

var advisedAt = time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)

// counters is a draft as the team of the invented Mouvement would write it.
func counters() Draft {
	return Draft{Form: "l’Anse-aux-Moyacs", At: advisedAt, Advisory: Advisory{
		From: "mouvement", To: []string{"caisse", "caisse-brulis"}, By: "Odette Malenfroy", Member: "m1", Until: advisedAt.Add(62*time.Hour + 48*time.Minute),
		Subject: "Ne répondez pas encore au sujet des comptoirs",
		Advice:  "Le chiffre de 14 fermetures est faux : il s'agit de 11.\r\nD’ici midi, ne répondez à personne, même en privé.\n\n\n\nLes journalistes : au 555 0100.",
		Answer:  "Merci de votre question. Nous publierons la liste à midi.",
	}}
}

// advisories are what messages are worded of, by the name of their golden files.
func advisories() map[string]Incident {
	made := func(change func(*Draft)) Incident {
		d := counters()
		change(&d)
		i, err := Advise(d)
		if err != nil {
			panic(err)
		}
		return i
	}
	sent := made(func(*Draft) {})
	withdrawn, err := TakeBack(sent, Person{Name: "Zoé L’Heureux"}, advisedAt.Add(time.Hour))
	if err != nil {
		panic(err)
	}
	const bad = "Gagnez\r\nBcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m<script>alert(1)</script> <!channel> 👩🏽‍🌾"
	return map[string]Incident{
		"sent": sent, "withdrawn": withdrawn,
		"urgent": made(func(d *Draft) {
			d.Urgent, d.By, d.Answer, d.Subject = true, "", "", "PANNE DES GUICHETS : quoi dire aux gens dès ce soir, œuvre"
			d.To = []string{"caisse", "b", "c", "d", "e", "f"}
		}),
		"hostile": made(func(d *Draft) {
			d.Subject, d.By, d.Advice, d.Answer = "\r\nBcc: volee@moyac.example \u202Egnp <!channel> 👩🏽‍🌾", bad, bad+"\n"+bad, "\u2066\x00@everyone\u2028*gras*"
		}),
	}
}

func TestADraftThatCannotBeSentSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Draft)
		want   error
	}{
		"nobody":              {func(d *Draft) { d.To = nil }, errNobody},
		"no subject":          {func(d *Draft) { d.Subject = " \u202e\n" }, errNoSubject},
		"a long subject":      {func(d *Draft) { d.Subject = strings.Repeat("é", AdviceSubjectMost+1) }, errLongSubject},
		"no advice":           {func(d *Draft) { d.Advice = "\r\n \r\n" }, errNoAdvice},
		"long advice":         {func(d *Draft) { d.Advice = strings.Repeat("é", AdviceMost+1) }, errLongAdvice},
		"endless advice":      {func(d *Draft) { d.Advice = strings.Repeat("é\n", 10<<20) }, errLongAdvice},
		"advice of many rows": {func(d *Draft) { d.Advice = strings.Repeat("é\n", adviceLines+1) }, errLongAdvice},
		"a long answer":       {func(d *Draft) { d.Answer = strings.Repeat("œ", AnswerMost+1) }, errLongAnswer},
		"for no time":         {func(d *Draft) { d.Until = d.At }, errNoUntil},
		"for ever":            {func(d *Draft) { d.Until = d.At.Add(AdviceLasts + time.Second) }, errNoUntil},
		"without a form":      {func(d *Draft) { d.Form = "" }, errNoForm},
	} {
		d := counters()
		c.change(&d)
		if _, err := Advise(d); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		for _, l := range []say.Lang{say.English, say.FrenchCanada} {
			if said := say.Explain(c.want, l); strings.Contains(said, "%!") {
				t.Errorf("%s: a person reads %q", name, said)
			}
		}
	}
}

func TestAnyAdviceMakesASubjectThatFitsAndHarmlessLines(t *testing.T) {
	words := rapid.OneOf(rapid.String(), rapid.Just("l’épargne d'été"), rapid.Map(rapid.IntRange(0, 300), func(n int) string { return strings.Repeat("à \n", n) }))
	rapid.Check(t, func(t *rapid.T) {
		d := counters()
		d.Subject, d.Advice, d.Answer, d.By = words.Draw(t, "subject"), words.Draw(t, "advice"), words.Draw(t, "answer"), words.Draw(t, "by")
		d.Urgent = rapid.Bool().Draw(t, "urgent")
		i, err := Advise(d)
		if err != nil {
			return
		}
		if rapid.Bool().Draw(t, "withdrawn") {
			if i, err = TakeBack(i, Person{Name: words.Draw(t, "who")}, d.At.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, _ := Compose(i, nil, Reader{Lang: lang, Watches: map[string]Named{"mouvement": {Whom: words.Draw(t, "whom")}}})
		if n := utf8.RuneCountInString(subject); n > subjectLimit || !strings.Contains(subject, i.Facts.Advisory.Subject) {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		for _, r := range subject + strings.ReplaceAll(body, "\n", "") {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
				t.Errorf("%U is in the message", r)
			}
		}
		if strings.Contains(body, "\n\n\n") {
			t.Errorf("holes in %q", body)
		}
	})
}

func TestOneWhoReadsTwiceIsCountedOnceAndAStrangersNameIsNobodysReceipt(t *testing.T) {
	i, err := Advise(counters())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Receipt{
		{Member: "m2", Name: "Éloïse d’Amours"}, {Member: "m2", Name: "Éloïse d’Amours", Channel: "courriel"}, // from the message too
		{Name: "Éloïse d’Amours", Channel: "courriel"},                  // whoever has the link may type any name
		{Channel: "courriel"}, {Channel: "courriel"}, {Channel: "nuit"}, // who gives none
		{Name: "Zoé\u202e L'Heureux\r\n"}, {Name: "Zoé L'Heureux"},
	} {
		if i, err = Receive(i, r); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range i.Facts.Advisory.Read {
		got = append(got, r.Member+"/"+r.Name+"/"+r.Channel)
	}
	if want := "m2/Éloïse d’Amours/ /Éloïse d’Amours/courriel //courriel //nuit /Zoé L'Heureux/"; strings.Join(got, " ") != want {
		t.Errorf("read by %q, want %q", got, want)
	}
	if a := i.Facts.Advisory; !a.ReadBy("m2") || a.ReadBy("m3") || a.ReadBy("") {
		t.Error("who has read it is not who said so")
	}
}

func TestReceiptsOfStrangersAreBoundedAndMembersAlwaysHaveRoom(t *testing.T) {
	i, err := Advise(counters())
	for n := 0; err == nil && n <= receiptMost; n++ {
		i, err = Receive(i, Receipt{Name: fmt.Sprint("moyac ", n), Channel: "courriel"})
	}
	if err != errManyRead || len(i.Facts.Advisory.Read) != receiptMost {
		t.Fatalf("%d receipts, then %v", len(i.Facts.Advisory.Read), err)
	}
	if i, err = Receive(i, Receipt{Member: "m2", Name: "Zoé"}); err != nil || !i.Facts.Advisory.ReadBy("m2") {
		t.Errorf("a member has no room: %v", err)
	}
}

func TestWhatWasWithdrawnIsWithdrawnOnceAndWhatIsPastIsNot(t *testing.T) {
	i, err := Advise(counters())
	if err != nil {
		t.Fatal(err)
	}
	first, err := TakeBack(i, Person{Name: "Odette"}, advisedAt.Add(time.Hour))
	if err != nil || first.Facts.Advisory.Holds(advisedAt) || !i.Facts.Advisory.Holds(advisedAt) {
		t.Errorf("withdrawn: %v, and what it was before has changed: %v", err, !i.Facts.Advisory.Holds(advisedAt))
	}
	if again, err := TakeBack(first, Person{Name: "Zoé"}, advisedAt.Add(2*time.Hour)); err != nil || again.Seq != first.Seq || again.Facts.Advisory.WithdrawnBy != "Odette" {
		t.Errorf("withdrawn again: %v, by %s", err, again.Facts.Advisory.WithdrawnBy)
	}
	if _, err := TakeBack(i, Person{Name: "Odette"}, i.Facts.Advisory.Until); err != errPastAdvice {
		t.Errorf("what holds no more: %v", err)
	}
	if _, err := TakeBack(Incident{ID: "w"}, Person{Name: "Odette"}, advisedAt); !IsNoAdvisory(err) {
		t.Errorf("a situation: %v", err)
	}
	if _, err := Receive(Incident{ID: "w"}, Receipt{}); !IsNoAdvisory(err) {
		t.Errorf("a situation: %v", err)
	}
}

func TestAPassForAReceiptIsForOneAdvisoryAndOneChannelAndNoPassForASituationIsOne(t *testing.T) {
	p := Passes{Key: []byte("une clé que personne ne connaît")}
	d := counters()
	d.Until = d.At.Add(20 * 24 * time.Hour)
	i, err := Advise(d)
	if err != nil {
		t.Fatal(err)
	}
	pass := p.Receipt(i, "courriel de l’été")
	for at, want := range map[time.Time]bool{advisedAt: true, d.Until.Add(-time.Second): true, d.Until: false} {
		id, channel, ok := p.ReceiptOf(pass, at)
		if ok != want || ok && (id != i.ID || channel != "courriel de l’été") {
			t.Errorf("at %v: %q of %q, %v", at, id, channel, ok)
		}
	}
	if _, _, ok := p.ReceiptOf(p.Pass(i.ID, advisedAt), advisedAt); ok {
		t.Error("a pass for a situation gives a receipt")
	}
	if of, _ := p.Incident(pass, advisedAt); of == i.ID {
		t.Error("a pass for a receipt lets one act on a situation")
	}
	short := counters()
	short.Until = short.At.Add(time.Hour)
	if i, err = Advise(short); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := p.ReceiptOf(p.Receipt(i, "c"), short.At.Add(6*24*time.Hour)); !ok {
		t.Error("who reads late cannot say so")
	}
}

func FuzzLines(f *testing.F) {
	for _, s := range []string{"l’épargne\r\nd'été\n\n\n\u202Efin", "\xff\x00\r", strings.Repeat("\n", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := lines(s, AdviceMost)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00\u202E") || strings.Contains(got, "\n\n\n") || strings.HasPrefix(got, "\n") {
			t.Errorf("%q became %q", s, got)
		}
		if again := lines(got, AdviceMost); again != got && !tooLong(got, AdviceMost) {
			t.Errorf("%q is not in lines: it became %q", got, again)
		}
	})
}
