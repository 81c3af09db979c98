package pds

import (
	"bytes"
	"testing"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// Whatever a server sends, a block that is yielded matches its CID and lies in what was
// sent.
func FuzzEachBlock(f *testing.F) {
	var b bytes.Buffer
	block := []byte("\xa1ax\x01")
	car, err := repo.NewWriter(&b, atproto.CIDOf(block))
	if err != nil {
		f.Fatal(err)
	}
	for range 2 {
		if err := car.Put(atproto.CIDOf(block), block); err != nil {
			f.Fatal(err)
		}
	}
	whole := b.Bytes()
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(whole[:59])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{0, 5, 1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, data []byte) {
		err := eachBlock(data, func(c atproto.CID, block []byte) {
			if !c.IsBlob() && atproto.CIDOf(block) != c || c.IsBlob() && atproto.BlobCIDOf(block) != c {
				t.Errorf("%s has other bytes", c)
			}
			if !bytes.Contains(data, block) {
				t.Errorf("%q was not sent", block)
			}
		})
		if bytes.Equal(data, whole) && err != nil {
			t.Error(err)
		}
	})
}
