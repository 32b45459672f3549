package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

type storiesCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"${stories_arg}"`
	Stats bool     `help:"${stats_flag}"`
}

// Run implements `ouidire stories`: mentions are joined as the daemon joins them.
func (cmd storiesCmd) Run(c *call) error {
	j := joining{index: story.NewIndex(), known: map[string]known{}, names: map[string]json.RawMessage{}}
	var s stats
	err := c.lines(cmd.Files, &s, func(in given) error {
		if in.Kind == string(kindFeed) {
			return nil
		}
		return cmd.show(c, in, &j, j.tell(in))
	})
	if err != nil {
		return err
	}
	return s.end(c, cmd.Stats, true)
}

// joining is what was told so far.
type joining struct {
	index *story.Index
	known map[string]known
	names map[string]json.RawMessage // of stories, as they were given
	now   time.Time                  // the newest time of a line
}

// known is a mention that was told: of which story, and in which words.
type known struct {
	story string
	words uint64
}

// tell joins one line. A mention that comes again stays in its story.
func (j *joining) tell(in given) story.Told {
	m := in.Mention.Mention()
	if in.ID == nil {
		m.ID = fmt.Sprintf("\x00%s:%d", in.input, in.number) // as no mention is called
	}
	m.Signature = story.Sign(in.Title, in.Text)
	item, words := story.ItemOf(&m, j.time(&m)), story.Fingerprint(in.Title, in.Text)
	if before, ok := j.known[m.ID]; ok {
		told := story.Told{Story: before.story, Why: story.Same}
		if words != before.words {
			told.Why = story.Edited
			j.index.Keep(item, story.Told{Story: before.story})
		}
		j.known[m.ID] = known{before.story, words}
		return told
	}
	told := j.index.Tell(item)
	if j.index.Expired() > 10_000 {
		j.index.Forget()
	}
	j.known[m.ID] = known{told.Story, words}
	j.names[m.ID] = nameOf(in)
	return told
}

// time is when a mention was seen, or published when it does not say; one without
// a time comes with the one before.
func (j *joining) time(m *mention.Mention) time.Time {
	for _, t := range []time.Time{m.SeenAt, m.PublishedAt} {
		if !t.IsZero() {
			j.now = t
			break
		}
	}
	return j.now
}

// nameOf is the identifier of a mention as it was given, or else the number of its line.
func nameOf(in given) json.RawMessage {
	if in.ID != nil {
		return in.ID
	}
	return fmt.Appendf(nil, "%d", in.number)
}

func (cmd storiesCmd) show(c *call, in given, j *joining, t story.Told) error {
	if !c.out.json {
		return cmd.say(c, in, j, t)
	}
	answer := told{ID: in.ID, Story: j.names[t.Story], Why: string(t.Why), Related: j.names[t.Related]}
	if answer.ID == nil {
		answer.Line = in.number
	}
	if len(cmd.Files) > 1 {
		answer.Input = in.input
	}
	return c.out.object(answer)
}

var whyWords = map[story.Kind]say.Text{
	"":            {EN: "new story", FR: "nouvelle", France: "actualité"},
	story.Same:    {EN: "same", FR: "reprise"},
	story.Excerpt: {EN: "excerpt", FR: "extrait"},
	story.Edited:  {EN: "edited", FR: "modifiée"},
}

// say writes four columns for people: the story, how the mention stands to it, what
// it is related to, the text.
func (cmd storiesCmd) say(c *call, in given, j *joining, t story.Told) error {
	related := ""
	if t.Related != "" {
		related = say.Text{EN: "related to %s", FR: "liée à %s"}.In(c.lang, plainName(j.names[t.Related]))
	}
	text := strings.TrimSpace(in.Title + " " + in.Text)
	return c.out.line("%s\t%s\t%s\t%s", plainName(j.names[t.Story]), whyWords[t.Why].In(c.lang), related, oneLine(text))
}

// plainName is an identifier without the quotation marks of JSON.
func plainName(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return oneLine(s)
}
