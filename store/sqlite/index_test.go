package sqlite

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"skyarchive/store/search"
)

// readIndex is every posting of the index, by term.
func readIndex(t *testing.T, c *conn) map[string][]posting {
	t.Helper()
	all := map[string][]posting{}
	x := newIndex(c)
	terms := map[string]bool{}
	r := newEvaluator(newReader(c))
	family, _, err := r.beginning(t.Context(), "", weigh(search.AnyLang, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range family {
		terms[s.word] = true
	}
	for term := range terms {
		blocks, err := x.blocks(t.Context(), term, -1<<62, 1<<62)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			if len(b.posts)+len(b.places) > blockSize+200 {
				t.Errorf("a row of %q has %d bytes", term, len(b.posts)+len(b.places))
			}
			if all[term], err = b.decode(all[term], false); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

// Whatever comes and goes in whatever order, the index holds what is there in the end, as a
// map would; and the stems of its words, and of no others.
func TestIndexModel(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := <-db.write
	defer func() { db.write <- c }()
	if err := c.openFeed(t.Context()); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"eau", "lacs", "métaux", "centrales", "~datacent", "zzz"}
	model := map[string]map[int64]posting{}
	for round := range 15 {
		x := newIndex(c)
		for range 1 + random.IntN(2000) {
			term := words[min(random.IntN(len(words)), random.IntN(len(words)))]
			p := posting{id: random.Int64N(3000), detail: detail(random.IntN(256))}
			if round%3 == 0 {
				p.id = int64(round*100) + random.Int64N(1<<40)
			}
			places := make([]int32, p.detail.times()+1)
			if p.detail.times() == manyTimes {
				places = make([]int32, 4+random.IntN(150))
			}
			at := int32(0)
			for i := range places {
				at += 1 + random.Int32N(200)
				places[i] = at
			}
			p.places = encodePlaces(nil, places)
			if got := p.decodePlaces(nil); !slices.Equal(got, places) {
				t.Fatalf("places %v are read as %v", places, got)
			}
			if model[term] == nil {
				model[term] = map[int64]posting{}
			}
			gone := random.IntN(3) == 0 || round > 11
			if gone && len(model[term]) > 0 && random.IntN(4) > 0 {
				p.id = slices.Sorted(maps.Keys(model[term]))[0]
			}
			if x.note(term, p, gone); gone {
				delete(model[term], p.id)
			} else {
				model[term][p.id] = p
			}
		}
		if round == 14 { // the last one takes all of a word away
			for id := range model["lacs"] {
				x.note("lacs", posting{id: id}, true)
			}
			clear(model["lacs"])
		}
		if err := x.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := readIndex(t, c)
		for _, term := range words {
			ids := slices.Sorted(maps.Keys(model[term]))
			if len(ids) != len(got[term]) {
				t.Fatalf("round %d: %d posts have %q, want %d", round, len(got[term]), term, len(ids))
			}
			for i, id := range ids {
				want, p := model[term][id], got[term][i]
				if p.id != id || p.detail != want.detail || !bytes.Equal(p.places, want.places) {
					t.Fatalf("round %d: %q in post %d is %v, want %v", round, term, id, p, want)
				}
			}
			e := newEvaluator(newReader(c))
			hits, err := e.postings(t.Context(), term, weigh(search.AnyLang, 1))
			if err != nil || len(hits) != len(ids) {
				t.Fatalf("%d hits for %q and %v, want %d", len(hits), term, err, len(ids))
			}
		}
	}
	var stems int
	if err := c.row(t.Context(), "SELECT count(*) FROM family WHERE word = 'lacs' OR word NOT IN (SELECT term FROM posting)", nil, &stems); err != nil || stems != 0 {
		t.Errorf("%d stems of words that are gone, %v", stems, err)
	}
}

// A row that is cut or changed is refused or read as something, and never a panic.
func FuzzBlock(f *testing.F) {
	for _, b := range encode([]posting{{1, 0, []byte{3}}, {500, 3, []byte{4, 1, 1, 1, 1}}, {1 << 40, 0xff, []byte{5, 1, 200, 1, 1, 1, 1}}}, false) {
		f.Add(b.first, b.posts, b.places)
	}
	f.Fuzz(func(t *testing.T, first int64, posts, places []byte) {
		b := block{max(first, 0), posts, places}
		for _, property := range []bool{true, false} {
			list, err := b.decode(nil, property)
			if err != nil {
				continue
			}
			for _, p := range list {
				if !property {
					p.decodePlaces(nil)
				}
			}
			w := weigh(search.AnyLang, 1)
			if property {
				w = nil
			}
			if hits, err := b.hits(nil, w); err != nil || len(hits) != len(list) {
				t.Fatalf("%d postings are %d hits, %v", len(list), len(hits), err)
			}
		}
	})
}

// Lists are merged as sets are.
func TestHits(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	makeList := func(n, spread int) []hit {
		set := map[int64]bool{}
		for range random.IntN(n + 1) {
			set[random.Int64N(int64(spread))] = true
		}
		var list []hit
		for _, id := range slices.Sorted(maps.Keys(set)) {
			list = append(list, hit{id, float32(id%7) + 1})
		}
		return list
	}
	ids := func(list []hit) []int64 {
		out := []int64{}
		for _, h := range list {
			out = append(out, h.id)
		}
		return out
	}
	where := func(keep func(id int64) bool) []int64 {
		out := []int64{}
		for id := range int64(1000) {
			if keep(id) {
				out = append(out, id)
			}
		}
		return out
	}
	for range 300 {
		a, b := makeList(5+random.IntN(400), 1000), makeList(5+random.IntN(400), 1000)
		inA, inB := func(id int64) bool { return contains(a, id) }, func(id int64) bool { return contains(b, id) }
		both := where(func(id int64) bool { return inA(id) && inB(id) })
		either := where(func(id int64) bool { return inA(id) || inB(id) })
		only := where(func(id int64) bool { return inA(id) && !inB(id) })
		for name, c := range map[string]struct {
			got  []hit
			want []int64
		}{
			"union":     {new(room).union(a, b, sum), either},
			"unionAll":  {new(room).unionAll([][]hit{slices.Clone(a), b, slices.Clone(a), nil}, best), either},
			"intersect": {intersect(slices.Clone(a), slices.Clone(b)), both},
			"without":   {without(slices.Clone(a), b), only},
		} {
			if !slices.Equal(ids(c.got), c.want) {
				t.Fatalf("%s of %v and %v: %v, want %v", name, ids(a), ids(b), ids(c.got), c.want)
			}
		}
		all := slices.Clone(a)
		slices.SortFunc(all, byRank)
		for _, n := range []int{0, 1, 3, len(a), len(a) + 1} {
			from := random.IntN(len(all) + 1)
			var after *hit
			if from > 0 {
				after = &all[from-1]
			}
			want := all[from:]
			if n > 0 {
				want = want[:min(n, len(want))]
			}
			if got := top(a, n, after); !slices.Equal(got, want) {
				t.Fatalf("top %d behind %v: %v, want %v", n, after, fmt.Sprint(got), want)
			}
		}
	}
}
