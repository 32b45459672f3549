package config

import (
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

// certificate is one in PEM, of nobody in particular.
func certificate(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

// trustingKind is a kind of channel that names a file of authorities.
type trustingKind struct {
	CA Authorities `yaml:"ca" doc:"Whom to trust." example:"./ca.pem"`
}

// named reads a configuration in a folder that names this file of authorities.
func named(dir, file string) (*File, error) {
	kinds := testKinds()
	kinds.Channels["lettre"] = func() any { return &trustingKind{} }
	body := "organisation: {name: A}\nwatches: [{name: a, query: a}]\nchannels:\n  - name: courriel\n    kind: lettre\n    ca: " + file + "\n"
	return Parse(filepath.Join(dir, Name), []byte(body), testEnv, kinds)
}

func TestAFileOfAuthoritiesIsReadFromTheFolderOfTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "autorité d'ici.pem")
	put(t, path, certificate(t), 0o600)
	for _, given := range []string{"./autorité d'ici.pem", path} {
		f, err := named(dir, given)
		if err != nil {
			t.Fatal(err)
		}
		ca := f.Channels[0].Config.(*trustingKind).CA
		if ca.String() != path || ca.IsZero() || ca.Alone() == nil || ca.Besides().Equal(ca.Alone()) && systemTrusts(t) {
			t.Errorf("%s is read as %q", given, ca)
		}
	}
	f, err := named(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if ca := f.Channels[0].Config.(*trustingKind).CA; !ca.IsZero() || ca.Alone() != nil || ca.Besides() != nil {
		t.Errorf("none is read as %q", ca)
	}
}

// systemTrusts says whether this machine trusts anybody, else there is nobody to add to.
func systemTrusts(t *testing.T) bool {
	t.Helper()
	found, err := filepath.Glob("/etc/ssl/certs/*")
	return err == nil && len(found) > 0
}

func TestAFileThatHoldsNoAuthorityIsSaidWhereItIsNamed(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "texte.pem"), "L’autorité de la Caisse Valtisse", 0o600)
	put(t, filepath.Join(dir, "abimee.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0o600)
	put(t, filepath.Join(dir, "enorme.pem"), strings.Repeat(" ", maxAuthorities+1), 0o600)
	if err := errors.Join(syscall.Mkfifo(filepath.Join(dir, "tuyau.pem"), 0o600), os.Mkdir(filepath.Join(dir, "dossier.pem"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]struct{ code, en, fr string }{
		"./nulle-part.pem": {"missing_file", "ca: the file ./nulle-part.pem does not exist", "ca : le fichier ./nulle-part.pem n’existe pas; mettez-le là, ou corrigez ca"},
		"texte.pem":        {"no_certificate", "holds no certificate in PEM form", "ne contient aucun certificat au format PEM"},
		"abimee.pem":       {"no_certificate", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"},
		"enorme.pem":       {"unreadable_file", "larger than 4 MB", "dépasse 4 Mo"},
		"tuyau.pem":        {"unreadable_file", "cannot be read", "ne peut pas être lu"},
		"dossier.pem":      {"unreadable_file", "cannot be read", "ne peut pas être lu"},
	} {
		_, err := named(dir, file)
		wrong := (*Problems)(nil)
		if !errors.As(err, &wrong) || len(wrong.List) != 1 {
			t.Errorf("%s: %v", file, err)
			continue
		}
		m := wrong.List[0]
		en, fr := m.In(say.English), strings.ReplaceAll(m.In(say.FrenchCanada), "\u00a0", " ")
		if m.Line != 6 || m.Column != 9 || m.Code != want.code || !strings.Contains(en, want.en) || !strings.Contains(fr, want.fr) || !strings.Contains(fr, "moyen d’envoi « courriel »") {
			t.Errorf("%s: %d:%d %s\n%s\n%s", file, m.Line, m.Column, m.Code, en, fr)
		}
	}
}

func TestAFileOfAuthoritiesThatOthersKeepIsSaidToBeClosed(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "close.pem"), certificate(t), 0)
	var err error
	asNobody(func() { _, err = named(dir, "close.pem") })
	if err == nil || !strings.Contains(say.Explain(err, say.FrenchCanada), "n’a pas le droit de lire le fichier close.pem") {
		t.Errorf("said %v", err)
	}
}

// asNobody does something as one who may not read everything: to the files, root is
// somebody else on the one thread that does it, and that thread ends with it.
func asNobody(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // for good
			_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
		}
		do()
	}()
	<-done
}
