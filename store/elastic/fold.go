package elastic

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// folded is what becomes of a mention when operations are done to it.
type folded struct {
	mention mention.Mention
	packed  []byte // the mention as it was put, while nothing else was done to it
	exists  bool
	changed bool
}

// fold does what waits to what is kept, nil when nothing is. To do it again changes
// nothing: the server may have done it, and its answer got lost.
func (s *Store) fold(kept *mention.Mention, ops []op) (f folded, err error) {
	if kept != nil {
		f.mention, f.exists = *kept, true
	}
	for i := range ops {
		if err := s.foldOne(&f, &ops[i]); err != nil {
			return f, fmt.Errorf("read operation %d of the spool, on mention %s: %w", ops[i].seq, ops[i].id, err)
		}
	}
	return f, nil
}

func (s *Store) foldOne(f *folded, o *op) error {
	f.packed = nil
	switch o.kind {
	case putting:
		given, err := s.mention(o)
		if err != nil {
			return err
		}
		if !f.exists {
			f.mention, f.packed, f.exists, f.changed = *given, o.body, true, true
			return nil
		}
		f.put(given)
	case leaving:
		if f.exists && f.mention.GoneAt.IsZero() {
			f.mention.GoneAt, f.changed = o.at, true
		}
	case judging:
		var r mention.Reading
		if err := json.Unmarshal(o.body, &r); err != nil {
			return err
		}
		f.judge(r)
	}
	return nil
}

// mention is what a putting operation puts.
func (s *Store) mention(o *op) (*mention.Mention, error) {
	if o.given != nil {
		return o.given, nil
	}
	m, err := s.unpack(o.body)
	return &m, err
}

func (f *folded) judge(r mention.Reading) {
	if !f.exists {
		return
	}
	before := len(f.mention.Readings)
	f.mention.Readings = store.AppendReadings(f.mention.Readings, []mention.Reading{r})
	f.changed = f.changed || len(f.mention.Readings) > before
}

// put is store.Merge with what exists, but for what was done already, or comes late: from the dead
// letters, from another process whose clock is behind. That takes its place in time,
// so that the newer stays newer.
func (f *folded) put(given *mention.Mention) {
	newest := given.Current()
	switch {
	case newest.At.Before(f.mention.Current().At):
		if len(unheld(&f.mention, given)) > 0 { // the same words bring no reading
			f.mention, _ = grow(f.mention, given)
			f.changed = true
		}
	case holds(&f.mention, newest):
		f.changed = f.changed || !f.mention.GoneAt.IsZero()
		f.mention.GoneAt = time.Time{} // who is put again stands again
	default:
		_, changed := store.Merge(&f.mention, given)
		f.changed = f.changed || changed
	}
}

// holds says whether m had this version at its instant.
func holds(m *mention.Mention, v mention.Version) bool {
	return slices.ContainsFunc(m.Versions, func(k mention.Version) bool { return k.At.Equal(v.At) && !store.Differs(k, v) }) ||
		!store.Differs(m.VersionAt(v.At), v)
}

// unheld are the versions of other, the same mention, that m did not have at their
// instant. Nothing was known before the first sight that is kept: another process that
// saw the same a moment earlier brings nothing.
func unheld(m, other *mention.Mention) (more []mention.Version) {
	for _, v := range other.Versions {
		if v.At.Before(m.SeenAt) {
			v.At = m.SeenAt
		}
		if !holds(m, v) {
			more = append(more, v)
		}
	}
	return more
}

// grow adds to m what other, the same mention, knows beside it, where it belongs in
// time: nothing is lost, and the newer stays newer.
func grow(m mention.Mention, other *mention.Mention) (mention.Mention, bool) {
	readings := store.AppendReadings(m.Readings, other.Readings)
	more := unheld(&m, other)
	if len(more) == 0 && len(readings) == len(m.Readings) {
		return m, false
	}
	versions := append(more, m.Versions...) // at the same instant, what is kept is the newer
	slices.SortStableFunc(versions, func(a, b mention.Version) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(readings, func(a, b mention.Reading) int { return a.At.Compare(b.At) })
	m.Versions, m.Readings = versions, readings
	return m, true
}

// unite makes one of the documents of a mention: the one that knows most, grown by the
// others. grown says that they knew something beside it. Of those that know as much it is
// the same one for whoever reads them: two processes must not each delete the other's.
func unite(all []stand) (one stand, grown bool, err error) {
	best := 0
	for i := range all {
		if all[i].err != nil {
			return one, false, all[i].err
		}
		if k, most := knows(&all[i]), knows(&all[best]); k > most || k == most && all[i].index < all[best].index {
			best = i
		}
	}
	one = all[best]
	for i := range all {
		if i != best {
			var more bool
			one.mention, more = grow(one.mention, &all[i].mention)
			grown = grown || more
		}
	}
	return one, grown, nil
}

func knows(s *stand) int { return len(s.mention.Versions) + len(s.mention.Readings) }
