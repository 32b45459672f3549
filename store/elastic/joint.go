package elastic

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// What was refused of what a shard found stands in its own spool. The newest of it is
// shown to the others in one document for each shard; what is to be sent again is asked
// for in another index, one document for each wish, which goes when it is fulfilled.

var _ store.Joint = (*Store)(nil)

// refusals is the index of what was refused.
func (n indices) refusals() string { return n.prefix + "-refused" }

// wishes is the index of what is to be sent again.
func (n indices) wishes() string { return n.prefix + "-resend" }

// shown is store.Refusals as they are written.
type shown struct {
	Shard   int       `json:"shard"`
	At      time.Time `json:"at"`
	Dead    int       `json:"dead"`
	Letters []byte    `json:"letters"` // JSON of some buried
}

// wish is what a shard is to send again: all when Seqs names nothing.
type wish struct {
	Shard int       `json:"shard"`
	At    time.Time `json:"at"`
	Name  string    `json:"name"` // of its document
	Seqs  []int64   `json:"seqs"`
}

// refusalMapping is what the document of a shard holds.
func refusalMapping() object {
	return object{"shard": object{"type": "integer"}, "at": date(), "dead": object{"type": "long"}, "letters": object{"type": "binary"}}
}

// wishMapping is what the document of a wish holds.
func wishMapping() object {
	return object{"shard": object{"type": "integer"}, "at": date(), "name": keywords(), "seqs": object{"type": "long", "index": false}}
}

// mark is another whenever the dead letters are others.
func (p *spool) mark(ctx context.Context) (mark string, dead int, err error) {
	var seq, died int64
	err = p.db.Read().QueryRowContext(ctx, `SELECT count(*), coalesce(max(seq), 0), coalesce(max(died), 0) FROM dead`).Scan(&dead, &seq, &died)
	return fmt.Sprint(dead, " ", seq, " ", died), dead, err
}

// Admit is store.Joint's. What the others were shown is not written again.
func (s *Store) Admit(ctx context.Context, shard, limit int) error {
	mark, dead, err := s.spool.mark(ctx)
	if err != nil {
		return fmt.Errorf("look at the dead letters: %w", err)
	}
	s.mu.Lock()
	same := s.admitted == mark
	s.mu.Unlock()
	if same {
		return nil
	}
	graves, err := s.spool.graves(ctx, limit)
	if err != nil {
		return fmt.Errorf("list the dead letters: %w", err)
	}
	for i := range graves {
		s.shorten(&graves[i])
	}
	if err := s.show(ctx, shown{Shard: shard, At: s.now().UTC(), Dead: dead}, graves); err != nil {
		return fmt.Errorf("show %d dead letters to the other shards: %w", dead, s.explain(err))
	}
	err = s.spool.db.Write(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO fact (name, value) VALUES ('shard', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, shard)
		return err
	})
	if err != nil {
		return fmt.Errorf("note which shard this is: %w", err)
	}
	s.joined.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admitted = mark
	return nil
}

func (s *Store) show(ctx context.Context, said shown, graves []buried) (err error) {
	if said.Letters, err = json.Marshal(graves); err != nil {
		return err
	}
	return s.write(ctx, s.names.refusals(), refusalMapping, fmt.Sprint(said.Shard), said)
}

// write puts one document of peers, which can be found when it returns.
func (s *Store) write(ctx context.Context, index string, mapping func() object, id string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return s.tell(ctx, index, mapping, func() error {
		return s.client.do(ctx, esapi.IndexRequest{Index: index, DocumentID: id, Body: bytes.NewReader(body), Refresh: "true"}, nil)
	})
}

// How much others are shown of a mention, and of the words of the server, in characters.
const (
	shownText   = 400
	shownReason = 1000
)

// shorten leaves of a dead letter what a list shows of it. What cannot be read is left out.
func (s *Store) shorten(b *buried) {
	b.Reason = cut(b.Reason, shownReason)
	m, err := s.unpack(b.Body)
	b.Body = nil
	if err != nil || len(m.Versions) == 0 {
		return
	}
	newest := m.Current()
	short := mention.Mention{ID: m.ID, Source: m.Source, Place: m.Place, Kind: m.Kind, URL: m.URL, PublishedAt: m.PublishedAt, SeenAt: m.SeenAt,
		Versions: []mention.Version{{At: newest.At, Title: cut(newest.Title, shownText), Text: cut(newest.Text, shownText)}}}
	if body, err := s.pack(&short); err == nil {
		b.Body = body
	}
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// Admitted is store.Joint's. What stands in the way of writing is often why something was
// refused: it does not keep from looking.
func (s *Store) Admitted(ctx context.Context) (all []store.Refusals, err error) {
	ours, joined, err := s.spool.fact(ctx, "shard")
	if err != nil || !joined {
		return nil, err
	}
	wishes, err := s.wishes(ctx)
	if err == nil {
		err = s.read(ctx, s.names.refusals(), "shard", func(source json.RawMessage) error {
			var said shown
			if err := json.Unmarshal(source, &said); err != nil || int64(said.Shard) == ours {
				return err
			}
			all = append(all, s.refusals(said, wishes))
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("ask what was refused of the other shards: %w", s.explain(err))
	}
	return all, nil
}

// refusals reads what one shard showed; what it is asked to send again is marked. What
// it wrote as we cannot read it only counts.
func (s *Store) refusals(said shown, wishes []wish) store.Refusals {
	r := store.Refusals{Shard: said.Shard, At: said.At, Dead: said.Dead}
	var graves []buried
	if err := json.Unmarshal(said.Letters, &graves); err != nil {
		s.log.Warn("what another shard shows of its dead letters cannot be read", "shard", said.Shard, "err", err)
		return r
	}
	for i := range graves {
		l := s.letter(&graves[i])
		l.Shard = said.Shard
		l.Asked = slices.ContainsFunc(wishes, func(w wish) bool {
			return w.Shard == said.Shard && (len(w.Seqs) == 0 || slices.Contains(w.Seqs, l.Seq))
		})
		r.Newest = append(r.Newest, l)
	}
	return r
}

func (s *Store) wishes(ctx context.Context) (all []wish, err error) {
	err = s.read(ctx, s.names.wishes(), "at", func(source json.RawMessage) error {
		var w wish
		err := json.Unmarshal(source, &w)
		all = append(all, w)
		return err
	})
	return all, err
}

// Request is store.Joint's.
func (s *Store) Request(ctx context.Context, shard int, seqs ...int64) error {
	w := wish{Shard: shard, At: s.now().UTC(), Name: rand.Text(), Seqs: seqs}
	if err := s.write(ctx, s.names.wishes(), wishMapping, w.Name, w); err != nil {
		return fmt.Errorf("ask shard %d to send dead letters again: %w", shard, s.explain(err))
	}
	return nil
}

// Obey is store.Joint's. A wish goes once it is fulfilled: at worst it is fulfilled again,
// which finds nothing left.
func (s *Store) Obey(ctx context.Context, shard int) (total int, err error) {
	wishes, err := s.wishes(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask what is to be sent again: %w", s.explain(err))
	}
	for _, w := range wishes {
		if w.Shard != shard {
			continue
		}
		n, err := s.Resend(ctx, w.Seqs...)
		if err != nil {
			return total, err
		}
		total += n
		if err := s.client.do(ctx, esapi.DeleteRequest{Index: s.names.wishes(), DocumentID: w.Name, Refresh: "true"}, nil); err != nil {
			return total, fmt.Errorf("note that %d dead letters are sent again: %w", n, s.explain(err))
		}
	}
	return total, nil
}
