package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/say"
)

// A renewal writes an index anew beside itself and puts the copy in its place, while it is
// written to from any number of machines:
//
//  1. The copy is made under a higher number, with the alias renewing, and all is copied
//     to it, then what was written meanwhile, until that is little. A copied document has as
//     its version the sequence number of the one it was copied from, and one more: so that
//     none is written over by an older one.
//  2. The index is shut: Elasticsearch takes no more writes to it, and says so when the
//     last of those before is done. Writers wait; nothing of theirs is lost. The rest is
//     copied, and what was deleted meanwhile is deleted from the copy.
//  3. In one step the copy gives up the alias renewing, takes that of the index, and the
//     index is deleted. Writers find out at their next write, look again, and go on.
//
// Whoever begins a renewal takes over from those that died: it makes its copy, takes the
// alias renewing from theirs, and only then deletes them and opens the index again. Without
// that alias step 3 fails as a whole, also when it was asked for long ago and arrives only
// now. The highest number is never deleted before there is a higher one, so that none
// comes twice.
type renewal struct {
	s          *Store
	alias      string
	span       string
	from, into string
	first      bool // nobody had left a copy of this index
	asked      bool // for the copy to be put in its place
	shards     int
	upto       int64 // the sequence number up to which all is copied
	shut       time.Duration
}

const (
	// renewalStep is how many documents are copied in one request, and walkStep of how many
	// it is asked at once which they are.
	renewalStep = 300
	walkStep    = 3000
	// renewalPasses is how often it is copied what was written during the pass before, until
	// the index is shut though much of it changes.
	renewalPasses = 10
	// shutsFor is how long an index is shut at most, and opensWithin how long to open it
	// again may take.
	shutsFor    = 2 * time.Minute
	opensWithin = 10 * time.Second
	// renewalTries is how often one goes on after an answer that did not come.
	renewalTries = 8
)

var (
	textNoRoom = say.Text{
		EN: "Elasticsearch has no room to write the index %[1]s anew: that takes %[2]s beside it on each node. Make room there; until then words cut by an older version are found as it cut them.",
		FR: "Elasticsearch n’a pas la place de récrire l’index %[1]s\u00a0: il y faut %[2]s de plus sur chaque nœud. Faites-y de la place; d’ici là, les mots découpés par une version antérieure se trouvent tels qu’elle les a découpés.",
	}
	textOvertaken = say.Text{
		EN: "another process writes the index %[1]s anew at this moment, and this one has made way. Let the other finish, then begin again if need be.",
		FR: "un autre processus récrit l’index %[1]s en ce moment\u00a0: celui-ci lui a laissé la place. Laissez l’autre finir, puis recommencez s’il le faut.",
	}
)

// Why an index is left as it is.
var (
	errHandShut = errors.New("somebody has shut it to writes")
	errUnread   = errors.New("a mention in it cannot be read by this version")
	errNoIndex  = errors.New("it is no longer there")
	errStrange  = errors.New("its name is none that ouidire gives")
)

// renewIndex writes an index anew. The error is one of those above when it is left as it
// is for a reason that trying again does not mend.
func (s *Store) renewIndex(ctx context.Context, index string) error {
	r, err := s.beginRenewal(ctx, index)
	if err != nil {
		return err
	}
	if err = r.follow(ctx); err == nil {
		err = r.conclude(ctx)
	}
	if err != nil {
		err = r.abandon(ctx, err)
	}
	if err != nil {
		return err
	}
	s.log.Info("an index is written anew", "index", r.from, "into", r.into, "shut_for", r.shut)
	s.sender.lost(r.from)
	return nil
}

// beginRenewal makes the copy, and clears away what others left who died.
func (s *Store) beginRenewal(ctx context.Context, index string) (*renewal, error) {
	alias, span, _, ours := s.names.parse(index)
	if !ours {
		return nil, errStrange
	}
	all, err := s.editions(ctx, alias, span)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(e edition) bool { return e.index == index && e.found }) {
		return nil, errNoIndex
	}
	left := slices.DeleteFunc(slices.Clone(all), func(e edition) bool { return e.found })
	is, err := s.set(ctx, index)
	if err != nil {
		return nil, err
	}
	if is.shut && len(left) == 0 {
		return nil, errHandShut
	}
	if err := s.roomFor(ctx, index); err != nil {
		return nil, err
	}
	r := &renewal{s: s, alias: alias, span: span, from: index, first: len(left) == 0, shards: is.shards, upto: nothing, into: s.names.name(alias, span, all[len(all)-1].number+1)}
	if err := s.make(ctx, r.into, object{s.names.renewing(): object{"is_hidden": true}}); err != nil {
		if refusal := (*refused)(nil); errors.As(err, &refusal) && refusal.Type == alreadyThere {
			return nil, say.Errorf(textOvertaken, index)
		}
		return nil, fmt.Errorf("create the index %s: %w", r.into, err)
	}
	for _, e := range left {
		if err := s.clearAway(ctx, e); err != nil {
			return nil, err
		}
	}
	if is.shut { // by one of those who can put nothing in its place any more
		return r, s.open(ctx, index)
	}
	return r, nil
}

