// Package config reads ouidire.yml: strictly, and every mistake at once, each with
// its line, its column and a value that would work, in the reader's language.
// It knows the sections and what all entries share; what a kind of source, rule,
// channel or store needs is in the kind's own Config, handed in by Kinds.
//
// The struct tags are the one truth: yaml names a setting, doc (fr and france in
// French) and example explain it, required, enum, min and max bound it, restart says
// when a change counts. The reader (read.go) walks the file along them, Schema writes
// them down for editors, and Form asks for them on a page.
//
// What people set on the page lies in a file of its own over ouidire.yml (Page); a
// Desk is where it is changed.
//
// Read File first, then Parse. A file with every setting takes about 1 ms and
// 270 kB of garbage (BenchmarkParse, one core of a busy machine); whatever stands in
// a file, up to 1 MB, a second or so.
package config
