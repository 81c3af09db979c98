package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A document is a post as the index of words knows it.
type document struct {
	id, account int64
	status      store.PostStatus
	post        *atproto.Post // nil: its record is not kept, or is no post
	quoted      *atproto.Post // the post that it quotes, nil if there is none or it is not known
	lang        string
	number      bool
	read        properties // what follows from its passages and their reviews
}

// An indexedWord is a word of a document as its posting says it.
type indexedWord struct {
	term   string
	detail detail
	places []byte
}

// asides start the terms that stand beside a word and are found by their stem alone.
const asides = "~"

// gap is how many places lie between the parts of a post, so that neither a phrase nor words
// close together run from one into the next.
const gap = 80

// words are the words of all parts, in alphabetical order. They are good until the scan is
// used again.
func (d *document) words(s *wordScan) []indexedWord {
	s.at, s.length, s.found = 0, 0, s.found[:0]
	for _, p := range d.parts() {
		s.scan(p)
	}
	return s.words()
}

// A docPart is a text in a document that can be found by its words.
type docPart struct {
	part
	what string // for people
	text string
	lang string
}

// parts are the text, the hashtags outside of it, the descriptions of pictures, the card and
// the text that is quoted.
func (d *document) parts() []docPart {
	if d.post == nil {
		return nil
	}
	list := []docPart{{inText, "text", d.post.Text, d.lang}}
	add := func(p part, what, text string) {
		if text != "" {
			list = append(list, docPart{p, what, text, d.lang})
		}
	}
	for _, tag := range d.post.Tags {
		add(inTag, "hashtag", "#"+strings.TrimPrefix(tag, "#")) // so that it is cut at capitals
	}
	embed := &d.post.Embed
	for _, img := range embed.Images {
		add(inMedia, "picture", img.Alt)
	}
	if embed.Video != nil {
		add(inMedia, "video", embed.Video.Alt)
	}
	if embed.Card != nil {
		add(inMedia, "card", embed.Card.Title)
		add(inMedia, "card", embed.Card.Description)
	}
	if q := d.quoted; q != nil && q.Text != "" {
		list = append(list, docPart{inQuoted, "quoted post", q.Text, words.Language(q.Langs, q.Text)})
	}
	return list
}

// A wordScan collects where the words of a document stand. It is used again for the next.
type wordScan struct {
	at     int32
	length int
	found  []wordPlace
	folder words.Folder
	terms  []words.Term
	places []int32
	list   []indexedWord
	arena  []byte // the places of list
}

type wordPlace struct {
	term string
	at   int32
	part part
	lang search.Langs
}

// scan reads the words of a part. Both readings of an inclusive spelling stand in one place.
func (s *wordScan) scan(p docPart) {
	lang := search.LangOf(p.lang)
	if s.at > 0 {
		s.at += gap
	}
	var last words.Span
	s.terms = s.folder.Fold(p.text).AppendTerms(s.terms[:0])
	for i, t := range s.terms {
		if i > 0 && t.Span != last {
			s.at++
		}
		if last = t.Span; t.Word != "" {
			s.length++
			s.found = append(s.found, wordPlace{t.Word, s.at, p.part, lang})
		} else {
			s.found = append(s.found, wordPlace{asides + t.Stem, s.at, p.part, lang})
		}
	}
	s.at++
}

// words are the words that were found, in alphabetical order.
func (s *wordScan) words() []indexedWord {
	slices.SortFunc(s.found, func(a, b wordPlace) int { return cmp.Or(strings.Compare(a.term, b.term), cmp.Compare(a.at, b.at)) })
	s.list, s.arena = s.list[:0], slices.Grow(s.arena[:0], 8*len(s.found))
	for i := 0; i < len(s.found); {
		first := s.found[i]
		s.places = s.places[:0]
		for ; i < len(s.found) && s.found[i].term == first.term; i++ {
			if n := len(s.places); n == 0 || s.places[n-1] != s.found[i].at {
				s.places = append(s.places, s.found[i].at)
			}
		}
		start := len(s.arena)
		s.arena = encodePlaces(s.arena, s.places)
		d := newDetail(len(s.places), first.part, first.lang, s.length)
		s.list = append(s.list, indexedWord{first.term, d, s.arena[start:len(s.arena):len(s.arena)]})
	}
	return s.list
}

// Properties are what a post can be asked for besides words: terms with a colon.
type properties []string

func (list *properties) add(term string) {
	if !slices.Contains(*list, term) {
		*list = append(*list, term)
	}
}

// The properties that every post may have. Others are named after fields of the query
// language, with their value: topic:water, host:iea.org.
const (
	anyPost         = "post:"
	notLive         = "post:gone"
	anyClaim        = "claim:"
	checkWorthyOnly = "claim:checkworthy"
	// without is of posts with a claim that lacks a number or source, also if another has one.
	without = "without:"
)

// quoting is the property of the posts that quote a post.
func quoting(uri syntax.ATURI) string {
	return "quotes:" + atproto.AuthorOf(uri) + "/" + atproto.KeyOf(uri)
}

func ofAccount(id int64) string { return "account:" + strconv.FormatInt(id, 10) }

// properties are all properties of a document but for whom it quotes.
func (d *document) properties() properties {
	list := properties{anyPost, ofAccount(d.account), "lang:" + cmp.Or(d.lang, "und")}
	if d.status != store.Live {
		list.add(notLive)
	}
	if d.number {
		list.add("has:number")
	}
	if d.post != nil {
		if hasMedia(&d.post.Embed) {
			list.add("has:media")
		}
		hosts := hostsOf(d.post)
		if len(hosts) > 0 {
			list.add("has:link")
		}
		for _, host := range hosts {
			for _, name := range namesIn(host) {
				list.add("host:" + name)
			}
		}
	}
	return append(list, d.read...)
}

