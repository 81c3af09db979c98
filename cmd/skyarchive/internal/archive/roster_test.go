package archive

import (
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A roster gives back what was put into it, by age and with equal ages by key.
func TestRoster(t *testing.T) {
	const did = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	cid := atproto.CIDOf([]byte("a")).String()
	post := func(key, created string, status store.PostStatus, cid string) (p store.Post) {
		p.URI = atproto.Path(atproto.CollectionPost + "/" + key).URI(did)
		p.CID, p.Status, p.CreatedAt = cid, status, created
		return p
	}
	r := roster{did: did}
	for _, p := range []store.Post{
		post("3lk3pc6o32222", "", store.Live, cid),                        // 2025-03-11
		post("zebra", "2025-03-10T12:00:00Z", store.Unreadable, cid),      // between the TIDs
		post("3ljz6tb7d2222", "", store.Gone, ""),                         // 2025-03-10 09:01
		post("3ljz6tb7d2223", "2030-01-01T00:00:00Z", store.Gone, cid),    // the key decides
		post("avocado", "2025-03-10T12:00:00Z", store.Missing, cid),       // the same time as zebra
		post("undated", "some day", store.Live, cid),                      // as old as can be
		post("7zzzzzzzzzzzz", "2025-03-12T00:00:00Z", store.Missing, cid), // a TID of the far future
		post("3lk3pc6o32222x", "2025-03-11T00:00:00.5Z", store.Live, cid), // too long for a TID
	} {
		if err := r.add(p, 0); err != nil {
			t.Fatal(err)
		}
	}
	r.sort()
	var got []string
	odd := map[string]int{}
	for i := range r.entries {
		e := &r.entries[i]
		p := r.post(e)
		got = append(got, atproto.KeyOf(p.URI)+" "+string(p.Status)+" "+map[bool]string{true: "cid", false: "-"}[p.CID == cid])
		if e.flags&isOdd != 0 {
			odd[r.key(e)] = i
		}
	}
	want := []string{"undated live cid", "3ljz6tb7d2222 deleted -", "3ljz6tb7d2223 deleted cid", "avocado missing cid",
		"zebra unreadable cid", "3lk3pc6o32222x live cid", "3lk3pc6o32222 live cid", "7zzzzzzzzzzzz missing cid"}
	if len(got) != len(want) {
		t.Fatalf("%d posts, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("at %d: %s, want %s", i, got[i], want[i])
		}
		if at := r.find(r.post(&r.entries[i]).URI, odd); at != i {
			t.Errorf("%s is found at %d, want %d", want[i], at, i)
		}
	}
	if at := r.find(atproto.Path(atproto.CollectionPost+"/3lk3pc6o32223").URI(did), odd); at != none {
		t.Errorf("a post that is not there is found at %d", at)
	}
	bad := post("3lk3pc6o32222", "", store.Live, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
	if err := r.add(bad, 0); err == nil {
		t.Error("the CID of a blob is taken for that of a record")
	}
}
