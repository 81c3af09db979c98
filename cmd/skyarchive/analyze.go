package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
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
	long       []byte // a line longer than the reader's buffer
	doc        []byte // the line at hand as DAG-CBOR
}

// lineAbout describes what made the output.
type lineAbout struct {
	Type     string `json:"type"`
	Program  string `json:"program"`
	Analysis string `json:"analysis"`
	Taxonomy string `json:"taxonomy"`
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
		var line []byte
		for i := range assembled {
			line = assembled[i].AppendJSON(append(line[:0], `{"type":"thread",`...))
			if _, err := out.Write(append(line, "}\n"...)); err != nil {
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
	if len(authors) < 2 {
		return all // in this order already
	}
	slices.SortFunc(all, func(x, y analysis.Thread) int {
		return cmp.Or(c.age(x.Root).compare(c.age(y.Root)), strings.Compare(string(x.Root), string(y.Root)))
	})
	return all
}

// claims writes the live posts by age, read in runs on all cores.
func (c *corpus) claims(ctx context.Context, out io.Writer, threads []analysis.Thread) error {
	analyzers := sync.Pool{New: func() any { return analysis.NewAnalyzer(c.taxonomy) }}
	read := c.threadPosts(threads, &analyzers)
	lines := make(chan chan []byte, runtime.GOMAXPROCS(0))
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() {
		defer close(lines)
		for run := range slices.Chunk(c.byAge(), postsInRun) {
			done := make(chan []byte, 1)
			select {
			case lines <- done:
			case <-ctx.Done():
				return
			}
			running.Go(func() { done <- postLines(run, read, &analyzers) })
		}
	})
	for done := range lines {
		if _, err := out.Write(<-done); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// postsInRun is how many posts one core reads at a time.
const postsInRun = 256

// threadPosts reads the posts of threads, those of one together.
func (c *corpus) threadPosts(threads []analysis.Thread, analyzers *sync.Pool) map[syntax.ATURI]analysis.PostAnalysis {
	analyzer := analyzers.Get().(*analysis.Analyzer)
	defer analyzers.Put(analyzer)
	read := map[syntax.ATURI]analysis.PostAnalysis{}
	for _, t := range threads {
		parts := make([]*atproto.Post, len(t.Posts))
		for i, uri := range t.Posts {
			parts[i] = c.posts[uri]
		}
		for _, p := range analyzer.Posts(parts...) {
			read[p.URI] = p
		}
	}
	return read
}

// postLines writes the lines of posts, of which those in threads have been read.
func postLines(posts []*atproto.Post, read map[syntax.ATURI]analysis.PostAnalysis, analyzers *sync.Pool) []byte {
	analyzer := analyzers.Get().(*analysis.Analyzer)
	defer analyzers.Put(analyzer)
	lines := make([]byte, 0, 1024*len(posts))
	for _, p := range posts {
		result, ok := read[p.URI]
		if !ok {
			result = analyzer.Posts(p)[0]
		}
		lines = result.AppendJSON(append(lines, `{"type":"post",`...))
		lines = append(lines, "}\n"...)
	}
	return lines
}

// byAge lists the live posts by age, then by URI.
func (c *corpus) byAge() []*atproto.Post {
	type aged struct {
		age time.Time
		*atproto.Post
	}
	list := make([]aged, 0, len(c.posts))
	for _, p := range c.posts {
		list = append(list, aged{p.Age(), p})
	}
	slices.SortFunc(list, func(x, y aged) int {
		return cmp.Or(x.age.Compare(y.age), strings.Compare(string(x.URI), string(y.URI)))
	})
	posts := make([]*atproto.Post, len(list))
	for i, p := range list {
		posts[i] = p.Post
	}
	return posts
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
