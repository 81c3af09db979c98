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
	"sync/atomic"

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

// A corpus is the posts that analyze was given, and the threads that they make.
type corpus struct {
	taxonomy   *topic.Taxonomy
	account    syntax.DID // whose threads to assemble; "" for every author's
	handle     syntax.Handle
	posts      shelf
	deleted    shelf
	authors    map[syntax.DID]*analysis.Assembler
	again      bool // the assemblers had posts that no longer count
	unreadable int
	stderr     io.Writer
	long       []byte // a line longer than the reader's buffer
	doc        []byte // the line at hand as DAG-CBOR
}

// A shelf is posts in the order in which they came, one a URI.
type shelf struct {
	list []*atproto.Post
	at   map[syntax.ATURI]int32
	room []atproto.Post // for those to come: as they are read one after another, they lie so
}

func (s *shelf) has(uri syntax.ATURI) bool {
	_, ok := s.at[uri]
	return ok
}

// put keeps a post unless one with the same or a greater CID is there, and says whether there
// was one.
func (s *shelf) put(p *atproto.Post) (again bool) {
	i, again := s.at[p.URI]
	switch {
	case again && s.list[i].CID >= p.CID:
		return true
	case s.at == nil:
		s.at = map[syntax.ATURI]int32{}
	}
	if len(s.room) == cap(s.room) {
		s.room = make([]atproto.Post, 0, 64)
	}
	s.room = append(s.room, *p)
	kept := &s.room[len(s.room)-1]
	if again {
		s.list[i] = kept
		return true
	}
	s.at[p.URI] = int32(len(s.list))
	s.list = append(s.list, kept)
	return false
}

// lineAbout describes what made the output.
type lineAbout struct {
	Type     string `json:"type"`
	Program  string `json:"program"`
	Analysis string `json:"analysis"`
	Taxonomy string `json:"taxonomy"`
}

func analyze(ctx context.Context, a *app, threads, claims bool) error {
	c := corpus{taxonomy: a.taxonomy(), stderr: a.stderr}
	if claims {
		go analysis.NewAnalyzer(c.taxonomy) // compiles the taxonomy while the posts are read
	}
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

// assemble gives a post that is new to the assemblers. It is done while the post is read,
// when the core has it at hand; only what makes an earlier post count no more is left to
// threads.
func (c *corpus) assemble(p *atproto.Post, deleted bool) {
	if c.authors == nil {
		c.authors = map[syntax.DID]*analysis.Assembler{}
	}
	author, handle := p.Author(), syntax.Handle("")
	if c.account != "" {
		author, handle = c.account, c.handle
	}
	if c.authors[author] == nil {
		asm := analysis.NewAssembler(author, handle)
		c.authors[author] = asm
		for _, p := range c.posts.list {
			asm.Add(p)
		}
		for _, p := range c.deleted.list {
			asm.AddDeleted(p)
		}
	}
	for _, asm := range c.authors {
		if deleted {
			asm.AddDeleted(p)
		} else {
			asm.Add(p)
		}
	}
}

// threads are those of the account, or of every author.
func (c *corpus) threads() []analysis.Thread {
	if c.again {
		posts, deleted := c.posts.list, c.deleted.list
		c.authors, c.posts.list, c.deleted.list = nil, nil, nil
		for _, p := range posts {
			c.assemble(p, false)
			c.posts.list = append(c.posts.list, p)
		}
		for _, p := range deleted {
			if !c.posts.has(p.URI) {
				c.assemble(p, true)
				c.deleted.list = append(c.deleted.list, p)
			}
		}
	}
	var all []analysis.Thread
	for _, asm := range c.authors {
		all = append(all, asm.Threads()...)
	}
	if len(c.authors) < 2 {
		return all // in this order already
	}
	slices.SortFunc(all, func(x, y analysis.Thread) int {
		return cmp.Or(c.age(x.Root).compare(c.age(y.Root)), strings.Compare(string(x.Root), string(y.Root)))
	})
	return all
}

// claims writes the live posts by age, read in runs on all cores.
func (c *corpus) claims(ctx context.Context, out io.Writer, threads []analysis.Thread) error {
	reader := postReader{posts: c.posts.list, inThreads: make([]analysis.PostAnalysis, len(c.posts.list)), analyzers: sync.Pool{New: func() any { return analysis.NewAnalyzer(c.taxonomy) }}}
	reader.readThreads(threads, c.posts.at)
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
			running.Go(func() { done <- reader.lines(run) })
		}
	})
	for done := range lines {
		run := <-done
		if _, err := out.Write(run); err != nil {
			return err
		}
		reader.buffers.Put(&run)
	}
	return context.Cause(ctx)
}

// postsInRun is how many posts one core reads at a time.
const postsInRun = 256

// A postReader reads posts and writes their lines, in several goroutines.
type postReader struct {
	posts     []*atproto.Post
	inThreads []analysis.PostAnalysis // of the posts in threads, whose places in posts it shares
	analyzers sync.Pool
	buffers   sync.Pool
}

// readThreads reads the posts of threads, those of one together, on all cores.
func (r *postReader) readThreads(threads []analysis.Thread, at map[syntax.ATURI]int32) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			analyzer := r.analyzers.Get().(*analysis.Analyzer)
			defer r.analyzers.Put(analyzer)
			var parts []*atproto.Post
			for i := next.Add(1) - 1; i < int64(len(threads)); i = next.Add(1) - 1 {
				posts := threads[i].Posts
				parts = parts[:0]
				for _, uri := range posts {
					parts = append(parts, r.posts[at[uri]])
				}
				for i, p := range analyzer.Posts(parts...) {
					r.inThreads[at[posts[i]]] = p
				}
			}
		})
	}
	running.Wait()
}

// lines writes the lines of a run of posts.
func (r *postReader) lines(run []agedPost) []byte {
	analyzer := r.analyzers.Get().(*analysis.Analyzer)
	defer r.analyzers.Put(analyzer)
	var lines []byte
	if buffer, ok := r.buffers.Get().(*[]byte); ok {
		lines = (*buffer)[:0]
	} else {
		lines = make([]byte, 0, 1024*len(run))
	}
	for _, p := range run {
		result := &r.inThreads[p.place]
		if result.URI == "" {
			result = &analyzer.Posts(r.posts[p.place])[0]
		}
		lines = result.AppendJSON(append(lines, `{"type":"post",`...))
		lines = append(lines, "}\n"...)
	}
	return lines
}

// An agedPost is a live post, by its place among them all.
type agedPost struct {
	age   age
	place int32
}

// byAge lists the live posts by age, then by URI.
func (c *corpus) byAge() []agedPost {
	list := make([]agedPost, len(c.posts.list))
	for i, p := range c.posts.list {
		list[i] = agedPost{age(p.Age().UnixMicro()), int32(i)}
	}
	slices.SortFunc(list, func(x, y agedPost) int {
		if x.age != y.age {
			return x.age.compare(y.age)
		}
		p, q := c.posts.list[x.place], c.posts.list[y.place]
		return cmp.Or(p.Age().Compare(q.Age()), strings.Compare(string(p.URI), string(q.URI)))
	})
	return list
}

// age is when a post was written, by its record key or claimed date.
func (c *corpus) age(uri syntax.ATURI) age {
	if i, ok := c.posts.at[uri]; ok {
		return age(c.posts.list[i].Age().UnixMicro())
	}
	return 0
}

// An age is microseconds since 1970.
type age int64

func (a age) compare(b age) int { return cmp.Compare(a, b) }
