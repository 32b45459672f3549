//go:build unix

// Package lock keeps a data folder to one daemon. The lock is the kernel's: it
// ends with the process however that ends, so none is ever left behind.
package lock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/ouidire/ouidire/internal/say"
)

// name is the file in the data folder. It stays when the lock is given back:
// whoever waits for it must find the same file.
const name = "lock"

var (
	textTaken = say.Text{
		EN: "ouidire already runs on the data folder %[1]s (process %[2]s): stop that one first, or give this one another folder",
		FR: "ouidire utilise déjà le dossier de données %[1]s (processus %[2]s)\u00a0: arrêtez-le d’abord, ou donnez un autre dossier à celui-ci",
	}
	textUnknown = say.Text{EN: "number not known yet", FR: "numéro encore inconnu"}
)

// ErrTaken is what Take says of a folder that another process has.
var ErrTaken = errors.New("the folder is taken")

// Lock is a folder that is ours until Release or the end of the process.
type Lock struct{ file *os.File }

// Take takes the folder, which must exist, or says which process has it (ErrTaken).
func Take(folder string) (*Lock, error) {
	path := filepath.Join(folder, name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = flock(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		taken := say.Errorf(textTaken, folder, holder(file))
		taken.Err = ErrTaken
		return nil, taken
	}
	if err == nil {
		err = sign(file)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, errors.Join(err, file.Close()))
	}
	return &Lock{file}, nil
}

// flock asks again when a signal interrupts it.
func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder is the process that signed; it may have taken the lock just now and not signed yet.
func holder(file *os.File) any {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	pid := strings.TrimSpace(string(text))
	if _, bad := strconv.Atoi(pid); err != nil || bad != nil {
		return textUnknown
	}
	return pid
}

// Release gives the folder back.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
