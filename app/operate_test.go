package app

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting/notify/webhook"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/backup"
)

// refusal is what a start that must fail says in French and in English.
func refusal(t *testing.T, path string) (fr, en string) {
	t.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: f, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err == nil {
		a.Close()
		t.Fatal("it started")
	}
	return say.Explain(err, say.FrenchCanada), say.Explain(err, say.English)
}

// refused demands the sentence in both languages.
func refused(t *testing.T, path, wantFR, wantEN string) {
	t.Helper()
	if fr, en := refusal(t, path); !strings.Contains(fr, wantFR) || !strings.Contains(en, wantEN) {
		t.Errorf("it says:\n%s\n%s\nwant:\n%s\n%s", fr, en, wantFR, wantEN)
	}
}

func plainSettings(t *testing.T) settings {
	return settings{folder: t.TempDir(), hook: newReceiver(t, 0).server.URL, feeds: []string{newPress(t).server.URL}}
}

// replace changes one thing in a configuration that was written.
func replace(t *testing.T, path, old, new string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte(old)) {
		t.Fatalf("%q is not in the configuration", old)
	}
	if err := os.WriteFile(path, bytes.Replace(body, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestASecondDaemonOnADataFolderIsToldWhichProcessHasIt(t *testing.T) {
	t.Parallel()
	path := plainSettings(t).write(t)
	c := startChild(t, path)
	<-c.up
	refused(t, path, fmt.Sprintf("(processus %d)", c.Process.Pid), fmt.Sprintf("(process %d)", c.Process.Pid))
	c.quit(t)
	start(t, path, time.Hour) // and it is free again
}

func TestAPortInUseIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	path := plainSettings(t).write(t)
	replace(t, path, "127.0.0.1:0", l.Addr().String())
	refused(t, path, "arrêtez le programme qui occupe ce port", "stop the program that uses this port")
}

func TestADatabaseOfANewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"state.db", "mentions.db"} {
		path := plainSettings(t).write(t)
		if err := start(t, path, time.Hour).stop(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(path), "data", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("PRAGMA user_version = 999"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		refused(t, path, name+" a été écrit par une version plus récente d’ouidire", name+" was written by a newer ouidire")
	}
}

// disk mounts a small disk of its own as a data folder, or skips.
func disk(t *testing.T, folder, size string, flags uintptr) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", folder, "tmpfs", flags, "size="+size+",mode=700"); err != nil {
		needs.Missing(t, "nothing was proved about disks: to mount a small one takes root and CAP_SYS_ADMIN (%v)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Errorf("unmount %s: %v", folder, err)
		}
	})
}

// fill leaves no room in a folder; what it gives makes room again.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	ballast := filepath.Join(folder, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := make([]byte, 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	}
}

func TestAReadOnlyDataFolderIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	s := plainSettings(t)
	path := s.write(t)
	disk(t, filepath.Join(s.folder, "data"), "1m", syscall.MS_RDONLY)
	refused(t, path, "le droit d’écrire dans le dossier "+filepath.Join(s.folder, "data"), "the right to write to the folder "+filepath.Join(s.folder, "data"))
}

func TestADataFolderThatMayNotBeMadeIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	s := plainSettings(t)
	path := s.write(t)
	parent := filepath.Join(s.folder, "parent")
	disk(t, parent, "1m", syscall.MS_RDONLY)
	replace(t, path, filepath.Join(s.folder, "data"), filepath.Join(parent, "data"))
	refused(t, path, "le droit d’écrire dans le dossier "+parent, "the right to write to the folder "+parent)
}

func TestAFullDiskAtTheStartIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	s := plainSettings(t)
	path := s.write(t)
	data := filepath.Join(s.folder, "data")
	disk(t, data, "1m", 0)
	fill(t, data)
	refused(t, path, "libérez de l’espace", "free some space")
}

