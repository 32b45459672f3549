package notifytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"testing"

	"github.com/ouidire/ouidire/alerting"
)

// Judge has a service's own reader, a program, read what was sent, by name, and gives what
// it has against it. The program is given an object a line, {name, sent}, and says an object
// a line, {name, fault}; its last line says how many it has read.
func Judge(t *testing.T, reader *exec.Cmd, sent map[string]json.RawMessage) (faults map[string][]string) {
	t.Helper()
	var in bytes.Buffer
	for name, one := range sent {
		if err := json.NewEncoder(&in).Encode(map[string]any{"name": name, "sent": one}); err != nil {
			t.Fatal(err)
		}
	}
	reader.Stdin, reader.Stderr = &in, t.Output()
	out, err := reader.Output()
	if err != nil {
		t.Fatalf("%s: %v", reader, err)
	}
	faults, read := map[string][]string{}, 0
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var line struct {
			Name, Fault string
			Read        int
		}
		err := lines.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v: %s", reader, err, out)
		}
		read = line.Read
		if line.Fault != "" {
			faults[line.Name] = append(faults[line.Name], line.Fault)
		}
	}
	if read != len(sent) || read == 0 {
		t.Fatalf("%s read %d of %d: %s", reader, read, len(sent), out)
	}
	return faults
}

// Sent has a channel send every message of Worded to a side, and gives what arrived, by
// name. root is the relative path of alerting.
func Sent(t *testing.T, n alerting.Notifier, s *Side, root string) map[string]json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	for name, m := range Worded(t, root) {
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := s.Got()
		all[name] = json.RawMessage(got[len(got)-1].Raw)
	}
	return all
}
