package story

import (
	"slices"
	"strconv"
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
// "quatorze" is 14, "quatre-vingt-dix-sept" 97. Times of day and lines that date the page ("Mis à jour le ...")
// are left out: they change with every touch of the text. So are the figures that a
// text denies ("11 comptoirs, et non 14").
func numbers(s string, tokens []text.Token) []string {
	found, _ := read(s, tokens)
	return found
}

// read gives the figures of some tokens of s, and its times: 9:12, and /5 for the
// month of a 12 mai.
func read(s string, tokens []text.Token) (found, times []string) {
	dated := -1 // the end of the line that dates the page
	for i := 0; i < len(tokens); {
		t := tokens[i]
		if t.Start > dated && beginsLine(s, t.Start) && datesPage(tokens[i:]) {
			dated = lineEnd(s, t.Start)
		}
		var figure, clock string
		taken := 1
		if value, n := spelt(s, tokens[i:]); n > 0 {
			figure, taken = value, n
		} else if value, n := timeOfDay(s, tokens[i:]); n > 0 {
			clock, taken = value, n
		} else if t.Class == text.Number {
			figure = t.Fold
		}
		if t.Start > dated && !denied(tokens[:i]) {
			if figure != "" {
				found = append(found, figure)
			}
			if clock != "" {
				times = append(times, clock)
			}
			if month := months[t.Fold]; month != 0 && besideNumber(tokens, i) {
				times = append(times, "/"+strconv.Itoa(month))
			}
		}
		i += taken
	}
	return found, times
}

// denials are the words, folded, that take back the figure which follows closely.
var denials = map[string]bool{"non": true, "plutot": true, "not": true, "instead": true, "rather": true}

// denied tells whether the words before a figure take it back: "et non", "au lieu
// de", "plutôt que les", "instead of", "rather than".
func denied(before []text.Token) bool {
	near := before[max(0, len(before)-3):]
	for i, t := range near {
		if denials[t.Fold] || t.Fold == "lieu" && i > 0 && near[i-1].Fold == "au" {
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

// timeOfDay reads the time that some tokens begin with, and how many they are:
// 9 h 12, 9h12, 14 h and 9:12.
func timeOfDay(s string, tokens []text.Token) (clock string, n int) {
	isNumber := func(k int) bool { return k < len(tokens) && tokens[k].Class == text.Number && len(tokens[k].Fold) <= 2 }
	switch {
	case !isNumber(0):
		return "", 0
	case isNumber(1) && s[tokens[0].End:tokens[1].Start] == ":":
		return clockOf(tokens[0].Fold, tokens[1].Fold), 2
	case len(tokens) < 2 || tokens[1].Fold != "h":
		return "", 0
	case isNumber(2) && strings.TrimLeft(s[tokens[1].End:tokens[2].Start], " \u00a0\u202f") == "":
		return clockOf(tokens[0].Fold, tokens[2].Fold), 3
	}
	return clockOf(tokens[0].Fold, "00"), 2
}

func clockOf(hour, minute string) string {
	return strings.TrimLeft(hour, "0") + ":" + strings.Repeat("0", 2-len(minute)) + minute
}

// besideNumber says whether a figure stands right before or after a token.
func besideNumber(tokens []text.Token, i int) bool {
	return i > 0 && tokens[i-1].Class == text.Number || i+1 < len(tokens) && tokens[i+1].Class == text.Number
}

var months = map[string]int{
	"janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
	"juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
	"july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}