func TestADiskThatFillsWhileWeRunLosesNothingAndIsCaughtUp(t *testing.T) {
	t.Parallel()
	p, hook := newPress(t), newReceiver(t, 0)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}
	path := s.write(t)
	data := filepath.Join(s.folder, "data")
	disk(t, data, "8m", 0)
	p.publish("Valtisse hier", tale(rand.New(rand.NewPCG(11, 0))))
	app := start(t, path, 200*time.Millisecond)
	app.readAll(t)
	if got := get(t, app.Address()+"/readyz"); got != "ready\n" {
		t.Fatalf("not ready: %s", got)
	}
	free := fill(t, data)
	before := app.visit(t, "source-1").Cursor
	for i := range 5 {
		p.publish(fmt.Sprintf("Valtisse %d", i), tale(rand.New(rand.NewPCG(11, uint64(i+1)))))
	}
	eventually(t, "to be unready, and why", func() bool {
		return strings.Contains(get(t, app.Address()+"/readyz"), "is full: free some space")
	})
	if now := app.visit(t, "source-1").Cursor; now != before {
		t.Errorf("the cursor moved from %q to %q though nothing was kept", before, now)
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("%d messages about what is not kept", n)
	}
	free()
	eventually(t, "every message", func() bool { return len(hook.messages()) >= 5 })
	eventually(t, "to be ready again", func() bool { return get(t, app.Address()+"/readyz") == "ready\n" })
	checkKept(t, app.everything(t), 6)
	if n := len(hook.messages()); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
}

func TestWhatTheDaemonWritesIsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	for _, mask := range []string{"077", "000"} {
		p, hook := newPress(t), newReceiver(t, 0)
		path := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t)
		p.publish("Valtisse hier", tale(rand.New(rand.NewPCG(12, 0))))
		c := startChild(t, path, "sh", "-c", `umask `+mask+`; exec "$0" "$@"`)
		<-c.up
		eventually(t, "a kept mention", func() bool {
			return strings.Contains(get(t, c.address+"/metrics"), `ouidire_mentions_backfilled_total{source_kind="feed",watch="caisse"} 1`)
		})
		data, files := filepath.Join(filepath.Dir(path), "data"), 0
		err := filepath.WalkDir(data, func(file string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			want := os.FileMode(0o600)
			if files++; e.IsDir() {
				want = 0o700
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("umask %s: %s is %o, want %o", mask, e.Name(), got, want)
			}
			return nil
		})
		if err != nil || files < 8 { // the folder, the lock, two databases with -wal and -shm
			t.Errorf("umask %s: looked at %d files, %v", mask, files, err)
		}
		c.quit(t)
	}
}

func TestARestoredFolderTellsNothingAgainAndLosesNothing(t *testing.T) {
	t.Parallel()
	p, hook := newPress(t), newReceiver(t, 0)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}
	words := rand.New(rand.NewPCG(13, 0))
	app := start(t, s.write(t), 150*time.Millisecond)
	app.readAll(t)
	for i := range 5 {
		p.publish(fmt.Sprintf("Valtisse %d", i), tale(words))
	}
	eventually(t, "five messages, recorded", func() bool {
		return len(hook.messages()) == 5 && strings.Contains(get(t, app.Address()+"/metrics"), `ouidire_outbox_pending{channel="webhook"} 0`+"\n")
	})
	toldBefore := map[string]bool{}
	for _, m := range hook.messages() {
		toldBefore[m.Key] = true
	}
	stop, published := make(chan struct{}), make(chan struct{})
	go func() { // the press does not wait for a backup
		defer close(published)
		for i := 5; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(30 * time.Millisecond):
				p.publish(fmt.Sprintf("Valtisse %d", i), tale(words))
			}
		}
	}()
	copied := filepath.Join(t.TempDir(), "ouidire.backup")
	if _, err := (backup.Maker{Version: "essai", Now: time.Now}).Create(t.Context(), filepath.Join(s.folder, "data"), copied); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-published
	if err := app.stop(); err != nil {
		t.Fatal(err)
	}
	s.folder = t.TempDir()
	path := s.write(t)
	if _, err := backup.Restore(t.Context(), copied, filepath.Join(s.folder, "data")); err != nil {
		t.Fatal(err)
	}
	restored := start(t, path, 150*time.Millisecond)
	p.publish("Valtisse après la panne", tale(words))
	eventually(t, "every item told", func() bool {
		told := map[string]bool{}
		for _, m := range hook.messages() {
			for _, id := range m.Mentions {
				told[id] = true
			}
		}
		return len(told) == p.count()
	})
	checkKept(t, restored.everything(t), p.count())
	times, keys := map[string]int{}, map[string]string{}
	for _, m := range hook.messages() {
		if times[m.Key]++; times[m.Key] > 1 && toldBefore[m.Key] {
			t.Errorf("told before the backup, and again by the restored daemon: %s", m.Subject)
		}
		for _, id := range m.Mentions {
			if was := keys[id]; was != "" && was != m.Key {
				t.Errorf("told under two keys, so that nobody can drop the double: %s", m.Subject)
			}
			keys[id] = m.Key
		}
	}
}

