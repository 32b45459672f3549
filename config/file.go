package config

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a small machine may have no table of time zones

	"github.com/ouidire/ouidire/internal/say"
)

// File is a whole ouidire.yml, read, completed with defaults and checked.
type File struct {
	Organisation Organisation `yaml:"organisation" required:"true" doc:"Who you are." example:"{name: Caisse Valtisse}"`
	Watches      []Watch      `yaml:"watches" required:"true" doc:"What you listen for." example:"[{name: caisse, query: caisse valtisse}]"`
	Sources      []Source     `yaml:"sources" doc:"Where you listen." example:"[{name: echo, kind: feed}]"`
	Rules        []Rule       `yaml:"rules" doc:"When you want to be told."`
	Channels     []Channel    `yaml:"channels" doc:"How you are told."`
	Store        Store        `yaml:"store" doc:"Where mentions are kept." restart:"true"`
	Data         string       `yaml:"data" doc:"The folder of ouidire's own data, from the folder of this file." example:"./data" restart:"true"`
	Web          Web          `yaml:"web" doc:"The pages."`
	Metrics      Metrics      `yaml:"metrics" doc:"What monitoring reads."`
	Crawler      Crawler      `yaml:"crawler" doc:"How sources are visited."`
	Retention    Retention    `yaml:"retention" doc:"How long things are kept."`
	Heartbeat    Heartbeat    `yaml:"heartbeat" doc:"A sign of life to a service that warns you when it stops coming."`
	Log          Log          `yaml:"log" doc:"What the program writes about itself."`

	Path string `yaml:"-"` // where it was read from, as it was named to Load or Parse
	// Warnings do not stop the start: a source that tells nobody, a password that
	// others may read. `ouidire check` shows them.
	Warnings *Problems `yaml:"-"`
}

// Organisation is who listens.
type Organisation struct {
	Name     string `yaml:"name" required:"true" doc:"Its full name." fr:"Son nom au complet." example:"Caisse Valtisse de l’Anse-aux-Moyacs"`
	Short    string `yaml:"short" doc:"What one calls it in a sentence; the name when left out." fr:"Comment on l’appelle dans une phrase; son nom, par défaut." example:"la Caisse"`
	Language string `yaml:"language" enum:"fr-CA,fr-FR,en" doc:"The language of messages and pages." fr:"La langue des messages et des pages." example:"fr-CA"`
	Timezone string `yaml:"timezone" doc:"Whose hours and days are meant." fr:"Son fuseau horaire; les heures et les jours sont les siens." example:"America/Toronto"`
}

// Lang is the language of messages and pages.
func (o Organisation) Lang() say.Lang { return say.Lang(o.Language) }

