package store

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/segmentio/encoding/json"

	"github.com/ouidire/ouidire/mention"
)

// A body is a byte for its format, the hashes of the signature as they are (nothing
// compresses them), then the mention in JSON, compressed. Its keys are those of package mention: a
// field that is renamed there needs a new format here, which a test reminds of.

var errBody = errors.New("the stored mention cannot be read")

// The formats. Encode writes the last; Decode reads all of them.
const (
	deflated = 1 // DEFLATE (RFC 1951) beside commonJSON: most of its time went into codes for so little text
	s2Format = 2 // S2 beside commonWords and commonJSON: a seventh of the time, a tenth more bytes

	bodyFormat = s2Format
)

// bodyMost is how large a mention may be, so that a damaged one cannot fill the memory.
const bodyMost = 64 << 20

// commonJSON is what every mention has: it need not be written again. It belongs to the
// formats: when it changes, there is another.
const commonJSON = `":{"At":"2026-01-01T00:00:00Z","Negative":0,"Neutral":0,"Positive":0,"Label":"negative","Target":"brand","Intent":"","Sure":false,"Why":null,"By":"lexicon` +
	`"Signature":{"MinHash":null,"Lead":null,"Figures":["]},"Repaired":false}}],"GoneAt":"0001-01-01T00:00:00Z","History":false,"Lang":"fr","Readings":null` +
	`"Author":{"ID":"","Name":"","Audience":0},"Parent":"","Thread":"","PublishedAt":"2026-","DateFrom":"feed","SeenAt":"2026-` +
	`"}]}],"Own":false,"URL":"https://","Versions":[{"At":"2026-","Title":"","Text":"","Hits":[{"Watch":"","Words":["` +
	`{"ID":"","Source":"","Place":"web","Kind":"article`

// commonWords is what people write often; it belongs to format 2 as commonJSON does.
//
//go:embed body-2.txt
var commonWords string

// common is the dictionary of format 2. That nothing is searched in it keeps it the same
// whatever becomes of the library.
var common = s2.MakeDictManual([]byte(commonWords+commonJSON), 0)

// Codec writes and reads mentions as bodies: whole, small, readable for ever. It is
// for one goroutine at a time; NewCodec makes one.
type Codec struct {
	text   []byte
	packed []byte
	old    io.ReadCloser // of format 1, once one was met
	in     bytes.Reader
	out    bytes.Buffer
}

// NewCodec makes a Codec.
func NewCodec() *Codec { return new(Codec) }

// Encode writes m; the answer is the caller's.
func (c *Codec) Encode(m *mention.Mention) (_ []byte, err error) {
	plain := *m
	plain.Signature.MinHash, plain.Signature.Lead = nil, nil
	if c.text, err = json.Append(c.text[:0], &plain, 0); err != nil {
		return nil, fmt.Errorf("encode mention %s: %w", m.ID, err)
	}
	c.packed = common.Encode(c.packed[:cap(c.packed)], c.text)
	b := make([]byte, 0, len(c.packed)+4*(len(m.Signature.MinHash)+len(m.Signature.Lead))+11)
	b = append(b, bodyFormat)
	b = appendHashes(b, m.Signature.MinHash)
	b = appendHashes(b, m.Signature.Lead)
	return append(b, c.packed...), nil
}

// Decode reads what Encode, of this or an older version, wrote.
func (c *Codec) Decode(b []byte) (m mention.Mention, err error) {
	if len(b) == 0 {
		return m, errBody
	}
	format := b[0]
	minHash, b, ok1 := cutHashes(b[1:])
	lead, b, ok2 := cutHashes(b)
	if !ok1 || !ok2 {
		return m, errBody
	}
	text, err := c.unpack(format, b)
	if err != nil {
		return m, errors.Join(errBody, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, errors.Join(errBody, err)
	}
	m.Signature.MinHash, m.Signature.Lead = minHash, lead
	return m, nil
}

// unpack is the JSON in b, until the next is asked for.
func (c *Codec) unpack(format byte, b []byte) ([]byte, error) {
	switch format {
	case deflated:
		return c.inflate(b)
	case s2Format:
		if size, err := s2.DecodedLen(b); err != nil || size > bodyMost {
			return nil, errors.Join(errBody, err)
		}
		var err error
		c.text, err = common.Decode(c.text[:0], b)
		return c.text, err
	}
	return nil, fmt.Errorf("format %d is of a newer version", format)
}

func (c *Codec) inflate(b []byte) ([]byte, error) {
	c.in.Reset(b)
	if c.old == nil {
		c.old = flate.NewReaderDict(&c.in, []byte(commonJSON))
	} else if err := c.old.(flate.Resetter).Reset(&c.in, []byte(commonJSON)); err != nil {
		return nil, err
	}
	c.out.Reset()
	_, err := c.out.ReadFrom(io.LimitReader(c.old, bodyMost))
	return c.out.Bytes(), err
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
