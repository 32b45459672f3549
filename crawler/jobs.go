package crawler

import (
	"cmp"
	"slices"

	"github.com/ouidire/ouidire/internal/say"
)

// SetJobs replaces the jobs. A source that stays keeps its cursor and its clock;
// one that leaves is broken off, its batch in hand still kept; one whose
// configuration changed is visited soon, also when it had ended.
func (c *Crawler) SetJobs(jobs []Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.seats {
		s.gone = true
	}
	var fresh []*seat
	for _, j := range jobs {
		s := c.seats[j.Name]
		if s == nil {
			s = &seat{visit: c.remembered[j.Name]}
			s.visit.Source = j.Name
			delete(c.remembered, j.Name)
			c.seats[j.Name] = s
		}
		former := s.job
		s.job, s.gone = j, false
		switch {
		case former.Source == nil, s.changed():
			fresh = append(fresh, s)
		case j.Interval() < former.Interval() && s.visit.Health == Well && s.visit.NotBefore.IsZero():
			s.due = earlier(s.due, c.opt.Steady().Add(c.jitter().longer(j.Interval())))
		}
	}
	c.place(fresh)
	c.dismiss()
	c.nudge()
}

// dismiss lets those go who are no longer configured.
func (c *Crawler) dismiss() {
	for _, s := range c.seats {
		switch {
		case s.gone && s.busy:
			s.stop()
		case s.gone:
			c.leave(s)
		}
	}
}

func (c *Crawler) leave(s *seat) {
	c.remembered[s.job.Name] = s.visit
	delete(c.seats, s.job.Name)
}

// Visits are the sources as they stand, by name.
func (c *Crawler) Visits() []Visit {
	c.mu.Lock()
	defer c.mu.Unlock()
	visits := make([]Visit, 0, len(c.seats))
	for _, s := range c.seats {
		v := s.visit
		if !s.busy && !v.Ended {
			v.Next = c.opt.Now().Add(max(s.due.Sub(c.opt.Steady()), 0))
		}
		visits = append(visits, v)
	}
	slices.SortFunc(visits, func(a, b Visit) int { return cmp.Compare(a.Source, b.Source) })
	return visits
}

// VisitNow visits a source at once because a person asked, unless its place wants
// to be left alone. The error is for that person.
func (c *Crawler) VisitNow(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.seats[name]
	now := c.opt.Now()
	switch shard, elsewhere := c.opt.Elsewhere(name); {
	case s == nil && elsewhere:
		return say.Errorf(say.Text{
			EN: "“%s” is read by another machine (shard %d): it will be read there when it is due.",
			FR: "« %s » est lue par une autre machine (processus %d) : elle y sera lue à son heure.",
		}, name, shard)
	case s == nil:
		return say.Errorf(say.Text{
			EN: "There is no source called “%s”. Check the name in the configuration.",
			FR: "Aucune source ne s’appelle «\u00a0%s\u00a0». Vérifiez le nom dans la configuration.",
		}, name)
	case s.visit.Ended:
		return say.Errorf(goneForGood, name)
	case s.visit.NotBefore.After(now):
		return say.Errorf(leftAlone, name, span(s.visit.NotBefore.Sub(now)))
	case s.busy, !s.ended.IsZero() && c.opt.Steady().Sub(s.ended) < askedTooSoon:
		return nil // it is being read, or was a moment ago
	}
	s.due = c.opt.Steady()
	c.nudge()
	return nil
}
