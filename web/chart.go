package web

import "fmt"

// chart is counts over time as bars that stand on one another. The server draws it;
// its template ("chart", in parts.html) also writes the same figures as a table.
type chart struct {
	Name   string // unique on its page: ids begin with it
	Title  string
	Desc   string // what it shows, in a sentence, for those who do not see it
	Of     string // what the first column of the table names: "Day"
	Series []series
	Bars   []bar
	Top    int // of the scale
}

// series is one kind of what is counted, the same in each bar. Class chooses its
// colour in page.css: "negative", "neutral", "positive", "unsure", "plain".
type series struct{ Name, Class string }

// bar is one step of time.
type bar struct {
	Label  string // short: stands under the first, the middle and the last bar
	Values []int  // one of each series, the lowest first
	Href   string // what it counts, "" for nothing to follow
}

// The drawing's own units. It is stretched to the width that there is.
const (
	chartWidth  = 1000.0
	chartHeight = 100.0
	chartGap    = 0.22 // of a step, between two bars
)

// newChart finishes c: its scale ends at a round number.
func newChart(c chart) chart {
	most := 0
	for _, b := range c.Bars {
		most = max(most, b.Total())
	}
	c.Top = roundUp(most)
	return c
}

// roundUp is the next of 2, 4, 10, 20, 40, 100 ...: each has a whole half.
func roundUp(n int) int {
	for size := 1; ; size *= 10 {
		for _, step := range []int{2, 4, 10} {
			if n <= step*size {
				return step * size
			}
		}
	}
}

// Total is all that the bar counts.
func (b bar) Total() (n int) {
	for _, v := range b.Values {
		n += v
	}
	return n
}

// Total is all that the chart counts.
func (c chart) Total() (n int) {
	for _, b := range c.Bars {
		n += b.Total()
	}
	return n
}

// Half is the middle of the scale.
func (c chart) Half() int { return c.Top / 2 }

// block is one rectangle of the drawing.
type block struct{ X, Y, Width, Height, Class string }

// Blocks is the rectangles of all bars.
func (c chart) Blocks() []block {
	step := chartWidth / float64(max(len(c.Bars), 1))
	var all []block
	for i, b := range c.Bars {
		floor := chartHeight
		for j, v := range b.Values {
			if v == 0 {
				continue
			}
			height := chartHeight * float64(v) / float64(c.Top)
			floor -= height
			all = append(all, block{units((float64(i) + chartGap/2) * step), units(floor), units(step * (1 - chartGap)), units(height), c.Series[j].Class})
		}
	}
	return all
}

func units(v float64) string { return fmt.Sprintf("%.2f", v) }

// Labels is what stands under the drawing: the first, the middle and the last bar.
func (c chart) Labels() []string {
	switch n := len(c.Bars); {
	case n == 0:
		return nil
	case n < 3:
		return []string{c.Bars[0].Label, c.Bars[n-1].Label}
	default:
		return []string{c.Bars[0].Label, c.Bars[n/2].Label, c.Bars[n-1].Label}
	}
}
