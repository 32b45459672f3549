package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// readRows reads all there is: the good rows, and the lines of the bad ones.
func readRows(text string, counts bool) (good []row, bad []int, err error) {
	r, err := newRows(strings.NewReader(text), time.UTC, counts)
	if err != nil {
		return nil, nil, err
	}
	for {
		one, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return good, bad, nil
		case err != nil:
			bad = append(bad, one.line)
		default:
			good = append(good, one)
		}
	}
}

func TestARowThatCannotBeReadDoesNotStopThoseAfterIt(t *testing.T) {
	good, bad, err := readRows("\ufefftime,Author,texte,negative\r\n"+
		"2026-11-18T09:12:00-05:00,Éloïse,\"l’épargne, dit-elle\nsur deux lignes\",0.9\r\n"+
		"hier,,,\n"+
		"2026-11-18T14:13:00.25Z,,\"jamais fermé,0.9\n"+
		"2026-11-18T14:14:00Z,L'Œil,x,2\n\n"+
		"2026-11-18T14:15:00Z,\n", false)
	if err != nil || fmt.Sprint(bad) != "[4 5 6]" || len(good) != 2 {
		t.Fatalf("bad rows %v, good %+v, %v", bad, good, err)
	}
	first := time.Date(2026, 11, 18, 14, 12, 0, 0, time.UTC)
	if !good[0].At.Equal(first) || good[0].Author != "Éloïse" || good[0].negative != 0.9 || good[1].negative != 1 || good[1].line != 8 {
		t.Errorf("got %+v", good)
	}
}

func TestSecondsCountFromAMonday(t *testing.T) {
	good, _, err := readRows("surge,t_s,seen\n0,90000.5,90060\n0,-1,1970-01-05T00:00:10Z\n", false)
	if err != nil || len(good) != 2 {
		t.Fatalf("%+v, %v", good, err)
	}
	if at := good[0].At.UTC().Format(time.RFC3339Nano); at != "1970-01-06T01:00:00.5Z" || good[0].Seen.Sub(good[0].At) != 59500*time.Millisecond {
		t.Errorf("got %+v", good[0])
	}
	if good[1].Seen.Sub(good[1].At) != 11*time.Second {
		t.Errorf("got %+v", good[1])
	}
}

func TestCountsMayBeNamedAsOthersNameThem(t *testing.T) {
	for _, head := range []string{"time,count", "timestamp,value", "TIME;COUNT"} {
		comma := ","
		if strings.Contains(head, ";") {
			comma = ";"
		}
		good, bad, err := readRows(head+"\n2015-02-26 21:42:53"+comma+"104.5\n2015-02-26T21:47:53Z"+comma+"-1\n", true)
		if err != nil || len(good) != 1 || len(bad) != 1 || good[0].Count != 104.5 {
			t.Errorf("%s: %+v, %v, %v", head, good, bad, err)
		}
	}
}

func TestAHeaderWithoutATimeIsRefused(t *testing.T) {
	for _, c := range []struct {
		text   string
		counts bool
	}{{"a,b\n1,2\n", false}, {"time\n", true}, {"t_s,count\n1,2\n", true}} {
		if _, _, err := readRows(c.text, c.counts); codeOf(err) != "bad_row" {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add("time,negative,author\n2026-11-18T09:12:00-05:00,0.9,Éloïse\n", false)
	f.Add("t_s,surge\n90000.5,1\n\"\n\n\"1\"\n", false)
	f.Add("timestamp;value\n2015-02-26 21:42:53;104\n", true)
	f.Fuzz(func(t *testing.T, text string, counts bool) {
		good, bad, err := readRows(text, counts)
		if err != nil {
			return
		}
		if lines := strings.Count(text, "\n") + 1; len(good)+len(bad) > lines {
			t.Errorf("%d rows out of %d lines", len(good)+len(bad), lines)
		}
		for _, r := range good {
			if y := r.At.UTC().Year(); y < 0 || y > 9999 || !(r.negative >= 0 && r.negative <= 1) || !(r.Count >= 0 && r.Count <= countMost) {
				t.Errorf("a row that makes no sense: %+v", r)
			}
		}
	})
}

// BenchmarkSurges is the command on a file of a year, five comments an hour, but for
// the process around it.
func BenchmarkSurges(b *testing.B) {
	var file strings.Builder
	file.WriteString("time,negative,author\n")
	const many = 43_800
	for i := range many {
		at := origin.Add(time.Duration(i) * 12 * time.Minute).Add(time.Duration(i*i%700) * time.Second)
		fmt.Fprintf(&file, "%s,0.%d,personne-%d\n", at.Format(time.RFC3339), 5+i%5, i%997)
	}
	b.ReportAllocs()
	for b.Loop() {
		c := &call{ctx: b.Context(), stdin: strings.NewReader(file.String()), stdout: io.Discard, stderr: io.Discard, untrap: func() {}}
		if status := c.run([]string{"surges", "-"}); status != done {
			b.Fatal("exit status", status)
		}
	}
	b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "rows/s")
}
