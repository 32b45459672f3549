package elastic

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// edition is an index of a month or a week: the first, or one that a rebuild wrote.
type edition struct {
	index    string
	number   int
	found    bool // under the alias of its sort, by all who ask
	underway bool // a rebuild writes it, or died while it did
}

// editions are the indices of a month or a week, the oldest first.
func (s *Store) editions(ctx context.Context, alias, span string) ([]edition, error) {
	return s.editionsOf(ctx, s.names.name(alias, span, 1), alias+".*-"+span)
}

func (s *Store) editionsOf(ctx context.Context, patterns ...string) (all []edition, err error) {
	yes := true
	var there map[string]struct{ Aliases map[string]json.RawMessage }
	err = s.client.do(ctx, esapi.IndicesGetAliasRequest{Index: patterns, IgnoreUnavailable: &yes, AllowNoIndices: &yes, ExpandWildcards: "all"}, &there)
	if err != nil && !isGone(err) {
		return nil, fmt.Errorf("ask which indices are there: %w", err)
	}
	for index, is := range there {
		alias, _, number, ok := s.names.parse(index)
		if !ok {
			continue
		}
		_, found := is.Aliases[alias]
		_, underway := is.Aliases[s.names.renewing()]
		all = append(all, edition{index, number, found, underway})
	}
	slices.SortFunc(all, func(a, b edition) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.index, b.index))
	})
	return all, nil
}

// setting is how an index is set.
type setting struct {
	shut   bool // it takes no writes, because somebody has said so
	shards int
}

// The settings of an index that are looked at.
const (
	blockSetting  = "index.blocks.write"
	shardsSetting = "index.number_of_shards"
)

func (s *Store) set(ctx context.Context, index string) (is setting, err error) {
	yes := true
	var answer map[string]struct{ Settings map[string]string }
	err = s.client.do(ctx, esapi.IndicesGetSettingsRequest{Index: []string{index}, Name: []string{blockSetting, shardsSetting}, FlatSettings: &yes}, &answer)
	if err != nil {
		return is, fmt.Errorf("ask how %s is set: %w", index, err)
	}
	is.shut = answer[index].Settings[blockSetting] == "true"
	is.shards, err = strconv.Atoi(answer[index].Settings[shardsSetting])
	if err != nil {
		return is, fmt.Errorf("ask how %s is set: %w", index, err)
	}
	return is, nil
}

// open lets an index be written to again.
func (s *Store) open(ctx context.Context, index string) error {
	body, err := json.Marshal(object{blockSetting: nil})
	if err != nil {
		return err
	}
	err = s.client.do(ctx, esapi.IndicesPutSettingsRequest{Index: []string{index}, Body: bytes.NewReader(body)}, nil)
	if err != nil && !isGone(err) {
		return fmt.Errorf("open the index %s: %w", index, err)
	}
	return nil
}
