package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
)

// A Check is one thing about an archive's file that was looked at.
type Check struct {
	Name   string   // what, in a word or two
	Looked string   // how much was looked at
	Wrong  []string // what is wrong, in sentences; at most shownWrong of them
	Count  int      // how much is wrong; 0: all is well
	Advice string   // what a person can do about it
}

const (
	shownWrong = 5
	sampled    = 500 // posts whose words are compared with the index
)

func (c *Check) wrong(format string, args ...any) {
	if c.Count++; len(c.Wrong) < shownWrong {
		c.Wrong = append(c.Wrong, fmt.Sprintf(format, args...))
	}
}

const (
	adviceDamaged = "copy the file aside, then make a new archive and fetch the accounts again; what people decided is in the table decision of the copy"
	adviceIndex   = "skyarchive doctor --reindex makes the index of words anew"
	adviceForget  = "skyarchive forget, without a name, does it now"
	adviceDerived = "the posts themselves are safe: skyarchive retag makes what is derived from them again"
)

// Check looks for damage: what SQLite finds wrong with the file, settings that do not hold,
// an index that does not agree with the posts, rows that point to nothing. Other programs
// cannot write meanwhile; nothing is changed.
func (db *DB) Check(ctx context.Context) ([]Check, error) {
	var c *conn
	select {
	case c = <-db.write:
		defer func() { db.write <- c }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c == nil {
		return nil, errClosed
	}
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.rollback(ctx)
	var list []Check
	for _, look := range []func(context.Context, *conn, *Check) error{
		checkFile, checkForeignKeys, checkSettings, checkIndex, checkOrphans, checkCounts, checkOverwritten,
	} {
		var check Check
		if err := look(ctx, c, &check); err != nil {
			return list, fmt.Errorf("check %s: %w", check.Name, err)
		}
		list = append(list, check)
	}
	return list, nil
}

func checkFile(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Advice = "file", adviceDamaged
	var pages, size int64
	if err := errors.Join(c.row(ctx, "PRAGMA page_count", nil, &pages), c.row(ctx, "PRAGMA page_size", nil, &size)); err != nil {
		return err
	}
	check.Looked = fmt.Sprintf("%d pages, %.1f MB", pages, float64(pages*size)/1e6)
	return c.each(ctx, "PRAGMA integrity_check", nil, func(rows *sql.Rows) error {
		var found string
		if err := rows.Scan(&found); err != nil {
			return err
		}
		if found != "ok" {
			check.wrong("%s", found)
		}
		return nil
	})
}

func checkForeignKeys(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Looked, check.Advice = "foreign keys", "all tables", adviceDamaged
	return c.each(ctx, "SELECT \"table\", coalesce(rowid, 0), parent FROM pragma_foreign_key_check", nil, func(rows *sql.Rows) error {
		var table, parent string
		var row int64
		if err := rows.Scan(&table, &row, &parent); err != nil {
			return err
		}
		check.wrong("row %d of %s points to no %s", row, table, parent)
		return nil
	})
}

func checkSettings(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Advice = "settings", "is the file on a network drive? Keep it on a local disk"
	list := writing.settings()
	check.Looked = fmt.Sprintf("%d of the connection that writes", len(list))
	for _, s := range list {
		var got string
		if err := c.row(ctx, "PRAGMA "+s.name, nil, &got); err != nil {
			return err
		}
		if !strings.EqualFold(got, s.value) {
			check.wrong("%s is %s where %s is needed", s.name, got, s.value)
		}
	}
	return nil
}

// checkIndex compares the index of words with the posts: that each row can be read, that
// all posts are in it, and of some, or all if they are few, that what they have is there, and
// nothing else.
func checkIndex(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Advice = "index", adviceIndex
	var posts int
	if err := c.row(ctx, "SELECT count(*) FROM post", nil, &posts); err != nil {
		return err
	}
	var samples []int64
	err := c.each(ctx, "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM post) WHERE n % ? = 0", []any{posts/sampled + 1}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		samples = append(samples, id)
		return err
	})
	if err != nil {
		return err
	}
	want := map[int64]map[string]posting{}
	r := newReader(c)
	for _, id := range samples {
		d, err := r.document(ctx, id)
		if err != nil {
			return err
		}
		has := map[string]posting{}
		for _, w := range d.words(new(wordScan)) {
			has[w.term] = posting{id, w.detail, w.places}
		}
		for _, term := range append(d.properties(), d.quoting()...) {
			has[term] = posting{id: id}
		}
		want[id] = has
	}
	found, err := compareIndex(ctx, c, want, check)
	if err != nil {
		return err
	}
	if found != posts {
		check.wrong("%d posts should be in the index, and %d are", posts, found)
	}
	for _, id := range samples {
		for term := range want[id] {
			check.wrong("post %d is not in the index where it should be, such as under %q", id, term)
			break
		}
	}
	compared := "all"
	if len(samples) < posts {
		compared = fmt.Sprintf("%d of them, from first to last", len(samples))
	}
	check.Looked = fmt.Sprintf("posts looked for in it: %d; words compared with the text: of %s", posts, compared)
	return nil
}

