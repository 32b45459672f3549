package text

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFoldingByTableIsFolding(t *testing.T) {
	letters := rapid.RuneFrom([]rune("aÉœßİŉ´’…\u00a0\u00ad\u200b\u2011"))
	anything := rapid.Map(rapid.OneOf(rapid.Int32Range(0, latinEnd-1), rapid.Int32Range(punctuationStart, punctuationEnd-1)),
		func(r int32) rune { return r })
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(letters, anything)).Draw(t, "s")
		got, ok := foldLatin(s)
		if want := foldAny(s); !ok || got != want {
			t.Errorf("%q folds to %q by table (%v), want %q", s, got, ok, want)
		}
	})
}
