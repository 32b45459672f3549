package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// PageFile is one of the files that the page writes, as a backup carries it: its
// path from the folder of ouidire.yml, with slashes.
type PageFile struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

// maxCarried bounds what a backup carries of these files.
const maxCarried = 2 << 20

// PageFiles are what people set on the page and the secrets that it names, none when
// nothing was set.
func PageFiles(path string) ([]PageFile, error) {
	body, _, err := read(PagePath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files, size := []PageFile{{filepath.Base(PagePath(path)), body}}, len(body)
	dir := secretsDir(path)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the secrets of the page: %w", err)
	}
	for _, e := range entries {
		secret, err := readSecret(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the secrets of the page: %w", err)
		}
		files = append(files, PageFile{filepath.Base(dir) + "/" + e.Name(), []byte(secret + "\n")})
		size += len(secret)
	}
	if size > maxCarried {
		return nil, say.Errorf(say.Text{EN: "what was set on the page is larger than 2 MB: look into %s", FR: "ce qui a été réglé dans la page dépasse 2\u00a0Mo\u00a0: regardez dans %s"}, dir)
	}
	return files, nil
}

// PutPageFiles puts them beside the ouidire.yml at path, unless something was set on
// the page there: then nothing is written, and put is false.
func PutPageFiles(path string, files []PageFile) (put bool, err error) {
	if len(files) == 0 {
		return false, nil
	}
	if _, err := os.Lstat(PagePath(path)); err == nil {
		return false, nil
	}
	folder := filepath.Dir(path)
	for i := len(files) - 1; i >= 0; i-- { // the page's file is first, and comes last: it names the others
		to := PagePath(path)
		if i > 0 {
			dir, name, ok := strings.Cut(files[i].Name, "/")
			if !ok || !plainName(strings.TrimSuffix(dir, ".secrets")) || !strings.HasSuffix(dir, ".secrets") || !plainName(name) {
				return false, fmt.Errorf("the backup names the file %q, which the page does not write", files[i].Name)
			}
			if err := os.MkdirAll(filepath.Join(folder, dir), 0o700); err != nil {
				return false, err
			}
			to = filepath.Join(folder, dir, name)
		}
		if err := Replace(to, files[i].Content); err != nil {
			return false, unwritten(to, err)
		}
	}
	return true, nil
}

// plainName says whether a name leads nowhere else.
func plainName(s string) bool {
	return s != "" && s[0] != '.' && !strings.ContainsAny(s, `/\`+"\x00")
}