// Zone is the time zone. Parse has checked that it exists.
func (o Organisation) Zone() *time.Location {
	zone, err := time.LoadLocation(o.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// The relations of what is watched to the organisation.
const (
	Self       = "self"
	Parent     = "parent"
	Sister     = "sister"
	Competitor = "competitor"
	Theme      = "theme"
)

// Watch is one thing listened for.
type Watch struct {
	Name     string `yaml:"name" required:"true" doc:"What you call it; lower-case letters, digits and dashes." fr:"Comment vous l’appelez; des minuscules sans accent, des chiffres et des tirets." example:"caisse"`
	Title    string `yaml:"title" doc:"What people read; the name when left out." fr:"Ce que les gens lisent; le nom, par défaut." example:"Notre caisse"`
	Query    string `yaml:"query" required:"true" doc:"The words to find." fr:"Les mots à trouver." example:"'\"caisse valtisse\" anse-aux-moyacs'"`
	Relation string `yaml:"relation" enum:"self,parent,sister,competitor,theme" doc:"What it is to you; self when left out." fr:"Ce qu’elle est pour vous; vous-mêmes, par défaut." example:"self"`
	Parent   string `yaml:"parent" doc:"The watch of the organisation it belongs to." fr:"La veille de l’organisation dont elle fait partie." example:"mouvement"`
}

// Source is one place to visit.
type Source struct {
	Entry  `yaml:",inline"`
	Every  time.Duration `yaml:"every" min:"1m" max:"31 days" doc:"How often it is visited; the kind's own clock when left out." fr:"Le temps entre deux visites; celui que le site et nous jugeons bon, par défaut." example:"1h"`
	Own    bool          `yaml:"own" doc:"A place of your own; every comment there concerns you." fr:"Un lieu à vous; chaque commentaire vous y concerne." example:"true"`
	Watch  string        `yaml:"watch" doc:"The watch whose own place it is; the first of yours when left out." fr:"La veille dont c’est le lieu; la première des vôtres, par défaut." example:"caisse"`
	Paused bool          `yaml:"paused" doc:"Not visited for now; what it brought is kept." fr:"N’est pas visitée pour l’instant; ce qu’elle a apporté reste." example:"true"`
}

// Rule is one reason to tell people.
type Rule struct {
	Entry    `yaml:",inline"`
	Watch    string        `yaml:"watch" doc:"The watch it looks at; every watch when left out." fr:"La veille qu’elle regarde; toutes, par défaut." example:"caisse"`
	Channels []string      `yaml:"channels" doc:"The channels it uses; every one when left out." fr:"Les moyens d’envoi qu’elle emploie; tous, par défaut." example:"[courriel]"`
	Severity string        `yaml:"severity" enum:"urgent,watch,info" doc:"How soon a person must know; the kind's own when left out." fr:"Avec quelle urgence on doit le savoir; selon le genre de règle, par défaut." example:"watch"`
	Wait     time.Duration `yaml:"wait" max:"1 day" doc:"How long what belongs together is gathered before it is told." fr:"Combien de temps on réunit ce qui va ensemble avant de prévenir." example:"2m"`
}

// Channel is one way to tell people.
type Channel struct {
	Entry    `yaml:",inline"`
	Language string        `yaml:"language" enum:"fr-CA,fr-FR,en" doc:"The language of its readers; the organisation's when left out." fr:"La langue de ceux qui reçoivent les messages; celle de l’organisation, par défaut." example:"fr-CA"`
	Quiet    Hours         `yaml:"quiet" doc:"The hours in which it takes what is urgent alone; none when left out." fr:"Les heures de tranquillité, où seul l’urgent passe; aucune, par défaut." example:"21:00-07:00"`
	Digest   Digest        `yaml:"digest" doc:"What was said, as one message at an hour of yours; none when left out." example:"{every: day, at: '07:30'}"`
	NoSign   bool          `yaml:"no_sign_of_life" doc:"No sign of life; a channel without a digest gets one each Monday at 9, with what was read." fr:"Pas de signe de vie; un moyen d’envoi sans résumé en reçoit un chaque lundi à 9 h, avec ce qui a été lu." example:"true"`
	Role     string        `yaml:"role" enum:"member,owner" doc:"Whose channel it is; a channel of the owners is told what nobody takes in charge, and then how it goes on; of the members when left out." fr:"À qui il s’adresse; aux responsables, on transmet ce que personne ne prend en charge, puis la suite; aux membres, par défaut." example:"owner"`
	After    time.Duration `yaml:"after" min:"1m" max:"7 days" doc:"How long a situation may wait for somebody before the owners are told; 15 minutes when it is urgent and 2 hours when it is to be watched, when left out." fr:"Combien de temps une situation peut attendre quelqu’un avant d’être transmise aux responsables; 15 minutes si elle est urgente et 2 heures si elle est à surveiller, par défaut." example:"30m"`
	Fallback string        `yaml:"fallback" doc:"The fallback channel; it takes what this one refuses, and what is urgent when it was not accepted in five minutes." fr:"L’envoi de secours; le moyen d’envoi qui prend le relais quand celui-ci refuse un message ou n’accepte pas en cinq minutes ce qui est urgent." example:"courriel"`
}

// The roles of those whom a channel reaches.
const (
	Members = "member"
	Owners  = "owner"
)

// Digest is what one channel is told together, at an hour of the organisation.
type Digest struct {
	Every    string   `yaml:"every" enum:"day,week" doc:"How often a digest comes; never when left out." fr:"Tous les combien vient le résumé; jamais, par défaut." example:"day"`
	At       Clock    `yaml:"at" doc:"The hour of the digest; 07:30 when left out." fr:"L’heure du résumé; 07:30, par défaut." example:"'07:30'"`
	On       string   `yaml:"on" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"The day of a weekly digest; Monday when left out." fr:"Le jour du résumé de la semaine; lundi, par défaut." example:"monday"`
	Watches  []string `yaml:"watches" doc:"The watches in the digest; every watch when left out." fr:"Les veilles du résumé; toutes, par défaut." example:"[caisse]"`
	OnlyNews bool     `yaml:"only_news" doc:"No digest on a day with nothing to report." fr:"Pas de résumé quand il n’y a rien à signaler." example:"true"`
}

// IsZero says that there is no digest.
func (d Digest) IsZero() bool { return d.Every == "" }

// Weekday is the day of a weekly digest. Parse has checked that it is one.
func (d Digest) Weekday() time.Weekday {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), d.On) {
			return day
		}
	}
	return time.Monday
}

// The lengths between two digests.
const (
	EveryDay  = "day"
	EveryWeek = "week"
)

// Heartbeat is a sign of life that goes out while alerting moves, to whom it would be
// missed.
type Heartbeat struct {
	URL Secret `yaml:"url" doc:"The address that is asked for every five minutes while everything works; whoever knows it can pretend to be us." fr:"L’adresse appelée toutes les cinq minutes tant que tout fonctionne; qui la connaît peut se faire passer pour nous." example:"${OUIDIRE_HEARTBEAT_URL}"`
}

