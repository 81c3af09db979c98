package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
)

// wild makes posts whose references go anywhere: forward, in circles, to themselves, to
// posts that were never seen and to no posts at all.
func wild(r *rand.Rand, size int) []scenePost {
	texts := []string{
		"1/3 Un.", "2/3 Deux.", "3/3 Trois.", "1/ Un.", "2/ Deux.", "1. Un.", "2. Deux.", "3. Trois.", "2/5 Deux.", "La pluie. 4/5",
		"Suite du fil", "Un fil 🧵", "🧵 1/4 La rivière.", "La rivière.", "Le barrage.", "", "3a/4", "3b/4", "Part 2",
	}
	uri := func() syntax.ATURI {
		author := subject
		if r.IntN(5) == 0 {
			author = stranger
		}
		n := uint64(r.IntN(size+size/8+1)) * 60e6
		if r.IntN(30) == 0 {
			return syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.post/key%d", author, n))
		}
		return syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.post/%s", author, atproto.TID(n<<10)))
	}
	ref := func() atproto.Ref {
		switch r.IntN(20) {
		case 0:
			return atproto.Ref{}
		case 1:
			return atproto.Ref{URI: "at://" + syntax.ATURI(subject) + "/app.bsky.feed.like/x"}
		}
		return atproto.Ref{URI: uri()}
	}
	var posts []scenePost
	for range size {
		p := scenePost{Post: atproto.Post{Ref: atproto.Ref{URI: uri(), CID: fmt.Sprint(r.IntN(9))}, Text: texts[r.IntN(len(texts))]}}
		if r.IntN(3) > 0 {
			p.Reply = &atproto.Reply{Root: ref(), Parent: ref()}
		}
		if r.IntN(5) == 0 {
			p.Embed.Quote = ref()
		}
		p.gone = r.IntN(8) == 0
		posts = append(posts, p)
	}
	return posts
}

// The order in which posts are added, and how often, changes nothing; each live post is in
// one place at most; what is said of a thread fits it.
func TestThreadsOfWildPosts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := scene{posts: wild(r, 2+int(seed%60))}
		want := s.assemble()
		live := map[syntax.ATURI]bool{}
		for _, p := range s.posts {
			if !p.gone && p.Author() == subject {
				live[p.URI] = true
			}
		}
		r.Shuffle(len(s.posts), func(i, j int) { s.posts[i], s.posts[j] = s.posts[j], s.posts[i] })
		s.posts = append(s.posts, s.posts[:len(s.posts)/2]...)
		if got := s.assemble(); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: another order gives\n%+v\nwant\n%+v", seed, got, want)
		}
		checkThreads(t, want, live)
		checkThreads(t, s.assemble(wildDecisions(t, r, s.posts)...), live)
	}
}

