package config

// Kinds is what config is told about the kinds it does not know: for each name, a
// function that gives a pointer to a fresh Config with its defaults.
type Kinds struct {
	Sources, Rules, Channels, Stores map[string]func() any
	// Query says what is wrong with a watch's query, and at which of its
	// characters, from 1; 0 when no place can be named. nil accepts every query.
	Query func(query string) (at int, err error)
}

// Entry is what every source, rule, channel and store has. Embed it.
type Entry struct {
	Name   string `yaml:"name" required:"true" doc:"What you call it; lower-case letters, digits and dashes." fr:"Comment vous l’appelez; des minuscules sans accent, des chiffres et des tirets." example:"echo"`
	Kind   string `yaml:"kind" required:"true" doc:"What kind it is." fr:"Son genre." example:"feed"`
	Config any    `yaml:"-"` // pointer to the kind's own Config, read and checked
}

func (e *Entry) hold(kind string, config any) { e.Kind, e.Config = kind, config }

// kinded is a struct that goes on with the settings of its kind.
type kinded interface{ hold(kind string, config any) }

// table is the kinds that a struct may be of.
func (k Kinds) table(of kinded) map[string]func() any {
	switch of.(type) {
	case *Source:
		return k.Sources
	case *Rule:
		return k.Rules
	case *Channel:
		return k.Channels
	case *Store:
		return k.Stores
	}
	return nil
}
