package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// askWithin is how long Put asks whether a mention is known already, and rest for how
// long it does not ask a server that took longer. Only what Put answers depends on
// it: what is kept does not.
const (
	askWithin = 200 * time.Millisecond
	rest      = 30 * time.Second
)

var textFull = say.Text{
	EN: "the spool is full: %[1]s wait for Elasticsearch. Nothing more is read until it answers; nothing is lost. Look at the server, or raise spool under store.",
	FR: "la file d’attente est pleine\u00a0: %[1]s attendent Elasticsearch. Plus rien n’est lu tant qu’il ne répond pas; rien n’est perdu. Voyez le serveur, ou augmentez spool sous store.",
}

// Put is store.Store's: it returns when the batch is fsynced in the spool. When that
// is full it refuses, and so crawling pauses.
func (s *Store) Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	if len(batch) == 0 {
		return nil, nil, nil
	}
	// A trouble of this moment is most often over at once, and then all is sent from here.
	if since, trouble := s.condition.get(); trouble == nil || s.now().Sub(since) < abreast {
		s.sender.keepUp(ctx)
	}
	mentions, ops, err := s.pour(ctx, batch)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare %d mentions: %w", len(batch), err)
	}
	if err := s.acquaint(ctx, mentions); err != nil {
		return nil, nil, fmt.Errorf("keep %d mentions: %w", len(batch), err)
	}
	err = s.append(ctx, s.spool.db.Write, func(tx *sqlite.Tx) ([]op, error) {
		fresh, edited = s.sort(mentions, ops)
		return ops, s.spool.remember(ctx, tx, "newest_seen", newest(mentions).UnixMicro())
	})
	if err != nil {
		for _, id := range fresh {
			s.memory.change(id, func(p *place) { p.known = false })
		}
		return nil, nil, fmt.Errorf("keep %d mentions: %w", len(batch), err)
	}
	return fresh, edited, nil
}

// append writes operations into the spool, and hands them to who sends them.
func (s *Store) append(ctx context.Context, write func(context.Context, func(*sqlite.Tx) error) error, make func(*sqlite.Tx) ([]op, error)) error {
	if err := s.room(ctx); err != nil {
		return err
	}
	var ops []op
	err := write(ctx, func(tx *sqlite.Tx) (err error) {
		if ops, err = make(tx); err != nil {
			return err
		}
		return s.spool.add(ctx, tx, ops)
	})
	if err == nil {
		s.sender.hand(ops)
	}
	return err
}

// room waits while the spool is full and empties itself. When it does not, nothing
// more can be kept.
func (s *Store) room(ctx context.Context) error {
	for s.spool.full() {
		if _, trouble := s.condition.get(); trouble != nil || s.reach() != nil {
			return say.Errorf(textFull, bytesSaid(s.spool.limit))
		}
		brief, cancel := context.WithTimeout(ctx, looksEvery)
		s.sender.moves(brief)
		cancel()
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("wait for room in the spool: %w", err)
		}
	}
	return nil
}

