package story

import (
	"strconv"

	"github.com/ouidire/ouidire/internal/text"
)

// inLetters are the numbers that newsrooms spell out.
var inLetters = map[string]int{
	"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
	"onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20,
	"trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "cents": 100, "mille": 1000,
	"two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
	"seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
	"fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
}

// spelt reads the number in letters that some tokens begin with, and how many they
// are: "quatorze", "quatre-vingt-dix-sept", "two hundred and five". One alone is an
// article more often than a figure.
func spelt(s string, tokens []text.Token) (value string, n int) {
	total, current := 0, 0
	for n < len(tokens) {
		step, v := 1, valueOf(tokens[n])
		switch joins := n > 0 && together(s, tokens[n-1], tokens[n]); {
		case n > 0 && !joins:
			v = 0
		case joins && n+1 < len(tokens) && links(current, tokens[n].Fold, tokens[n+1].Fold) && together(s, tokens[n], tokens[n+1]):
			step, v = 2, valueOf(tokens[n+1])
			if isOne(tokens[n+1].Fold) {
				v = 1
			}
		case joins && isOne(tokens[n].Fold) && s[tokens[n].Start-1] == '-':
			v = 1
		}
		next, carried, ok := compose(current, v)
		if !ok {
			break
		}
		current, total, n = next, total+carried, n+step
	}
	if n == 0 {
		return "", 0
	}
	return strconv.Itoa(total + current), n
}

func valueOf(t text.Token) int {
	if t.Class != text.Plain {
		return 0
	}
	return inLetters[t.Fold]
}

// compose adds a word of a value to what was read of a number below a thousand;
// carried is what is complete. ok is false when the word begins another number.
func compose(current, v int) (next, carried int, ok bool) {
	last := current % 100
	switch {
	case v == 0:
		return 0, 0, false
	case v == 1000:
		return 0, 1000 * max(1, current), true
	case v == 100:
		return 100 * max(1, current), 0, current < 10
	case v == 20 && last == 4: // quatre-vingts
		return current + 76, 0, true
	case last == 0:
		return current + v, 0, true
	case last >= 20 && last%10 == 0 && v < 10, (last == 60 || last == 80) && v < 20, last == 10 && v >= 7 && v < 10, // dix-sept
		(last == 70 || last == 90) && v >= 7 && v < 10: // soixante-dix-sept
		return current + v, 0, true
	}
	return 0, 0, false
}

// together says whether two words may belong to one number: a hyphen or a space
// stands between them.
func together(s string, a, b text.Token) bool {
	switch s[a.End:b.Start] {
	case "-", " ", "\u00a0", "\u2011":
		return true
	}
	return false
}

// links says whether a word stands between the parts of a number: soixante et onze,
// two hundred and five.
func links(current int, word, next string) bool {
	switch word {
	case "et":
		return isOne(next) || next == "onze"
	case "and":
		return current >= 100 && current%100 == 0
	}
	return false
}

func isOne(word string) bool { return word == "un" || word == "une" || word == "one" }
