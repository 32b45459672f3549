package dashboards

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/internal/say"
)

const pageAddress = "http://127.0.0.1:8080"

// made are the boards as Grafana reads them, by language and uid.
func made(t *testing.T) map[say.Lang]map[string]model {
	t.Helper()
	all := map[say.Lang]map[string]model{}
	for _, l := range []say.Lang{say.FrenchCanada, say.English} {
		all[l] = map[string]model{}
		files, err := Boards(l, pageAddress)
		if err != nil || len(files) != len(boards()) {
			t.Fatalf("%d boards in %s: %v", len(files), l, err)
		}
		for _, f := range files {
			var m model
			read := json.NewDecoder(bytes.NewReader(f.JSON))
			read.DisallowUnknownFields()
			if err := read.Decode(&m); err != nil || f.File != m.UID+".json" {
				t.Fatalf("%s is not board %s: %v", f.File, m.UID, err)
			}
			all[l][m.UID] = m
		}
	}
	return all
}

// eachBoard runs a test on every board of both languages.
func eachBoard(t *testing.T, f func(t *testing.T, m model)) {
	t.Helper()
	for _, all := range made(t) {
		for uid, m := range all {
			t.Run(uid, func(t *testing.T) { f(t, m) })
		}
	}
}

// everyPanel are those that draw, also in folded rows.
func everyPanel(m model) (all []drawn) {
	for _, p := range m.Panels {
		if p.Type == "row" {
			all = append(all, p.Panels...)
		} else {
			all = append(all, p)
		}
	}
	return all
}

func TestTheCommittedBoardsAreThoseOfTheCode(t *testing.T) {
	for l, folder := range map[say.Lang]string{say.FrenchCanada: "../deploy/grafana/dashboards/fr", say.English: "../deploy/grafana/dashboards/en"} {
		want := map[string]string{}
		files, err := Boards(l, pageAddress)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			want[f.File] = string(f.JSON)
		}
		got := map[string]string{}
		found, err := filepath.Glob(folder + "/*")
		if err != nil || len(found) == 0 {
			t.Fatalf("no board in %s: %v", folder, err)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got[filepath.Base(path)] = string(body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is not what the code says (make generate):\n%.2000s", folder, diff)
		}
	}
}

func TestBothLanguagesHaveTheSamePanelsUnderTheSameNumbers(t *testing.T) {
	all := made(t)
	for uid, french := range all[say.FrenchCanada] {
		english, ok := all[say.English][strings.TrimSuffix(uid, "fr")+"en"]
		if !ok {
			t.Errorf("%s has no twin in English", uid)
			continue
		}
		shape := func(m model) (all []string) {
			for _, p := range append(slices.Clone(m.Panels), everyPanel(m)...) {
				one, _ := json.Marshal([]any{p.ID, p.Type, p.GridPos})
				all = append(all, string(one))
				for _, target := range p.Targets {
					all = append(all, str(target["expr"])+str(target["query"]))
				}
			}
			return all
		}
		if diff := cmp.Diff(shape(french), shape(english)); diff != "" {
			t.Errorf("%s is not its twin:\n%s", uid, diff)
		}
		for i, p := range everyPanel(french) {
			twin := everyPanel(english)[i]
			if p.Description == twin.Description {
				t.Errorf("%s, panel %d: “%s” is the same in both languages", uid, p.ID, p.Description)
			}
		}
	}
}

func str(v any) string { s, _ := v.(string); return s }

func TestNoPanelLiesUponAnotherAndEachHasANumberOfItsOwn(t *testing.T) {
	eachBoard(t, func(t *testing.T, m model) {
		seen := map[int]bool{}
		for _, p := range append(slices.Clone(m.Panels), folded(m)...) {
			if p.ID <= 0 || seen[p.ID] {
				t.Errorf("panel %d %q: the number is taken", p.ID, p.Title)
			}
			seen[p.ID] = true
		}
		checkPlaces(t, m.Panels)
		for _, row := range m.Panels {
			checkPlaces(t, row.Panels)
		}
	})
}

func folded(m model) (all []drawn) {
	for _, p := range m.Panels {
		all = append(all, p.Panels...)
	}
	return all
}

func checkPlaces(t *testing.T, panels []drawn) {
	t.Helper()
	for i, p := range panels {
		a := p.GridPos
		if a.W < 1 || a.H < 1 || a.X < 0 || a.X+a.W > 24 {
			t.Errorf("panel %d stands outside of the grid: %+v", p.ID, a)
		}
		for _, q := range panels[i+1:] {
			if b := q.GridPos; a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("panels %d and %d lie upon one another: %+v, %+v", p.ID, q.ID, a, b)
			}
		}
	}
}

// units are those that Grafana knows and that we use.
var units = []string{"none", "short", "s", "percentunit", "bytes", "ops"}

func TestEveryPanelHasATitleADescriptionAUnitAndSomethingToAsk(t *testing.T) {
	eachBoard(t, func(t *testing.T, m model) {
		for _, p := range everyPanel(m) {
			if p.Title == "" || len(p.Description) < 5 || !strings.HasSuffix(p.Description, ".") {
				t.Errorf("panel %d %q: %q is no description", p.ID, p.Title, p.Description)
			}
			if p.Type == "text" {
				if str(p.Options["content"]) == "" {
					t.Errorf("panel %d says nothing", p.ID)
				}
				continue
			}
			if unit := str(defaultsOf(p)["unit"]); !slices.Contains(units, unit) {
				t.Errorf("panel %d %q: unit %q", p.ID, p.Title, unit)
			}
			if len(p.Targets) == 0 {
				t.Errorf("panel %d %q asks nothing", p.ID, p.Title)
			}
			for _, target := range p.Targets {
				if str(target["expr"]) == "" && str(target["query"]) == "" {
					t.Errorf("panel %d %q asks nothing under %v", p.ID, p.Title, target["refId"])
				}
			}
		}
	})
}