// Store is where mentions are kept.
type Store struct {
	Kind   string `yaml:"kind" doc:"What kind it is." example:"local"`
	Config any    `yaml:"-"` // pointer to the kind's own Config, read and checked
}

func (s *Store) hold(kind string, config any) { s.Kind, s.Config = kind, config }

// Web is the pages.
type Web struct {
	Listen   string `yaml:"listen" doc:"Where the pages are served; beyond this machine a password is needed." fr:"L’adresse où la page répond; hors de cette machine, il faut un mot de passe." example:"127.0.0.1:8080" restart:"true"`
	Address  string `yaml:"address" doc:"What people type to get there; the links of messages begin with it." fr:"Ce que les gens tapent pour y arriver; les liens des messages commencent ainsi." example:"https://veille.caisse.example"`
	Password Secret `yaml:"password" doc:"What opens the pages." fr:"Ce qui ouvre la page." example:"${OUIDIRE_PASSWORD}"`
}

// Metrics is what monitoring reads.
type Metrics struct {
	Listen string `yaml:"listen" doc:"Where /metrics, /healthz and /readyz are served without a password, besides the pages' own address; nowhere when left out." example:"127.0.0.1:9464" restart:"true"`
}

// Crawler is how sources are visited.
type Crawler struct {
	Contact      string         `yaml:"contact" doc:"Where the people of a site may write to you; every visit shows it." example:"https://caisse.example/contact"`
	AllowPrivate []netip.Prefix `yaml:"allow_private" doc:"Addresses of your own network that sources may have." example:"[127.0.0.0/8]"`
	Proxy        Secret         `yaml:"proxy" doc:"The proxy that visits go through; it may hold a password." example:"http://proxy.caisse.example:3128"`
	CA           Authorities    `yaml:"ca" doc:"A file of certificates to trust besides the machine's own, from the folder of this file." example:"./ca.pem"`
}

// Retention is how long things are kept.
type Retention struct {
	Mentions  Period `yaml:"mentions" min:"1 day" doc:"Mentions." fr:"Les mentions." example:"24 months"`
	Unclaimed Period `yaml:"unclaimed" min:"1 day" max:"12 months" doc:"What was read and no watch claimed." fr:"Ce qui a été lu et qu’aucune veille n’a retenu." example:"30 days"`
}

// Log is what the program writes about itself.
type Log struct {
	Level  string `yaml:"level" enum:"debug,info,warn,error" doc:"How much." example:"info"`
	Format string `yaml:"format" enum:"text,json" doc:"For people or for machines." example:"text" restart:"true"`
}

// Listen is where the pages are served when nothing else is written: this machine
// alone reaches them.
const Listen = "127.0.0.1:8080"

// morning is when a digest comes when nothing else is written.
var morning = Clock{Of: 7*time.Hour + 30*time.Minute, Given: true}

// Told are the channels that a rule tells at once, and the owners', to which goes what
// nobody takes in charge. Where there are none but the owners', they are told at once.
func (f *File) Told(rule Rule) (first, then []Channel) {
	for _, c := range f.Channels {
		switch {
		case len(rule.Channels) > 0 && !slices.Contains(rule.Channels, c.Name):
		case c.Role == Owners:
			then = append(then, c)
		default:
			first = append(first, c)
		}
	}
	if len(first) == 0 {
		return then, nil
	}
	return first, then
}

// defaults is a file before anything was read.
func defaults() *File {
	return &File{
		Organisation: Organisation{Language: string(say.FrenchCanada), Timezone: "America/Toronto"},
		Store:        Store{Kind: "local"},
		Data:         "./data",
		Web:          Web{Listen: Listen},
		Retention:    Retention{Mentions: Period{Months: 24}, Unclaimed: Period{Days: 30}},
		Log:          Log{Level: "info", Format: "text"},
	}
}

// complete fills what depends on what was read.
func (f *File) complete() {
	if f.Organisation.Short == "" {
		f.Organisation.Short = f.Organisation.Name
	}
	self := ""
	for i := range f.Watches {
		w := &f.Watches[i]
		if w.Title == "" {
			w.Title = w.Name
		}
		if w.Relation == "" {
			w.Relation = Self
		}
		if self == "" && w.Relation == Self {
			self = w.Name
		}
	}
	for i := range f.Sources {
		if s := &f.Sources[i]; s.Own && s.Watch == "" {
			s.Watch = self
		}
	}
	for i := range f.Channels {
		if d := &f.Channels[i].Digest; !d.IsZero() && d.At.IsZero() {
			d.At = morning
		}
	}
	if f.Data != "" && !filepath.IsAbs(f.Data) {
		f.Data = filepath.Join(filepath.Dir(f.Path), f.Data)
	}
}