// clearAway deletes a copy that another left, once nobody can put it in place any more.
func (s *Store) clearAway(ctx context.Context, e edition) error {
	if e.underway {
		revoked, err := s.revoke(ctx, e.index)
		if err != nil {
			return fmt.Errorf("take over from a rebuild: %w", err)
		}
		if !revoked { // it is in place, or somebody else clears it away
			return say.Errorf(textOvertaken, e.index)
		}
	}
	err := s.client.do(ctx, esapi.IndicesDeleteRequest{Index: []string{e.index}}, nil)
	if err != nil && !isGone(err) {
		return fmt.Errorf("delete what a rebuild left: %w", err)
	}
	return nil
}

// roomFor says that each node has room for the copy of an index: it stands beside it until
// it is whole, and a disk that fills would end writing.
func (s *Store) roomFor(ctx context.Context, index string) error {
	all, err := s.measure(ctx, index)
	if err != nil || len(all) == 0 {
		return err
	}
	room, err := s.hasRoom(ctx, all[0])
	if err == nil && !room {
		err = say.Errorf(textNoRoom, index, bytesSaid(2*all[0].bytes))
	}
	return err
}

// follow copies until little differs.
func (r *renewal) follow(ctx context.Context) error {
	for range renewalPasses {
		n, err := r.insist(ctx, r.pass)
		if err != nil || n <= renewalStep {
			return err
		}
	}
	return nil
}

// conclude shuts the index, copies the rest, and puts the copy in its place.
func (r *renewal) conclude(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shutsFor)
	defer cancel()
	start := time.Now()
	defer func() { r.shut = time.Since(start) }()
	if err := r.shutOff(ctx); err != nil {
		return fmt.Errorf("shut the index %s: %w", r.from, err)
	}
	for n := 1; n > 0; {
		copied, err := r.insist(ctx, r.pass)
		if err != nil {
			return err
		}
		weeded, err := r.insist(ctx, r.weed)
		if err != nil {
			return err
		}
		n = copied + weeded
	}
	r.asked = true
	return r.s.realias(ctx,
		object{"remove": object{"index": r.into, "alias": r.s.names.renewing(), "must_exist": true}},
		object{"add": object{"index": r.into, "alias": r.alias}},
		object{"remove_index": object{"index": r.from}})
}

// shutOff returns when Elasticsearch takes no more writes to the index and has done all it took.
func (r *renewal) shutOff(ctx context.Context) error {
	var answer struct {
		Acknowledged bool
		Shards       bool `json:"shards_acknowledged"`
		Indices      []struct{ Blocked bool }
	}
	err := r.s.client.do(ctx, esapi.IndicesAddBlockRequest{Index: []string{r.from}, Block: "write"}, &answer)
	switch {
	case err != nil:
		return err
	case len(answer.Indices) == 0: // it is shut already, and it was open when we began
		return say.Errorf(textOvertaken, r.from)
	case !answer.Acknowledged || !answer.Shards || !answer.Indices[0].Blocked:
		return &refused{Status: http.StatusServiceUnavailable, Type: "unconfirmed", Reason: "not all shards have said in time that they are shut"}
	}
	return nil
}

// insist goes on after answers that did not come, for a while: to do it again changes nothing.
func (r *renewal) insist(ctx context.Context, do func(context.Context) (int, error)) (n int, err error) {
	for tries := 1; ; tries++ {
		n, err = do(ctx)
		code := status(err)
		again := err != nil && (code == 0 || code == http.StatusTooManyRequests || code >= 500) && !errors.Is(err, errUnread)
		if !again || tries == renewalTries || !pause(ctx, backoff(tries)) {
			return n, err
		}
	}
}

// abandon gives a renewal up because of why, so that it cannot be concluded any more, and
// opens the index again. It is nil when it was concluded after all.
func (r *renewal) abandon(ctx context.Context, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opensWithin)
	defer cancel()
	_, err := r.insist(ctx, func(ctx context.Context) (int, error) {
		_, err := r.s.revoke(ctx, r.into)
		return 0, err
	})
	if err != nil { // whoever begins the next one opens the index
		return errors.Join(why, fmt.Errorf("give up writing %s anew: %w", r.from, err))
	}
	all, err := r.s.editions(ctx, r.alias, r.span)
	if err != nil {
		return errors.Join(why, err)
	}
	stands := func(index string) bool {
		return slices.ContainsFunc(all, func(e edition) bool { return e.index == index && e.found })
	}
	switch {
	case stands(r.into):
		return nil
	case !stands(r.from):
		return errNoIndex
	case slices.ContainsFunc(all, func(e edition) bool { return e.underway }): // who has begun opens it
		return say.Errorf(textOvertaken, r.from)
	}
	err = r.s.open(ctx, r.from)
	if r.first && !r.asked { // no request that could come too late names it
		err = errors.Join(err, r.s.clearAway(ctx, edition{index: r.into}))
	}
	return errors.Join(why, err)
}

// revoke takes the alias renewing from an index, and says whether it had it.
func (s *Store) revoke(ctx context.Context, index string) (bool, error) {
	err := s.realias(ctx, object{"remove": object{"index": index, "alias": s.names.renewing(), "must_exist": true}})
	if isGone(err) {
		return false, nil
	}
	return err == nil, err
}

// realias changes aliases, all of this or nothing.
func (s *Store) realias(ctx context.Context, actions ...object) error {
	body, err := json.Marshal(object{"actions": actions})
	if err != nil {
		return err
	}
	return s.client.do(ctx, esapi.IndicesUpdateAliasesRequest{Body: bytes.NewReader(body)}, nil)
}