func defaultsOf(p drawn) map[string]any { d, _ := p.FieldConfig["defaults"].(map[string]any); return d }

func TestABoardIsTheCodesAndItsDataSourceTheReaders(t *testing.T) {
	eachBoard(t, func(t *testing.T, m model) {
		if m.Editable || m.ID != nil || m.SchemaVersion < 39 || m.SchemaVersion > 42 || m.Title == "" || m.Description == "" || m.Refresh == "" {
			t.Errorf("editable %v, id %v, form %d, title %q", m.Editable, m.ID, m.SchemaVersion, m.Title)
		}
		kinds := map[string]bool{}
		for _, v := range listOf(m.Templating) {
			if str(v["type"]) == "datasource" {
				kind := str(v["query"])
				kinds[kind] = true
				if str(v["name"]) != kind+"_datasource" || !strings.Contains(strings.ToLower(str(v["label"])), kind) {
					t.Errorf("the variable of %s is called %v, %v", kind, v["name"], v["label"])
				}
			}
			if str(v["type"]) == "query" && v["refresh"] != 2. {
				t.Errorf("the variable %v is not read again when the time changes", v["name"])
			}
		}
		check := func(who string, source map[string]any) {
			if kind := str(source["type"]); !kinds[kind] || str(source["uid"]) != "${"+kind+"_datasource}" {
				t.Errorf("%s asks %v, which no reader can choose", who, source)
			}
		}
		for _, p := range everyPanel(m) {
			if p.Type == "text" {
				continue
			}
			check(p.Title, p.Datasource)
			for _, target := range p.Targets {
				source, _ := target["datasource"].(map[string]any)
				check(p.Title, source)
			}
		}
	})
}

func listOf(o object) (all []map[string]any) {
	list, _ := o["list"].([]any)
	for _, v := range list {
		one, _ := v.(map[string]any)
		all = append(all, one)
	}
	return all
}

// variables finds those that a board refers to; builtIn are Grafana's own.
var (
	variables = regexp.MustCompile(`\$\{?(\w+)`)
	builtIn   = []string{"__rate_interval", "__range", "__all", "__field", "__data", "__value"}
)

func TestABoardRefersOnlyToVariablesThatItHas(t *testing.T) {
	eachBoard(t, func(t *testing.T, m model) {
		declared := slices.Clone(builtIn)
		for _, v := range listOf(m.Templating) {
			declared = append(declared, str(v["name"]))
		}
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		used := map[string]bool{}
		for _, v := range variables.FindAllStringSubmatch(string(body), -1) {
			used[v[1]] = true
			if !slices.Contains(declared, v[1]) {
				t.Errorf("there is no variable %s", v[1])
			}
		}
		for _, v := range declared[len(builtIn):] {
			if !used[v] {
				t.Errorf("the variable %s changes nothing", v)
			}
		}
	})
}

// boardLinks finds what leads to another board.
var boardLinks = regexp.MustCompile(`/d/([a-z-]+)`)

func TestALinkToAnotherBoardLeadsThere(t *testing.T) {
	all := made(t)
	eachBoard(t, func(t *testing.T, m model) {
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		found := boardLinks.FindAllStringSubmatch(string(body), -1)
		if len(found) < len(boards()) {
			t.Errorf("%d links to boards: the others, and this one in the other language", len(found))
		}
		for _, link := range found {
			_, french := all[say.FrenchCanada][link[1]]
			if _, english := all[say.English][link[1]]; !french && !english || link[1] == m.UID {
				t.Errorf("a link leads to %s", link[1])
			}
		}
	})
}

// colours finds what is coloured, and how.
var colours = regexp.MustCompile(`"(?:[cC]olor|fixedColor|iconColor|mode)":"([^"]*)"`)

func TestColoursAreThoseThatEverybodyCanTellApart(t *testing.T) {
	allowed := []string{red, orange, green, blue, grey, sky, purple, // below: ways to colour, and other modes
		"palette-classic-by-name", "thresholds", "fixed", "absolute", "multi", "single", "normal", "line", "markdown"}
	eachBoard(t, func(t *testing.T, m model) {
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		found := colours.FindAllStringSubmatch(string(body), -1)
		if len(found) < 10 {
			t.Fatalf("%d colours: the test is broken", len(found))
		}
		for _, colour := range found {
			if !slices.Contains(allowed, colour[1]) {
				t.Errorf("%s is none of our colours", colour[1])
			}
		}
	})
}

func TestWhatIsColouredIsAlsoSaidInWords(t *testing.T) {
	for _, b := range boards() {
		for _, r := range b.rows {
			for _, p := range r.panels {
				for _, a := range p.asks {
					if a.colour != "" && a.legend.EN == "" {
						t.Errorf("%s, panel %d: a colour has no word", b.name, p.id)
					}
				}
			}
		}
	}
}
