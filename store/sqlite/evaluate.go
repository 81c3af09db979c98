package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// An evaluator finds the posts that an expression selects, with how well they fit, in the
// order of their ids, which is that of their time. Each word and property is a list in the
// index; what stands around them merges lists.
//
// Its lists are in the room of its connection: they are good until the next evaluator.
type evaluator struct {
	r     *reader
	room  *room
	posts float64 // in the archive, about
	hints []string
}

func (r *reader) evaluator(ctx context.Context) (*evaluator, error) {
	if r.flushWords != nil {
		if err := r.flushWords(ctx); err != nil {
			return nil, err
		}
	}
	e := newEvaluator(r)
	err := r.c.row(ctx, `SELECT total(posts) FROM account`, nil, &e.posts)
	return e, err
}

func newEvaluator(r *reader) *evaluator {
	r.c.room.empty()
	return &evaluator{r: r, room: &r.c.room}
}

// eval is what an expression selects: everything if it is nil.
func (e *evaluator) eval(ctx context.Context, expr search.Expr) ([]hit, error) {
	switch expr := expr.(type) {
	case nil:
		return e.property(ctx, anyPost)
	case search.And:
		return e.and(ctx, expr)
	case search.Or:
		lists := make([][]hit, 0, len(expr))
		for _, part := range expr {
			list, err := e.eval(ctx, part)
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
		return e.room.unionAll(lists, sum), nil
	case search.Not:
		return e.and(ctx, search.And{expr})
	case search.Word:
		return e.word(ctx, expr)
	case search.Phrase:
		return e.phrase(ctx, expr.Words(), false)
	case search.Prefix:
		return e.phrase(ctx, expr.Words(), !expr.Whole())
	case search.Field:
		return e.field(ctx, expr)
	}
	return nil, nil
}

// and is what all parts select: first what they have in common, then without what they
// exclude.
func (e *evaluator) and(ctx context.Context, parts search.And) (list []hit, err error) {
	var lists [][]hit
	var excluded []search.Expr
	var times []search.Field
	for _, part := range parts {
		switch part := part.(type) {
		case search.Not:
			excluded = append(excluded, part.Expr)
			continue
		case search.Field:
			if part.Name == "since" || part.Name == "until" {
				times = append(times, part)
				continue
			}
		}
		found, err := e.eval(ctx, part)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		lists = append(lists, found)
	}
	if lists == nil {
		if list, err = e.property(ctx, anyPost); err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	slices.SortFunc(lists, func(a, b []hit) int { return len(a) - len(b) })
	list = lists[0]
	for _, other := range lists[1:] {
		list = intersect(list, other)
	}
	for _, f := range times {
		if list, err = e.during(ctx, list, f); err != nil {
			return nil, err
		}
	}
	for _, part := range excluded {
		if len(list) == 0 {
			break
		}
		found, err := e.eval(ctx, part)
		if err != nil {
			return nil, err
		}
		list = without(list, found)
	}
	return list, nil
}

// property is the posts that have a property.
func (e *evaluator) property(ctx context.Context, term string) ([]hit, error) {
	return e.postings(ctx, term, nil)
}

// postings is the posts that have a term.
func (e *evaluator) postings(ctx context.Context, term string, w *weights) ([]hit, error) {
	start := len(e.room.hits)
	err := e.r.c.each(ctx, `SELECT first, posts FROM posting WHERE term = ? ORDER BY first`, []any{term}, func(rows *sql.Rows) (err error) {
		var b block
		if err := rows.Scan(&b.first, (*sql.RawBytes)(&b.posts)); err != nil {
			return err
		}
		e.room.hits, err = b.hits(e.room.hits, w)
		return err
	})
	return e.room.since(start), err
}

// stemmed is by how much less a word counts that only its stem finds.
const stemmed = 0.5

// A spelling is a word of the index that a term of a query finds, in some texts.
type spelling struct {
	word string
	in   search.Langs
}

func (s spelling) weights(t search.Term) *weights {
	if s.word == t.Word {
		return weigh(s.in, 1)
	}
	return weigh(s.in, stemmed)
}

// family is the words of the index that a term finds.
func (e *evaluator) family(ctx context.Context, t search.Term) ([]spelling, error) {
	list := []spelling{{t.Word, search.AnyLang}}
	add := func(word string) {
		if in := t.In(word); in != 0 && !slices.ContainsFunc(list, func(s spelling) bool { return s.word == word }) {
			list = append(list, spelling{word, in})
		}
	}
	stems := slices.Compact([]string{t.French, t.English})
	for _, stem := range stems {
		add(stem)
		list = append(list, spelling{asides + stem, search.AnyLang})
		err := e.r.c.each(ctx, `SELECT word FROM family WHERE stem = ?`, []any{stem}, func(rows *sql.Rows) error {
			var word string
			err := rows.Scan(&word)
			add(word)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// word is the posts with a word in any of its inflections; or with several that are typed as
// one, close together.
func (e *evaluator) word(ctx context.Context, w search.Word) (list []hit, err error) {
	terms := w.Terms()
	if len(terms) == 0 {
		return nil, nil
	}
	families := make([][]spelling, len(terms))
	for i, alternatives := range terms {
		var lists [][]hit
		for _, t := range alternatives {
			family, err := e.family(ctx, t)
			if err != nil {
				return nil, err
			}
			for _, s := range family {
				found, err := e.postings(ctx, s.word, s.weights(t))
				if err != nil {
					return nil, err
				}
				if len(found) > 0 {
					lists = append(lists, found)
				}
			}
			families[i] = append(families[i], family...)
		}
		found := e.room.unionAll(lists, best)
		if i > 0 {
			found = intersect(list, found)
		}
		if list = found; len(list) == 0 {
			return nil, nil
		}
	}
	if len(terms) > 1 {
		list, err = e.standing(ctx, list, families, func(places [][]int32) bool { return near(places, int32(2*len(terms)+2)) })
	}
	return e.rare(list), err
}

// rare weighs the posts with a word or phrase by how few they are.
func (e *evaluator) rare(list []hit) []hit {
	n := float64(len(list))
	factor := float32(math.Log(1 + (max(e.posts, n)-n+0.5)/(n+0.5)))
	for i := range list {
		list[i].score *= factor
	}
	return list
}

// phrase is the posts with words in this order, as they stand; of the last only the
// beginning, if it is a prefix.
func (e *evaluator) phrase(ctx context.Context, terms [][]string, prefix bool) (list []hit, err error) {
	if len(terms) == 0 {
		return nil, nil
	}
	families := make([][]spelling, len(terms))
	exact := weigh(search.AnyLang, 1)
	for i, alternatives := range terms {
		var lists [][]hit
		if i == len(terms)-1 && prefix {
			if families[i], lists, err = e.beginning(ctx, alternatives[0], exact); err != nil {
				return nil, err
			}
		} else {
			for _, word := range alternatives {
				found, err := e.postings(ctx, word, exact)
				if err != nil {
					return nil, err
				}
				families[i] = append(families[i], spelling{word, search.AnyLang})
				lists = append(lists, found)
			}
		}
		found := e.room.unionAll(lists, best)
		if i > 0 {
			found = intersect(list, found)
		}
		if list = found; len(list) == 0 {
			return nil, nil
		}
	}
	if len(terms) > 1 {
		list, err = e.standing(ctx, list, families, inOrder)
	}
	return e.rare(list), err
}

// beginning is the words of the index that start so, each with its posts.
func (e *evaluator) beginning(ctx context.Context, prefix string, w *weights) (family []spelling, lists [][]hit, err error) {
	start := len(e.room.hits)
	const query = `SELECT term, first, posts FROM posting WHERE term >= ? AND term < ? ORDER BY term, first`
	err = e.r.c.each(ctx, query, []any{prefix, prefix + "\U0010ffff"}, func(rows *sql.Rows) (err error) {
		var term sql.RawBytes
		var b block
		if err := rows.Scan(&term, &b.first, (*sql.RawBytes)(&b.posts)); err != nil {
			return err
		}
		if isProperty(string(term)) {
			return nil
		}
		n := len(family) - 1
		if n < 0 || family[n].word != string(term) {
			family, lists = append(family, spelling{string(term), search.AnyLang}), append(lists, nil)
			n, start = n+1, len(e.room.hits)
		}
		e.room.hits, err = b.hits(e.room.hits, w)
		lists[n] = e.room.since(start)
		return err
	})
	return family, lists, err
}

// standingAtOnce is of how many hits the places of words are held at a time.
const standingAtOnce = 1 << 14

// standing is the hits in which the places of words are as they must be. Of each family one
// word is enough.
func (e *evaluator) standing(ctx context.Context, list []hit, families [][]spelling, fit func(places [][]int32) bool) ([]hit, error) {
	size := min(len(list), standingAtOnce)
	var flat []int32
	places := make([][][]int32, len(families))
	for i := range places {
		places[i] = make([][]int32, size)
	}
	kept := list[:0]
	one := make([][]int32, len(families))
	for len(list) > 0 {
		chunk := list[:min(size, len(list))]
		list, flat = list[len(chunk):], flat[:0]
		for i, family := range families {
			clear(places[i])
			for _, s := range family {
				var err error
				if flat, err = e.places(ctx, s, chunk, places[i], flat); err != nil {
					return nil, err
				}
			}
		}
		for k, h := range chunk {
			for i := range families {
				one[i] = places[i][k]
			}
			if fit(one) {
				kept = append(kept, h)
			}
		}
	}
	return kept, nil
}

// places adds to each of the hits where a word stands in it. flat is room for the places,
// and is returned as it is then.
func (e *evaluator) places(ctx context.Context, s spelling, list []hit, places [][]int32, flat []int32) ([]int32, error) {
	at := 0
	var scratch []posting
	const query = `SELECT first, posts, places FROM posting WHERE term = ?1 AND first <= ?3 AND first >=
		coalesce((SELECT max(first) FROM posting WHERE term = ?1 AND first <= ?2), ?2) ORDER BY first`
	err := e.r.c.each(ctx, query, []any{s.word, list[0].id, list[len(list)-1].id}, func(rows *sql.Rows) (err error) {
		var b block
		if err := rows.Scan(&b.first, (*sql.RawBytes)(&b.posts), (*sql.RawBytes)(&b.places)); err != nil {
			return err
		}
		if scratch, err = b.decode(scratch[:0], false); err != nil {
			return err
		}
		for _, p := range scratch {
			if at += seek(list[at:], p.id); at == len(list) {
				return nil
			}
			if list[at].id == p.id && p.detail.lang()&s.in != 0 {
				start := len(flat)
				if flat = p.decodePlaces(flat); places[at] == nil {
					places[at] = flat[start:len(flat):len(flat)]
				} else {
					places[at] = append(places[at], flat[start:]...)
				}
			}
		}
		return nil
	})
	return flat, err
}

// inOrder says whether words stand one behind the other.
func inOrder(places [][]int32) bool {
	return slices.ContainsFunc(places[0], func(at int32) bool {
		for i, other := range places[1:] {
			if !slices.Contains(other, at+int32(i)+1) {
				return false
			}
		}
		return true
	})
}

// near says whether words stand close together, in any order.
func near(places [][]int32, distance int32) bool {
	return slices.ContainsFunc(places[0], func(at int32) bool {
		for _, other := range places[1:] {
			if !slices.ContainsFunc(other, func(to int32) bool { return to-at <= distance && at-to <= distance }) {
				return false
			}
		}
		return true
	})
}

// during is the hits that are of a time or newer (since), or older (until). Ids tell the
// time but for the posts near it, those from before there were any ids, and those whose id
// is far from their time; these are looked up. One without any time is not older.
func (e *evaluator) during(ctx context.Context, list []hit, f search.Field) ([]hit, error) {
	t, err := search.Moment(f.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	since := f.Name == "since"
	second := max(t.Unix()-epoch, 0)
	from, to := second, second+slack+1
	unsure := map[int64]bool{} // whether it is selected
	const query = `SELECT id, age FROM post WHERE id BETWEEN ?1 AND ?2 UNION ALL SELECT id, age FROM post WHERE id <= ?3 + 1
		UNION ALL SELECT id, age FROM post WHERE ` + shift + ` < 0 UNION ALL SELECT id, age FROM post WHERE ` + shift + ` > ?3`
	err = e.r.c.each(ctx, query, []any{from, to, slack}, func(rows *sql.Rows) error {
		var id, age int64
		err := rows.Scan(&id, &age)
		if since {
			unsure[id] = age >= t.UnixMicro()
		} else {
			unsure[id] = age <= t.UnixMicro() && age > time.Time{}.UnixMicro()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sure := list[:0]
	for _, h := range list {
		selected := since == (h.id > to)
		if len(unsure) > 0 {
			if known, ok := unsure[h.id]; ok {
				selected = known
			}
		}
		if selected {
			sure = append(sure, h)
		}
	}
	return sure, nil
}

// shift is by how much the id of a post is greater than the second of its age: the others of
// that second push it on. An index knows which are far.
const shift = `id - max(age / 1000000 - 1577836800, 1)`

// slack is how far the id of a post is from its time as a rule, in seconds.
const slack = 3600

// field is the posts that have what a field asks for.
func (e *evaluator) field(ctx context.Context, f search.Field) ([]hit, error) {
	switch f.Name {
	case "topic", "kind", "status", "verdict", "lang", "has":
		return e.property(ctx, f.Name+":"+f.Value)
	case "layer":
		var lists [][]hit
		for _, topic := range search.TopicsOf(f.Value, nil) {
			list, err := e.property(ctx, "topic:"+topic)
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
		return e.room.unionAll(lists, best), nil
	case "from":
		// By DID, by handle now or once, by label, or by the first part of its handle.
		return e.accounts(ctx, f,
			`SELECT id FROM account a WHERE did = ?1 OR handle = ?1 COLLATE NOCASE OR label = ?1 COLLATE NOCASE`,
			`SELECT account FROM identity WHERE handle = ?1 COLLATE NOCASE`,
			`SELECT id FROM account WHERE substr(handle, 1, instr(handle, '.') - 1) = ?1 COLLATE NOCASE`)
	case "label":
		return e.accounts(ctx, f, `SELECT id FROM account WHERE label = ?1 COLLATE NOCASE`)
	case "since", "until":
		return e.and(ctx, search.And{f})
	case "source":
		return e.source(ctx, f.Value)
	case "thread":
		return e.thread(ctx, f)
	}
	return nil, nil
}

// accounts is the posts of the accounts that the first of the queries with a result finds.
func (e *evaluator) accounts(ctx context.Context, f search.Field, queries ...string) ([]hit, error) {
	for _, query := range queries {
		ids, err := e.ids(ctx, query, f.Value)
		if err != nil {
			return nil, err
		}
		var lists [][]hit
		for _, id := range ids {
			list, err := e.property(ctx, ofAccount(id))
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
		if ids != nil {
			return e.room.unionAll(lists, best), nil
		}
	}
	e.hints = append(e.hints, fmt.Sprintf("the archive has no account for %s", f))
	return nil, nil
}

// ids are the ids that a query finds, in their order, each once.
func (e *evaluator) ids(ctx context.Context, query string, args ...any) (ids []int64, err error) {
	err = e.r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return slices.Compact(ids), err
}

func hitsOf(ids []int64) []hit {
	list := make([]hit, len(ids))
	for i, id := range ids {
		list[i].id = id
	}
	return list
}

// source is the posts that link to a host or one under it, or with a claim that names the
// source.
func (e *evaluator) source(ctx context.Context, name string) ([]hit, error) {
	linked, err := e.property(ctx, "host:"+strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	named, err := e.ids(ctx, `SELECT post FROM claim WHERE source <> '' AND source LIKE ? ESCAPE '\'`, sourcePattern(name))
	return e.room.union(linked, hitsOf(named), best), err
}

// sourcePattern is what LIKE is asked for to find a name in the sources of claims.
func sourcePattern(name string) string {
	return "%" + likeEscaper.Replace(words.Fold(strings.ToLower(name)).Folded) + "%"
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// thread is the posts in the thread of the post with this URI or record key, with that post.
func (e *evaluator) thread(ctx context.Context, f search.Field) ([]hit, error) {
	uri := syntax.ATURI(f.Value)
	author, key := atproto.AuthorOf(uri), atproto.KeyOf(uri)
	if author == "" {
		author, key = "*", f.Value
	}
	const posts = `SELECT p.id FROM account a JOIN post p ON p.account = a.id AND p.rkey = ?2
		WHERE ?1 IN ('*', a.did) OR a.handle = ?1 COLLATE NOCASE
			OR EXISTS (SELECT 1 FROM identity i WHERE i.account = a.id AND i.handle = ?1 COLLATE NOCASE)`
	ids, err := e.ids(ctx, posts, author, rkeyValue(key))
	if err != nil {
		return nil, err
	}
	if ids == nil {
		e.hints = append(e.hints, fmt.Sprintf("the archive has no post for %s", f))
		return nil, nil
	}
	for _, id := range ids {
		const mates = `SELECT post FROM thread_post WHERE thread = (SELECT thread FROM thread_post WHERE post = ?)`
		others, err := e.ids(ctx, mates, id)
		if err != nil {
			return nil, err
		}
		ids = append(ids, others...)
	}
	slices.Sort(ids)
	return hitsOf(slices.Compact(ids)), nil
}

// query is what a query selects of posts: its expression, and what else it asks for.
func (e *evaluator) query(ctx context.Context, q store.Query) ([]hit, error) {
	list, err := e.eval(ctx, q.Where)
	if err != nil {
		return nil, err
	}
	return e.narrow(ctx, q, list)
}

// narrow keeps the posts that have what a query asks for besides its expression.
func (e *evaluator) narrow(ctx context.Context, q store.Query, list []hit) ([]hit, error) {
	if q.DID != "" && len(list) > 0 {
		id, err := e.r.accountID(ctx, q.DID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		own, err := e.property(ctx, ofAccount(id))
		if err != nil {
			return nil, err
		}
		list = intersect(list, own)
	}
	if q.Thread != "" && len(list) > 0 {
		root, err := e.r.postID(ctx, q.Thread)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		ids, err := e.ids(ctx, `SELECT tp.post FROM thread_post tp JOIN thread t ON t.id = tp.thread WHERE t.root = ?`, root)
		if err != nil {
			return nil, err
		}
		list = intersect(list, hitsOf(ids))
	}
	if q.Live && len(list) > 0 {
		gone, err := e.property(ctx, notLive)
		if err != nil {
			return nil, err
		}
		list = without(list, gone)
	}
	return list, nil
}