// hands are the machine's, set wrong by as much as a test says.
type hands struct{ wrong atomic.Int64 }

func (c *hands) now() time.Time          { return time.Now().Round(0).Add(time.Duration(c.wrong.Load())) }
func (c *hands) set(wrong time.Duration) { c.wrong.Store(int64(wrong)) }

func TestAClockThatJumpsAnHourForthAndBackLosesNothingAndDelaysNoMessageByAnHour(t *testing.T) {
	t.Parallel()
	p, hook, c := newPress(t), newReceiver(t, 0), &hands{}
	path := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t)
	app := startWith(t, path, Options{Hurry: 150 * time.Millisecond, Clock: clock.Set(c.now)})
	app.readAll(t)
	jumps := []time.Duration{0, -time.Hour, 0, time.Hour}
	for i, wrong := range jumps {
		c.set(wrong)
		p.publish(fmt.Sprintf("Valtisse %d", i), tale(rand.New(rand.NewPCG(14, uint64(i)))))
		eventually(t, fmt.Sprintf("the message with a clock that is wrong by %v", wrong), func() bool { return len(hook.messages()) > i })
	}
	if n := len(hook.messages()); n != len(jumps) {
		t.Errorf("%d messages, want %d", n, len(jumps))
	}
	kept := app.everything(t)
	checkKept(t, kept, len(jumps))
	for _, m := range kept {
		if m.History || m.PublishedAt.After(m.SeenAt) {
			t.Errorf("%s: history %v, published %v, seen %v", m.Current().Title, m.History, m.PublishedAt, m.SeenAt)
		}
	}
}

func TestNobodyIsVisitedWhileTheClockStandsIn1970(t *testing.T) {
	t.Parallel()
	p, log, c := newPress(t), &record{}, &hands{}
	p.publish("Valtisse hier", tale(rand.New(rand.NewPCG(15, 0))))
	watched := newPlace(t, p.ServeHTTP)
	c.set(-time.Since(time.Unix(0, 0)))
	path := settings{folder: t.TempDir(), hook: newReceiver(t, 0).server.URL, feeds: []string{watched.server.URL}}.write(t)
	app := startWith(t, path, Options{Hurry: 10 * time.Millisecond, Clock: clock.Set(c.now), Log: slog.New(slog.NewTextHandler(log, nil))})
	eventually(t, "a word in the log", func() bool { return strings.Contains(log.String(), "set it; nothing is visited until then") })
	if n := watched.asked.Load(); n != 0 {
		t.Errorf("visited %d times", n)
	}
	for path, want := range map[string]string{"/": "L’horloge de cet ordinateur", "/readyz": "the clock says 1970"} {
		answer, err := http.Get(app.Address() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), want) {
			t.Errorf("%s: status %d, %v, without %q: %s", path, answer.StatusCode, err, want, body)
		}
	}
	c.set(0)
	app.readAll(t)
	for _, m := range app.everything(t) {
		if m.SeenAt.Before(time.Now().Add(-time.Hour)) {
			t.Errorf("seen at %v", m.SeenAt)
		}
	}
}

