//go:build unix

package lock

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

// TestMain is also the other daemon: it takes the folder and waits to be killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("LOCK_TEST_FOLDER"); folder != "" {
		_, err := Take(folder)
		fmt.Println(err)
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		return
	}
	os.Exit(m.Run())
}

// startHolder starts another process that holds folder.
func startHolder(t *testing.T, folder string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOCK_TEST_FOLDER="+folder)
	if _, err := cmd.StdinPipe(); err != nil { // held open: it waits
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "<nil>\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return cmd
}

func TestASecondDaemonIsRefusedAndToldWhoHasTheFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "données")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	first := startHolder(t, folder)
	_, err := Take(folder)
	var spoken *say.Error
	if !errors.As(err, &spoken) {
		t.Fatalf("got %v, want a sentence for a person", err)
	}
	for _, l := range []say.Lang{say.English, say.FrenchCanada} {
		if text := spoken.In(l); !strings.Contains(text, strconv.Itoa(first.Process.Pid)) || !strings.Contains(text, folder) {
			t.Errorf("%s: %q names neither process %d nor the folder", l, text, first.Process.Pid)
		}
	}
}

func TestAKilledDaemonLeavesNoLockBehind(t *testing.T) {
	folder := t.TempDir()
	first := startHolder(t, folder)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	l, err := Take(folder)
	if err != nil {
		t.Fatalf("after kill -9: %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(text) != strconv.Itoa(os.Getpid())+"\n" {
		t.Errorf("the file says %q, %v, want our process %d", text, err, os.Getpid())
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderGivenBackCanBeTakenAgain(t *testing.T) {
	folder := t.TempDir()
	for range 3 {
		l, err := Take(folder)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Take(folder); err == nil {
			t.Error("the folder was taken twice")
		}
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v, want mode 600", info, err)
	}
}

func TestAHolderThatHasNotSignedYetIsRefusedWithoutANumber(t *testing.T) {
	folder := t.TempDir()
	l, err := Take(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if err := l.file.Truncate(0); err != nil {
		t.Fatal(err)
	}
	_, err = Take(folder)
	if !errors.Is(err, ErrTaken) || !strings.Contains(say.Explain(err, say.FrenchCanada), "numéro encore inconnu") {
		t.Errorf("got %v, want a sentence that the number is not known", err)
	}
}

func TestAFolderThatDoesNotExistIsAnError(t *testing.T) {
	if _, err := Take(filepath.Join(t.TempDir(), "nulle part")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
}
