package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

func newCorpus() (*corpus, *bytes.Buffer) {
	var stderr bytes.Buffer
	return &corpus{stderr: &stderr}, &stderr
}

// readSlowly takes a line by encoding/json alone.
func (c *corpus) readSlowly(raw []byte, n int) {
	var line inputLine
	if err := json.Unmarshal(raw, &line); err != nil {
		c.refuse(n, "not JSON of the form expected: %v", err)
		return
	}
	switch {
	case line.Account != nil:
		c.account, c.handle, c.again = line.Account.DID, line.Account.Handle, c.again || c.authors != nil
	case line.Records != nil:
		for _, record := range line.Records {
			var one inputLine
			if err := json.Unmarshal(record, &one); err != nil {
				c.refuse(n, "a record that is no object: %v", err)
				continue
			}
			c.post(one.URI, one.CID, fromJSON(one.Value), one.Deleted, n)
		}
	default:
		c.post(line.URI, line.CID, fromJSON(line.Value), line.Deleted, n)
	}
}

// A line is taken for what encoding/json reads in it.
func FuzzReadLine(f *testing.F) {
	const uri = `"uri":"at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3ke6kg46xohb3"`
	for _, line := range []string{
		`{` + uri + `,"cid":"x","value":{"text":"L'eau \ud83d\ude00 \ud800","langs":["fr"]}}`, `{` + uri + `}`, `{}`, `[]`, `null`, `"x"`, `{`, `not json`,
		`{` + uri + `,"value":null,"deleted":true}`, `{` + uri + `,"value":{"$type":"app.bsky.feed.like"}}`, `{"uri":5}`, `{"uri":"nope","value":{}}`,
		`{` + uri + `,"value":{"text":"a"},"value":{"text":"b"},"cid":"x","cid":null}`, `{` + uri + `,"Value":{"text":"a"},"CID":"y"}`,
		`{` + uri + `,"value":{"text":"a","n":1e400}}`, `{` + uri + `,"deleted":"yes"}`, `{` + uri + `,"deleted":null,"value":{"text":"a"},"indexedAt":1}`,
		`{` + uri + `,"value":{"a":` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + `}}`, `{` + uri + `,"value":{"a":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}}`,
		`{"account":{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","handle":"ana.test"},` + uri + `}`, `{"account":{"did":1}}`, `{"account":null,` + uri + `,"value":{"text":"a"}}`,
		`{"records":[{` + uri + `,"value":{"text":"a"}},5,{"uri":"x"},{` + uri + `,"deleted":true}],"cursor":"c"}`, `{"records":[{},0]}`, `{"records":null,` + uri + `,"value":{"text":"a"}}`,
		`{"$link":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"}`, `{` + uri + `,"value":{"text":"a"}} x`, "{" + uri + ",\"value\":{\"text\":\"\xff\"}}",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, gotErr := newCorpus()
		got.readLine(line, 1)
		want, wantErr := newCorpus()
		want.readSlowly(line, 1)
		got.doc = nil
		got.stderr, want.stderr = nil, nil
		if g, w := got.threads(), want.threads(); !reflect.DeepEqual(g, w) || len(got.authors) != len(want.authors) {
			t.Errorf("%q\n gives the threads %+v\nwant %+v", line, g, w)
		}
		got.authors, want.authors = nil, nil // no two are alike inside
		for _, s := range []*shelf{&want.posts, &want.deleted, &got.posts, &got.deleted} {
			for _, p := range s.list {
				p.TextStart = 0 // there is no record as signed
			}
			s.room = nil
		}
		if !reflect.DeepEqual(got, want) || gotErr.String() != wantErr.String() {
			t.Errorf("%q\n gives %+v %s\nwant  %+v %s", line, got, gotErr, want, wantErr)
		}
	})
}

// Lines longer than the buffer are read whole, and so is a last one without its end.
func TestReadLongLines(t *testing.T) {
	t.Parallel()
	var in bytes.Buffer
	want := map[syntax.ATURI]string{}
	for i, size := range []int{10, 1 << 20, 3 << 20, 20, 1<<20 - 100} {
		uri := fmt.Sprintf("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/%d", i)
		want[syntax.ATURI(uri)] = strings.Repeat(string(rune('a'+i)), size)
		fmt.Fprintf(&in, "\n{\"uri\":%q,\"value\":{\"text\":%q}}", uri, want[syntax.ATURI(uri)])
	}
	c, stderr := newCorpus()
	if err := c.read(t.Context(), &in); err != nil || stderr.Len() > 0 {
		t.Fatal(err, stderr)
	}
	for uri, text := range want {
		if i, ok := c.posts.at[uri]; !ok || c.posts.list[i].Text != text {
			t.Errorf("%s was not read whole", uri)
		}
	}
}
