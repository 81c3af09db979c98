package sqlite

import (
	"bytes"
	"database/sql"
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
	err := c.each(t.Context(), `SELECT DISTINCT term FROM posting`, nil, func(rows *sql.Rows) error {
		var term string
		err := rows.Scan(&term)
		terms[term] = !isProperty(term)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for term, word := range terms {
		if !word {
			continue
		}
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
		if round%2 == 0 {
			x.work()
		}
		if round%4 < 2 {
			x.limit = 1 << 12 // so that much is put aside
		}
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
			if err := x.do(func(g *gathered) { g.note(term, p, gone) }); err != nil {
				t.Fatal(err)
			}
			if gone {
				delete(model[term], p.id)
			} else {
				model[term][p.id] = p
			}
		}
		if round == 14 { // the last one takes all of a word away
			for id := range model["lacs"] {
				if err := x.do(func(g *gathered) { g.note("lacs", posting{id: id}, true) }); err != nil {
					t.Fatal(err)
				}
			}
			clear(model["lacs"])
		}
		if err := x.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.close()
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
			checkCursor(t, random, c, term, model[term])
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
			if ids, _, err := b.read(nil, nil, w); err != nil || len(ids) != len(list) {
				t.Fatalf("%d postings are %d posts, %v", len(list), len(ids), err)
			}
		}
	})
}

// A checked cursor comes to the posts of a model, wherever it is sent.
func checkCursor(t *testing.T, random *rand.Rand, c *conn, term string, model map[int64]posting) {
	t.Helper()
	ids := slices.Sorted(maps.Keys(model))
	for _, leap := range []int64{1, 30, 1000} {
		cur := &termCursor{r: newReader(c), term: term, weights: weigh(search.AnyLang, 1), rarity: new(float32(1)), placed: true, cur: newest}
		if n, err := cur.count(t.Context()); err != nil || n < len(ids)/4 || n > len(ids)*4 {
			t.Fatalf("%q has %d postings, and not about %d: %v", term, len(ids), n, err)
		}
		left := ids
		for at := newest; ; at -= 1 + random.Int64N(leap) {
			for len(left) > 0 && left[len(left)-1] > at {
				left = left[:len(left)-1]
			}
			got, err := cur.seek(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			if len(left) == 0 {
				if got != none {
					t.Fatalf("up to %d %q is in %d, want nothing", at, term, got)
				}
				break
			}
			if want := left[len(left)-1]; got != want {
				t.Fatalf("up to %d %q is in %d, want %d", at, term, got, want)
			}
			places, err := cur.standing(nil)
			if want := model[got].decodePlaces(nil); err != nil || !slices.Equal(places, want) {
				t.Fatalf("%q stands in %d at %v, %v, want %v", term, got, places, err, want)
			}
			at = got
		}
	}
}
