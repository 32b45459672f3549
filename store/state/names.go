package state

import (
	"context"
	"fmt"
)

// MemberName is how a member is called today, "" for an id that nobody has. It asks
// nothing of the file: messages are worded with it.
func (d *DB) MemberName(id string) string { return (*d.names.Load())[id] }

// recallNames reads how members are called; whoever changes one does it again.
func (d *DB) recallNames(ctx context.Context) error {
	d.naming.Lock()
	defer d.naming.Unlock()
	all, err := d.Members(context.WithoutCancel(ctx)) // what was changed is changed
	if err != nil {
		return fmt.Errorf("recall how members are called: %w", err)
	}
	names := make(map[string]string, len(all))
	for _, m := range all {
		names[m.ID] = m.Name
	}
	d.names.Store(&names)
	return nil
}
