package surge

import "math"

// tail is the probability that a count of this mean and variance reaches n: a
// negative binomial, or a Poisson when the variance is not above the mean. n need
// not be whole: the tail is continued between the whole numbers.
func tail(n, mean, variance float64) float64 {
	switch {
	case n <= 0:
		return 1
	case mean <= 0:
		return 0
	case variance <= mean*(1+1e-9):
		return poissonTail(n, mean)
	}
	return beta(n, mean*mean/(variance-mean), (variance-mean)/variance)
}

// beta is the regularised incomplete beta function at x of n and r: the
// probability that n successes of chance x come before r failures.
func beta(n, r, x float64) float64 {
	lead := math.Exp(lgamma(n+r) - lgamma(n) - lgamma(r) + n*math.Log(x) + r*math.Log1p(-x))
	if x < (n+1)/(n+r+2) {
		return min(lead*betaFraction(n, r, x)/n, 1)
	}
	return max(1-lead*betaFraction(r, n, 1-x)/r, 0)
}

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

const (
	precise = 1e-12
	tiny    = 1e-300
	rounds  = 500 // a fraction that has not settled by then is near enough
)

// betaFraction is the continued fraction of the incomplete beta function, by the
// modified method of Lentz.
func betaFraction(a, b, x float64) float64 {
	c, d := 1.0, nonZero(1-(a+b)*x/(a+1))
	d = 1 / d
	f := d
	for i := 1.0; i < rounds; i++ {
		even := i * (b - i) * x / ((a + 2*i - 1) * (a + 2*i))
		d = 1 / nonZero(1+even*d)
		c = nonZero(1 + even/c)
		f *= d * c
		odd := -(a + i) * (a + b + i) * x / ((a + 2*i) * (a + 2*i + 1))
		d = 1 / nonZero(1+odd*d)
		c = nonZero(1 + odd/c)
		step := d * c
		f *= step
		if math.Abs(step-1) < precise {
			break
		}
	}
	return f
}

func nonZero(x float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// poissonTail is the probability that a Poisson count reaches n: the series of the
// lower incomplete gamma function.
func poissonTail(n, mean float64) float64 {
	term := math.Exp(n*math.Log(mean) - mean - lgamma(n+1))
	sum := term
	for i := 1.0; term > precise*sum && i < mean+rounds; i++ {
		term *= mean / (n + i)
		sum += term
	}
	return min(sum, 1)
}
