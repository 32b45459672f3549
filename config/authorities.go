package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/ouidire/ouidire/internal/say"
)

// Authorities is a setting that names a PEM file with the certificates of those who vouch
// for a server. It is read with the configuration, from its folder, so that a file that is
// none is said where it is named, and one that has changed is a changed setting. The zero
// value names none.
type Authorities struct {
	path string
	pem  string
}

// ReadAuthorities reads such a file.
func ReadAuthorities(path string) (Authorities, error) {
	pem, err := readSmall(path, maxAuthorities)
	if err != nil {
		return Authorities{}, err
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(pem)) {
		return Authorities{}, fmt.Errorf("%w: %s", errNoCertificate, path)
	}
	return Authorities{path, pem}, nil
}

// maxAuthorities is far more than what a system trusts.
const maxAuthorities = 4 << 20

var errNoCertificate = errors.New("no certificate in PEM")

// IsZero says that no file is named.
func (a Authorities) IsZero() bool { return a.path == "" }

func (a Authorities) String() string { return a.path }

// Equal compares the file and what it held.
func (a Authorities) Equal(other Authorities) bool { return a == other }

// Alone are these authorities and nobody else; nil, which is those of the system, when no
// file is named.
func (a Authorities) Alone() *x509.CertPool {
	if a.IsZero() {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(a.pem))
	return pool
}

// Besides are these authorities and those of the system.
func (a Authorities) Besides() *x509.CertPool {
	if a.IsZero() {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // the system has none
		return a.Alone()
	}
	pool.AppendCertsFromPEM([]byte(a.pem))
	return pool
}

// authorities reads the file that a setting names.
func (r *reader) authorities(p plainValue, at where) (Authorities, *fault) {
	if p.text == "" {
		return Authorities{}, nil
	}
	path := p.text
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	a, err := ReadAuthorities(path)
	if err != nil {
		return a, authoritiesFault(err, at.set.key, p.raw)
	}
	return a, nil
}

// authoritiesFault words why the file was not read, by the name that the configuration
// gives it.
func authoritiesFault(err error, key, shown string) *fault {
	correct := says(say.Text{EN: "put it there, or correct %s", FR: "mettez-le là, ou corrigez %s"}, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &fault{"missing_file", says(say.Text{EN: "%s: the file %s does not exist", FR: "%s\u00a0: le fichier %s n’existe pas"}, key, given(shown)), correct}
	case errors.Is(err, fs.ErrPermission):
		return &fault{"unreadable_file", says(say.Text{EN: "%s: ouidire may not read the file %s", FR: "%s\u00a0: ouidire n’a pas le droit de lire le fichier %s"}, key, given(shown)),
			says(say.Text{EN: "let the account that runs ouidire read it", FR: "donnez ce droit au compte qui fait tourner ouidire"})}
	case errors.Is(err, errNoCertificate):
		return &fault{"no_certificate", says(say.Text{EN: "%s: the file %s holds no certificate in PEM form", FR: "%s\u00a0: le fichier %s ne contient aucun certificat au format PEM"}, key, given(shown)),
			says(say.Text{EN: "put the one of the server’s authority in it, which begins with -----BEGIN CERTIFICATE-----", FR: "mettez-y celui de l’autorité du serveur, qui commence par -----BEGIN CERTIFICATE-----"})}
	}
	return &fault{"unreadable_file", says(say.Text{EN: "%s: the file %s cannot be read, or is larger than 4 MB", FR: "%s\u00a0: le fichier %s ne peut pas être lu, ou dépasse 4\u00a0Mo"}, key, given(shown)), correct}
}
