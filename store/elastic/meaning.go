package elastic

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// What a refusal for good means, and what to do before it is sent again.
var (
	deadOfMissingField = say.Text{
		EN: "the index %s lacks a field that ouidire writes. Start ouidire again: it adds what is missing. Then send this again.",
		FR: "il manque à l’index %s un champ qu’ouidire écrit. Redémarrez ouidire\u00a0: il ajoute ce qui manque. Puis renvoyez-la.",
	}
	deadOfOtherField = say.Text{
		EN: "in the index %s a field is of another kind than ouidire gives it: somebody else made that index, or changed it. Have it put right, then send this again.",
		FR: "dans l’index %s, un champ n’est pas du genre qu’ouidire lui donne\u00a0: quelqu’un d’autre a créé cet index, ou l’a modifié. Faites-le corriger, puis renvoyez-la.",
	}
	deadOfSettings = say.Text{
		EN: "the index %s does not take it as that index is set; its own words say what stands in the way. Change that, then send this again.",
		FR: "l’index %s n’en veut pas, tel qu’il est réglé; ses propres mots disent ce qui s’y oppose. Changez cela, puis renvoyez-la.",
	}
	deadOfSize = say.Text{
		EN: "it is larger than Elasticsearch takes in one request. Raise http.max_content_length there, then send this again.",
		FR: "elle est plus grande que ce qu’Elasticsearch accepte en une requête. Augmentez-y http.max_content_length, puis renvoyez-la.",
	}
	deadUnread = say.Text{
		EN: "what is kept of it already cannot be read by this version of ouidire. If another machine runs a newer one, install that here too, then send this again.",
		FR: "ce qui en est déjà conservé est illisible pour cette version d’ouidire. Si une autre machine en a une plus récente, installez-la ici aussi, puis renvoyez-la.",
	}
)

// meanings are what Elasticsearch calls its refusals, and what we say of them.
var meanings = map[string]say.Text{
	"strict_dynamic_mapping_exception": deadOfMissingField,
	"document_parsing_exception":       deadOfOtherField,
	"mapper_parsing_exception":         deadOfOtherField,
	"input_coercion_exception":         deadOfOtherField,
	"x_content_parse_exception":        deadOfOtherField,
	"parsing_exception":                deadOfOtherField,
	tooLarge:                           deadOfSize,
	unread:                             deadUnread,
}

// What Elasticsearch itself has no name for.
const (
	tooLarge = "too_large"
	unread   = "unread"
)

// sortOf is what a refusal is called.
func sortOf(why error) string {
	r := (*refused)(nil)
	switch {
	case status(why) == http.StatusRequestEntityTooLarge:
		return tooLarge
	case errors.As(why, &r):
		return r.Type
	}
	return unread
}

// meaning says in words for people what happened and what to do.
func (o obituary) meaning() error {
	text, known := meanings[o.sort]
	if !known {
		text = deadOfSettings
	}
	if !strings.Contains(text.EN, "%s") {
		return say.Errorf(text)
	}
	return say.Errorf(text, o.place)
}
