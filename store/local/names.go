package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// names is the table name, in memory: sources, places, watches, labels. Authors
// are not among them, nor anything else that a mention brings of its own.
type names struct {
	mu  sync.RWMutex
	ids map[string]int64
	of  map[int64]string
}

func (n *names) load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT value, id FROM name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	n.ids, n.of = map[string]int64{}, map[int64]string{}
	for rows.Next() {
		var value string
		var id int64
		if err := rows.Scan(&value, &id); err != nil {
			return err
		}
		n.ids[value], n.of[id] = id, value
	}
	return rows.Err()
}

func (n *names) id(value string) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	id, ok := n.ids[value]
	return id, ok
}

// learn takes in what a transaction brought, once that is durable.
func (n *names) learn(learnt map[string]int64) {
	if len(learnt) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for value, id := range learnt {
		n.ids[value], n.of[id] = id, value
	}
}

// value is the name with an id; it asks tx for one that is newer than n.
func (n *names) value(ctx context.Context, tx *sql.Tx, id int64) (string, error) {
	n.mu.RLock()
	value, ok := n.of[id]
	n.mu.RUnlock()
	if ok {
		return value, nil
	}
	err := tx.QueryRowContext(ctx, `SELECT value FROM name WHERE id = ?`, id).Scan(&value)
	return value, err
}

// listing is the lists of watches (see watchList) that hold one of watches.
func (n *names) listing(watches []string) []int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	ids := []int64{}
	for value, id := range n.ids {
		if !strings.HasPrefix(value, "[") {
			continue
		}
		var list []string
		if json.Unmarshal([]byte(value), &list) != nil {
			continue // another name that begins so
		}
		if slices.ContainsFunc(list, func(w string) bool { return slices.Contains(watches, w) }) {
			ids = append(ids, id)
		}
	}
	return ids
}
