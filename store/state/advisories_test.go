package state

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

func TestAdvisoriesAreFoundNewestFirstAndThoseInForceApart(t *testing.T) {
	d, _ := openState(t)
	now := time.Date(2026, 11, 20, 17, 12, 0, 0, time.UTC)
	var s alerting.Settlement
	for days := range 5 {
		at := now.AddDate(0, 0, -days)
		i, err := alerting.Advise(alerting.Draft{Form: fmt.Sprint("formulaire ", days), At: at, Advisory: alerting.Advisory{
			From: "mouvement", To: []string{"caisse"}, Subject: fmt.Sprint("Il y a ", days, " jours"), Advice: "Attendez.", Until: at.Add(60 * time.Hour)}})
		if err != nil {
			t.Fatal(err)
		}
		if days == 1 {
			if i, err = alerting.TakeBack(i, alerting.Person{Name: "Odette"}, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		s.Incidents = append(s.Incidents, i)
	}
	s.Incidents = append(s.Incidents,
		alerting.Incident{ID: "wedition", Key: "digest of courriel", State: alerting.Resolved, OpenedAt: now, Facts: alerting.Facts{Edition: &alerting.EditionFacts{}}},
		alerting.Incident{ID: "wvague", Key: "vagues\x00caisse", Rule: "vagues", State: alerting.New, OpenedAt: now})
	if err := d.Settle(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	said := func(all []alerting.Incident, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var subjects []string
		for _, i := range all {
			subjects = append(subjects, strings.Fields(i.Facts.Advisory.Subject)[3])
		}
		return strings.Join(subjects, " ")
	}
	if got := said(d.Advisories(t.Context(), now.AddDate(0, 0, -3), time.Time{}, 9)); got != "0 1 2 3" {
		t.Errorf("since three days: %q", got)
	}
	if got := said(d.Advisories(t.Context(), time.Time{}, time.Time{}, 2)); got != "0 1" {
		t.Errorf("the newest two: %q", got)
	}
	if got := said(d.AdvisoriesInForce(t.Context(), now)); got != "0 2" { // one was withdrawn, two hold no more
		t.Errorf("in force: %q", got)
	}
	if all, err := d.Incidents(t.Context(), time.Time{}, time.Time{}, 9); err != nil || len(all) != 1 || all[0].ID != "wvague" {
		t.Errorf("situations: %+v, %v", all, err)
	}
	var plan string
	err := d.db.Read().QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+advisoriesSQL, alerting.AdvisoryKey, 0, 9).Scan(new(int), new(int), new(int), &plan)
	if err != nil || !strings.Contains(plan, "USING INDEX incident_key (key=? AND opened>?)") {
		t.Errorf("every page would read everything: %q, %v", plan, err)
	}
	if _, err := d.ForgetAlerting(t.Context(), now, now.AddDate(0, 0, -2)); err != nil {
		t.Fatal(err)
	}
	if got := said(d.Advisories(t.Context(), time.Time{}, time.Time{}, 9)); got != "0 1 2" {
		t.Errorf("once the oldest are forgotten: %q", got)
	}
}
