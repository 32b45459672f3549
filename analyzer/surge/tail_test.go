package surge

import (
	"math"
	"testing"
)

// exactTail adds up a negative binomial, or a Poisson, term by term.
func exactTail(n int, mean, variance float64) float64 {
	below := 0.0
	r, q := 0.0, 0.0
	if variance > mean {
		r, q = mean*mean/(variance-mean), (variance-mean)/variance
	}
	for k := range n {
		var log float64
		if r == 0 {
			log = float64(k)*math.Log(mean) - mean - lgamma(float64(k+1))
		} else {
			log = lgamma(float64(k)+r) - lgamma(r) - lgamma(float64(k+1)) + float64(k)*math.Log(q) + r*math.Log1p(-q)
		}
		below += math.Exp(log)
	}
	return 1 - below
}

func TestTheTailIsWhatIsLeftOfTheSum(t *testing.T) {
	for _, mean := range []float64{0.01, 0.3, 1, 4, 25, 180} {
		for _, over := range []float64{1, 1.001, 1.3, 2.5, 12} {
			for n := range 220 {
				got, want := tail(float64(n), mean, mean*over), exactTail(n, mean, mean*over)
				if math.Abs(got-want) > 1e-9 {
					t.Fatalf("P(count ≥ %d), mean %v, variance %v: got %v, want %v", n, mean, mean*over, got, want)
				}
			}
		}
	}
}

// Far out the sum above is lost in rounding: there the first terms of the tail itself
// are added up.
func TestTheTailIsRightFarOut(t *testing.T) {
	const mean, variance = 2.0, 5.0
	const r, q = mean * mean / (variance - mean), (variance - mean) / variance
	for _, n := range []int{40, 80, 150} {
		want := 0.0
		for k := n; k < n+400; k++ {
			want += math.Exp(lgamma(float64(k)+r) - lgamma(r) - lgamma(float64(k+1)) + float64(k)*math.Log(q) + r*math.Log1p(-q))
		}
		if got := tail(float64(n), mean, variance); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("P(count ≥ %d): got %v, want %v", n, got, want)
		}
	}
}

func TestTheTailFallsAsMoreIsAskedAndStaysAProbability(t *testing.T) {
	for _, mean := range []float64{1e-9, 0.2, 30, 1e5} {
		before := 1.0
		for n := 0.0; n < 60; n += 0.25 {
			p := tail(n, mean, mean*1.4)
			if p < 0 || p > before+1e-12 || math.IsNaN(p) {
				t.Fatalf("mean %v: P(count ≥ %v) = %v after %v", mean, n, p, before)
			}
			before = p
		}
	}
}