func wildDecisions(t *testing.T, r *rand.Rand, posts []scenePost) (list []analysis.Decision) {
	t.Helper()
	for i := range 6 {
		var uris []syntax.ATURI
		for range 1 + r.IntN(4) {
			uris = append(uris, posts[r.IntN(len(posts))].URI)
		}
		kind := []analysis.DecisionKind{analysis.DecidedJoin, analysis.DecidedSplit, analysis.DecidedUndo}[r.IntN(3)]
		of := string(uris[0])
		if kind == analysis.DecidedUndo && i > 0 {
			of = list[r.IntN(i)].ID
		}
		d, err := analysis.NewDecision(kind, subject, of, "Ana", time.Unix(int64(i), 0), analysis.Joining{URIs: uris})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func checkThreads(t *testing.T, threads []analysis.Thread, live map[syntax.ATURI]bool) {
	t.Helper()
	seen := map[syntax.ATURI]bool{}
	take := func(uri syntax.ATURI) {
		if seen[uri] || !live[uri] {
			t.Errorf("%s: seen before %v, live %v", uri, seen[uri], live[uri])
		}
		seen[uri] = true
	}
	for _, thread := range threads {
		if len(thread.Posts) < 2 || thread.Root != thread.Posts[0] || thread.Branches == nil || thread.Joins == nil {
			t.Errorf("odd thread: %+v", thread)
		}
		inLine, inThread := map[syntax.ATURI]bool{}, map[syntax.ATURI]bool{}
		for _, uri := range thread.Posts {
			take(uri)
			inLine[uri], inThread[uri] = true, true
		}
		for _, b := range thread.Branches {
			for _, uri := range b {
				take(uri)
				inThread[uri] = true
			}
		}
		explained := map[syntax.ATURI]bool{thread.Root: true}
		for _, j := range thread.Joins {
			if j.By == "" || j.Why == "" || !inLine[j.URI] {
				t.Errorf("odd join: %+v", j)
			}
			explained[j.URI] = true
		}
		if len(explained) != len(thread.Posts) {
			t.Errorf("%d of %d posts explained in %s", len(explained), len(thread.Posts), thread.Root)
		}
		if n := thread.Numbering; n != nil && (len(n.Numbers) != len(thread.Posts) || n.Missing == nil) {
			t.Errorf("odd numbering in %s: %+v", thread.Root, n)
		}
		var absent []int
		for _, g := range thread.Gaps {
			if g.After != "" && !inThread[g.After] || g.URI == "" && g.Number == 0 || (g.Kind == analysis.GapNumber || g.Kind == analysis.GapSplit) == (g.URI != "") {
				t.Errorf("odd gap in %s: %+v", thread.Root, g)
			}
			if g.Number > 0 {
				absent = append(absent, g.Number)
			}
		}
		slices.Sort(absent)
		if n := thread.Numbering; n == nil && absent != nil || n != nil && !slices.Equal(absent, n.Missing) {
			t.Errorf("gaps of %s tell of the parts %v: %+v", thread.Root, absent, n)
		}
	}
}

// Of two versions the live one counts, then the one with the greater CID.
func TestVersionsOfAPost(t *testing.T) {
	t.Parallel()
	s := read(t, `
		a@0 "La rivière."
		b@1 >a "Le barrage."
		c@2 >b "La pluie."`)
	other := s.posts[2]
	other.Reply = &atproto.Reply{Root: other.Reply.Root, Parent: s.posts[0].Ref}
	for _, tt := range []struct {
		cid  string
		gone bool
		want string
	}{
		{"cid-b", false, "a b c"},
		{"cid-d", false, "a b, beside: c"},
		{"cid-d", true, "a b c"},
		{"bafyrei" + strings.Repeat("a", 52), false, "a b c"},
	} {
		other.CID, other.gone = tt.cid, tt.gone
		for _, posts := range [][]scenePost{{s.posts[0], s.posts[1], s.posts[2], other}, {other, s.posts[2], s.posts[1], s.posts[0]}} {
			s := scene{posts, s.uris, s.names}
			if got := s.shown(s.assemble()); got != tt.want {
				t.Errorf("with %s, gone %v: %s, want %s", tt.cid, tt.gone, got, tt.want)
			}
		}
	}
}

// Long threads, long bridges, wide forks and large cycles are ordinary input.
func TestThreadsOfGreatSize(t *testing.T) {
	t.Parallel()
	const size = 50_000
	uri := func(i int) syntax.ATURI {
		return syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.post/%s", subject, atproto.TID(uint64(i+1)*1e6<<10)))
	}
	for _, tt := range []struct {
		name   string
		parent func(i int) int
		gone   func(i int) bool
		text   string
		line   int
	}{
		{"chain", func(i int) int { return i - 1 }, nil, "La rivière.", size},
		{"cycle", func(i int) int { return (i + size - 1) % size }, nil, "La rivière.", size},
		{"star", func(i int) int { return min(i, 1) - 1 }, nil, "La rivière.", 2},
		{"bridges", func(i int) int { return i - 1 }, func(i int) bool { return i%1000 != 999 && i > 0 }, "La rivière.", size/1000 + 1},
		{"the same number", func(i int) int { return i - 1 }, nil, "1/3 La rivière.", size},
		{"standalone, the same number", func(i int) int { return -1 }, nil, "2/3 La rivière.", 0},
		{"star, the same number", func(i int) int { return min(i, 1) - 1 }, nil, "2/3 La rivière.", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := analysis.NewAssembler(subject, handle)
			for i := range size {
				p := atproto.Post{Ref: atproto.Ref{URI: uri(i)}, Text: tt.text}
				if to := tt.parent(i); to >= 0 {
					p.Reply = &atproto.Reply{Root: atproto.Ref{URI: uri(0)}, Parent: atproto.Ref{URI: uri(to)}}
				}
				if tt.gone != nil && tt.gone(i) {
					a.AddDeleted(&p)
				} else {
					a.Add(&p)
				}
			}
			began := time.Now()
			threads := a.Threads()
			if passed := time.Since(began); passed > 20*time.Second {
				t.Errorf("took %v", passed)
			}
			line := 0
			if len(threads) > 0 {
				line = len(threads[0].Posts)
			}
			if line != tt.line {
				t.Errorf("first of %d threads has %d posts, want %d", len(threads), line, tt.line)
			}
		})
	}
}

// account is posts as an account writes them: single posts, answers to others, threads
// with and without numbers, and some that are deleted.
func account(size int, yield func(p *atproto.Post, gone bool)) {
	r := rand.New(rand.NewPCG(7, 7))
	uri := func(author syntax.DID, i int) syntax.ATURI {
		return syntax.ATURI("at://" + string(author) + "/app.bsky.feed.post/" + atproto.TID(uint64(i+1)*97e6<<10))
	}
	for i := 0; i < size; {
		kind, length := r.IntN(10), 1
		if kind > 4 {
			length = 2 + r.IntN(10)
		}
		head := i
		for k := 1; k <= length && i < size; k++ {
			p := atproto.Post{Text: "La rivière est plus basse que l'an dernier, et le barrage n'y est pour rien."}
			p.URI, p.CID = uri(subject, i), atproto.CIDOf(fmt.Append(nil, i)).String()
			switch {
			case kind < 3:
				p.Reply = &atproto.Reply{Root: atproto.Ref{URI: uri(stranger, i)}, Parent: atproto.Ref{URI: uri(stranger, i)}}
			case k > 1:
				p.Reply = &atproto.Reply{Root: atproto.Ref{URI: uri(subject, head)}, Parent: atproto.Ref{URI: uri(subject, i-1)}}
			}
			if kind == 9 {
				p.Text = fmt.Sprintf("%d/%d %s", k, length, p.Text)
			}
			yield(&p, r.IntN(100) == 0)
			i++
		}
	}
}

// BenchmarkThreads reports the bytes held for each post before threads are assembled, those
// of the threads, and the time for each post without making the posts.
// SKYARCHIVE_BENCH_LARGE=1 adds a million posts.
func BenchmarkThreads(b *testing.B) {
	sizes := []int{1_000, 10_000, 100_000}
	if os.Getenv("SKYARCHIVE_BENCH_LARGE") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var held, result float64
			var spent time.Duration
			for b.Loop() {
				before := heap()
				a := analysis.NewAssembler(subject, handle)
				type post struct {
					p    atproto.Post
					gone bool
				}
				var batch []post
				add := func() {
					began := time.Now()
					for i := range batch {
						if p := &batch[i].p; batch[i].gone {
							a.AddDeleted(p)
						} else {
							a.Add(p)
						}
					}
					spent += time.Since(began)
					batch = batch[:0]
				}
				account(size, func(p *atproto.Post, gone bool) {
					if batch = append(batch, post{*p, gone}); len(batch) == 1000 {
						add()
					}
				})
				add()
				batch = nil
				held = heap() - before
				began := time.Now()
				threads := a.Threads()
				spent += time.Since(began)
				a = nil
				result = heap() - before
				runtime.KeepAlive(threads)
			}
			b.ReportMetric(held/float64(size), "held-B/post")
			b.ReportMetric(result/float64(size), "threads-B/post")
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/float64(size), "ns/post")
		})
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
