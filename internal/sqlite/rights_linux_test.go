package sqlite

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestAFolderOneMayNotWriteToSaysWhatToDo works for root too: files are opened
// with the rights of somebody else, on a thread that ends with the goroutine.
func TestAFolderOneMayNotWriteToSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.db")
	for p := dir; p != os.TempDir() && p != "/"; p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
	}
	answer := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: nobody gets this thread after us
		if os.Geteuid() == 0 {
			if err := syscall.Setfsuid(65534); err != nil {
				answer <- err
				return
			}
		}
		_, err := Open(t.Context(), path, Options{Migrations: notes})
		answer <- err
	}()
	wantSentence(t, <-answer, textReadOnly)
}
