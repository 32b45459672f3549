package sentiment

import "github.com/ouidire/ouidire/mention"

// intent is what the author wants, from the plainest sign to the weakest.
func (d *desk) intent(w weight, r mention.Reading) mention.Intent {
	blames := r.Negative >= 0.5
	switch {
	case len(d.tokens) == 0:
		return mention.Other
	case blames && d.has(insults) && !w.ironic:
		return mention.Provocation
	case d.asksSomething() && !blames:
		return mention.Question
	case d.has(suggests) && w.negative < 2.5:
		return mention.Suggestion
	case blames:
		return mention.Complaint
	case r.Positive >= 0.5:
		return mention.Praise
	case len(d.tokens) >= 4:
		return mention.Information
	}
	return mention.Other
}

// asksSomething is a question mark, or a text that begins as questions do: many
// leave the mark out.
func (d *desk) asksSomething() bool {
	for _, c := range d.clauses {
		if c.question {
			return true
		}
	}
	for i := range min(3, len(d.tokens)) {
		if d.roles[i]&asks != 0 && len(d.tokens) > 3 {
			return true
		}
	}
	return false
}

// target is whom the text is about, and unknown unless one thing alone says so:
// words for us, or words for others. None is never answered: this reading cannot
// tell "about nobody" from "about something I do not know".
func (d *desk) target(ours bool) mention.Target {
	toUs, toOthers := d.has(us), d.has(third)
	switch {
	case toUs == toOthers && !(ours && !toOthers):
		return ""
	case toOthers:
		return mention.Third
	}
	return mention.Brand
}
