package alerting

import "cmp"

// Topic is the thread that the message belongs to: that of its story, else that of its
// incident; "" for a message of its own.
func (m Message) Topic() string { return cmp.Or(m.Thread, m.Incident) }

// message words a letter as things stand.
func (s *sender) message(l letter, p pause) Message {
	if l.key != "" {
		return s.summaryMessage(l, p)
	}
	r := l.newest()
	if r.Now.IsAdvisory() {
		return s.advisoryMessage(r)
	}
	if l.isEdition() {
		m := Message{Key: r.Key, Mentions: r.Now.Mentions, Severity: r.Now.Severity, Lang: s.channel.Reader.Lang, At: r.At, Over: true}
		m.Subject, m.Body, m.Layout = ComposeEdition(merged(l.editions()), s.channel.Reader)
		m.Link = m.Layout.Link
		return m
	}
	m := Message{
		Key: r.Key, Incident: r.Now.ID, Thread: r.Now.Story, Seq: r.Seq, Rule: r.Now.Rule, Watch: r.Now.Watch, Mentions: r.Now.Mentions,
		Severity: r.Now.Severity, Lang: s.channel.Reader.Lang, At: r.At, Over: !r.Now.open(),
	}
	m.Subject, m.Body, m.Link = Compose(r.Now, l.happened(), s.channel.Reader)
	m.Buttons = s.channel.Reader.buttons(r.Now, r.At)
	return m
}

// summaryMessage speaks of many incidents: it has the rule and the watch that are
// the same for all, and the weight of the weightiest.
func (s *sender) summaryMessage(l letter, p pause) Message {
	first := l.newest()
	m := Message{Key: l.key, Rule: first.Now.Rule, Watch: first.Now.Watch, Severity: first.Now.Severity, Lang: s.channel.Reader.Lang}
	named := map[string]bool{}
	for _, part := range l.parts {
		r := part.newest()
		m.At = lastOf(m.At, r.At)
		if r.Now.Rule != m.Rule {
			m.Rule = ""
		}
		if r.Now.Watch != m.Watch {
			m.Watch = ""
		}
		for _, id := range r.Now.Mentions {
			if !named[id] {
				named[id] = true
				m.Mentions = append(m.Mentions, id)
			}
		}
	}
	m.Subject, m.Body, m.Link = composeSummary(l, p, s.channel.Reader)
	return m
}
