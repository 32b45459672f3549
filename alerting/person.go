package alerting

import (
	"cmp"
	"slices"
)

// Person is who does something. What people did is kept under the name that they had
// then, with the member that they are: a name may change, and a replay says what was said.
type Person struct {
	Name   string // as the page names them, "" for who gave none
	Member string // their id, "" for who is no member
}

// called is how somebody who signed with a name is called today.
func (r Reader) called(member, name string) string {
	if member == "" || r.Member == nil {
		return name
	}
	if today := r.Member(member); today != "" {
		return today
	}
	return name
}

// Today is an incident with the members in it as they are called today.
func (r Reader) Today(i Incident) Incident {
	i.By, i.For = r.called(i.ByMember, i.By), r.called(i.ForMember, i.For)
	if i.Facts.Advisory == nil {
		return i
	}
	a := *i.Facts.Advisory
	a.By, a.WithdrawnBy = r.called(a.Member, a.By), r.called(a.Withdrawer, a.WithdrawnBy)
	a.Read = slices.Clone(a.Read)
	for n, read := range a.Read {
		a.Read[n].Name = r.called(read.Member, read.Name)
	}
	i.Facts.Advisory = &a
	return i
}

// assignee is to whom an incident was assigned, whatever they are called.
func (i Incident) assignee() string { return cmp.Or(i.ForMember, i.For) }

// TodayIn is a line of a journal with the members in it as they are called today.
func (r Reader) TodayIn(e Entry) Entry {
	e.Person, e.To = r.called(e.Member, e.Person), r.called(e.ToMember, e.To)
	return e
}
