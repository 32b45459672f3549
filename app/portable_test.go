package app

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/archive"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/store/storetest"
)

// home is an installation that nobody runs.
func home(t *testing.T, extra string) (*config.File, Options) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, config.Name)
	body := "organisation: {name: Caisse Valtisse de l’Anse-aux-Moyacs}\nwatches: [{name: caisse, query: valtisse}]\n" + extra
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if err := makeFolder(f.Data); err != nil {
		t.Fatal(err)
	}
	return f, Options{Clock: clock.Set(func() time.Time { return time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC) })}
}

var opened = time.Date(2026, 11, 19, 9, 12, 0, 0, time.UTC)

// furnish gives an installation a history of n mentions and all that speaks of them.
func furnish(t *testing.T, f *config.File, o Options, n int) {
	t.Helper()
	err := withHistory(t.Context(), f, o, func(h history) error {
		all := storetest.Mentions(7, n)
		for from := 0; from < n; from += atOnce {
			if _, _, err := h.store.Put(t.Context(), all[from:min(from+atOnce, n)]); err != nil {
				return err
			}
		}
		if err := h.store.MarkGone(t.Context(), []string{all[3].ID, all[8].ID}, o.Now()); err != nil {
			return err
		}
		member := alerting.Member{Mention: all[0].ID, Source: "echo", Outlet: "echo.example", Watches: []string{"caisse"}, SeenAt: opened, Change: alerting.Corrected, Conversation: "fil"}
		joined := []alerting.Joined{{Story: all[0].ID, Member: member, Signature: mention.Signature{MinHash: []uint32{1, 2}, Figures: []string{"14"}}}}
		incident := alerting.Incident{ID: "s1", Key: "k", Rule: "nouvelles", Watch: "caisse", State: alerting.Resolved, Since: opened, OpenedAt: opened, EndedAt: opened.Add(time.Hour)}
		return errors.Join(
			h.state.Join(t.Context(), joined, opened),
			h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{incident}}),
			h.state.Journal(t.Context(), state.Entry{At: opened, Who: "Éloïse", What: "acknowledge", Subject: "s1"}),
			h.state.SaveVisit(t.Context(), crawler.Visit{Source: "echo", Cursor: "c7", Last: opened, LastSuccess: opened, Health: crawler.Well}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// remembered is all that an installation remembers, as lines by part.
func remembered(t *testing.T, f *config.File, o Options) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := withHistory(t.Context(), f, o, func(h history) error {
		for _, p := range h.parts() {
			err := p.Each(t.Context(), "", func(line []byte) error {
				all[p.Name] = append(all[p.Name], string(line))
				return nil
			})
			if err != nil {
				return err
			}
			if n, err := p.Count(t.Context()); err != nil || n != len(all[p.Name]) {
				t.Errorf("%s: counts %d, gives %d, %v", p.Name, n, len(all[p.Name]), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func unwatched(int, int) {}

func TestAHistoryMovesHouseWhole(t *testing.T) {
	t.Parallel()
	from, o := home(t, "")
	furnish(t, from, o, 600)
	before := remembered(t, from, o)
	for part, lines := range before {
		if len(lines) == 0 {
			t.Fatalf("there is nothing in %s", part)
		}
	}
	file := filepath.Join(t.TempDir(), "histoire.tar")
	if left, err := Export(t.Context(), from, file, o, unwatched); err != nil || len(left) != 0 {
		t.Fatal(left, err)
	}
	to, _ := home(t, "")
	for _, times := range []string{"once", "twice"} {
		found, err := Import(t.Context(), to, file, o, unwatched)
		if err != nil || found.Unfit > 0 || len(found.Unknown) > 0 {
			t.Fatalf("%s: %+v, %v", times, found, err)
		}
		after := remembered(t, to, o)
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("%s (-exported +imported):\n%s", times, d)
		}
	}
	if body := entriesOf(t, file)["set-up/ouidire.yml"]; !strings.Contains(body, "Anse-aux-Moyacs") {
		t.Errorf("the set-up is %q", body)
	}
}

func entriesOf(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	for in := tar.NewReader(f); ; {
		h, err := in.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		all[h.Name] = string(body)
	}
}

func TestAnExportThatWasStoppedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	from, o := home(t, "")
	furnish(t, from, o, 2400)
	folder := t.TempDir()
	whole := filepath.Join(folder, "whole.tar")
	if _, err := Export(t.Context(), from, whole, o, unwatched); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	file := filepath.Join(folder, "stopped.tar")
	if _, err := Export(stopped, from, file, o, func(done, _ int) {
		if done >= 1000 {
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("not stopped: %v", err)
	}
	part, err := os.ReadFile(file + ".part")
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{len(part), len(part) - 1, len(part) - 700, len(part) / 2, 600, 100, 0} {
		if err := os.WriteFile(file+".part", part[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		first := -1
		if _, err := Export(t.Context(), from, file, o, func(done, _ int) {
			if first < 0 {
				first = done
			}
		}); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if cut == len(part) && first <= 1000 {
			t.Errorf("began again at %d", first)
		}
		got, want := entriesOf(t, file), entriesOf(t, whole)
		delete(got, "archive.json")
		delete(want, "archive.json")
		if d := cmp.Diff(lineByLine(want), lineByLine(got)); d != "" {
			t.Errorf("cut at %d (-whole +gone on with):\n%s", cut, d)
		}
	}
}

// lineByLine joins the chunks of each part: where they are cut does not matter.
func lineByLine(all map[string]string) map[string]string {
	joined := map[string]string{}
	for n := 1; n < 20; n++ {
		for name, body := range all {
			if part, ok := strings.CutSuffix(name, "/"+chunkName(n)); ok {
				joined[part] += body
			}
		}
	}
	joined["end"] = all["end.json"]
	return joined
}

func chunkName(n int) string {
	return string([]byte{'0', '0', '0', '0', byte('0' + n/10), byte('0' + n%10)}) + ".ndjson"
}

func TestAnArchiveOfAnotherFolderIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	one, o := home(t, "")
	furnish(t, one, o, 1200)
	other, _ := home(t, "")
	furnish(t, other, o, 10)
	file := filepath.Join(t.TempDir(), "a.tar")
	stopped, stop := context.WithCancel(t.Context())
	_, _ = Export(stopped, one, file, o, func(int, int) { stop() })
	if _, err := Export(t.Context(), other, file, o, unwatched); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(entriesOf(t, file)["mentions/000001.ndjson"], "\n"); n > 10 {
		t.Errorf("%d mentions of ten", n)
	}
}

func TestAnImportThatWasStoppedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	from, o := home(t, "")
	furnish(t, from, o, 2400)
	file := filepath.Join(t.TempDir(), "a.tar")
	if _, err := Export(t.Context(), from, file, o, unwatched); err != nil {
		t.Fatal(err)
	}
	to, _ := home(t, "")
	stopped, stop := context.WithCancel(t.Context())
	calls := 0
	if _, err := Import(stopped, to, file, o, func(int, int) {
		if calls++; calls == 4 {
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("not stopped: %v", err)
	}
	if _, err := Import(t.Context(), to, file, o, unwatched); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(remembered(t, from, o), remembered(t, to, o)); d != "" {
		t.Errorf("(-exported +imported):\n%s", d)
	}
}

func TestAFileThatIsNoWholeArchiveIsSaid(t *testing.T) {
	t.Parallel()
	from, o := home(t, "")
	furnish(t, from, o, 200)
	folder := t.TempDir()
	file := filepath.Join(folder, "a.tar")
	if _, err := Export(t.Context(), from, file, o, unwatched); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	newer := tarOf(t, "archive.json", `{"schema_version":99,"id":"x"}`)
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"cut in a chunk":     {body[:len(body)/2], archive.ErrCut},
		"cut at the end":     {body[:len(body)-3000], archive.ErrCut},
		"empty":              {nil, archive.ErrNone},
		"no tar":             {[]byte(strings.Repeat("l’épargne ", 200)), archive.ErrNone},
		"a backup":           {tarOf(t, "manifest.json", "{}"), archive.ErrNone},
		"of a later version": {newer, archive.ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "b.tar")
			if err := os.WriteFile(path, c.body, 0o600); err != nil {
				t.Fatal(err)
			}
			to, _ := home(t, "")
			if _, err := Import(t.Context(), to, path, o, unwatched); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestWhatDoesNotFitIsLeftOutAndCounted(t *testing.T) {
	t.Parallel()
	good, err := json.Marshal(map[string]any{"id": "m1", "source": "echo", "place": "web", "kind": "article", "seen_at": opened,
		"published_at": opened, "versions": []any{map[string]any{"at": opened, "title": "L’épargne"}}})
	if err != nil {
		t.Fatal(err)
	}
	lines := string(good) + "\n{\"id\":\"m2\"}\nnull\n[]\nd’épargne\n"
	file := filepath.Join(t.TempDir(), "a.tar")
	if err := os.WriteFile(file, tarOf(t, "archive.json", `{"schema_version":1,"id":"x"}`, "set-up/../../evil.yml", "x", "own/000001.ndjson", lines,
		"ideas/000001.ndjson", "{}\n", "situations/000001.ndjson", `{"id":"s1","body":{"ID":"s2"}}`+"\n", "end.json", "{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	to, o := home(t, "")
	found, err := Import(t.Context(), to, file, o, unwatched)
	if err != nil {
		t.Fatal(err)
	}
	if want := (archive.Result{Lines: map[string]int{"own": 5, "situations": 1}, Unfit: 5, Unknown: []string{"ideas"}}); !cmp.Equal(found, want) {
		t.Error(cmp.Diff(want, found))
	}
	err = withHistory(t.Context(), to, o, func(h history) error {
		_, err := h.store.Get(t.Context(), "m1")
		return err
	})
	if err != nil {
		t.Error(err)
	}
	empty := t.TempDir()
	written, err := ImportSetUp(file, empty)
	if err != nil || len(written) != 0 {
		t.Errorf("wrote %v, %v", written, err)
	}
}

func tarOf(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: pairs[i], Mode: 0o600, Size: int64(len(pairs[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAConfigurationWithAPasswordInClearStaysBehind(t *testing.T) {
	t.Parallel()
	f, o := home(t, "web: {password: moyac-des-neiges}\n")
	furnish(t, f, o, 10)
	file := filepath.Join(t.TempDir(), "a.tar")
	page := "organisation: {short: la Caisse}\n"
	if err := os.WriteFile(config.PagePath(f.Path), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	left, err := Export(t.Context(), f, file, o, unwatched)
	if err != nil || len(left) != 1 || left[0] != f.Path {
		t.Fatal(left, err)
	}
	if got := entriesOf(t, file)["set-up/ouidire.page.yml"]; got != page {
		t.Errorf("what was set on the page came along as %q", got)
	}
	body, err := os.ReadFile(file)
	if err != nil || bytes.Contains(body, []byte("moyac-des-neiges")) {
		t.Error("the password is in the file", err)
	}
}