// pour makes of a batch what the spool will hold, before the turn to write.
func (s *Store) pour(ctx context.Context, batch []mention.Mention) ([]mention.Mention, []op, error) {
	mentions, ops := make([]mention.Mention, len(batch)), make([]op, len(batch))
	for i := range batch {
		m, err := store.Normal(&batch[i])
		if err != nil {
			return nil, nil, err
		}
		body, err := s.pack(&m)
		if err != nil {
			return nil, nil, err
		}
		mentions[i] = m
		ops[i] = op{id: m.ID, kind: putting, body: body, given: &mentions[i]}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	return mentions, ops, nil
}

// sort says of each whether it is new as far as is known, and since when what it
// brings is known.
func (s *Store) sort(mentions []mention.Mention, ops []op) (fresh, edited []string) {
	changed := map[string]bool{}
	for i := range mentions {
		m := &mentions[i]
		first, another := s.memory.put(m.ID, m.Current())
		ops[i].at = m.Current().At
		if first {
			ops[i].at = m.SeenAt
			fresh = append(fresh, m.ID)
			changed[m.ID] = true
		}
		if another && !changed[m.ID] {
			edited = append(edited, m.ID)
			changed[m.ID] = true
		}
	}
	return fresh, edited
}

func newest(mentions []mention.Mention) (at time.Time) {
	for i := range mentions {
		if seen := mentions[i].SeenAt; seen.After(at) {
			at = seen
		}
	}
	return at
}

// MarkGone is store.Store's.
func (s *Store) MarkGone(ctx context.Context, ids []string, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	ops := make([]op, len(ids))
	for i, id := range ids {
		ops[i] = op{id: id, kind: leaving, at: store.Instant(at)}
	}
	if err := s.append(ctx, s.spool.db.Write, func(*sqlite.Tx) ([]op, error) { return ops, nil }); err != nil {
		return fmt.Errorf("mark %d mentions as gone: %w", len(ids), err)
	}
	return nil
}

// AddReading is store.Store's. A person waits: what stands in Elasticsearch is written
// at once, and can be found when this returns; what still waits in the spool is amended there.
func (s *Store) AddReading(ctx context.Context, id string, r mention.Reading) error {
	r.At = store.Instant(r.At)
	amended, err := s.amend(ctx, id, r)
	if err == nil && !amended {
		err = s.judge(ctx, id, r)
	}
	if err != nil {
		return fmt.Errorf("add a reading: %w", err)
	}
	return nil
}

// AddReadings is store.Store's.
func (s *Store) AddReadings(ctx context.Context, all []store.Judgement) error {
	if len(all) == 0 {
		return nil
	}
	ops := make([]op, len(all))
	for i, j := range all {
		j.Reading.At = store.Instant(j.Reading.At)
		body, err := json.Marshal(j.Reading)
		if err != nil {
			return fmt.Errorf("prepare %d readings: %w", len(all), err)
		}
		ops[i] = op{id: j.ID, kind: judging, at: j.Reading.At, body: body}
	}
	s.sender.keepUp(ctx)
	if err := s.append(ctx, s.spool.db.Write, func(*sqlite.Tx) ([]op, error) { return ops, nil }); err != nil {
		return fmt.Errorf("add %d readings: %w", len(all), err)
	}
	return nil
}

// amend adds a reading to a mention that waits in the spool.
func (s *Store) amend(ctx context.Context, id string, r mention.Reading) (amended bool, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	err = s.append(ctx, s.spool.db.WritePriority, func(tx *sqlite.Tx) ([]op, error) {
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM spool WHERE id = ? AND kind = ?)`, id, putting).Scan(&amended)
		if err != nil || !amended {
			return nil, err
		}
		return []op{{id: id, kind: judging, at: r.At, body: body}}, nil
	})
	return amended && err == nil, err
}

// judgeTries is how often somebody else may change a mention while we judge it, or its index
// be shut, and shutPause how long it is then waited before the next.
const (
	judgeTries = 20
	shutPause  = 500 * time.Millisecond
)

func (s *Store) judge(ctx context.Context, id string, r mention.Reading) error {
	for range judgeTries {
		kept, err := s.one(ctx, id)
		if err != nil {
			return err
		}
		if kept == nil {
			return fmt.Errorf("mention %s: %w", id, store.ErrNotFound)
		}
		kept.mention.Readings = append(kept.mention.Readings, r)
		err = s.attend(ctx, func(ctx context.Context) error { return s.overwrite(ctx, kept) })
		switch {
		case err == nil:
			return nil
		case isShut(err) && pause(ctx, shutPause): // a rebuild stands in the way for a moment
		case status(err) != http.StatusConflict && status(err) != http.StatusNotFound:
			return s.explain(err)
		}
		s.memory.stands(id, kept.index) // read it again as it is at that moment
	}
	return fmt.Errorf("mention %s changes all the time", id)
}

// overwrite writes a mention where it was read, if it is still as it was, and returns
// when it can be found.
func (s *Store) overwrite(ctx context.Context, kept *stand) error {
	source, err := s.documents.encode(&kept.mention)
	if err != nil {
		return err
	}
	seq, term := int(kept.seq), int(kept.term)
	return s.client.do(ctx, esapi.IndexRequest{Index: kept.index, DocumentID: kept.mention.ID, Body: bytes.NewReader(source),
		IfSeqNo: &seq, IfPrimaryTerm: &term, Refresh: "true"}, nil)
}

// NewestSeen is store.Store's. The spool remembers what this folder has seen; what
// others have is asked for when the server answers.
func (s *Store) NewestSeen(ctx context.Context) (time.Time, error) {
	micro, ok, err := s.spool.fact(ctx, "newest_seen")
	if err != nil {
		return time.Time{}, fmt.Errorf("ask for the newest instant: %w", err)
	}
	var newest time.Time
	if ok {
		newest = time.UnixMicro(micro).UTC()
	}
	if s.reach() != nil {
		return newest, nil
	}
	kept, err := s.newestKept(ctx)
	if err != nil && ok {
		return newest, nil
	}
	if err != nil {
		return time.Time{}, s.explain(err)
	}
	if kept.After(newest) {
		return kept, nil
	}
	return newest, nil
}

// bytesSaid is an amount of memory as one types it.
func bytesSaid(n int64) string {
	if n >= 1<<30 && n%(1<<30) == 0 {
		return fmt.Sprintf("%d\u00a0GiB", n>>30)
	}
	return fmt.Sprintf("%d\u00a0MiB", n>>20)
}
