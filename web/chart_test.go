package web

import (
	"strconv"
	"testing"
)

func TestAScaleEndsAtARoundNumberWithAWholeHalf(t *testing.T) {
	for n, want := range map[int]int{0: 2, 1: 2, 2: 2, 3: 4, 5: 10, 11: 20, 34: 40, 41: 100, 1_000_001: 2_000_000} {
		if got := roundUp(n); got != want {
			t.Errorf("above %d the scale ends at %d, want %d", n, got, want)
		}
	}
}

func TestBarsStandOnOneAnotherAndStayWithinTheDrawing(t *testing.T) {
	c := newChart(chart{Series: []series{{"négatives", "negative"}, {"neutres", "neutral"}},
		Bars: []bar{{"1", []int{3, 1}, ""}, {"2", []int{0, 0}, ""}, {"3", []int{0, 2}, ""}}})
	blocks := c.Blocks()
	if len(blocks) != 3 || c.Top != 4 || c.Total() != 6 {
		t.Fatalf("%d blocks up to %d of %d, want 3 up to 4 of 6", len(blocks), c.Top, c.Total())
	}
	if b := blocks[1]; b.Class != "neutral" || b.Y != "0.00" || b.Height != "25.00" || b.X != blocks[0].X {
		t.Errorf("the second stands at %+v, not on the first", b)
	}
	for _, b := range blocks {
		x, _ := strconv.ParseFloat(b.X, 64)
		w, _ := strconv.ParseFloat(b.Width, 64)
		if x < 0 || x+w > chartWidth {
			t.Errorf("%+v is outside of the drawing", b)
		}
	}
	if got := newChart(chart{}); len(got.Blocks()) != 0 || len(got.Labels()) != 0 || got.Top != 2 {
		t.Errorf("an empty chart is %+v", got)
	}
}
