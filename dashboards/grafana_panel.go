package dashboards

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// panel makes one panel; its place on the grid is given to it later.
func (m *maker) panel(p panel) drawn {
	d := drawn{ID: p.id, Type: string(p.draw), Title: p.title.In(m.lang), Description: p.about.In(m.lang),
		GridPos: place{W: cmp.Or(p.wide, 24), H: cmp.Or(p.high, p.draw.height())}}
	if p.draw == text {
		d.Options = object{"mode": "markdown", "content": p.words.In(m.lang)}
		return d
	}
	if p.draw == bars {
		d.Type, d.Interval = string(lines), "1h" // an hour is what people ask about
	}
	d.Datasource = m.datasource()
	for i, a := range p.asks {
		d.Targets = append(d.Targets, m.target(a, p.draw, string(rune('A'+i))))
	}
	d.FieldConfig = object{"defaults": m.defaults(p), "overrides": m.overrides(p)}
	d.Options = p.draw.options()
	d.Transformations = m.transformations(p)
	return d
}

// height is how many lines of the grid a form takes when nothing else is said.
func (f form) height() int {
	if f == figure {
		return 4
	}
	return 8
}

func (m *maker) target(a ask, f form, ref string) object {
	o := object{"refId": ref, "datasource": m.datasource()}
	if a.content != nil {
		a.content.fill(o, a.legend.In(m.lang))
		return o
	}
	o["expr"], o["legendFormat"], o["editorMode"] = a.expr, a.legend.In(m.lang), "code"
	o["instant"], o["range"] = a.whole, !a.whole
	o["format"] = "time_series"
	if f == table {
		o["format"] = "table"
	}
	return o
}

// fill writes the question as Grafana's own data source for Elasticsearch wants it.
func (c *contentAsk) fill(o object, alias string) {
	o["query"], o["timeField"] = c.query, "@timestamp"
	metric, buckets := object{"id": "1", "type": "count"}, []object{}
	if c.distinct != "" {
		metric["type"], metric["field"] = "cardinality", c.distinct
	}
	if c.field != "" {
		buckets = append(buckets, object{"id": "3", "type": "terms", "field": c.field,
			"settings": object{"size": strconv.Itoa(c.limit), "order": "desc", "orderBy": "_count", "min_doc_count": "1"}})
	}
	if c.over {
		o["alias"] = alias
		buckets = append(buckets, object{"id": "2", "type": "date_histogram", "field": "@timestamp", "settings": object{"interval": "auto", "min_doc_count": "0"}})
	}
	if len(buckets) == 0 { // the mentions themselves
		metric["type"], metric["settings"] = "raw_data", object{"size": strconv.Itoa(c.limit)}
	}
	o["metrics"], o["bucketAggs"] = []object{metric}, buckets
}

// defaults is how the values of a panel look.
func (m *maker) defaults(p panel) object {
	o := object{"unit": p.unit, "color": object{"mode": "palette-classic-by-name"}, "mappings": m.mappings(p), "links": m.valueLinks(p),
		"thresholds": object{"mode": "absolute", "steps": steps(p.steps)}, "custom": p.custom()}
	if p.draw != states && p.draw != table {
		o["min"] = 0
	}
	if p.most > 0 {
		o["max"] = p.most
	}
	if p.unit == "none" {
		o["decimals"] = 0
	}
	switch {
	case p.draw == figure, p.draw == ranking, p.draw == states:
		if len(p.steps) == 0 {
			o["thresholds"] = object{"mode": "absolute", "steps": steps([]step{{colour: blue}})}
		}
		o["color"] = object{"mode": "thresholds"}
	case p.draw == table:
		delete(o, "links") // on the text alone
	}
	return o
}

func steps(all []step) (made []object) {
	if len(all) == 0 {
		all = []step{{colour: blue}}
	}
	for i, s := range all {
		from := any(s.from)
		if i == 0 {
			from = nil // from nothing on
		}
		made = append(made, object{"color": s.colour, "value": from})
	}
	return made
}

// custom is what only one form has.
func (p panel) custom() object {
	switch p.draw {
	case lines:
		o := object{"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "spanNulls": false, "axisLabel": ""}
		if p.line {
			o["thresholdsStyle"] = object{"mode": "line"}
		}
		return o
	case bars:
		o := object{"drawStyle": "bars", "lineWidth": 0, "fillOpacity": 80, "showPoints": "never", "axisLabel": ""}
		if p.stacked {
			o["stacking"] = object{"mode": "normal", "group": "A"}
		}
		return o
	case states:
		return object{"fillOpacity": 80, "lineWidth": 0}
	case table:
		return object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false}
	}
	return object{}
}

// mappings say in words what a value means.
func (m *maker) mappings(p panel) []object {
	options := object{}
	for _, value := range slices.Sorted(maps.Keys(p.says)) {
		answer := p.says[value]
		options[strconv.Itoa(value)] = object{"text": answer.text.In(m.lang), "color": answer.colour, "index": value}
	}
	if len(options) == 0 {
		return []object{}
	}
	return []object{{"type": "value", "options": options}}
}

func (m *maker) valueLinks(p panel) []object {
	if p.link == nil {
		return []object{}
	}
	return []object{{"title": p.link.title.In(m.lang), "url": "${ouidire_url}" + p.link.to, "targetBlank": true}}
}

// overrides give series their colours, and columns their names.
func (m *maker) overrides(p panel) []object {
	all := []object{}
	override := func(matcher, of string, properties ...object) {
		all = append(all, object{"matcher": object{"id": matcher, "options": of}, "properties": properties})
	}
	for i, a := range p.asks {
		if a.colour != "" {
			override("byFrameRefID", string(rune('A'+i)), object{"id": "color", "value": object{"mode": "fixed", "fixedColor": a.colour}})
		}
	}
	for _, column := range slices.Sorted(maps.Keys(p.columns)) {
		properties := []object{{"id": "displayName", "value": p.columns[column].In(m.lang)}}
		if p.link != nil && column == "text" {
			properties = append(properties, object{"id": "links", "value": m.valueLinks(p)}, object{"id": "custom.width", "value": 700})
		}
		override("byName", column, properties...)
	}
	for _, hidden := range p.hidden {
		override("byName", hidden, object{"id": "custom.hidden", "value": true})
	}
	if p.draw == table && p.link != nil {
		override("byName", "_id", object{"id": "custom.hidden", "value": true}) // there for the link
	}
	return all
}

func (f form) options() object {
	reduce := object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
	switch f {
	case figure:
		return object{"reduceOptions": reduce, "colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto", "wideLayout": true}
	case ranking:
		return object{"reduceOptions": reduce, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": true, "valueMode": "text", "namePlacement": "left"}
	case states:
		return object{"mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.8,
			"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": true}, "tooltip": object{"mode": "single", "sort": "none"}}
	case table:
		return object{"showHeader": true, "cellHeight": "sm", "footer": object{"show": false, "reducer": []string{"sum"}, "fields": ""}}
	}
	return object{"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}, "tooltip": object{"mode": "multi", "sort": "desc"}}
}

// transformations leave the columns that are read, in their order, and the id that links need.
func (m *maker) transformations(p panel) []object {
	if len(p.read) == 0 {
		return nil
	}
	order := object{}
	for i, column := range p.read {
		order[column] = i
	}
	return []object{
		{"id": "filterFieldsByName", "options": object{"include": object{"names": append(slices.Clone(p.read), "_id")}}},
		{"id": "organize", "options": object{"indexByName": order, "excludeByName": object{}, "renameByName": object{}}},
	}
}
