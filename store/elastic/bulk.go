package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// target is the first line of a write in a bulk request.
type target struct {
	Index string `json:"_index"`
	ID    string `json:"_id"`
	Seq   *int64 `json:"if_seq_no,omitempty"`
	Term  *int64 `json:"if_primary_term,omitempty"`

	Version     *int64 `json:"version,omitempty"`
	VersionType string `json:"version_type,omitempty"`
}

// outcome is one item of the answer.
type outcome struct {
	Status int             `json:"status"`
	Error  json.RawMessage `json:"error"`
}

// bodies are of requests that were compressed already.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bulk writes all errands in one request and notes in each why it was not written.
func (d *sender) bulk(ctx context.Context, all []*errand) (size int, err error) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	lines := 0
	for _, e := range all {
		for _, w := range e.writes {
			if err := w.append(body, e.id); err != nil {
				return 0, err
			}
			lines++
		}
	}
	size = body.Len()
	items, err := d.s.post(ctx, body, lines)
	if err != nil {
		return size, err
	}
	for _, e := range all {
		d.judge(e, items[:len(e.writes)])
		items = items[len(e.writes):]
	}
	return size, nil
}

// post makes a bulk request of so many writes, and gives what became of each.
func (s *Store) post(ctx context.Context, body *bytes.Buffer, writes int) ([]map[string]outcome, error) {
	var answer struct{ Items []map[string]outcome }
	err := s.client.do(ctx, esapi.BulkRequest{Body: body, FilterPath: []string{"items.*.status", "items.*.error"}}, &answer)
	if err != nil {
		return nil, err
	}
	if len(answer.Items) != writes {
		return nil, fmt.Errorf("the server answered %d of %d writes", len(answer.Items), writes)
	}
	return answer.Items, nil
}

func (w *write) append(body *bytes.Buffer, id string) error {
	t := target{Index: w.index, ID: id}
	if w.over != nil {
		t.Seq, t.Term = &w.over.seq, &w.over.term
	}
	if w.version > 0 {
		t.Version, t.VersionType = &w.version, "external_gte"
	}
	line, err := json.Marshal(map[string]target{w.action: t})
	if err != nil {
		return err
	}
	body.Write(line)
	body.WriteByte('\n')
	if w.source != nil {
		body.Write(w.source)
		body.WriteByte('\n')
	}
	return nil
}

// judge reads what became of one errand, and remembers what it shows.
func (d *sender) judge(e *errand, items []map[string]outcome) {
	stands := ""
	for i, w := range e.writes {
		why := w.verdict(items[i][w.action])
		switch {
		case why == nil && w.action != "delete":
			stands = w.index
		case why == nil:
			d.double(e, &w)
		case status(why) == http.StatusNotFound:
			d.lost(w.index)
		case isShut(why):
			d.shutOut(w.index)
		}
		if why != nil {
			e.why = why
		}
	}
	switch {
	case e.why != nil: // look there as it is at that moment, and everywhere else
		d.s.memory.doubt(e.id)
		e.near, e.search = e.in, true
	case stands != "":
		d.s.memory.stands(e.id, stands)
	}
}

// double counts what two processes had kept in two indices. That a mention left one
// because it was claimed is no double.
func (d *sender) double(e *errand, deleted *write) {
	if d.s.names.sort(deleted.index) == d.s.names.sort(d.s.names.of(&e.after.mention)) {
		d.doubles.Add(1)
	}
}

func (w *write) verdict(o outcome) error {
	if o.Status >= 200 && o.Status < 300 || w.action == "delete" && o.Status == http.StatusNotFound && o.Error == nil {
		return nil
	}
	kind, reason := cause(o.Error)
	return &refused{Status: o.Status, Type: kind, Reason: reason}
}

// hopeless are the refusals that the document itself brought about.
var hopeless = []string{
	"document_parsing_exception", "mapper_parsing_exception", "strict_dynamic_mapping_exception", "illegal_argument_exception",
	"parsing_exception", "x_content_parse_exception", "input_coercion_exception", "action_request_validation_exception",
}

// forGood says that sending it again would change nothing.
func forGood(err error) bool {
	r, ok := err.(*refused)
	return ok && r.Status == http.StatusBadRequest && slices.Contains(hopeless, r.Type)
}
