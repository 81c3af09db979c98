package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// inputLine is one line of the input.
type inputLine struct {
	Account *struct {
		DID    syntax.DID    `json:"did"`
		Handle syntax.Handle `json:"handle"`
	} `json:"account"`
	Records []json.RawMessage `json:"records"`
	URI     string            `json:"uri"`
	CID     string            `json:"cid"`
	Value   json.RawMessage   `json:"value"`
	Deleted bool              `json:"deleted"`
}

// read takes lines of any length.
func (c *corpus) read(ctx context.Context, in io.Reader) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			c.long = append(c.long[:0], line...)
			for errors.Is(err, bufio.ErrBufferFull) {
				line, err = r.ReadSlice('\n')
				c.long = append(c.long, line...)
			}
			line = c.long
		}
		if len(bytes.TrimSpace(line)) > 0 {
			c.readLine(bytes.TrimPrefix(line, []byte("\ufeff")), n)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if n%1000 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// readLine takes a line: a post of the plain form if it is one, which most are.
func (c *corpus) readLine(raw []byte, n int) {
	if c.plainPost(raw, n) {
		return
	}
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
			if c.plainPost(record, n) {
				continue
			}
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

// fromJSON is a record that was written as JSON, and an absent item if it cannot be read.
func fromJSON(record []byte) cbor.Item {
	doc, err := cbor.FromJSON(record)
	if err != nil {
		return cbor.Item{}
	}
	item, err := cbor.ParseString(string(doc))
	if err != nil {
		return cbor.Item{}
	}
	return item
}

// plainPost takes a post whose fields are named and typed as listRecords writes them, in one
// pass over its line, and says whether it was one. What it does not take is read by
// encoding/json, which also knows what is wrong.
func (c *corpus) plainPost(raw []byte, n int) bool {
	doc, err := cbor.AppendJSON(c.doc[:0], raw)
	if err != nil {
		return false
	}
	c.doc = doc
	line, err := cbor.ParseString(string(doc)) // one copy for all texts of the post
	if err != nil || line.Kind() != cbor.Map {
		return false
	}
	var uri, cid string
	var value cbor.Item
	deleted := false
	for key, field := range line.Fields() {
		switch kind := field.Kind(); {
		case string(key) == "uri" && kind == cbor.Text:
			uri = field.Text()
		case string(key) == "cid" && kind == cbor.Text:
			cid = field.Text()
		case string(key) == "value":
			value = field
		case string(key) == "deleted" && kind == cbor.Bool:
			deleted = field.Bool()
		default:
			return false
		}
	}
	c.post(uri, cid, value, deleted, n)
	return true
}

func (c *corpus) refuse(n int, format string, args ...any) {
	c.unreadable++
	fmt.Fprintf(c.stderr, "line %d: %s\n", n, fmt.Sprintf(format, args...))
}

// post takes one record, absent if it could not be read. Of two versions of a post, live comes
// before deleted, then the greater CID.
func (c *corpus) post(text, cid string, record cbor.Item, deleted bool, n int) {
	uri, err := atproto.ParseURI(text)
	if err != nil {
		c.refuse(n, "uri %q: %v", text, err)
		return
	}
	if c.handle != "" && !c.handle.IsInvalidHandle() && atproto.IsPostURI(uri) && strings.EqualFold(atproto.AuthorOf(uri), string(c.handle)) {
		uri = atproto.PathOf(uri).URI(c.account) // as its thread names it
	}
	ref := atproto.Ref{URI: uri, CID: cid}
	p, err := atproto.ReadPost(ref, record)
	if err != nil {
		if !deleted {
			return // a record of another type among posts: nothing to analyse
		}
		p = atproto.Post{Ref: ref}
	}
	into, other := &c.posts, &c.deleted
	if deleted {
		into, other = other, into
	}
	if into.put(&p) || other.has(uri) {
		c.again = true
		return
	}
	c.assemble(&p, deleted)
}
