//go:build !linux

package sqlite

// local believes the folder: only Linux tells what lies below it in a way we know.
func local(string) error { return nil }
