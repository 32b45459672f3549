package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ouidire/ouidire/internal/text"
	"golang.org/x/text/unicode/norm"
)

// folds is the folded forms of s, a label before its first word.
func folds(s string) []string {
	var out []string
	for _, t := range text.Tokens(s) {
		if t.Label != "" {
			out = append(out, t.Label)
		}
		out = append(out, t.Fold)
	}
	return out
}

func TestWhatPeopleWriteIsCutIntoTheWordsTheyMean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "  \t\u00a0 \u200b — « »", ""},
		{"French", "La Caisse Valtisse augmente ses frais", "la caisse valtisse augmente ses frais"},
		{"elision, straight", "l'épargne et d'Épargne", "epargne et epargne"},
		{"elision, typographic", "L’ÉPARGNE, qu’on aime; lorsqu’elle, jusqu’à", "epargne on aime elle a"},
		{"elision, stacked", "c'est d'l'argent", "est argent"},
		{"elision before a quotation", "dans l’« Écho des Moyacs »", "dans echo des moyacs"},
		{"elision before a tag", "d'#épargne, l’@echo", "#epargne epargne @echo echo"},
		{"an apostrophe that elides nothing", "aujourd’hui, presqu'île, don't, Valtisse's", "aujourd hui presqu ile don t valtisse s"},
		{"a lone letter", "plan 'l' de J.", "plan l de j"},
		{"hyphens", "Anse-aux-Moyacs, Brûlis-d'en-Haut", "anse aux moyacs brulis en haut"},
		{"underscores", "caisse_valtisse _ici_", "caisse valtisse ici"},
		{"ligatures", "cœur, Œuvre, ex æquo, Straße, ﬁn", "coeur oeuvre ex aequo strasse fin"},
		{"accents that do not hang together", "e\u0301pargne ga\u0302te\u0301e", "epargne gatee"},
		{"hidden characters", "Val\u200btis\u00adse \ufeffCaisse\u2060", "valtisse caisse"},
		{"letters in disguise", "Ｖａｌｔｉｓｓｅ 𝐕𝐚𝐥𝐭𝐢𝐬𝐬𝐞 Ⓥⓐⓛⓣⓘⓢⓢⓔ", "valtisse valtisse valtisse"},
		{"a mark of trade", "Valtisse™ Valtisse®", "valtisse valtisse"},
		{"stacked accents", "v\u0300\u0301\u0302\u0303altisse", "valtisse"},
		{"tags", "#Fraude #caisse_valtisse ＃été", "#fraude fraude #caisse_valtisse caisse valtisse #ete ete"},
		{"no tags", "#1 C# &#39; a#b", "1 c 39 a b"},
		{"a tag ends where it ends", "#fraude-caisse #fraude, #Été2026!", "#fraude fraude caisse #fraude fraude #ete2026 ete2026"},
		{"handles", "@Valtisse: @echo.moyacs, @caisse-valtisse.example.", "@valtisse valtisse @echo.moyacs echo moyacs @caisse-valtisse.example caisse valtisse example"},
		{"no handle", "info@valtisse.example @ 5 @.", "info valtisse example 5"},
		{"thousands", "1 200 $, 1\u00a0200, 1\u202f200, 1,200 et 12 345 678", "1200 1200 1200 1200 et 12345678"},
		{"decimals", "3,5 % ou 3.5, 1 200,50 $ ou 1,200.50", "3.5 ou 3.5 1200.50 ou 1200.50"},
		{"no thousands", "en 2026 300 personnes, 12 3456, 5 200e", "en 2026 300 personnes 12 3456 5 200e"},
		{"numbers with letters", "COVID19 à 9 h 12, 15h30, 5G, 1er", "covid19 a 9 h 12 15h30 5g 1er"},
		{"digits in disguise", "１２ ① ½", "12 1 1⁄2"},
		{"an address", "voir https://www.Valtisse.example:8443/nouvelles/hausse-frais?utm=facebook#haut.", "voir valtisse example nouvelles hausse frais"},
		{"an address in brackets", "(http://valtisse.example/), www.nordelune.example!", "valtisse example nordelune example"},
		{"an escaped address", "https://valtisse.example/%C3%A9pargne/taux", "valtisse example taux"},
		{"no address", "http:// www. https", "http www https"},
		{"emoji", "Bravo👏🏽👏 ❤️!", "bravo 👏 👏 ❤"},
		{"joined emoji", "👩‍💻🇫🇷🇨🇦👍", "👩💻 🇫🇷 🇨🇦 👍"},
		{"han and kana", "日本のカイ", "日 本 の カ イ"},
		{"hangul and arabic", "한국어 مصرف", "한국어 مصرف"},
		{"not UTF-8", "caisse\xff\xfevaltisse\xc3", "caisse valtisse"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.Fields(tt.want)
			for _, in := range []string{tt.in, norm.NFC.String(tt.in), norm.NFD.String(tt.in)} {
				if diff := cmp.Diff(want, folds(in)); diff != "" && !(len(want) == 0 && len(folds(in)) == 0) {
					t.Errorf("tokens of %q (-want +got):\n%s", in, diff)
				}
			}
		})
	}
}
