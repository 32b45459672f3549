package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// The oldest server that we work with.
const (
	oldestMajor = 8
	oldestMinor = 16
)

// prepare makes sure that the server is one that we work with, and that everything
// written from now on stands in indices as they must be. It may be done again at any time.
func (s *Store) prepare(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"ask which server this is", s.recognise},
		{"look at the indices that are there", s.upgrade},
		{"put the templates in place", s.putTemplates},
		{"make the first indices", s.anchor},
		{"write and read a trial document", s.tryOut},
		{"refresh", s.refreshAll},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return s.spool.db.Write(ctx, func(tx *sqlite.Tx) error { return s.spool.remember(ctx, tx, "met", 1) })
}

// outdated is a server that we do not work with.
type outdated struct{ Name, Version string }

func (o *outdated) Error() string { return fmt.Sprintf("%s %s", o.Name, o.Version) }

// foreign is an index under our prefix that is not ours.
type foreign struct {
	Index string
	Why   error
}

// Why an index that exists is not ours.
var (
	errTakenName    = errors.New("an alias must stand there")
	errOtherMapping = errors.New("its mapping is another")
)

func (f *foreign) Unwrap() error { return f.Why }

func (f *foreign) Error() string { return fmt.Sprintf("index %s is not ours: %v", f.Index, f.Why) }

// recognise looks at the product and its version.
func (s *Store) recognise(ctx context.Context) error {
	var info struct {
		Version struct{ Number, Distribution string }
	}
	err := s.client.do(ctx, esapi.InfoRequest{}, &info)
	if unknown := (*stranger)(nil); errors.As(err, &unknown) && unknown.name != "" {
		return &outdated{unknown.name, unknown.version}
	}
	if err != nil {
		return err
	}
	parts := strings.SplitN(info.Version.Number+".0", ".", 3)
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil || major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return &outdated{"Elasticsearch", info.Version.Number}
	}
	return nil
}

// upgrade gives existing indices the fields that they do not know yet. One that is not
// ours is left as it is.
func (s *Store) upgrade(ctx context.Context) error {
	patterns := []string{s.names.mentions() + "*", s.names.unclaimed() + "*"}
	var there map[string]struct {
		Mappings struct {
			Dynamic    string
			Properties map[string]struct{ Type string }
		}
	}
	if err := s.client.do(ctx, esapi.IndicesGetMappingRequest{Index: patterns}, &there); err != nil {
		return err
	}
	for index, is := range there {
		if !s.names.ours(index) {
			continue
		}
		if slices.Contains(s.names.all(), index) {
			return &foreign{index, errTakenName}
		}
		if is.Mappings.Dynamic != "strict" || is.Mappings.Properties["body"].Type != "binary" || is.Mappings.Properties["standing"].Type == "" {
			return &foreign{index, errOtherMapping}
		}
		if err := s.putMapping(ctx, index); err != nil && !isGone(err) { // a rebuild has taken it away
			return err
		}
	}
	return nil
}

func (s *Store) putMapping(ctx context.Context, index string) error {
	body, err := json.Marshal(mappings())
	if err != nil {
		return err
	}
	err = s.client.do(ctx, esapi.IndicesPutMappingRequest{Index: []string{index}, Body: bytes.NewReader(body)}, nil)
	if status(err) == http.StatusBadRequest {
		return &foreign{index, err}
	}
	return err
}

// ours says whether an index is one whose name we give, or stands where an alias must.
func (n indices) ours(index string) bool {
	_, _, _, named := n.parse(index)
	return named || slices.Contains(n.all(), index)
}

// errTemplates is a user without the right to say how indices are made.
var errTemplates = errors.New("templates may not be written")

func (s *Store) putTemplates(ctx context.Context) error {
	for _, alias := range s.names.all() {
		for name, template := range templates(s.config, alias) {
			body, err := json.Marshal(template)
			if err != nil {
				return err
			}
			err = s.client.do(ctx, esapi.IndicesPutIndexTemplateRequest{Name: name, Body: bytes.NewReader(body)}, nil)
			if status(err) == http.StatusForbidden {
				return fmt.Errorf("%w: %w", errTemplates, err)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// anchor makes one index of each alias, so that they can be asked from the first day on.
func (s *Store) anchor(ctx context.Context) error {
	for _, alias := range s.names.all() {
		if _, err := s.create(ctx, s.names.name(alias, "old", 1)); err != nil {
			return err
		}
	}
	return nil
}

// create makes an index unless it is there, or another stands in its place: it gives the
// one in which its month is kept.
func (s *Store) create(ctx context.Context, index string) (there string, err error) {
	alias, span, _, _ := s.names.parse(index)
	all, err := s.editions(ctx, alias, span)
	if err != nil {
		return "", err
	}
	for _, e := range all {
		if e.found {
			there = e.index
		}
		if there == index {
			return there, nil
		}
	}
	if there != "" {
		return there, nil
	}
	first := s.names.name(alias, span, 1)
	err = s.make(ctx, first, object{alias: object{}})
	if r := (*refused)(nil); errors.As(err, &r) && r.Type == alreadyThere {
		err = nil
	}
	return first, err
}

// alreadyThere is what Elasticsearch says of an index that was made before.
const alreadyThere = "resource_already_exists_exception"

func (s *Store) make(ctx context.Context, index string, aliases object) error {
	body, err := json.Marshal(object{"settings": settings(s.config), "mappings": mappings(), "aliases": aliases})
	if err != nil {
		return err
	}
	return s.client.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: bytes.NewReader(body)}, nil)
}

// tryOut writes a document and reads it back: rights, room on the disk and whatever
// stands between are as they must be.
func (s *Store) tryOut(ctx context.Context) error {
	index := s.config.Prefix + "-trial"
	body, err := json.Marshal(object{"settings": object{"index": object{"hidden": true, "number_of_shards": 1, "number_of_replicas": 0}}, "mappings": object{"dynamic": false}})
	if err != nil {
		return err
	}
	err = s.client.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: bytes.NewReader(body)}, nil)
	if r := (*refused)(nil); err != nil && (!errors.As(err, &r) || r.Type != alreadyThere) {
		return err
	}
	written := strconv.FormatInt(s.now().UnixNano(), 10)
	if body, err = json.Marshal(object{"written": written}); err != nil {
		return err
	}
	var read struct {
		Source struct{ Written string } `json:"_source"`
	}
	id := "trial-" + written // each process has its own
	if err := s.client.do(ctx, esapi.IndexRequest{Index: index, DocumentID: id, Body: bytes.NewReader(body)}, nil); err != nil {
		return err
	}
	if err := s.client.do(ctx, esapi.GetRequest{Index: index, DocumentID: id}, &read); err != nil {
		return err
	}
	if read.Source.Written != written {
		return fmt.Errorf("a document that was written came back as %q", read.Source.Written)
	}
	return s.client.do(ctx, esapi.DeleteRequest{Index: index, DocumentID: id}, nil)
}

// refreshAll lets be found what was written before the program started: it may still
// wait in the spool, and is then looked for.
func (s *Store) refreshAll(ctx context.Context) error {
	yes := true
	return s.client.do(ctx, esapi.IndicesRefreshRequest{Index: s.names.all(), IgnoreUnavailable: &yes}, nil)
}
