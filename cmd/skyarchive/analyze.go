package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/cmd/skyarchive/internal/term"
)

func newAnalyzeCommand(a *app) *cobra.Command {
	var threads, claims bool
	cmd := &cobra.Command{
		Use:   "analyze",
		Short: "Read posts from standard input, write threads and claims (for programs)",
		Long: `Read posts as NDJSON from standard input and write their threads, passages, topics,
claims and quantities as NDJSON. No archive is needed; the same input always gives
the same output.

Input, one object a line: {"uri", "cid", "value": {record}, "deleted": true?} as
listRecords gives them, or a whole {"records": [...]} page. An optional first line
{"account": {"did", "handle"}} says whose threads to assemble; else every author's.
Output: one "about", then "thread" objects by age, then "post" objects by age.
Offsets are UTF-8 bytes of the post's text.

A line that is not JSON, or has no uri that parses, is named on standard error and
passed over; the exit status is 1 then.
` + statusHelp,
		Example: "  skyarchive analyze --threads < posts.ndjson\n  skyarchive analyze --claims < posts.ndjson",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !threads && !claims {
				threads, claims = true, true
			}
			return analyze(cmd.Context(), a, threads, claims)
		},
	}
	cmd.Flags().BoolVar(&threads, "threads", false, "only threads")
	cmd.Flags().BoolVar(&claims, "claims", false, "only posts with their passages and claims")
	return cmd
}

// A corpus is the posts that analyze was given, by author.
type corpus struct {
	taxonomy   *topic.Taxonomy
	account    syntax.DID // whose threads to assemble; "" for every author's
	handle     syntax.Handle
	posts      map[syntax.ATURI]*atproto.Post
	deleted    map[syntax.ATURI]*atproto.Post
	unreadable int
	stderr     io.Writer
}

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

// lineAbout describes what made the output.
type lineAbout struct {
	Type     string `json:"type"`
	Program  string `json:"program"`
	Analysis string `json:"analysis"`
	Taxonomy string `json:"taxonomy"`
}

type lineThread struct {
	Type string `json:"type"`
	analysis.Thread
}

type linePost struct {
	Type string `json:"type"`
	analysis.PostAnalysis
}

func analyze(ctx context.Context, a *app, threads, claims bool) error {
	c := corpus{taxonomy: a.taxonomy(), posts: map[syntax.ATURI]*atproto.Post{}, deleted: map[syntax.ATURI]*atproto.Post{}, stderr: a.stderr}
	if err := c.read(ctx, a.Stdin); err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.stdout, 64<<10)
	v := a.versions()
	if err := term.JSONLine(out, lineAbout{"about", "skyarchive " + v.Program, v.Analysis, v.Taxonomy}); err != nil {
		return err
	}
	assembled := c.threads()
	if threads {
		for _, t := range assembled {
			if err := term.JSONLine(out, lineThread{"thread", t}); err != nil {
				return err
			}
		}
	}
	if claims {
		if err := c.claims(ctx, out, assembled); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if c.unreadable > 0 {
		return fmt.Errorf("%s could not be read; the others are done", count(c.unreadable, "line"))
	}
	return nil
}

// read takes lines of any length.
func (c *corpus) read(ctx context.Context, in io.Reader) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			c.line(bytes.TrimPrefix(line, []byte("\ufeff")), n)
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

func (c *corpus) line(raw []byte, n int) {
	var line inputLine
	if err := json.Unmarshal(raw, &line); err != nil {
		c.refuse(n, "not JSON of the form expected: %v", err)
		return
	}
	switch {
	case line.Account != nil:
		c.account, c.handle = line.Account.DID, line.Account.Handle
	case line.Records != nil:
		for _, record := range line.Records {
			var one inputLine
			if err := json.Unmarshal(record, &one); err != nil {
				c.refuse(n, "a record that is no object: %v", err)
				continue
			}
			c.post(one, n)
		}
	default:
		c.post(line, n)
	}
}

func (c *corpus) refuse(n int, format string, args ...any) {
	c.unreadable++
	fmt.Fprintf(c.stderr, "line %d: %s\n", n, fmt.Sprintf(format, args...))
}

// post takes one record. Of two versions of a post, live comes before deleted, then the
// greater CID.
func (c *corpus) post(line inputLine, n int) {
	uri, err := syntax.ParseATURI(line.URI)
	if err != nil {
		c.refuse(n, "uri %q: %v", line.URI, err)
		return
	}
	ref := atproto.Ref{URI: uri, CID: line.CID}
	p := atproto.Post{Ref: ref}
	if record, err := cbor.FromJSON(line.Value); err == nil {
		if read, err := atproto.DecodePost(ref, record); err == nil {
			p = read
		} else if !line.Deleted {
			return // a record of another type among posts: nothing to analyse
		}
	} else if !line.Deleted {
		return
	}
	into := c.posts
	if line.Deleted {
		into = c.deleted
	}
	if old := into[uri]; old == nil || old.CID < p.CID {
		into[uri] = &p
	}
}

// threads assembles the threads of the account, or of every author.
func (c *corpus) threads() []analysis.Thread {
	authors := map[syntax.DID]*analysis.Assembler{}
	if c.account != "" {
		authors[c.account] = analysis.NewAssembler(c.account, c.handle)
	}
	for _, posts := range []map[syntax.ATURI]*atproto.Post{c.posts, c.deleted} {
		for _, p := range posts {
			if c.account == "" && authors[p.Author()] == nil {
				authors[p.Author()] = analysis.NewAssembler(p.Author(), "")
			}
		}
	}
	var all []analysis.Thread
	for _, asm := range authors {
		for _, p := range c.posts {
			asm.Add(p)
		}
		for uri, p := range c.deleted {
			if c.posts[uri] == nil {
				asm.AddDeleted(uri, p.CID, p.Reply)
			}
		}
		all = append(all, asm.Threads()...)
	}
	slices.SortFunc(all, func(x, y analysis.Thread) int {
		return cmp.Or(c.age(x.Root).compare(c.age(y.Root)), strings.Compare(string(x.Root), string(y.Root)))
	})
	return all
}

// claims reads the live posts, those of a thread together.
func (c *corpus) claims(ctx context.Context, out io.Writer, threads []analysis.Thread) error {
	analyzer := analysis.NewAnalyzer(c.taxonomy)
	read := make(map[syntax.ATURI]analysis.PostAnalysis, len(c.posts))
	for _, t := range threads {
		parts := make([]*atproto.Post, len(t.Posts))
		for i, uri := range t.Posts {
			parts[i] = c.posts[uri]
		}
		for _, p := range analyzer.Posts(parts...) {
			read[p.URI] = p
		}
	}
	order := make([]*atproto.Post, 0, len(c.posts))
	for _, p := range c.posts {
		order = append(order, p)
	}
	slices.SortFunc(order, func(x, y *atproto.Post) int {
		return cmp.Or(x.Age().Compare(y.Age()), strings.Compare(string(x.URI), string(y.URI)))
	})
	for i, p := range order {
		if i%1000 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		result, ok := read[p.URI]
		if !ok {
			result = analyzer.Posts(p)[0]
		}
		if err := term.JSONLine(out, linePost{"post", result}); err != nil {
			return err
		}
	}
	return nil
}

// age is when a post was written, by its record key or claimed date.
func (c *corpus) age(uri syntax.ATURI) age {
	if p := c.posts[uri]; p != nil {
		return age(p.Age().UnixMicro())
	}
	return 0
}

// An age is microseconds since 1970.
type age int64

func (a age) compare(b age) int { return cmp.Compare(a, b) }
