package story

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

// Nature is what an edit did to a text.
type Nature string

// The natures of an edit, the gravest last.
const (
	Unchanged  Nature = "unchanged"  // the same words
	Cosmetic   Nature = "cosmetic"   // other words, the same facts as far as figures tell: not told again
	Figures    Nature = "figures"    // a number of the title or lead gave way to another: told once
	Retraction Nature = "retraction" // the newsroom takes something back: told once
)

// Change is the answer of Material.
type Change struct {
	Nature     Nature
	Gone, Come []string // figures that left and that came, sorted
	Words      string   // what announces a retraction, folded
}

// Told says whether a person who was told the story should hear of the change.
func (c Change) Told() bool { return c.Nature == Figures || c.Nature == Retraction }

// Material judges an edit by its two texts. A figure counts as gone when it stood
// in the old title or lead and stands nowhere in the new text, and as come the
// other way round: a paragraph that moves changes nothing. Announcements of a
// correction count when the old text had fewer of them.
func Material(before, after mention.Version) Change {
	was, is := readFacts(before), readFacts(after)
	c := Change{
		Gone: missing(was.lead, is.everywhere),
		Come: missing(is.lead, was.everywhere),
	}
	switch words := announced(was.folded, is.folded); {
	case words != "":
		c.Nature, c.Words = Retraction, words
	case len(c.Gone) > 0 && len(c.Come) > 0:
		c.Nature = Figures
	case slices.Equal(was.words, is.words):
		c.Nature = Unchanged
	default:
		c.Nature = Cosmetic
	}
	return c
}

// facts is what Material compares of one version.
type facts struct {
	words            []uint64
	lead, everywhere []string // figures
	folded           string
}

func readFacts(v mention.Version) facts {
	t := tokenizers.Get().(*text.Tokenizer)
	defer tokenizers.Put(t)
	title, body := bounded(v.Title), bounded(v.Text)
	head, all := t.Append(nil, title), t.Append(nil, body)
	return facts{
		words:      append(hashes(head), hashes(all)...),
		lead:       append(moments(title, head), moments(body, all[:min(len(all), leadWords)])...),
		everywhere: append(moments(title, head), moments(body, all)...),
		folded:     text.Fold(title) + "\n" + text.Fold(body),
	}
}

// moments are the figures of a text and its times of day: a meeting that moves from
// 19 h to 20 h is as much a change as one that moves to the 13th.
func moments(s string, tokens []text.Token) []string {
	found, times := read(s, tokens)
	return append(found, times...)
}

const (
	emptiedFrom = 30 // words of a text that was
	emptiedTo   = 5  // and of what is left of it
)

// Emptied says whether an edit took the text away and left nothing. It is for two
// versions of one mention: another outlet may give no more than a headline.
func Emptied(before, after mention.Version) bool {
	t := tokenizers.Get().(*text.Tokenizer)
	defer tokenizers.Put(t)
	return len(t.Append(nil, bounded(before.Text))) >= emptiedFrom && len(t.Append(nil, bounded(after.Text))) <= emptiedTo
}

func missing(from, in []string) []string {
	var out []string
	for _, f := range from {
		if !slices.Contains(in, f) {
			out = append(out, f)
		}
	}
	return out
}

// retracting is how newsrooms announce that they take something back, folded. The
// word "correction" announces only at the head of a line: markets have corrections too.
var retracting = regexp.MustCompile(`(?m)` + strings.Join([]string{
	`^\W*(?:correction|correctif|precision|clarification|retraction|retractation|mise au point)\s*(?:[:.\x{2013}\x{2014}|)\]-]|$)`,
	`^\W*(?:article |texte |nouvelle |story )?(?:retiree?|supprimee?|depubliee?|withdrawn|removed|retracted)\s*(?:[:.\x{2013}\x{2014}|)\]-]|$)`,
	`\b(?:rectificatif|errata|erratum|mise au point (?:de la redaction|du journal|de l'editeur))\b`,
	`\b(?:cet article|ce texte|cette nouvelle|cette page) (?:n'est plus disponible|a ete (?:retiree?|supprimee?|depubliee?))`,
	`\bnous (?:avons|l'avons) (?:retire|corrige|rectifie)`,
	`\ba ete (?:retiree?|depubliee?) (?:de notre site|par la redaction|du site)`,
	`\bune version (?:anterieure|precedente) de (?:cet article|ce texte|cette nouvelle)`,
	`\b(?:cet article|ce texte|cette nouvelle) a ete (?:corrigee?|rectifiee?)`,
	`\bcontrairement a ce que nous (?:avons|avions|ecrivions|affirmions)`,
	`\bune erreur s'est glissee`,
	`\b(?:has been|was|is) retracted\b`,
	`\bwe (?:have )?(?:removed|retracted|corrected) (?:this|the|an?)\b`,
	`\ban earlier version of this\b`,
	`\bthis (?:article|story|text) has been (?:corrected|removed|retracted)`,
}, "|"))

// announced is the first announcement that the new text has and the old one had not.
func announced(was, is string) string {
	had := retracting.FindAllString(was, -1)
	has := retracting.FindAllString(is, -1)
	if len(has) <= len(had) {
		return ""
	}
	for _, words := range has {
		if !slices.Contains(had, words) {
			return strings.TrimSpace(words)
		}
	}
	return strings.TrimSpace(has[0])
}
