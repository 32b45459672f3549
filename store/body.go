package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/klauspost/compress/flate"
	"io"

	"github.com/ouidire/ouidire/mention"
)

// A body is a byte for its format, the hashes of the signature as they are (nothing
// compresses them), then the mention in JSON, compressed. Its keys are those of package mention: a
// field that is renamed there needs a new format here, which a test reminds of.

var errBody = errors.New("the stored mention cannot be read")

// bodyFormat goes up when commonJSON or anything else of the format changes; decode
// must then read both.
const bodyFormat = 1

// bodyMost is how large a mention may be, so that a damaged one cannot fill the memory.
const bodyMost = 64 << 20

// commonJSON is what every mention has: it need not be written again.
const commonJSON = `":{"At":"2026-01-01T00:00:00Z","Negative":0,"Neutral":0,"Positive":0,"Label":"negative","Target":"brand","Intent":"","Sure":false,"Why":null,"By":"lexicon` +
	`"Signature":{"MinHash":null,"Lead":null,"Figures":["]},"Repaired":false}}],"GoneAt":"0001-01-01T00:00:00Z","History":false,"Lang":"fr","Readings":null` +
	`"Author":{"ID":"","Name":"","Audience":0},"Parent":"","Thread":"","PublishedAt":"2026-","DateFrom":"feed","SeenAt":"2026-` +
	`"}]}],"Own":false,"URL":"https://","Versions":[{"At":"2026-","Title":"","Text":"","Hits":[{"Watch":"","Words":["` +
	`{"ID":"","Source":"","Place":"web","Kind":"article`

// Codec writes and reads mentions as bodies: whole, small, readable for ever. It is
// for one goroutine at a time; NewCodec makes one.
type Codec struct {
	out bytes.Buffer
	w   *flate.Writer
	r   io.ReadCloser
	in  bytes.Reader
}

// NewCodec makes a Codec.
func NewCodec() *Codec {
	c := new(Codec)
	// The level is one of those there are: the error is always nil.
	c.w, _ = flate.NewWriterDict(&c.out, flate.BestSpeed, []byte(commonJSON))
	c.r = flate.NewReaderDict(&c.in, []byte(commonJSON))
	return c
}

// Encode writes m; the answer is the caller's.
func (c *Codec) Encode(m *mention.Mention) ([]byte, error) {
	plain := *m
	plain.Signature.MinHash, plain.Signature.Lead = nil, nil
	text, err := json.Marshal(&plain)
	if err != nil {
		return nil, fmt.Errorf("encode mention %s: %w", m.ID, err)
	}
	c.out.Reset()
	c.w.Reset(&c.out)
	if _, err := c.w.Write(text); err != nil {
		return nil, err
	}
	if err := c.w.Close(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, c.out.Len()+4*(len(m.Signature.MinHash)+len(m.Signature.Lead))+11)
	b = append(b, bodyFormat)
	b = appendHashes(b, m.Signature.MinHash)
	b = appendHashes(b, m.Signature.Lead)
	return append(b, c.out.Bytes()...), nil
}

// Decode reads what Encode, of this or an older version, wrote.
func (c *Codec) Decode(b []byte) (m mention.Mention, err error) {
	if len(b) == 0 || b[0] != bodyFormat {
		return m, errBody
	}
	minHash, b, ok1 := cutHashes(b[1:])
	lead, b, ok2 := cutHashes(b)
	if !ok1 || !ok2 {
		return m, errBody
	}
	c.in.Reset(b)
	if err := c.r.(flate.Resetter).Reset(&c.in, []byte(commonJSON)); err != nil {
		return m, err
	}
	c.out.Reset()
	if _, err := c.out.ReadFrom(io.LimitReader(c.r, bodyMost)); err != nil {
		return m, errors.Join(errBody, err)
	}
	if err := json.Unmarshal(c.out.Bytes(), &m); err != nil {
		return m, errors.Join(errBody, err)
	}
	m.Signature.MinHash, m.Signature.Lead = minHash, lead
	return m, nil
}

func appendHashes(b []byte, hashes []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(hashes)))
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	return b
}

func cutHashes(b []byte) (hashes []uint32, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size)/4 {
		return nil, nil, false
	}
	b = b[size:]
	for range n {
		hashes = append(hashes, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	return hashes, b, true
}
