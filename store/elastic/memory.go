package elastic

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// generation is how many mentions each of the two halves of a memory holds: some 20
// megabytes, and many times what is on its way at once.
const generation = 60_000

// place is what is remembered of a mention.
type place struct {
	index   string // where it stands; "" while that is not known
	absent  bool   // it stands nowhere, when the server was asked last
	known   bool   // it was put; version is its newest
	version uint64
}

// memory is what was met lately: of the rest the server is asked. When its younger half is full the
// older is forgotten.
type memory struct {
	mu           sync.Mutex
	seed         maphash.Seed
	young, older map[string]place
	until        time.Time // when the server may be asked again for what is not remembered
}

func newMemory() *memory {
	return &memory{seed: maphash.MakeSeed(), young: map[string]place{}, older: map[string]place{}}
}

func (r *memory) get(id string) (place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.find(id)
}

func (r *memory) find(id string) (place, bool) {
	p, ok := r.young[id]
	if !ok {
		p, ok = r.older[id]
	}
	return p, ok
}

// change replaces what is remembered of a mention by what edit makes of it.
func (r *memory) change(id string, edit func(*place)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, _ := r.find(id)
	edit(&p)
	if len(r.young) >= generation {
		r.young, r.older = map[string]place{}, r.young
	}
	r.young[id] = p
}

// stands remembers where a mention stands.
func (r *memory) stands(id, index string) {
	r.change(id, func(p *place) { p.index, p.absent = index, false })
}

// nowhere remembers that the server does not have a mention.
func (r *memory) nowhere(id string) {
	r.change(id, func(p *place) {
		if p.index == "" {
			p.absent = true
		}
	})
}

// doubt forgets where a mention stands.
func (r *memory) doubt(id string) {
	r.change(id, func(p *place) { p.index, p.absent = "", false })
}

// lose forgets all that stood in an index.
func (r *memory) lose(index string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, half := range []map[string]place{r.young, r.older} {
		for id, p := range half {
			if p.index == index {
				p.index = ""
				half[id] = p
			}
		}
	}
}

// put remembers a version, and says whether the mention was unknown, and whether its
// version was another.
func (r *memory) put(id string, v mention.Version) (fresh, another bool) {
	version := r.digest(v)
	r.change(id, func(p *place) {
		fresh, another = !p.known, p.known && p.version != version
		p.known, p.version = true, version
	})
	return fresh, another
}

// knows says whether a version of the mention is remembered.
func (r *memory) knows(id string) bool {
	p, ok := r.get(id)
	return ok && (p.known || p.absent)
}

// located says whether it is remembered where the mention stands, or that it does nowhere.
func (r *memory) located(id string) bool {
	p, _ := r.get(id)
	return p.index != "" || p.absent
}

// tired is until when a server that was slow is not asked by those who cannot wait.
func (r *memory) tired() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until
}

func (r *memory) tire(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = until
}

func (r *memory) digest(v mention.Version) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	write := func(s string) {
		h.WriteString(s)
		h.WriteByte(0xff) // stands in no text
	}
	write(v.Title)
	write(v.Text)
	for _, hit := range v.Hits {
		h.WriteByte(0xfe)
		write(hit.Watch)
		for _, word := range hit.Words {
			write(word)
		}
	}
	return h.Sum64()
}