// compareIndex reads the whole index, takes what it finds out of what is wanted of posts, and
// returns how many posts it holds.
func compareIndex(ctx context.Context, c *conn, want map[int64]map[string]posting, check *Check) (posts int, err error) {
	var lastTerm string
	var last int64
	var list []posting
	err = c.each(ctx, "SELECT term, first, posts, places FROM posting ORDER BY term, first", nil, func(rows *sql.Rows) (err error) {
		var term string
		var b block
		if err := rows.Scan(&term, &b.first, (*sql.RawBytes)(&b.posts), (*sql.RawBytes)(&b.places)); err != nil {
			return err
		}
		if list, err = b.decode(list[:0], isProperty(term)); err != nil || len(list) == 0 {
			check.wrong("the row of %q from post %d on cannot be read", term, b.first)
			return nil
		}
		if term != lastTerm {
			lastTerm, last = term, math.MinInt64
		}
		for _, p := range list {
			if p.id <= last {
				check.wrong("the posts under %q are out of order at %d", term, p.id)
			}
			last = p.id
			if has := want[p.id]; has != nil {
				w, ok := has[term]
				if !ok || w.detail != p.detail || !bytes.Equal(w.places, p.places) {
					check.wrong("post %d is in the index under %q in another way than its words say", p.id, term)
				}
				delete(has, term)
			}
		}
		if term == anyPost {
			posts += len(list)
		}
		return nil
	})
	return posts, err
}

// orphans are rows that point to nothing, by what they would be called.
var orphans = []struct{ what, query string }{
	{"posts without their record", "SELECT count(*) FROM post WHERE status = 'live' AND record IS NULL OR record IS NOT NULL AND NOT EXISTS (SELECT 1 FROM record WHERE id = post.record)"},
	{"posts without their account", "SELECT count(*) FROM post WHERE NOT EXISTS (SELECT 1 FROM account WHERE id = post.account)"},
	{"records without their account", "SELECT count(*) FROM record WHERE NOT EXISTS (SELECT 1 FROM account WHERE id = record.account)"},
	{"entries of a manifest without their state", "SELECT count(*) FROM manifest WHERE NOT EXISTS (SELECT 1 FROM state WHERE id = manifest.state)"},
	{"readings without their post", "SELECT count(*) FROM reading WHERE NOT EXISTS (SELECT 1 FROM post WHERE id = reading.post)"},
	{"claims without their post", "SELECT count(*) FROM claim WHERE NOT EXISTS (SELECT 1 FROM post WHERE id = claim.post)"},
	{"topics without their post", "SELECT count(*) FROM topic_tag WHERE NOT EXISTS (SELECT 1 FROM post WHERE id = topic_tag.post)"},
	{"places in threads without their post", "SELECT count(*) FROM thread_post WHERE NOT EXISTS (SELECT 1 FROM post WHERE id = thread_post.post)"},
	{"places in threads without their thread", "SELECT count(*) FROM thread_post WHERE NOT EXISTS (SELECT 1 FROM thread WHERE id = thread_post.thread)"},
	{"threads without their first post", "SELECT count(*) FROM thread WHERE NOT EXISTS (SELECT 1 FROM post WHERE id = thread.root)"},
}

func checkOrphans(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Looked, check.Advice = "rows that belong together", fmt.Sprintf("%d kinds", len(orphans)), adviceDerived
	for _, o := range orphans {
		var n int
		if err := c.row(ctx, o.query, nil, &n); err != nil {
			return err
		}
		if n > 0 {
			check.wrong("%d %s", n, o.what)
		}
	}
	return nil
}

// checkCounts compares the numbers kept with accounts with what is there.
func checkCounts(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Advice = "numbers of accounts", adviceDerived
	accounts := 0
	err := c.each(ctx, `SELECT did, posts, threads, claims,
			(SELECT count(*) FROM post WHERE account = a.id AND status = 'live'),
			(SELECT count(*) FROM thread WHERE account = a.id),
			(SELECT count(*) FROM post p JOIN claim c ON c.post = p.id WHERE p.account = a.id AND p.status = 'live' AND c.checkworthy)
		FROM account a`, nil, func(rows *sql.Rows) error {
		var did string
		var kept, there [3]int
		if err := rows.Scan(&did, &kept[0], &kept[1], &kept[2], &there[0], &there[1], &there[2]); err != nil {
			return err
		}
		accounts++
		for i, what := range []string{"posts", "threads", "claims"} {
			if kept[i] != there[i] {
				check.wrong("%s is said to have %d %s and has %d", did, kept[i], what, there[i])
			}
		}
		return nil
	})
	check.Looked = fmt.Sprint(accounts)
	return err
}

// checkOverwritten says whether words that were forgotten may still be in the file.
func checkOverwritten(ctx context.Context, c *conn, check *Check) error {
	check.Name, check.Advice = "forgotten words", adviceForget
	var n int
	if err := c.row(ctx, "SELECT count(*) FROM forgotten", nil, &n); err != nil {
		return err
	}
	check.Looked = fmt.Sprintf("%d posts and accounts", n)
	left, err := leftToOverwrite(ctx, c)
	if left {
		check.wrong("a run that forgot something was stopped before it had overwritten the file")
	}
	return err
}
