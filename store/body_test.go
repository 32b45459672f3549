package store

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ouidire/ouidire/mention"
)

var wholeAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var whole = mention.Mention{
	ID: "m", Source: "tribune", Place: "web", Kind: mention.Article, Own: true, URL: "https://nouvelles.example/1",
	Versions: []mention.Version{{At: wholeAt, Title: "L’épargne", Text: "d'épargne 🎉", Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}},
	Author:   mention.Author{ID: "7", Name: "Odette", Audience: 3}, Parent: "p", Thread: "t", PublishedAt: wholeAt, DateFrom: "feed",
	SeenAt: wholeAt, GoneAt: wholeAt, History: true, Lang: "fr",
	Readings: []mention.Reading{{At: wholeAt, Negative: .5, Neutral: .25, Positive: .25, Label: mention.Negative, Target: mention.Brand,
		Intent: mention.Complaint, Sure: true, Why: []string{"honteux"}, By: mention.Person}},
	Signature: mention.Signature{MinHash: []uint32{1, 1<<32 - 1}, Lead: []uint32{3}, Figures: []string{"3.5"}}, Repaired: true,
}

// The files of testdata were written once, by the program of their day: what is
// stored today must be readable for ever.
func TestABodyIsReadAsItWasWrittenYearsAgo(t *testing.T) {
	files, err := filepath.Glob("testdata/body-*.bin")
	if err != nil || len(files) < bodyFormat {
		t.Fatalf("%d files of %d formats (%v)", len(files), bodyFormat, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := NewCodec().Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, got); diff != "" {
				t.Errorf("read (- want, + got):\n%s", diff)
			}
		})
	}
}

func TestABodyComesBackAsItWas(t *testing.T) {
	c := NewCodec()
	for range 2 {
		b, err := c.Encode(&whole)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("back (- want, + got):\n%s", diff)
		}
		if _, err := c.Decode(b[:len(b)-4]); err == nil {
			t.Error("half a body was read")
		}
	}
}

func TestTheSampleMentionLeavesNoFieldEmpty(t *testing.T) {
	for _, v := range []reflect.Value{reflect.ValueOf(whole), reflect.ValueOf(whole.Versions[0]), reflect.ValueOf(whole.Readings[0]), reflect.ValueOf(whole.Signature), reflect.ValueOf(whole.Author)} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is empty: a field that is not in the sample may be lost", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}

func FuzzABodyNeverPanicsAndComesBackAsItWas(f *testing.F) {
	if b, err := NewCodec().Encode(&whole); err != nil {
		f.Fatal(err)
	} else {
		f.Add(b)
	}
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := NewCodec().Decode(b)
		if err != nil {
			return
		}
		again, err := NewCodec().Encode(&m)
		if err != nil {
			return // a date that JSON reads and does not write
		}
		back, err := NewCodec().Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("came back (- want, + got):\n%s", diff)
		}
	})
}
