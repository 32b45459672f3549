package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// Acts is what people did with incidents in [from, to), oldest first, as far back as
// the journal goes; a zero instant is open.
func (d *DB) Acts(ctx context.Context, from, to time.Time) (acts []alerting.Action, err error) {
	entries, err := d.Entries(ctx, from, to, everything)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		act := alerting.Act(strings.TrimPrefix(e.What, incidentWhat))
		if !strings.HasPrefix(e.What, incidentWhat) || !act.Known() {
			continue
		}
		var detail incidentDetail
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			return nil, fmt.Errorf("read the detail of %s: %w", e.What, err)
		}
		acts = append(acts, alerting.Action{Incident: e.Subject, Act: act, By: e.Who, Member: detail.Member, At: e.At, Until: detail.Until, To: detail.To, ToMember: detail.ToMember, Note: detail.Note})
	}
	return acts, nil
}

// everything is no limit.
const everything = 1 << 40
