package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
)

var schema = sqlite.Options{Migrations: fstest.MapFS{"0001_row.sql": &fstest.MapFile{
	Data: []byte("CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")}}}

var maker = Maker{Version: "1.2.3", Now: time.Now}

// TestMain is also the daemon: it writes each row to mentions.db, then to
// state.db, until it is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("BACKUP_TEST_FOLDER"); folder != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func writeUntilKilled(folder string) error {
	ctx := context.Background()
	mentions, err := sqlite.Open(ctx, filepath.Join(folder, "mentions.db"), schema)
	if err != nil {
		return err
	}
	state, err := sqlite.Open(ctx, filepath.Join(folder, "state.db"), schema)
	if err != nil {
		return err
	}
	for i := 1; ; i++ {
		if err := errors.Join(insert(ctx, mentions, i), insert(ctx, state, i)); err != nil {
			return err
		}
		if i == 100 {
			fmt.Println("on the way")
		}
	}
}

// insert writes a row and its twin in one transaction.
func insert(ctx context.Context, db *sqlite.DB, id int) error {
	return db.Write(ctx, func(tx *sqlite.Tx) error {
		for _, n := range []int{2*id - 1, 2 * id} {
			if _, err := tx.Exec(ctx, "INSERT INTO row (id, text) VALUES (?, ?)", n, "l’épargne à la caisse"); err != nil {
				return err
			}
		}
		return nil
	})
}

// newest is the last row, and fails when a transaction is cut or a row is missing.
func newest(t *testing.T, path string) int {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var last, count int
	if err := db.Read().QueryRowContext(t.Context(), "SELECT max(id), count(*) FROM row").Scan(&last, &count); err != nil {
		t.Fatal(err)
	}
	if last != count || last%2 != 0 {
		t.Errorf("%s holds %d rows up to %d, want whole pairs without a gap", filepath.Base(path), count, last)
	}
	return last
}

func startDaemon(t *testing.T, folder string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BACKUP_TEST_FOLDER="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the daemon did not start: %v", err)
	}
	return cmd
}

