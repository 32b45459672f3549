package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"

	engine "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/ouidire/ouidire/internal/say"
)

var errDamaged = errors.New("the file is damaged")

var (
	textFull = say.Text{
		EN: "the disk that holds %[1]s is full: free some space; ouidire goes on by itself, start it again if it has stopped (%[2]v)",
		FR: "le disque où se trouve %[1]s est plein\u00a0: libérez de l’espace; ouidire reprendra de lui-même, relancez-le s’il s’est arrêté (%[2]v)",
	}
	textReadOnly = say.Text{
		EN: "%[1]s cannot be written: give the account that runs ouidire the right to write to the folder %[2]s (%[3]v)",
		FR: "impossible d’écrire dans %[1]s\u00a0: donnez au compte qui exécute ouidire le droit d’écrire dans le dossier %[2]s (%[3]v)",
	}
	textNoFolder = say.Text{
		EN: "the folder %[2]s does not exist, or %[1]s cannot be opened in it: create the folder, or correct its name in the configuration (%[3]v)",
		FR: "le dossier %[2]s n’existe pas, ou %[1]s ne peut pas y être ouvert\u00a0: créez le dossier, ou corrigez son nom dans la configuration (%[3]v)",
	}
	textDamaged = say.Text{
		EN: "%[1]s is damaged or is not a database of ouidire: put the file aside and restore the latest backup, “ouidire restore” (%[2]v)",
		FR: "%[1]s est endommagé ou n’est pas une base de données d’ouidire\u00a0: mettez ce fichier de côté et restaurez la dernière copie de sauvegarde, «\u00a0ouidire restore\u00a0» (%[2]v)",
	}
	textLocked = say.Text{
		EN: "another program is using %[1]s: close it, then try again (%[2]v)",
		FR: "un autre programme utilise %[1]s\u00a0: fermez-le, puis réessayez (%[2]v)",
	}
	textUnsafe = say.Text{
		EN: "%[1]s cannot be kept safely where it is: put the data folder on a local disk, not on a network share (%[2]v)",
		FR: "%[1]s ne peut pas être conservé de façon sûre à cet endroit\u00a0: placez le dossier de données sur un disque local et non sur un partage réseau (%[2]v)",
	}
	textDisk = say.Text{
		EN: "the disk that holds %[1]s failed to read or write: check the disk, and make a backup before anything else (%[2]v)",
		FR: "le disque où se trouve %[1]s ne se lit ou ne s’écrit plus bien\u00a0: vérifiez-le, et faites d’abord une copie de sauvegarde (%[2]v)",
	}
)

// Explain says what to do about an error of another file or folder of ours, in the
// words that errors of a DB have.
func Explain(path string, err error) error { return explain(path, err) }

// explain says what to do about an error of a file. What is not about the file
// stays as it is, and so does what was explained before.
func explain(path string, err error) error {
	var spoken *say.Error
	if err == nil || errors.As(err, &spoken) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	folder := filepath.Dir(path)
	switch trouble(err) {
	case full:
		return say.Errorf(textFull, path, err)
	case readOnly:
		return say.Errorf(textReadOnly, path, folder, err)
	case noFolder:
		return say.Errorf(textNoFolder, path, folder, err)
	case damaged:
		return say.Errorf(textDamaged, path, err)
	case locked:
		return say.Errorf(textLocked, path, err)
	case unsafePlace:
		return say.Errorf(textUnsafe, path, err)
	case disk:
		return say.Errorf(textDisk, path, err)
	}
	return err
}

// kind is what is wrong with a file, as far as a person can mend it.
type kind int

const (
	other kind = iota
	full
	readOnly
	noFolder
	damaged
	locked
	unsafePlace
	disk
)

func trouble(err error) kind {
	var refused *notInForce
	var sqlite *engine.Error
	switch {
	case errors.As(err, &refused):
		return unsafePlace
	case errors.Is(err, errDamaged):
		return damaged
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return full
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return readOnly
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return noFolder
	case errors.As(err, &sqlite):
		return troubles[sqlite.Code()&0xff]
	}
	return other
}

// troubles is by primary result code.
var troubles = map[int]kind{
	lib.SQLITE_FULL:     full,
	lib.SQLITE_READONLY: readOnly,
	lib.SQLITE_PERM:     readOnly,
	lib.SQLITE_CANTOPEN: noFolder,
	lib.SQLITE_CORRUPT:  damaged,
	lib.SQLITE_NOTADB:   damaged,
	lib.SQLITE_BUSY:     locked,
	lib.SQLITE_LOCKED:   locked,
	lib.SQLITE_PROTOCOL: locked,
	lib.SQLITE_IOERR:    disk,
	lib.SQLITE_NOLFS:    disk,
}
