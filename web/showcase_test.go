package web

import (
	"fmt"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// showcase is the house of which the documents show pictures: a caisse, invented like
// everything that is said of it, in the language of the reader.
type showcase struct {
	*house
	lang say.Lang
}

func newShowcase(t *testing.T, l say.Lang) showcase {
	t.Helper()
	h := showcase{newHouse(t, ""), l}
	h.set(t)
	self := Watch{Name: "caisse", Title: h.in("Notre caisse", "Our caisse"), Query: `"caisse valtisse"`, Relation: "self", Parent: "mouvement"}
	parent := Watch{Name: "mouvement", Title: h.in("Le Mouvement", "The Mouvement"), Query: `"mouvement valtisse"`, Relation: "parent"}
	h.status.Organisation, h.status.Lang = "Caisse Valtisse de l’Anse-aux-Moyacs", l
	h.status.Watches = []Watch{self, parent}
	h.status.Named = map[string]alerting.Named{"caisse": {Title: self.Title, Whom: h.in("la Caisse", "the Caisse")}}
	h.status.Sources = []Source{
		{Name: "gazette", Kind: "feed", Every: time.Hour, Visit: crawler.Visit{Source: "gazette", Last: noon.Add(-10 * time.Minute), LastSuccess: noon.Add(-3 * time.Hour),
			Next: noon.Add(2 * time.Hour), Newest: noon.Add(-5 * time.Hour), Health: crawler.Poorly, Reason: "login", Failures: 2, Blind: true, BlindSince: noon.Add(-3 * time.Hour), Since: noon.Add(-2 * time.Hour)}},
		h.read("echo-des-moyacs", false, 20*time.Minute), h.read("radio-moyac", false, 45*time.Minute),
		h.read("blogue", true, 2*time.Minute), h.read("commentaires", true, 3*time.Minute),
	}
	h.blind = []alerting.Blindness{{Source: "gazette", Since: noon.Add(-3 * time.Hour)}}
	h.status.Channels = []Channel{{Name: h.in("courriel", "mail"), Kind: "email", Confirmed: noon.AddDate(0, 0, -12)}, {Name: h.in("relais", "relay"), Kind: "webhook"}}
	h.talk(t)
	h.storm(t)
	return h
}

func (h showcase) in(fr, en string) string { return say.Text{EN: en, FR: fr}.In(h.lang) }

// read is a source that is read as it should be.
func (h showcase) read(name string, own bool, ago time.Duration) Source {
	every := time.Hour
	if own {
		every = 5 * time.Minute
	}
	at := noon.Add(-ago)
	return Source{Name: name, Kind: "feed", Own: own, Every: every, Visit: crawler.Visit{Source: name, Last: at, LastSuccess: at, Next: at.Add(every), Newest: at.Add(-time.Hour), Health: crawler.Well}}
}

// said is one mention as its author wrote it, so many hours before noon.
func (h showcase) said(hours int, kind mention.Kind, host, title, text string, label mention.Label) mention.Mention {
	m := aMention(hours, kind, title, text, mention.Hit{Watch: "caisse", Words: []string{"Caisse Valtisse"}})
	m.URL, m.Lang = fmt.Sprintf("https://%s/%d", host, hours), h.in("fr", "en")
	if m.Source = strings.TrimSuffix(host, ".example"); kind == mention.Comment {
		m.Source = "commentaires"
	}
	r := mention.Reading{At: m.SeenAt, Neutral: .8, Negative: .1, Positive: .1, Label: label, By: "lexicon-1"}
	switch label {
	case mention.Negative:
		r.Negative, r.Neutral, r.Why = .8, .1, []string{h.in("trop tôt", "too early")}
	case mention.Positive:
		r.Positive, r.Neutral, r.Why = .8, .1, []string{h.in("merci", "thank you")}
	}
	m.Readings = []mention.Reading{r}
	return m
}

// ordinary is what is said on ordinary days.
var ordinary = []struct {
	host        string
	title, text say.Text
	label       mention.Label
}{
	{"echo-des-moyacs.example", say.Text{EN: "Fees go up at Caisse Valtisse", FR: "Les frais augmentent à la Caisse Valtisse"},
		say.Text{EN: "Two dollars more a month from January on.", FR: "Deux dollars de plus par mois dès janvier."}, mention.Negative},
	{"radio-moyac.example", say.Text{EN: "Caisse Valtisse, an evening on saving", FR: "Caisse Valtisse\u00a0: une soirée sur l’épargne"},
		say.Text{EN: "Thursday at 7 at the community centre; fees will be explained.", FR: "Jeudi à 19\u00a0h, à la salle communautaire; on y expliquera les frais."}, mention.Neutral},
	{"blogue-de-lise.example", say.Text{EN: "Well received at Caisse Valtisse", FR: "Bien reçue à la Caisse Valtisse"},
		say.Text{EN: "Thank you to the whole team.", FR: "Merci à toute l’équipe."}, mention.Positive},
	{"echo-des-moyacs.example", say.Text{EN: "In brief: the rink, the library, Caisse Valtisse", FR: "En bref\u00a0: la patinoire, la bibliothèque, la Caisse Valtisse"},
		say.Text{EN: "What changes this week.", FR: "Ce qui change cette semaine."}, ""},
}

// angry is what people write under the post.
var angry = []say.Text{
	{EN: "Closed on Saturdays? No!", FR: "Fermé le samedi, c’est non!"},
	{EN: "We pay fees, for what exactly?", FR: "On paie des frais, pour quoi au juste?"},
	{EN: "I work all week. When shall I come?", FR: "Je travaille toute la semaine. Je viens quand?"},
	{EN: "My mother does not do this on a phone.", FR: "Ma mère ne fait pas ça sur un téléphone."},
	{EN: "Nobody asked us anything.", FR: "Personne ne nous a rien demandé."},
	{EN: "The next branch is 40 km away.", FR: "Le prochain comptoir est à 40\u00a0km."},
	{EN: "Fifteen years a member, and this.", FR: "Quinze ans que je suis membre, et voilà."},
}

// talk is four weeks of what people say: a story of three outlets, a conversation
// under an own post, praise, complaints, and the ordinary days before.
func (h showcase) talk(t *testing.T) {
	t.Helper()
	headline := h.in("La Caisse Valtisse fermera ses portes le samedi", "Caisse Valtisse to close on Saturdays")
	lead := h.in("La Caisse Valtisse de l’Anse-aux-Moyacs fermera le samedi à partir de lundi.", "The Caisse Valtisse of Anse-aux-Moyacs will close on Saturdays from Monday on.")
	story := []mention.Mention{
		h.said(5, mention.Article, "gazette.example", headline, lead, mention.Neutral),
		h.said(6, mention.Article, "radio-moyac.example", headline, lead, mention.Neutral),
		h.said(7, mention.Article, "echo-des-moyacs.example", headline, lead, mention.Neutral),
	}
	post := h.said(8, mention.Post, "blogue.example", h.in("Nos nouvelles heures d’ouverture", "New opening hours"), h.in("Dès lundi, nous fermons le samedi.", "From Monday on we close on Saturdays."), mention.Neutral)
	post.Own, post.Readings, post.Versions[0].Hits = true, nil, nil
	question := h.said(3, mention.Comment, "blogue.example", "", h.in("Et le dimanche, est-ce ouvert?", "And on Sundays, are you open?"), mention.Neutral)
	complaint := h.said(4, mention.Comment, "blogue.example", "", h.in("Fermer à 15 h, c’est trop tôt. Qui peut y aller?", "Closing at 3 is too early. Who can make it?"), mention.Negative)
	question.Readings[0].Intent, complaint.Author.Name = mention.Question, "Jasmin Corbelle"
	for _, m := range []*mention.Mention{&question, &complaint} {
		m.Parent, m.Thread, m.Versions[0].Hits = post.ID, post.ID, []mention.Hit{{Watch: "caisse"}}
	}
	batch := append([]mention.Mention{post, question, complaint,
		h.said(9, mention.Article, "blogue-de-lise.example", h.in("Merci à l’équipe de la Caisse Valtisse", "Thank you to the team of Caisse Valtisse"), h.in("Une aide précieuse pour ma première maison.", "Precious help with my first house."), mention.Positive),
		h.said(12, mention.Article, "echo-des-moyacs.example", h.in("La Caisse Valtisse remet 12 000\u00a0$ à la soupe populaire", "Caisse Valtisse gives $12,000 to the soup kitchen"), h.in("Le don servira tout l’hiver.", "The gift will last all winter."), mention.Positive),
	}, story...)
	for n := range 60 {
		d := ordinary[n%len(ordinary)]
		batch = append(batch, h.said(24+11*n, mention.Article, d.host, d.title.In(h.lang), d.text.In(h.lang), d.label))
	}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	h.tell(t, story...)
}

// storm is the surge that followed, as rule, engine and channels leave it.
func (h showcase) storm(t *testing.T) {
	t.Helper()
	began := noon.Add(-3 * time.Hour)
	post := mention.NewID("web", "8")
	var batch []mention.Mention
	for n := range 84 {
		m := h.said(3, mention.Comment, "blogue.example", "", angry[n%len(angry)].In(h.lang), mention.Negative)
		m.ID, m.PublishedAt = mention.NewID("web", fmt.Sprint("storm", n)), began.Add(time.Duration(math.Pow(float64(n)/84, .6)*float64(3*time.Hour)))
		m.Author.Name, m.Parent, m.Thread = fmt.Sprintf("Moyac%d", n%70), post, post
		m.Versions[0].Hits = []mention.Hit{{Watch: "caisse"}}
		batch = append(batch, m)
	}
	batch[4].Versions[0].Text = h.in("Encore une fois, c’est nous qui payons. Bande de connards!", "Once more it is we who pay. You assholes!")
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	facts := alerting.SurgeFacts{Count: 84, Usual: 3, Upto: batch[83].PublishedAt, People: 70, Rising: true,
		Places:     []alerting.SurgePlace{{Title: h.in("Nos nouvelles heures d’ouverture", "New opening hours"), Own: true, Share: .81, URL: "https://blogue.example/heures"}},
		Words:      []string{h.in("samedi", "Saturdays"), h.in("frais", "fees")},
		Amplifiers: []alerting.SurgeVoice{{Name: "Radio Moyac", Audience: 48_000}},
		Blind:      []string{"gazette"}, BlindSince: began}
	for _, m := range batch[3:6] {
		facts.Examples = append(facts.Examples, alerting.SurgeQuote{Text: m.Current().Text, Place: "blogue", At: m.PublishedAt})
	}
	i := alerting.Incident{ID: "wvague", Key: "v", Rule: "vagues", Kind: "surge", Watch: "caisse", Severity: alerting.Urgent, State: alerting.New,
		Since: began, OpenedAt: began.Add(15 * time.Minute), Size: 84, Seq: 1, Mentions: []string{batch[3].ID, batch[4].ID, batch[5].ID}, Facts: alerting.Facts{Surge: &facts}}
	subject, body := h.told(began)
	letter := &alerting.Letter{Channel: h.status.Channels[0].Name, Recipients: "equipe@caisse.example", Lang: string(h.lang), Subject: subject, Body: body}
	err := h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}, Journal: []alerting.Entry{
		{At: i.OpenedAt, Incident: i.ID, What: string(alerting.Opened), Size: 34},
		{At: i.OpenedAt.Add(time.Minute), Incident: i.ID, What: alerting.EntryTold, Letter: letter},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// told is the message that left when the surge was a quarter of an hour old.
func (h showcase) told(began time.Time) (subject, body string) {
	i := alerting.Incident{ID: "wvague", Kind: "surge", Watch: "caisse", Severity: alerting.Urgent, State: alerting.New, Since: began, OpenedAt: began.Add(15 * time.Minute), Size: 34,
		Facts: alerting.Facts{Surge: &alerting.SurgeFacts{Count: 34, Usual: 3, Upto: began.Add(15 * time.Minute), People: 28, Rising: true,
			Places:   []alerting.SurgePlace{{Title: h.in("Nos nouvelles heures d’ouverture", "New opening hours"), Own: true, Share: .81}},
			Examples: []alerting.SurgeQuote{{Text: angry[0].In(h.lang), Place: "blogue", At: began}, {Text: angry[1].In(h.lang), Place: "blogue", At: began}}}}}
	subject, body, _ = alerting.Compose(i, []alerting.Transition{alerting.Opened},
		alerting.Reader{Lang: h.lang, Zone: h.status.Zone, Page: "https://veille.valtisse.example", Watches: h.status.Named})
	return subject, body
}

// rehearse makes the house a demonstration that leads to a watch of one's own.
func (h showcase) rehearse(t *testing.T) {
	t.Helper()
	texts := []Chapter{
		{From: noon.AddDate(0, 0, -21), Title: say.Text{EN: "Quiet weeks", FR: "Des semaines calmes"}},
		{From: noon.AddDate(0, 0, -7), Title: say.Text{EN: "An announcement", FR: "Une annonce"}},
		{From: noon.Add(-3 * time.Hour), Title: say.Text{EN: "The surge", FR: "La vague"}, Text: say.Text{
			EN: "The Caisse has announced that it closes on Saturdays. People answer, far more than usual, and the message has just left.",
			FR: "La Caisse a annoncé qu’elle ferme le samedi. Les gens répondent, bien plus que d’habitude, et le message vient de partir."}},
		{From: noon.AddDate(0, 0, 2), Title: say.Text{EN: "Calm again", FR: "Le retour au calme"}},
	}
	subject, body := h.told(noon.Add(-3 * time.Hour))
	letter := Letter{At: noon.Add(-164 * time.Minute), Incident: "wvague", Severity: "urgent", Subject: subject, Body: body}
	o := h.Options
	o.Demo = stage{&rehearsed{Scene: Scene{Now: noon, Chapter: 2, Speed: 1, Chapters: texts, Letters: []Letter{letter}}}}
	o.First, o.Setup = firstOf{smallKinds()}, nil
	var err error
	if h.Server, err = New(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, o); err != nil {
		t.Fatal(err)
	}
	h.patience, h.status.Demo = patience{time.Minute, time.Minute}, true
}
