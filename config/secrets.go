package config

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// secretsDir is the folder of the secrets that were typed on the page.
func secretsDir(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + ".secrets"
}

// secrets writes what was typed on the page into files of their own, which the
// page's file names by file:. Each has a name of its own, so that the file before
// still finds its own.
type secrets struct {
	dir  string
	made []string
}

// keeper keeps the secrets of one entry.
func (s *secrets) keeper(entry string) func(key, text string) (value, error) {
	return func(key, text string) (value, error) {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return value{}, unwritten(s.dir, err)
		}
		name := entry + "-" + Slug(key) + "-" + strings.ToLower(rand.Text()[:8])
		path := filepath.Join(s.dir, name)
		if err := Replace(path, []byte(text+"\n")); err != nil {
			return value{}, unwritten(path, err)
		}
		s.made = append(s.made, path)
		return value{text: "file:" + filepath.Base(s.dir) + "/" + name}, nil
	}
}

// undo removes what was written for an edit that failed.
func (s *secrets) undo() error {
	var errs []error
	for _, path := range s.made {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}

// sweep removes the secrets that none of the drafts names. One that stays harms
// nobody: the next sweep finds it.
func (s *secrets) sweep(drafts ...draft) {
	named := map[string]bool{}
	for _, d := range drafts {
		value{group: d}.secretsNamed(filepath.Base(s.dir)+"/", named)
	}
	files, _ := os.ReadDir(s.dir) // no folder, no secret
	for _, f := range files {
		if !named[f.Name()] {
			_ = os.Remove(filepath.Join(s.dir, f.Name()))
		}
	}
}

func (v value) secretsNamed(dir string, named map[string]bool) {
	if name, ok := strings.CutPrefix(v.text, "file:"+dir); ok {
		named[name] = true
	}
	for _, item := range v.list {
		item.secretsNamed(dir, named)
	}
	for _, s := range v.group {
		s.value.secretsNamed(dir, named)
	}
}
