package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// Grafana's classic form of a board, which it reads from version 10 on and converts by
// itself into what comes later.
const schemaVersion = 41

// object is a part of a board that has no type of its own here.
type object = map[string]any

// model is a board as Grafana reads it.
type model struct {
	ID            *int     `json:"id"` // null: Grafana gives it one
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	SchemaVersion int      `json:"schemaVersion"`
	Version       int      `json:"version"`
	Editable      bool     `json:"editable"`
	GraphTooltip  int      `json:"graphTooltip"`
	Timezone      string   `json:"timezone"`
	Refresh       string   `json:"refresh"`
	Time          object   `json:"time"`
	Timepicker    object   `json:"timepicker"`
	Links         []object `json:"links"`
	Annotations   object   `json:"annotations"`
	Templating    object   `json:"templating"`
	Panels        []drawn  `json:"panels"`
}

// drawn is a panel or a row as Grafana reads it.
type drawn struct {
	ID              int      `json:"id"`
	Type            string   `json:"type"`
	Title           string   `json:"title"`
	Description     string   `json:"description,omitempty"`
	GridPos         place    `json:"gridPos"`
	Datasource      object   `json:"datasource,omitempty"`
	Interval        string   `json:"interval,omitempty"`
	Targets         []object `json:"targets,omitempty"`
	FieldConfig     object   `json:"fieldConfig,omitempty"`
	Options         object   `json:"options,omitempty"`
	Transformations []object `json:"transformations,omitempty"`
	Collapsed       *bool    `json:"collapsed,omitempty"`
	Panels          []drawn  `json:"panels,omitempty"`
}

// place is where a panel stands, on a grid of 24 columns.
type place struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

// Board is one board in one language, ready for Grafana.
type Board struct {
	File string // its name in a folder of boards
	JSON []byte
}

// Boards makes every board in a reader's language. Their links lead to our page, which
// people reach at the address page.
func Boards(l say.Lang, page string) ([]Board, error) {
	var made []Board
	for _, b := range boards() {
		m := (&maker{board: b, lang: l, page: strings.TrimSuffix(page, "/")}).model()
		var body bytes.Buffer
		write := json.NewEncoder(&body)
		write.SetIndent("", "  ")
		write.SetEscapeHTML(false)
		if err := write.Encode(m); err != nil {
			return nil, fmt.Errorf("write the board %s: %w", m.UID, err)
		}
		made = append(made, Board{File: m.UID + ".json", JSON: body.Bytes()})
	}
	return made, nil
}

// maker makes one board in one language.
type maker struct {
	board
	lang say.Lang
	page string
	y    int // how far down the grid is taken
}

func (m *maker) uid(name string) string { return "ouidire-" + name + "-" + short(m.lang) }

func (m *maker) model() model {
	return model{
		UID: m.uid(m.name), Title: m.title.In(m.lang), Description: m.about.In(m.lang), Tags: []string{"ouidire", short(m.lang)},
		SchemaVersion: schemaVersion, Version: 1, GraphTooltip: 1, Timezone: "browser", Refresh: "1m",
		Time: object{"from": "now-24h", "to": "now"}, Timepicker: object{},
		Links: m.links(), Annotations: object{"list": m.annotations()}, Templating: object{"list": m.templating()}, Panels: m.panels(),
	}
}

// links lead to our page, to the other boards, and to this one in the other language.
func (m *maker) links() []object {
	link := func(title, url string, outside bool) object {
		return object{"type": "link", "title": title, "url": url, "targetBlank": outside, "keepTime": !outside, "includeVars": false,
			"asDropdown": false, "icon": "external link", "tags": []string{}, "tooltip": ""}
	}
	all := []object{link(say.Text{EN: "Open ouidire", FR: "Ouvrir ouidire"}.In(m.lang), "${ouidire_url}/", true)}
	for _, b := range boards() {
		if b.name != m.name {
			all = append(all, link(b.title.In(m.lang), "/d/"+m.uid(b.name), false))
		}
	}
	other, title := say.FrenchCanada, "Français"
	if m.lang.French() {
		other, title = say.English, "English"
	}
	return append(all, link(title, "/d/"+(&maker{lang: other}).uid(m.name), false))
}

