package config

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes a file that only its owner reads, whole or not at all, and durably:
// whoever reads it meanwhile, or after a crash, finds the old one or the new one.
func Replace(path string, body []byte) error {
	dir, name := filepath.Dir(path), filepath.Base(path)
	leftovers, _ := filepath.Glob(filepath.Join(dir, "."+name+".*.part")) // of a crash; a pattern of ours cannot be wrong
	for _, part := range leftovers {
		_ = os.Remove(part) // one that cannot go harms nobody
	}
	f, err := os.CreateTemp(dir, "."+name+".*.part") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(dir)
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
