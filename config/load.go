package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/ouidire/ouidire/internal/say"
)

// Name is what the file is called when nobody says otherwise.
const Name = "ouidire.yml"

// Find says which file is meant: the one that flag names, else ouidire.yml in the
// current folder, else the one in the person's configuration folder (XDG). found
// is false when there is none at path, the place where one would be made.
func Find(flag string) (path string, found bool, err error) {
	places := []string{flag}
	if flag == "" {
		places = []string{Name}
		if home, err := os.UserConfigDir(); err == nil {
			places = append(places, filepath.Join(home, "ouidire", Name))
		}
	}
	for _, path := range places {
		_, err := os.Stat(path)
		if err == nil {
			return path, true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return path, false, say.Errorf(say.Text{EN: "the configuration %s cannot be reached: %v", FR: "impossible d’accéder à la configuration %s\u00a0: %v"}, path, err)
		}
	}
	return places[0], false, nil
}

// Load reads the file at path, and what was set on the page, which lies beside it
// (PagePath), with the environment of the process. Its error is *Problems when
// one of them says something wrong.
func Load(path string, kinds Kinds) (*File, error) {
	body, shared, err := read(path)
	if err != nil {
		return nil, err
	}
	over, sharedToo, err := read(PagePath(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := ParseBoth(path, body, over, os.LookupEnv, kinds)
	if err == nil {
		file.Warnings.List = slices.DeleteFunc(file.Warnings.List, func(m Mistake) bool {
			return m.Code == "secret_in_file" && (m.File == "" && !shared || m.File != "" && !sharedToo)
		})
	}
	return file, err
}

// read reads a whole configuration; shared says whether other accounts of the
// machine may read it too.
func read(path string) (body []byte, shared bool, err error) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close() // only read: nothing is lost
		body, err = io.ReadAll(io.LimitReader(f, maxSize+1))
		if info, bad := f.Stat(); bad == nil {
			shared = info.Mode().Perm()&0o044 != 0
		}
	}
	if err != nil {
		return nil, false, say.Errorf(say.Text{EN: "the configuration %s cannot be read: %v", FR: "impossible de lire la configuration %s\u00a0: %v"}, path, err)
	}
	return body, shared, nil
}

// Parse reads a file's bytes. name is what messages call it, and its folder is
// where the paths in it begin; env is the environment. The error is *Problems,
// with everything that is wrong; the file is nil then.
func Parse(name string, body []byte, env func(string) (string, bool), kinds Kinds) (*File, error) {
	return ParseBoth(name, body, nil, env, kinds)
}

// ParseBoth is Parse of a file with what was set on the page laid over it (see
// Page); over is empty when nothing was.
func ParseBoth(name string, body, over []byte, env func(string) (string, bool), kinds Kinds) (*File, error) {
	r, root, err := open(name, body, env, kinds)
	if err != nil {
		return nil, err
	}
	if root, err = r.cover(root, body, over); err != nil {
		return nil, err
	}
	f := defaults()
	f.Path = name
	r.value(root, reflect.ValueOf(f).Elem(), where{})
	f.complete()
	r.check(f)
	if err := r.verdict(); err != nil {
		return nil, err
	}
	f.Warnings = &Problems{File: name, List: inOrder(r.local(r.warned))}
	return f, nil
}

// ParseEntry reads one entry that stands alone, as a kind's example.yml does. T
// says of which section. Names of other entries are not looked up.
func ParseEntry[T Source | Rule | Channel | Store](name string, body []byte, env func(string) (string, bool), kinds Kinds) (*T, error) {
	r, root, err := open(name, body, env, kinds)
	if err != nil {
		return nil, err
	}
	entry := new(T)
	r.value(root, reflect.ValueOf(entry).Elem(), where{})
	r.ownKinds()
	if err := r.verdict(); err != nil {
		return nil, err
	}
	return entry, nil
}

// open makes ready to read a file.
func open(name string, body []byte, env func(string) (string, bool), kinds Kinds) (*reader, ast.Node, error) {
	root, bad := tree(body, 0)
	if bad == nil && root == nil {
		bad = mistake(0, 0, "empty", says(say.Text{EN: "the file is empty", FR: "le fichier est vide"}),
			says(say.Text{EN: "ouidire init writes a first one for you", FR: "ouidire init en écrit un premier pour vous"}))
	}
	if bad != nil {
		return nil, nil, &Problems{File: name, List: []Mistake{*bad}}
	}
	r := &reader{
		file: name, dir: filepath.Dir(name), env: env, kinds: kinds, steps: 2*len(body) + spareSteps,
		anchors: map[string]ast.Node{}, spots: map[string]spot{},
		wrong: map[string]bool{}, literal: map[string]bool{}, whos: map[string]phrase{},
	}
	ast.Walk(r, root)
	return r, root, nil
}

// verdict is everything that was found, nil when nothing was.
func (r *reader) verdict() error {
	if len(r.found) == 0 {
		return nil
	}
	list := inOrder(r.local(r.found))
	if r.full() {
		list = append(list, *mistake(0, 0, "too_many", says(say.Text{EN: "there are more mistakes than these", FR: "il y a d’autres erreurs que celles-ci"}),
			says(say.Text{EN: "begin with the first ones", FR: "commencez par les premières"})))
	}
	return &Problems{File: r.file, List: list}
}

// Visit collects what & names, so that * finds it.
func (r *reader) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		r.anchors[a.Name.GetToken().Value] = a.Value
	}
	return r
}