// datasource is the one of the board, which a reader may choose.
func (m *maker) datasource() object {
	return object{"type": m.kind(), "uid": "${" + m.kind() + "_datasource}"}
}

func (m *maker) kind() string {
	if m.content {
		return "elasticsearch"
	}
	return "prometheus"
}

func (m *maker) annotations() []object {
	all := []object{{"builtIn": 1, "datasource": object{"type": "grafana", "uid": "-- Grafana --"}, "enable": true, "hide": true,
		"iconColor": sky, "name": say.Text{EN: "Notes", FR: "Notes"}.In(m.lang), "type": "dashboard"}}
	for _, mark := range m.marks {
		o := object{"datasource": m.datasource(), "enable": true, "iconColor": mark.colour, "name": mark.name.In(m.lang)}
		if mark.content != "" {
			o["target"], o["timeField"], o["textField"] = object{"query": mark.content}, "@timestamp", "text"
		} else {
			o["expr"], o["titleFormat"], o["step"], o["useValueForTime"] = mark.expr, mark.text.In(m.lang), "60s", false
		}
		all = append(all, o)
	}
	return all
}

func (m *maker) templating() []object {
	source := "ouidire-" + m.kind()
	label := say.Text{EN: "Prometheus data source", FR: "Source de données Prometheus"}
	if m.content {
		label = say.Text{EN: "Elasticsearch data source", FR: "Source de données Elasticsearch"}
	}
	all := []object{
		{"type": "datasource", "name": m.kind() + "_datasource", "label": label.In(m.lang), "query": m.kind(), "refresh": 1, "regex": "", "hide": 0,
			"multi": false, "includeAll": false, "options": []object{}, "current": object{"text": source, "value": source}},
		{"type": "constant", "name": "ouidire_url", "label": "ouidire", "hide": 2, "query": m.page, "skipUrlSync": true,
			"options": []object{}, "current": object{"text": m.page, "value": m.page}},
	}
	for _, v := range m.variables {
		all = append(all, m.variable(v))
	}
	return all
}

func (m *maker) variable(v variable) object {
	every := say.Text{EN: "All", FR: "Toutes"}.In(m.lang)
	o := object{"type": "query", "name": v.name, "label": v.label.In(m.lang), "datasource": m.datasource(), "refresh": 2, "sort": 1, "hide": 0, "regex": "",
		"multi": true, "includeAll": true, "options": []object{}, "current": object{"text": []string{every}, "value": []string{"$__all"}}}
	if m.content {
		query, _ := json.Marshal(map[string]string{"find": "terms", "field": v.key}) // of two strings
		o["query"], o["definition"], o["allValue"] = string(query), string(query), "*"
		return o
	}
	query := fmt.Sprintf("label_values(%s, %s)", v.from, v.key)
	o["query"], o["definition"], o["allValue"] = object{"query": query, "refId": v.name}, query, ".+"
	return o
}

// panels are the rows with what stands in them, from top to bottom.
func (m *maker) panels() (all []drawn) {
	for _, r := range m.rows {
		folded := r.folded
		head := drawn{ID: r.id, Type: "row", Title: r.title.In(m.lang), GridPos: place{H: 1, W: 24, Y: m.y}, Collapsed: &folded}
		m.y++
		below := m.y
		inside := m.row(r)
		if r.folded { // what it holds takes no room until it is opened
			head.Panels, inside, m.y = inside, nil, below
		}
		all = append(append(all, head), inside...)
	}
	return all
}

// row lays panels out from left to right, and begins a new line when one is full.
func (m *maker) row(r row) (all []drawn) {
	x, tallest := 0, 0
	for _, p := range r.panels {
		d := m.panel(p)
		if x+d.GridPos.W > 24 {
			x, m.y, tallest = 0, m.y+tallest, 0
		}
		d.GridPos.X, d.GridPos.Y = x, m.y
		x, tallest = x+d.GridPos.W, max(tallest, d.GridPos.H)
		all = append(all, d)
	}
	m.y += tallest
	return all
}
