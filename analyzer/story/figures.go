package story

import (
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
)

// figures are the numbers of the title and of the first words of the text, sorted.
func figures(title, body string, head, all []text.Token) []string {
	out := append(numbers(title, head), numbers(body, all[:min(len(all), leadWords)])...)
	slices.Sort(out)
	return slices.Compact(out)
}

// numbers are the figures of some tokens of s: "1 200" is 1200, "3,5" is 3.5,
// "quatorze" is 14. Times of day and lines that date the page ("Mis à jour le ...")
// are left out: they change with every touch of the text. So are the figures that a
// text denies ("11 comptoirs, et non 14").
func numbers(s string, tokens []text.Token) []string {
	var out []string
	dated := -1 // the end of the line that dates the page
	for i, t := range tokens {
		if t.Start > dated && beginsLine(s, t.Start) && datesPage(tokens[i:]) {
			dated = lineEnd(s, t.Start)
		}
		if t.Start <= dated || timeOfDay(s, tokens, i) || denied(tokens[:i]) {
			continue
		}
		if t.Class == text.Number {
			out = append(out, t.Fold)
		} else if value, ok := inLetters[t.Fold]; ok && t.Class == text.Plain {
			out = append(out, value)
		}
	}
	return out
}

// denials are the words, folded, that take back the figure which follows closely.
var denials = map[string]bool{"non": true, "lieu": true, "plutot": true, "not": true, "instead": true, "rather": true}

// denied tells whether the words before a figure take it back: "et non", "au lieu
// de", "plutôt que les", "instead of", "rather than".
func denied(before []text.Token) bool {
	for _, t := range before[max(0, len(before)-3):] {
		if denials[t.Fold] {
			return true
		}
	}
	return false
}

func beginsLine(s string, i int) bool {
	before := strings.TrimRight(s[:i], " \t«([|—–-")
	return before == "" || before[len(before)-1] == '\n'
}

func lineEnd(s string, i int) int {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(s)
}

func datesPage(tokens []text.Token) bool {
	first := tokens[0].Fold
	second := ""
	if len(tokens) > 2 {
		second = tokens[1].Fold + " " + tokens[2].Fold
	}
	switch first {
	case "publie", "publiee", "published", "updated", "modifie":
		return true
	case "mis", "mise":
		return second == "a jour"
	case "last", "derniere":
		return strings.HasPrefix(second, "updated") || strings.HasPrefix(second, "modified") || second == "mise a"
	}
	return false
}

// timeOfDay is for the numbers of 9 h 12, 9h12, 14 h and 9:12.
func timeOfDay(s string, tokens []text.Token, i int) bool {
	isHour := func(k int) bool { return k >= 0 && k < len(tokens) && tokens[k].Fold == "h" }
	isNumber := func(k int) bool { return k >= 0 && k < len(tokens) && tokens[k].Class == text.Number }
	if !isNumber(i) {
		return false
	}
	colon := func(a, b int) bool {
		return isNumber(a) && isNumber(b) && s[tokens[a].End:tokens[b].Start] == ":"
	}
	return isHour(i+1) || isHour(i-1) && isNumber(i-2) || colon(i, i+1) || colon(i-1, i)
}

// inLetters are the numbers that newsrooms spell out. One is left out: it is an
// article more often than a figure.
var inLetters = map[string]string{
	"deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10",
	"onze": "11", "douze": "12", "treize": "13", "quatorze": "14", "quinze": "15", "seize": "16", "vingt": "20",
	"trente": "30", "quarante": "40", "cinquante": "50", "soixante": "60", "cent": "100", "cents": "100", "mille": "1000",
	"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
	"eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
	"seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40",
	"fifty": "50", "hundred": "100", "thousand": "1000",
}
