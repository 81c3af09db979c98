package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"skyarchive/store"
	"skyarchive/store/search"
)

// A posting says that a post has a term. Of a word it also says how and where: detail sums
// it up for ranking, places are the encoded positions in the post, in order, each as the
// distance from the one before.
type posting struct {
	id     int64
	detail detail
	places []byte
}

// A detail is what ranking needs to know of a word in a post, in one byte: how often it
// stands there (2 bits), in which part of the post it stands best (2), the language of that
// part (2), and how long the post is (2).
type detail uint8

const (
	countBits, partShift, langShift, lengthShift = 3, 2, 4, 6
	// manyTimes stands for four times or more: the number is written before the places.
	manyTimes = 3
)

// The parts of a post, best first.
type part uint8

const (
	inText   part = iota
	inTag         // a hashtag outside of the text
	inMedia       // a description of a picture or video, a card
	inQuoted      // the text of the post that is quoted
)

func newDetail(times int, p part, lang search.Langs, length int) detail {
	long := 0
	for long < len(lengths)-1 && length > lengths[long] {
		long++
	}
	return detail(min(times-1, manyTimes) | int(p)<<partShift | langBits[lang]<<langShift | long<<lengthShift)
}

// lengths are the most words of a post that is short, of middle length, and long.
var lengths = [4]int{8, 20, 45, 80}

var langBits = [8]int{search.French: 1, search.English: 2}

func (d detail) times() int { return int(d) & countBits }

func (d detail) lang() search.Langs {
	return [4]search.Langs{search.Other, search.French, search.English, search.Other}[d>>langShift&3]
}

// weight is how well a word fits: more if it stands there more often, in a shorter post, in
// a better part. It is the formula of BM25 without the rarity of the word.
func (d detail) weight() float32 {
	const k1, b, average = 1.2, 0.75, 32
	times, length := float64(d.times()+1), float64(lengths[d>>lengthShift&3])
	parts := [4]float64{inText: 1, inTag: 1, inMedia: 0.7, inQuoted: 0.4}
	return float32(parts[d>>partShift&3] * times * (k1 + 1) / (times + k1*(1-b+b*length/average)))
}

// A term with a colon is a property and no word: its postings have neither details nor
// places. No word contains one.
func isProperty(term string) bool { return strings.Contains(term, ":") }

// blockSize is how many bytes of postings one row holds. SQLite keeps about a quarter of a
// page of such a row together.
const blockSize = 1800

// A block is the postings of a term from the post first on, as one row of the index has
// them.
type block struct {
	first         int64
	posts, places []byte
}

// encode makes blocks of postings, which are in the order of their ids.
func encode(list []posting, property bool) []block {
	var blocks []block
	e := encoder{property: property, emit: func(b block) { blocks = append(blocks, b) }}
	for _, p := range list {
		e.add(p)
	}
	e.end()
	return blocks
}

// An encoder makes blocks of postings that come in the order of their ids.
type encoder struct {
	property bool
	emit     func(block)
	block    // the last one, not yet given away
	last     int64
}

func (e *encoder) add(p posting) {
	if e.places == nil || len(e.posts)+len(e.places)+len(p.places) > blockSize {
		e.end()
		e.block, e.last = block{first: p.id, places: []byte{}}, p.id
	}
	e.posts = binary.AppendUvarint(e.posts, uint64(p.id-e.last))
	if e.last = p.id; !e.property {
		e.posts = append(e.posts, byte(p.detail))
		e.places = append(e.places, p.places...)
	}
}

// end gives the last block away.
func (e *encoder) end() {
	if e.places != nil {
		e.emit(e.block)
	}
	e.block = block{}
}

var errPostings = fmt.Errorf("%w: a row of the index of words cannot be read", store.ErrDamaged)