// quoting is the property of a document that quotes a post. It has a list of its own, for
// whoever changes a post asks for those that quote it.
func (d *document) quoting() properties {
	if d == nil || d.post == nil || !atproto.IsPostURI(d.post.Embed.Quote.URI) {
		return nil
	}
	return properties{quoting(d.post.Embed.Quote.URI)}
}

// namesIn are the names that a host can be asked for by: any run of its labels.
func namesIn(host string) []string {
	labels := strings.Split(host, ".")
	if len(labels) > 6 {
		return []string{host}
	}
	var names []string
	for from := range labels {
		for to := from + 1; to <= len(labels); to++ {
			names = append(names, strings.Join(labels[from:to], "."))
		}
	}
	return names
}

// addTopic adds what follows from a topic of a passage.
func (list *properties) addTopic(topic string) { list.add("topic:" + topic) }

// addClaim adds what follows from a claim.
func (list *properties) addClaim(kind, status, verdict string, checkworthy, number, sourced bool) {
	list.add(anyClaim)
	list.add("kind:" + kind)
	list.add("status:" + status)
	if verdict != "" {
		list.add("verdict:" + verdict)
	}
	if checkworthy {
		list.add(checkWorthyOnly)
	}
	if !number {
		list.add(without + "number")
	}
	if sourced {
		list.add("has:source")
	} else {
		list.add(without + "source")
	}
}

// documents yields the posts whose ids lie in a range as they stand in the tables.
func (r *reader) documents(ctx context.Context, from, to int64, yield func(document) error) error {
	read := map[int64]*properties{}
	of := func(post int64) *properties {
		if read[post] == nil {
			read[post] = new(properties)
		}
		return read[post]
	}
	const topics = `SELECT g.post, t.name FROM topic_tag g JOIN topic t ON t.id = g.topic WHERE g.post BETWEEN ? AND ?`
	err := r.c.each(ctx, topics, []any{from, to}, func(rows *sql.Rows) error {
		var post int64
		var topic string
		err := rows.Scan(&post, &topic)
		of(post).addTopic(topic)
		return err
	})
	if err != nil {
		return err
	}
	const claims = `SELECT post, kind, status, verdict, checkworthy, has_number, source <> '' FROM claim WHERE post BETWEEN ? AND ?`
	err = r.c.each(ctx, claims, []any{from, to}, func(rows *sql.Rows) error {
		var post int64
		var kind, status, verdict string
		var checkworthy, number, sourced bool
		err := rows.Scan(&post, &kind, &status, &verdict, &checkworthy, &number, &sourced)
		of(post).addClaim(kind, status, verdict, checkworthy, number, sourced)
		return err
	})
	if err != nil {
		return err
	}
	const posts = `SELECT p.id, p.account, p.rkey, p.status, p.lang, p.has_number, r.bytes, a.did
		FROM post p LEFT JOIN record r ON r.id = p.record LEFT JOIN account a ON a.id = p.account
		WHERE p.id BETWEEN ? AND ? ORDER BY p.id`
	return r.c.each(ctx, posts, []any{from, to}, func(rows *sql.Rows) error {
		var d document
		var key any
		var record []byte
		var did sql.NullString
		if err := rows.Scan(&d.id, &d.account, &key, &d.status, &d.lang, &d.number, &record, &did); err != nil {
			return err
		}
		if record != nil {
			// A record that is kept and is no post is not found by words.
			ref := atproto.Ref{URI: pathOf(atproto.CollectionPost, key).URI(syntax.DID(did.String))}
			if p, err := atproto.DecodePost(ref, record); err == nil {
				d.post = &p
				if d.quoted, err = r.quoted(ctx, p.Embed.Quote.URI); err != nil {
					return err
				}
			}
		}
		if list := read[d.id]; list != nil {
			d.read = *list
		}
		return yield(d)
	})
}

// document is one post as it stands in the tables.
func (r *reader) document(ctx context.Context, id int64) (d document, err error) {
	err = store.ErrNotFound
	bad := r.documents(ctx, id, id, func(one document) error {
		d, err = one, nil
		return nil
	})
	if bad != nil {
		err = bad
	}
	if err != nil {
		return d, fmt.Errorf("post %d for the index: %w", id, err)
	}
	return d, nil
}

// quoted is a post that another one quotes, as it is known: from its archived account, else
// as it was last seen at somebody else's. nil if it is neither.
func (r *reader) quoted(ctx context.Context, uri syntax.ATURI) (post *atproto.Post, err error) {
	if !atproto.IsPostURI(uri) {
		return nil, nil
	}
	const query = `SELECT bytes FROM (
		SELECT 0 AS n, r.bytes FROM account a JOIN post p ON p.account = a.id AND p.rkey = ?1 JOIN record r ON r.id = p.record WHERE a.did = ?2
		UNION ALL SELECT * FROM (SELECT 1, record FROM other_version WHERE uri = ?3 ` + shownVersion + `)
	) ORDER BY n LIMIT 1`
	err = r.c.each(ctx, query, []any{rkeyValue(atproto.KeyOf(uri)), atproto.AuthorOf(uri), string(uri)}, func(rows *sql.Rows) error {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return err
		}
		if p, err := atproto.DecodePost(atproto.Ref{URI: uri}, record); err == nil {
			post = &p
		}
		return nil
	})
	return post, err
}
