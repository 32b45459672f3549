package log

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
)

func TestTheLogTakesEveryMessageAsOneLine(t *testing.T) {
	var out bytes.Buffer
	n, err := New(Default(), alerting.Deps{Log: slog.New(slog.NewJSONHandler(&out, nil))})
	if err != nil {
		t.Fatal(err)
	}
	m := notifytest.Message()
	m.Severity = alerting.Urgent
	m.Subject += "\nlevel=ERROR un mensonge"
	if err := n.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Fatalf("%d lines, want 1: %s", n, &out)
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["key"] != m.Key || line["level"] != "WARN" || !strings.Contains(line["subject"].(string), "l’épargne") {
		t.Errorf("got %s", &out)
	}
	if strings.Contains(out.String(), "Cœur") {
		t.Error("the body is in the log")
	}
}