// decode appends the postings of a block to a list.
func (b block) decode(list []posting, property bool) ([]posting, error) {
	id, posts, places := b.first, b.posts, b.places
	for len(posts) > 0 {
		delta, n := binary.Uvarint(posts)
		if n <= 0 || delta > math.MaxInt64-uint64(id) || !property && len(posts) == n {
			return list, errPostings
		}
		id += int64(delta)
		p := posting{id: id}
		if posts = posts[n:]; !property {
			p.detail, posts = detail(posts[0]), posts[1:]
			end, err := placesEnd(p.detail, places)
			if err != nil {
				return list, err
			}
			p.places, places = places[:end:end], places[end:]
		}
		list = append(list, p)
	}
	if len(places) > 0 {
		return list, errPostings
	}
	return list, nil
}

// placesEnd is how many bytes the places of the first of many postings take.
func placesEnd(d detail, places []byte) (int, error) {
	if d.times() == 0 && len(places) > 0 && places[0] < 0x80 { // most do
		return 1, nil
	}
	count, end := uint64(d.times()+1), 0
	if d.times() == manyTimes {
		var n int
		if count, n = binary.Uvarint(places); n <= 0 || count > uint64(len(places)) {
			return 0, errPostings
		}
		end = n
	}
	for range count {
		start := end
		for end < len(places) && places[end] >= 0x80 {
			end++
		}
		if end++; end > len(places) || end-start > binary.MaxVarintLen32 {
			return 0, errPostings
		}
	}
	return end, nil
}

// encodePlaces writes positions, which grow.
func encodePlaces(dst []byte, places []int32) []byte {
	if len(places) > manyTimes {
		dst = binary.AppendUvarint(dst, uint64(len(places)))
	}
	last := int32(0)
	for _, at := range places {
		dst = binary.AppendUvarint(dst, uint64(at-last))
		last = at
	}
	return dst
}

// decodePlaces appends the positions of a posting to a list.
func (p posting) decodePlaces(list []int32) []int32 {
	places := p.places
	if p.detail.times() == manyTimes {
		_, n := binary.Uvarint(places)
		places = places[n:]
	}
	at := int32(0)
	for len(places) > 0 {
		delta, n := binary.Uvarint(places)
		at += int32(delta)
		list, places = append(list, at), places[n:]
	}
	return list
}

// weights are how well a word fits by its detail; negative where it does not count.
type weights [256]float32

// weigh makes the weights of a word that was found in some kinds of texts.
func weigh(in search.Langs, factor float32) *weights {
	var w weights
	for d := range w {
		if w[d] = detail(d).weight() * factor; detail(d).lang()&in == 0 {
			w[d] = -1
		}
	}
	return &w
}

// read appends the posts of a block to a list, and of a word its details to another. Those
// with a word that does not count are left out.
func (b block) read(ids []int64, details []detail, w *weights) ([]int64, []detail, error) {
	id, posts := b.first, b.posts
	for i := 0; i < len(posts); {
		delta := uint64(posts[i])
		if i++; delta >= 0x80 {
			var n int
			if delta, n = binary.Uvarint(posts[i-1:]); n <= 0 {
				return ids, details, errPostings
			}
			i += n - 1
		}
		last := id
		if id += int64(delta); id < last || w != nil && i == len(posts) {
			return ids, details, errPostings
		}
		if w == nil {
			ids = append(ids, id)
			continue
		}
		if d := detail(posts[i]); w[d] >= 0 {
			ids, details = append(ids, id), append(details, d)
		}
		i++
	}
	return ids, details, nil
}

// A stretch is a part of the places of a block.
type stretch struct{ start, end int32 }

// placesOf appends where the places of each post are that read returns.
func (b block) placesOf(list []stretch, w *weights) ([]stretch, error) {
	start := 0
	for i := 0; i < len(b.posts); i++ {
		for b.posts[i] >= 0x80 { // read has seen that these are whole
			i++
		}
		i++
		d := detail(b.posts[i])
		end, err := placesEnd(d, b.places[start:])
		if err != nil {
			return list, err
		}
		if end += start; w[d] >= 0 {
			list = append(list, stretch{int32(start), int32(end)})
		}
		start = end
	}
	return list, nil
}
