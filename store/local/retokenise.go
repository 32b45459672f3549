package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// retokeniseStep is how many mentions get new terms in one transaction.
const retokeniseStep = 50

// Retokenise gives new terms to the mentions whose terms were made by an older
// version of the program, or before words became frequent, in small steps beside the
// usual work, and returns how many they were. Until it is done all answer by their
// old terms: what an older internal/text cut otherwise may be missed in them, nothing
// else; beginnings and phrases are as slow as they were. It can be stopped and begun
// again at any time.
func (s *Store) Retokenise(ctx context.Context) (total int, err error) {
	if err := s.learn(ctx); err != nil {
		return 0, err
	}
	f := s.frequent.Load()
	for s.settled.Load() != f.version() {
		n, err := s.renewAll(ctx, f)
		total += n
		if err != nil {
			return total, err
		}
		if err := s.settle(ctx, f); err != nil {
			return total, wrap("look for outdated terms", err)
		}
	}
	return total, nil
}

// renewAll walks once along all mentions.
func (s *Store) renewAll(ctx context.Context, f *frequent) (total int, err error) {
	after := int64(-1)
	for {
		keys, err := s.outdated(ctx, after, f)
		if err != nil || len(keys) == 0 {
			return total, wrap("look for outdated terms", err)
		}
		err = s.write(ctx, s.db.Write, func(w *writer) error { return w.retokenise(ctx, keys, f) })
		if err != nil {
			return total, wrap("renew terms", err)
		}
		total += len(keys)
		after = keys[len(keys)-1]
	}
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (s *Store) outdated(ctx context.Context, after int64, f *frequent) (keys []int64, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT key FROM mention WHERE key > ? AND tokens <> ? ORDER BY key LIMIT ?`,
		after, f.version(), retokeniseStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

func (w *writer) retokenise(ctx context.Context, keys []int64, f *frequent) error {
	x := w.store.indexers.get()
	defer w.store.indexers.put(x)
	for _, key := range keys {
		var body []byte
		err := w.tx.QueryRow(ctx, `SELECT body FROM body WHERE key = ?`, key).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			continue // it moved meanwhile, and got new terms
		}
		if err != nil {
			return err
		}
		m, err := w.store.decode(body)
		if err != nil {
			return err
		}
		if err := w.renew(ctx, key, x.index(&m, f), f.version()); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) renew(ctx context.Context, key int64, terms string, version int64) error {
	_, err1 := w.tx.Exec(ctx, `DELETE FROM term WHERE rowid = ?`, key)
	_, err2 := w.tx.Exec(ctx, `INSERT INTO term (rowid, words) VALUES (?, ?)`, key, terms)
	_, err3 := w.tx.Exec(ctx, `UPDATE mention SET tokens = ? WHERE key = ?`, version, key)
	return errors.Join(err1, err2, err3)
}

// Outdated is store.Store's. Terms that are of an older edition only are found all the
// same.
func (s *Store) Outdated(ctx context.Context) (n int, err error) {
	if s.settled.Load()>>editionBits == tokensVersion {
		return 0, nil
	}
	err = s.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM mention WHERE tokens >> ? <> ?`, editionBits, tokensVersion).Scan(&n)
	return n, wrap("count outdated terms", err)
}
