package language

import "strings"

// functionWords are small words that French or English has and the languages of
// data/ have not, spelt as people type them. A word that both have ("me", "on",
// "or", "son") is left to the model.
var functionWords = wordTable(map[Lang]string{
	French: `je j'ai j'en j't'ai jsuis chu nous vous votre vos notre c'est c'était cette ces cest ça sa est pas dans avec pour
		sans sous chez mais où quand qu'on qu'il qu'elle qu'est parce être êtes suis sont étaient était été avoir avez ont
		fait aussi très trop rien jamais toujours encore aucun aucune personne quelqu'un pourquoi comment combien depuis
		pis faque ben ils elles eux leur leurs mes ses aux d'un d'une l'on n'est n'ai n'a s'est t'es y'a moi toi moé toé
		merci bonjour c'tait plus moins même peut veut peuvent faut faudrait devriez pouvez aujourd'hui beaucoup bcp pk`,
	English: `the and you your you're i'm i've i'd it's isn't is are was were been have has had what when where why how with
		without from this that these those they them their there we our us would should could don't doesn't didn't can't
		won't not never nothing nobody every anyone someone about after before because again still just very really much
		more than then thanks thank hello please my his her its who which will be but for im dont cant ive youre`,
})

func wordTable(lists map[Lang]string) map[string]Lang {
	table := map[string]Lang{}
	for lang, list := range lists {
		for word := range strings.FieldsSeq(list) {
			table[word] = lang
		}
	}
	return table
}
