// Package archive carries a history from one installation to another: a tar of
// NDJSON that other programs can read too. Unlike a backup, which copies the
// databases as they are, it holds what they mean, so it moves between versions and
// between kinds of store.
//
// The tar begins with archive.json, then come the files of the set-up, then for each
// Part chunks of lines ("mentions/000001.ndjson"), and last end.json with how many
// lines there are. A chunk is whole or it is not there: that is what lets Write go on
// where it was stopped, and Read know what it has already taken. Read Write, then Read.
package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// Format is the version of the archive's own layout.
const Format = 1

const (
	headName = "archive.json"
	endName  = "end.json"
	setUp    = "set-up"

	// A chunk is closed at either bound, so that a line may be as long as it is.
	chunkLines = 1000
	chunkBytes = 4 << 20
	// mostMember bounds what is read into memory at once, whoever wrote the archive.
	mostMember = 64 << 20
)

// Part is one kind of thing that an archive holds.
type Part interface {
	// Each gives each thing that comes after last, the line it gave last ("" for the
	// beginning), in an order that stays while others are added.
	Each(ctx context.Context, last string, f func(line []byte) error) error
	// Take keeps what these lines hold. What is kept already stays as it is. It
	// returns how many lines hold nothing that could be kept.
	Take(ctx context.Context, lines [][]byte) (unfit int, err error)
	// Count is how many there are, to tell how long it will take.
	Count(ctx context.Context) (int, error)
}

// Named is a part by the name of its folder in the archive. The order of parts
// matters where one refers to another.
type Named struct {
	Name string
	Part
}

// Head says what an archive is. ID is its own, so that an import that was stopped
// is recognised.
type Head struct {
	Format       int       `json:"schema_version"`
	ID           string    `json:"id"`
	Version      string    `json:"ouidire_version"`
	MadeAt       time.Time `json:"made_at"`
	Organisation string    `json:"organisation"`
	Of           string    `json:"of"` // tells one data folder from another, and nothing about it
}

// File is a file of the set-up.
type File struct {
	Name string // without folder
	Body []byte
}

// end closes an archive.
type end struct {
	Lines map[string]int `json:"lines"`
}

// Progress is told how far one is, in units of its own.
type Progress func(done, of int)

func member(part string, n int) string { return fmt.Sprintf("%s/%06d.ndjson", part, n) }

// partOf is the part that a member belongs to, "" for one that is no chunk.
func partOf(name string) string {
	folder, file := path.Split(path.Clean(name))
	if folder = strings.TrimSuffix(folder, "/"); folder == setUp || !strings.HasSuffix(file, ".ndjson") {
		return ""
	}
	return folder
}

func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}
