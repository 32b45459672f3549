package crawler

import (
	"fmt"
	"math"
	"testing"
)

func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("l’écho-%d", i))
	}
	return all
}

func TestEverySourceIsVisitedByExactlyOneShard(t *testing.T) {
	for total := range 8 {
		for _, source := range names(100) {
			visiting := 0
			for i := range max(total, 1) {
				if (Shard{Index: i, Total: total}).Visits(source) {
					visiting++
				}
			}
			if visiting != 1 {
				t.Fatalf("%d of %d shards visit %s, want one", visiting, total, source)
			}
		}
	}
}

func TestShardsShareSourcesEvenly(t *testing.T) {
	const sources, total = 6000, 4
	visits := make([]int, total)
	for _, source := range names(sources) {
		visits[(Shard{Total: total}).Of(source)]++
	}
	for i, n := range visits {
		if math.Abs(float64(n)-sources/total) > sources/total/10 {
			t.Errorf("shard %d visits %d of %d sources, want about a quarter: %v", i, n, sources, visits)
		}
	}
}

func TestAnotherShardTakesSourcesAndTheOthersExchangeNone(t *testing.T) {
	moved := 0
	for _, source := range names(3000) {
		before, after := (Shard{Total: 2}).Of(source), (Shard{Total: 3}).Of(source)
		switch {
		case after == before:
		case after == 2:
			moved++
		default:
			t.Fatalf("%s went from shard %d to shard %d, which was there before", source, before, after)
		}
	}
	if moved < 900 || moved > 1100 {
		t.Errorf("%d of 3000 sources moved, want about a third", moved)
	}
}

// Machines of different versions must agree.
func TestWhoVisitsWhomNeverChanges(t *testing.T) {
	for source, want := range map[string]int{"echo-des-moyacs": 0, "la-petite-voix": 2, "blogue-nordelune": 0, "frais-valtisse": 0, "nouvelles-du-quai": 1} {
		if got := (Shard{Total: 3}).Of(source); got != want {
			t.Errorf("shard %d of 3 visits %s, want %d", got, source, want)
		}
	}
}