// binFolder names the folder of what is built for all tests; TestMain removes it.
const binFolder = "OUIDIRE_APP_TEST_BIN"

// command builds ouidire once for all tests.
var command = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(os.Getenv(binFolder), "ouidire")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/ouidire").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build ouidire: %w: %s", err, out)
	}
	return path, nil
})

// daemon is `ouidire run`, as an operator knows it.
type daemon struct {
	*exec.Cmd
	address string
	log     *record
}

func run(t *testing.T, config string) *daemon {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{Cmd: exec.Command(path, "run", "--config", config), log: &record{}}
	out := &record{}
	d.Stdout, d.Stderr = out, d.log
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.Process.Signal(syscall.SIGTERM)
		if err := d.Wait(); err != nil {
			t.Errorf("asked to end, ouidire said %v:\n%s", err, d.log)
		}
	})
	eventually(t, "an address", func() bool {
		line, _, ended := strings.Cut(out.String(), "\n")
		d.address = line
		return ended
	})
	return d
}

// reload says SIGHUP and waits for a word in the log that was not there.
func (d *daemon) reload(t *testing.T, word string) {
	t.Helper()
	before := strings.Count(d.log.String(), word)
	if err := d.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, word+" in the log", func() bool { return strings.Count(d.log.String(), word) > before })
}

// signedHook takes messages, and says under which secret each was signed. What it
// refuses it refuses with the message itself, as some chats do.
type signedHook struct {
	mu      sync.Mutex
	got     []accepted
	secrets []string
	refuse  atomic.Bool
}

// ServeHTTP implements http.Handler.
func (s *signedHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m accepted
	if json.Unmarshal(body, &m) != nil || s.refuse.Load() {
		http.Error(w, m.Body, http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, m)
	signature := r.Header.Get("X-Ouidire-Signature")
	for at := time.Now().Add(-time.Minute); at.Before(time.Now().Add(time.Minute)); at = at.Add(time.Second) {
		for _, secret := range []string{firstSecret, secondSecret} {
			if webhook.Sign(secret, at, body) == signature {
				s.secrets = append(s.secrets, secret)
			}
		}
	}
}

func (s *signedHook) messages() ([]accepted, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]accepted{}, s.got...), append([]string{}, s.secrets...)
}

// What must never be read in a log.
const (
	firstSecret  = "un-secret-assez-long-pour-signer"
	secondSecret = "un-autre-secret-assez-long-aussi"
	password     = "mot-de-passe-de-la-page-9917"
	newPassword  = "nouveau-mot-de-passe-9918"
	smtpPassword = "mot-de-passe-du-courriel-4471"
	feedPassword = "mot-de-passe-du-fil-3320"
	bodyMarker   = "corpsquidoitresterchezlelecteur"
)

