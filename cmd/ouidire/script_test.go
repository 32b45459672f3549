package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/watch"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ouidire": main})
}

// Each script is a page of documentation: what is typed, what is answered.
// UPDATE=1 writes the answers anew.
func TestTheCommandLineKeepsItsContract(t *testing.T) {
	dir := "testdata/script"
	if found, err := filepath.Glob(filepath.Join(dir, "*.txtar")); err != nil || len(found) == 0 {
		t.Fatalf("no script in %s: %v", dir, err)
	}
	press := httptest.NewServer(pressOf(t, "testdata/echo.xml"))
	t.Cleanup(press.Close)
	checked := newChecked(t)
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PRESS", press.URL)
			e.Setenv("SCRIPTS", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"shape": checked.shape, "fill": fill, "lines": countLines, "exits": exits, "bytes": makeBytes, "age": age},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("no condition is called %s", cond)
		},
	})
}

// pressOf serves a feed, and a place that is out of order.
func pressOf(t *testing.T, path string) http.Handler {
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		_, _ = w.Write(body)
	})
	mux.HandleFunc("/panne", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/oauth/device", answers(http.StatusOK, `{"device_code":"secret","user_code":"WDJB-MJHT","verification_uri":"https://service.example/appareil","expires_in":900,"interval":1}`))
	mux.HandleFunc("/oauth/token", answers(http.StatusOK, `{"access_token":"secret","expires_in":3600,"refresh_token":"secret"}`))
	mux.HandleFunc("/oauth/refusal", answers(http.StatusBadRequest, `{"error":"access_denied"}`))
	mux.HandleFunc("/hook", func(http.ResponseWriter, *http.Request) {})
	return mux
}

// answers says the same to everybody.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// checkedShapes are the published definitions, made strict: what a command prints
// has no field that the schema does not know.
type checkedShapes map[string]*jsonschema.Schema

func newChecked(t *testing.T) checkedShapes {
	published, err := os.ReadFile("../../docs/output.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		t.Fatal(err)
	}
	forbidOthers(document)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("output.json", document); err != nil {
		t.Fatal(err)
	}
	checked := checkedShapes{}
	for name := range shapes() {
		if checked[name], err = compiler.Compile("output.json#/$defs/" + name); err != nil {
			t.Fatal(err)
		}
	}
	return checked
}

func forbidOthers(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"]; ok {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			forbidOthers(child)
		}
	case []any:
		for _, child := range n {
			forbidOthers(child)
		}
	}
}

// shape [first,]others: every line on stdout is an object of this shape; the first
// one may be of another, and it alone carries schema_version.
func (c checkedShapes) shape(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: shape NAME…, one for each line, the last one for the others")
	}
	out := strings.TrimSuffix(ts.ReadFile("stdout"), "\n")
	for i, line := range strings.Split(out, "\n") {
		name := args[min(i, len(args)-1)]
		schema := c[name]
		if schema == nil {
			ts.Fatalf("no shape is called %s", name)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			ts.Fatalf("line %d is no JSON: %v\n%s", i+1, err, line)
		}
		if err := schema.Validate(value); err != nil {
			ts.Fatalf("line %d is no %s: %v\n%s", i+1, name, err, line)
		}
		if _, ok := value.(map[string]any)["schema_version"]; ok != (i == 0) {
			ts.Fatalf("line %d: schema_version stands on the first object and on no other:\n%s", i+1, line)
		}
		if sum, ok := chances(value); ok && math.Abs(sum-1) > 1e-9 {
			ts.Fatalf("line %d: the probabilities sum to %v:\n%s", i+1, sum, line)
		}
		if strings.Contains(line, ":null") {
			ts.Fatalf("line %d: absent is left out, never null:\n%s", i+1, line)
		}
	}
}

// chances is the sum of the probabilities of a sentiment, if there is one.
func chances(line any) (sum float64, ok bool) {
	s, ok := line.(map[string]any)["sentiment"].(map[string]any)
	for _, label := range []string{"negative", "neutral", "positive"} {
		n, _ := s[label].(json.Number) // the schema wants one
		p, _ := n.Float64()
		sum += p
	}
	return sum, ok
}

// exits STATUS COMMAND…: the command ends with this exit status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	status := 0
	err := ts.Exec(args[1], args[2:]...)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		status = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}

// lines N: stdout has so many.
func countLines(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(strings.Count(ts.ReadFile("stdout"), "\n")); len(args) != 1 || got != args[0] {
		ts.Fatalf("%s lines on stdout, want %v", got, args)
	}
}

// bytes FILE QUOTED [TIMES]: writes a file that no text editor would.
func makeBytes(ts *testscript.TestScript, _ bool, args []string) {
	var text string
	times := 1
	if len(args) > 2 {
		_, err := fmt.Sscan(args[2], &times)
		ts.Check(err)
	}
	ts.Check(json.Unmarshal([]byte(`"`+args[1]+`"`), &text))
	content := []byte(strings.Repeat(text, times))
	content = bytes.ReplaceAll(content, []byte("<FF>"), []byte{0xff})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), content, 0o600))
}

// fill FILE [again]: walks the mentions of a file (NDJSON) down the real line, into the
// data folder of ouidire.yml. What a first visit brings is history; again is a later one.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	f, err := config.Load(ts.MkAbs("ouidire.yml"), app.Kinds())
	ts.Check(err)
	ts.Check(os.MkdirAll(f.Data, 0o700))
	kept, err := app.OpenStore(ctx, f)
	ts.Check(err)
	defer kept.Close()
	memory, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: time.Now})
	ts.Check(err)
	defer memory.Close()
	var watches []watch.Watch
	for _, w := range f.Watches {
		watches = append(watches, watch.Watch{Name: w.Name, Organisation: w.Title, Query: w.Query, Relation: watch.Relation(w.Relation), Parent: w.Parent})
	}
	set, err := watch.New(watches, watch.Options{})
	ts.Check(err)
	line := pipeline.Line{Watermark: pipeline.NewWatermark(clock.Real(), time.Time{}, kept), Match: set, Read: analyzer.New(), Store: kept, Memory: memory}
	var batch []mention.Mention
	var format wire.Lines
	for text := range strings.Lines(ts.ReadFile(args[0])) {
		read, err := format.Read(text)
		ts.Check(err)
		batch = append(batch, read.Mention.Mention())
	}
	b := mention.Batch{Source: "echo", Mentions: batch}
	if len(args) > 1 {
		b.Previous = time.Now().Add(-time.Hour)
	}
	ts.Check(line.Handle(ctx, b))
}

// age makes of what is kept in a file what an older version would have indexed.
func age(ts *testscript.TestScript, _ bool, _ []string) {
	db, err := sql.Open("sqlite", ts.MkAbs("data/mentions.db"))
	ts.Check(err)
	defer db.Close()
	for _, older := range []string{"UPDATE mention SET tokens = 1", "UPDATE learnt SET settled = 1"} {
		_, err := db.Exec(older)
		ts.Check(err)
	}
}

func TestThePublishedSchemaIsThatOfTheTypes(t *testing.T) {
	var want bytes.Buffer
	c := &call{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &want, stderr: os.Stderr}
	if code := c.run([]string{"schema", "output"}); code != done {
		t.Fatalf("ouidire schema output: exit status %d", code)
	}
	got, err := os.ReadFile("../../docs/output.schema.json")
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/output.schema.json is not what the types say (%v): go run ./cmd/ouidire schema output >docs/output.schema.json", err)
	}
}
