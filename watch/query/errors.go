package query

import "github.com/ouidire/ouidire/internal/say"

// Error is what is wrong with a query, where, and how to put it right. It speaks
// both languages (say.Explain).
type Error struct {
	Column int // in characters, from 1
	said   *say.Error
}

func (e *Error) Error() string { return e.said.Error() }

// In is the sentence in l, with its column.
func (e *Error) In(l say.Lang) string { return e.said.In(l) }

var atColumn = say.Text{EN: "column %d: %s", FR: "colonne %d\u00a0: %s"}

func fail(column int, t say.Text, args ...any) *Error {
	return &Error{Column: column, said: say.Errorf(atColumn, column, say.Errorf(t, args...))}
}

// What can be wrong. Every sentence proposes a repair.
var (
	errEmpty = say.Text{
		EN: "the query has no word; write what to look for, for example: Valtisse",
		FR: "la recherche ne contient aucun mot. Écrivez ce que vous cherchez, par exemple\u00a0: Valtisse"}
	errTooLong = say.Text{
		EN: "the query is longer than %d characters; make two of it",
		FR: "la recherche dépasse %d caractères. Faites-en deux"}
	errTooMany = say.Text{
		EN: "the query has more than %d words and alternatives; make two of it",
		FR: "la recherche compte plus de %d mots et choix. Faites-en deux"}
	errTooDeep = say.Text{
		EN: "parentheses and operators are nested more than %d deep; remove some",
		FR: "les parenthèses et les opérateurs s’emboîtent sur plus de %d niveaux. Enlevez-en"}
	errOpenQuote = say.Text{
		EN: "the quotation mark opened here is never closed; close it after the last word: %s",
		FR: "le guillemet ouvert ici n’est jamais fermé. Fermez-le après le dernier mot\u00a0: %s"}
	errStrayQuote = say.Text{
		EN: "this quotation mark closes nothing; remove it, or open one before the first word",
		FR: "ce guillemet ne ferme rien. Enlevez-le ou ouvrez-en un avant le premier mot"}
	errEmptyPhrase = say.Text{
		EN: "there is no word between these quotation marks; write one or remove them",
		FR: "il n’y a aucun mot entre ces guillemets. Écrivez-en un ou enlevez-les"}
	errOpenGroup = say.Text{
		EN: "the parenthesis opened here is never closed; add ) where the group ends",
		FR: "la parenthèse ouverte ici n’est jamais fermée. Ajoutez ) là où le groupe se termine"}
	errStrayGroup = say.Text{
		EN: "this parenthesis closes nothing; remove it, or add ( where the group begins",
		FR: "cette parenthèse ne ferme rien. Enlevez-la ou ajoutez ( là où le groupe commence"}
	errEmptyGroup = say.Text{
		EN: "there is nothing in these parentheses; write a word or remove them",
		FR: "il n’y a rien entre ces parenthèses. Écrivez un mot ou enlevez-les"}
	errNoLeft = say.Text{
		EN: "%[1]s has nothing on its left; write a word there, or put %[1]s in quotation marks to look for the word itself",
		FR: "il n’y a rien à gauche de %[1]s. Écrivez-y un mot, ou mettez %[1]s entre guillemets pour chercher le mot lui-même"}
	errNoRight = say.Text{
		EN: "%[1]s has nothing on its right; write a word there, or put %[1]s in quotation marks to look for the word itself",
		FR: "il n’y a rien à droite de %[1]s. Écrivez-y un mot, ou mettez %[1]s entre guillemets pour chercher le mot lui-même"}
	errNearNumber = say.Text{
		EN: "%[1]s takes a number of words from 0 to %[2]d; write for example: %[1]s/5",
		FR: "%[1]s demande un nombre de mots de 0 à %[2]d. Écrivez par exemple\u00a0: %[1]s/5"}
	errNearWhat = say.Text{
		EN: "%s stands between words or phrases, or words joined by OR in parentheses; for example: frais NEAR/5 (caisse OR banque)",
		FR: "%s se place entre des mots ou des expressions, ou des mots joints par OU entre parenthèses. Par exemple\u00a0: frais PROCHE/5 (caisse OU banque)"}
	errNearScope = say.Text{
		EN: "both sides of %s must be looked for in the same place; write for example: title:(frais NEAR/5 caisse)",
		FR: "les deux côtés de %s doivent être cherchés au même endroit. Écrivez par exemple\u00a0: titre:(frais PROCHE/5 caisse)"}
	errUnknownField = say.Text{
		EN: "there is no field %s:; did you mean %s:? To look for the words themselves, put them in quotation marks",
		FR: "le champ %s: n’existe pas, c’est peut-être %s: que vous vouliez. Pour chercher les mots eux-mêmes, mettez-les entre guillemets"}
	errNoValue = say.Text{
		EN: "%[1]s: has nothing after it; write for example: %[2]s",
		FR: "il n’y a rien après %[1]s:. Écrivez par exemple\u00a0: %[2]s"}
	errValue = say.Text{
		EN: "%[1]s: does not know “%[2]s”; write one of: %[3]s",
		FR: "%[1]s: ne connaît pas «\u00a0%[2]s\u00a0». Écrivez l’un de ceux-ci\u00a0: %[3]s"}
	errSite = say.Text{
		EN: "site: takes the name of a site without its pages; write for example: %s",
		FR: "site: demande le nom d’un site, sans ses pages. Écrivez par exemple\u00a0: %s"}
	errStar = say.Text{
		EN: "a * stands only at the end of a word, after two letters or more; write for example: épargn*",
		FR: "une * se place seulement à la fin d’un mot, après deux lettres ou plus. Écrivez par exemple\u00a0: épargn*"}
	errOnlyNot = say.Text{
		EN: "this only says what to leave out and would match everything else; add what you look for, for example: Valtisse %s",
		FR: "ceci dit seulement ce qu’il faut écarter et retiendrait tout le reste. Ajoutez ce que vous cherchez, par exemple\u00a0: Valtisse %s"}
	errNotInOr = say.Text{
		EN: "this alternative of OR only says what to leave out and would match everything else; add to it what you look for, for example: (Valtisse %s)",
		FR: "ce choix de OU dit seulement ce qu’il faut écarter et retiendrait tout le reste. Ajoutez-y ce que vous cherchez, par exemple\u00a0: (Valtisse %s)"}
)
