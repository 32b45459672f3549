package text_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/text"
)

const post = "Ouf! Deux heures d’attente à la caisse de l'Anse-aux-Moyacs ce matin, et l’épargne des aînés n’est même pas à l’abri: " +
	"1 200 $ partis en frais. J'ai appelé, j’ai écrit à @caissevaltisse, aucune réponse. La directrice générale promet des changements " +
	"“as soon as possible”, mais les sociétaires du Mouvement Valtisse attendent depuis l'été. Voir https://echo.example/nouvelles/frais?x=1 #fraude 😡"

// measure reports bytes by processor time, which says more than the clock on a
// shared machine.
func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	n := 0
	busy := cpu(b)
	for b.Loop() {
		f()
		n++
	}
	b.ReportMetric(float64(n*len(post))/1e6/(cpu(b)-busy).Seconds(), "MB/cpu-s")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkTokens(b *testing.B) {
	b.Run("remembered", func(b *testing.B) {
		var t text.Tokenizer
		var tokens []text.Token
		measure(b, func() { tokens = t.Append(tokens[:0], post) })
	})
	b.Run("cold", func(b *testing.B) {
		measure(b, func() { text.Tokens(post) })
	})
}

func BenchmarkField(b *testing.B) {
	var t text.Tokenizer
	tokens := t.Append(nil, post)
	var field []byte
	measure(b, func() { field = t.AppendField(field[:0], text.FoldForm, tokens) })
}

func BenchmarkFold(b *testing.B) {
	measure(b, func() { text.Fold(post) })
}
