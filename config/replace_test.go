package config

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// writerPath tells a second process of this binary which file to write for ever.
const writerPath = "OUIDIRE_TEST_WRITER"

// TestWriteForEver is the second process; by itself it has nothing to do.
func TestWriteForEver(t *testing.T) {
	path := os.Getenv(writerPath)
	if path == "" {
		return
	}
	for i := 0; ; i++ {
		if err := Replace(path, letters(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// letters is the i-th file: one letter, many times.
func letters(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, 300_000) }

func TestAWriterThatIsKilledLeavesTheOldFileOrTheNewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ouidire.page.yml")
	put(t, path, string(letters(0)), 0o600)
	parts := 0
	for range 15 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteForEver$")
		child.Env = append(os.Environ(), writerPath+"="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(150*time.Millisecond + rand.N(60*time.Millisecond))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(body, letters(int(body[0]-'a'))) {
			t.Fatalf("half a file: %d bytes, %q … %q", len(body), body[0], body[len(body)-1])
		}
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".ouidire.page.yml.*.part"))
		parts += len(left)
	}
	if err := Replace(path, letters(7)); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.part")); len(left) != 0 {
		t.Errorf("what a crash left stays: %v", left)
	}
	t.Logf("killed 15 times, %d of them between writing and renaming", parts)
}