func TestABackupOfARunningDaemonIsRestoredElsewhereWhole(t *testing.T) {
	folder, shelf := t.TempDir(), t.TempDir()
	daemon := startDaemon(t, folder)
	file := filepath.Join(shelf, "copie.tar")
	check := func(round int) (rows int) {
		made, err := maker.Create(t.Context(), folder, file)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := filepath.Join(shelf, fmt.Sprint("ailleurs", round))
		got, err := Restore(t.Context(), file, elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(made) {
			t.Errorf("restored %v, made %v", got, made)
		}
		state, mentions := newest(t, filepath.Join(elsewhere, "state.db")), newest(t, filepath.Join(elsewhere, "mentions.db"))
		if state > mentions {
			t.Errorf("state.db remembers row %d, mentions.db ends at %d: what lies between is lost for good", state, mentions)
		}
		return state
	}
	last := 0
	for round := range 3 {
		rows := check(round)
		if rows <= last {
			t.Errorf("round %d holds %d rows after %d: nobody wrote during the backup", round, rows, last)
		}
		last = rows
	}
	if err := daemon.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = daemon.Wait()
	check(99) // nobody runs, and what was committed still lies in the WAL
	if left, _ := filepath.Glob(filepath.Join(shelf, "*")); len(left) != 5 {
		t.Errorf("the shelf holds %q, want one file and 4 folders", left)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup's mode: %v, %v, want 600", info.Mode(), err)
	}
}

// smallBackup is a backup of two databases, as bytes.
func smallBackup(t *testing.T) []byte {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"mentions.db", "state.db"} {
		db, err := sqlite.Open(t.Context(), filepath.Join(folder, name), schema)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if err := insert(t.Context(), db, i+1); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copie.tar")
	if _, err := maker.Create(t.Context(), folder, file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// restoreBytes restores a file with this content into a folder that is missing,
// and fails when an error has left something there.
func restoreBytes(t *testing.T, content []byte) (folder string, err error) {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "copie.tar")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(dir, "données")
	_, err = Restore(t.Context(), file, folder)
	if err != nil {
		if _, missing := os.Stat(folder); !errors.Is(missing, os.ErrNotExist) {
			t.Error("a restore that was refused wrote something")
		}
	}
	return folder, err
}

func wantSentence(t *testing.T, err error, want say.Text) {
	t.Helper()
	var spoken *say.Error
	if !errors.As(err, &spoken) || spoken.Text != want {
		t.Errorf("got %v, want a sentence like %q", err, want.EN)
		return
	}
	for _, l := range []say.Lang{say.English, say.FrenchCanada} {
		if text := spoken.In(l); strings.Contains(text, "%!") {
			t.Errorf("%s: %q has a verb without a value", l, text)
		}
	}
}

func TestATruncatedBackupIsRefusedAndNothingIsWritten(t *testing.T) {
	whole := smallBackup(t)
	for size := 0; size < len(whole); size += max(1, len(whole)/150) {
		_, err := restoreBytes(t, whole[:size])
		wantSentence(t, err, textBroken)
	}
	for _, end := range []int{1, 512, 1024, 1536, 2048} {
		_, err := restoreBytes(t, whole[:len(whole)-end])
		wantSentence(t, err, textBroken)
	}
}

func TestATamperedBackupIsRefusedAndNothingIsWritten(t *testing.T) {
	whole := smallBackup(t)
	covered := len(whole) - sealSize
	for at := 0; at < covered; at += 61 {
		altered := bytes.Clone(whole)
		altered[at] ^= 1
		_, err := restoreBytes(t, altered)
		wantSentence(t, err, textBroken)
	}
	altered := bytes.Clone(whole)
	altered[covered+512] ^= 1 // the seal itself
	_, err := restoreBytes(t, altered)
	wantSentence(t, err, textBroken)
}

// forge makes a sealed file of any entries.
func forge(t *testing.T, manifest any, entries ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write := func(h tar.Header, content string) {
		h.Size, h.Mode = int64(len(content)), 0o600
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	write(tar.Header{Name: manifestName}, string(text))
	for _, h := range entries {
		content := "garbage"
		if h.Typeflag == tar.TypeSymlink {
			content = ""
		}
		write(h, content)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out.Bytes())
	write(tar.Header{Name: sealName}, hex.EncodeToString(sum[:]))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAForgedBackupIsRefused(t *testing.T) {
	sum := sha256.Sum256([]byte("garbage"))
	garbage := func(name string) File {
		return File{Name: name, Size: 7, SHA256: hex.EncodeToString(sum[:]), Schema: 1}
	}
	manifest := func(files ...File) Manifest { return Manifest{Format: Format, Version: "9", Files: files} }
	for name, c := range map[string]struct {
		content []byte
		want    say.Text
	}{
		"nothing in it":          {forge(t, manifest()), textBroken},
		"no manifest":            {forge(t, "text"), textBroken},
		"a path that climbs":     {forge(t, manifest(garbage("../state.db")), tar.Header{Name: "../state.db"}), textBroken},
		"an absolute path":       {forge(t, manifest(garbage("/tmp/state.db")), tar.Header{Name: "/tmp/state.db"}), textBroken},
		"a hidden name":          {forge(t, manifest(garbage(".db")), tar.Header{Name: ".db"}), textBroken},
		"another name":           {forge(t, manifest(garbage("state.db")), tar.Header{Name: "mentions.db"}), textBroken},
		"more than promised":     {forge(t, manifest(garbage("state.db")), tar.Header{Name: "state.db"}, tar.Header{Name: "x.db"}), textBroken},
		"less than promised":     {forge(t, manifest(garbage("state.db"), garbage("x.db")), tar.Header{Name: "state.db"}), textBroken},
		"a link":                 {forge(t, manifest(File{Name: "state.db"}), tar.Header{Name: "state.db", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), textBroken},
		"not a database":         {forge(t, manifest(garbage("state.db")), tar.Header{Name: "state.db"}), textBroken},
		"another sum":            {forge(t, manifest(File{Name: "state.db", Size: 7, SHA256: "00"}), tar.Header{Name: "state.db"}), textBroken},
		"a format not known yet": {forge(t, Manifest{Format: Format + 1, Version: "9"}), textNewer},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := restoreBytes(t, c.content)
			wantSentence(t, err, c.want)
		})
	}
}

func TestARestoreTouchesNoFolderThatHoldsSomething(t *testing.T) {
	file := filepath.Join(t.TempDir(), "copie.tar")
	if err := os.WriteFile(file, smallBackup(t), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if _, err := Restore(t.Context(), file, folder); err != nil {
		t.Fatalf("into an empty folder: %v", err)
	}
	_, err := Restore(t.Context(), file, folder)
	wantSentence(t, err, textNotEmpty)
	var names []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "mentions.db state.db" {
		t.Errorf("the folder holds %q, want the two databases", got)
	}
}

func TestABackupThatCannotBeMadeLeavesNothingBehind(t *testing.T) {
	shelf := t.TempDir()
	to := filepath.Join(shelf, "copie.tar")
	_, err := maker.Create(t.Context(), t.TempDir(), to)
	wantSentence(t, err, textNothing)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "state.db"), bytes.Repeat([]byte("x"), 9000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := maker.Create(t.Context(), folder, to); err == nil {
		t.Error("a damaged database was backed up")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := maker.Create(ctx, folder, to); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if left, _ := os.ReadDir(shelf); len(left) != 0 {
		t.Errorf("the shelf holds %v, want nothing", left)
	}
}

// FuzzABackupFromElsewhereNeverHarms reads any bytes as a backup.
func FuzzABackupFromElsewhereNeverHarms(f *testing.F) {
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0}, 4096))
	f.Add([]byte(`{"format":1,"files":[{"name":"state.db"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		sum := sha256.Sum256(content) // sealed, else the seal stops everything
		var out bytes.Buffer
		out.Write(content)
		w := tar.NewWriter(&out)
		if err := add(w, sealName, time.Unix(0, 0), 64, strings.NewReader(hex.EncodeToString(sum[:]))); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := verify(t.Context(), io.NewSectionReader(bytes.NewReader(out.Bytes()), 0, int64(out.Len())))
		if err == nil {
			t.Error("bytes without a database were taken for a backup")
		} else if !errors.Is(err, errBroken) && !errors.Is(err, errNewer) {
			t.Errorf("%v is not an answer about the file", err)
		}
	})
}