// stay follows no redirect.
var stay = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// enter opens a session with a password; without a cookie it was not let in.
func enter(t *testing.T, address, password string) []*http.Cookie {
	t.Helper()
	res, err := stay.PostForm(address+"/login", url.Values{"password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.Cookies()
}

// inside is the page of sources for who has these cookies, "" when it stays shut.
func inside(t *testing.T, address string, cookies []*http.Cookie) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/sources", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "fr-CA")
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := stay.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

func TestWhatAnOperatorChangesHoldsAfterAHangupAndNothingSecretIsEverLogged(t *testing.T) {
	t.Parallel()
	p, hook := newPress(t), &signedHook{}
	server := httptest.NewServer(hook)
	t.Cleanup(server.Close)
	feed := strings.Replace(p.server.URL, "http://", "http://veille:"+feedPassword+"@", 1)
	path := settings{folder: t.TempDir(), hook: server.URL, feeds: []string{feed}, extra: "log: {level: debug, format: json}\n"}.write(t)
	replace(t, path, `web: {listen: "127.0.0.1:0"}`, `web: {listen: "127.0.0.1:0", password: `+password+`}`)
	box := newMailbox(t)
	host, port, _ := net.SplitHostPort(box.Addr().String())
	addChannel(t, path, fmt.Sprintf("  - {name: courriel, kind: email, host: %s, port: %s, username: veille, password: %s, from: veille@valtisse.example, to: [gestion@valtisse.example]}\n", host, port, smtpPassword))
	p.publish("Valtisse hier", tale(rand.New(rand.NewPCG(16, 0)))+" "+bodyMarker)
	d := run(t, path)
	visited := func() bool { return strings.Contains(d.log.String(), `"msg":"visited"`) }
	eventually(t, "a first visit", visited)

	old := enter(t, d.address, password)
	if inside(t, d.address, old) == "" || len(enter(t, d.address, newPassword)) > 0 {
		t.Error("the password of the page does not open it, or another does")
	}

	// A query, a source, a channel's secret and the password change.
	p.publish("Nordelune, et personne d’autre", "La Banque Nordelune. "+bodyMarker+" "+strings.ReplaceAll(tale(rand.New(rand.NewPCG(16, 1))), "Valtisse", ""))
	replace(t, path, "query: valtisse", "query: nordelune")
	replace(t, path, feed, feed+"/?page=2")
	replace(t, path, firstSecret, secondSecret)
	replace(t, path, password, newPassword)
	d.reload(t, `"configuration taken"`)
	eventually(t, "the message of the new query, signed anew", func() bool {
		got, secrets := hook.messages()
		return len(got) == 1 && strings.Contains(got[0].Subject, "Nordelune") && len(secrets) == 1 && secrets[0] == secondSecret
	})
	session := enter(t, d.address, newPassword)
	if inside(t, d.address, session) == "" || inside(t, d.address, old) != "" || len(enter(t, d.address, password)) > 0 {
		t.Error("the changed password does not open the page, or the one before still does")
	}
	checkMetric(t, d, "ouidire_config_last_reload_successful 1")

	// A refused message must not bring its words into the log either.
	hook.refuse.Store(true)
	p.publish("Nordelune encore", "La Banque Nordelune. "+bodyMarker+" "+strings.ReplaceAll(tale(rand.New(rand.NewPCG(16, 2))), "Valtisse", ""))
	replace(t, path, "/?page=2", "/?page=3")
	d.reload(t, `"configuration taken"`)
	eventually(t, "a refusal in the log", func() bool { return strings.Contains(d.log.String(), `"channel":"crochet"`) })
	eventually(t, "an unprotected mail server in the log", func() bool { return strings.Contains(d.log.String(), "STARTTLS") })

	// What needs a restart says so.
	replace(t, path, `127.0.0.1:0`, freePort(t))
	d.reload(t, `"wants_restart":[{`)
	eventually(t, "the page to say what waits", func() bool {
		return strings.Contains(inside(t, d.address, session), "prendront effet au redémarrage d’ouidire")
	})

	// A bad file changes nothing, and says so.
	replace(t, path, "query: nordelune", "query: '(nordelune'")
	d.reload(t, "changed configuration refused")
	checkMetric(t, d, "ouidire_config_last_reload_successful 0")
	if got := inside(t, d.address, session); !strings.Contains(got, "La nouvelle configuration a été refusée") {
		t.Errorf("the page does not tell that the file was refused:\n%s", got)
	}
	checkLog(t, d.log.String())
}

func checkMetric(t *testing.T, d *daemon, line string) {
	t.Helper()
	if got := get(t, strings.Replace(d.address, "http://", "http://ouidire:"+newPassword+"@", 1)+"/metrics"); !strings.Contains(got, line+"\n") {
		t.Errorf("the metrics do not say %q:\n%.500s", line, got)
	}
}

// checkLog demands one JSON object a line, and no secret in any.
func checkLog(t *testing.T, log string) {
	t.Helper()
	lines := 0
	for line := range strings.Lines(log) {
		lines++
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	if lines < 5 {
		t.Errorf("a log of %d lines proves nothing:\n%s", lines, log)
	}
	for _, secret := range []string{firstSecret, secondSecret, password, newPassword, smtpPassword, feedPassword, bodyMarker} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("the log holds %q: %s", secret, around(log, at))
		}
	}
}
