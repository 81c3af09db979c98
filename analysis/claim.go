package analysis

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"math/bits"
	"slices"
	"strconv"
	"sync"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/topic"
)

//go:embed cues.yaml
var embeddedCues []byte

// cues are the words of claims, read like a taxonomy whose topics are features.
var cues = sync.OnceValue(func() *topic.Taxonomy {
	t, err := topic.Load(bytes.NewReader(embeddedCues))
	if err != nil {
		panic("embedded cues: " + err.Error())
	}
	return t
})

// A feature is something that speaks for or against a claim. The first ones are the topics
// of cues.yaml, in its order; the others are seen without a list of words.
type feature uint8

const (
	copula feature = iota
	plainVerb
	trend
	comparison
	cause
	forecast
	sourceNamed
	event
	statement
	demand
	wish
	opinion
	judgement
	joke
	greeting
	announcement
	firstPerson
	we
	secondPerson
	contradiction
	hearsay
	legal
	generality
	norm
	existential
	colloquial
	imperative
	elided
	figure
	cueFeatures // how many are in the file

	hasQuantity feature = iota - 1
	hasTime
	hasLink
	hasTopic
	isQuestion
	isExclamation
	isFragment
	isShort
	isHypothesis
	isReply
	isLong
	onlyRelative
	isUnanchored
	allFeatures
)

// A features is a set of them.
type features uint64

func (f features) has(x feature) bool { return f&(1<<x) != 0 }

func (f features) hasAny(list ...feature) bool {
	return slices.ContainsFunc(list, f.has)
}

func (f *features) add(x feature) { *f |= 1 << x }

// ownNames name the features that are not in cues.yaml, for people.
var ownNames = [...]string{
	hasQuantity: "quantity", hasTime: "time", hasLink: "link", hasTopic: "topic", isQuestion: "question",
	isExclamation: "exclamation", isFragment: "fragment", isShort: "short",
	isHypothesis: "hypothesis", isReply: "reply",
	isLong: "full sentence", onlyRelative: "verb only in a relative clause", isUnanchored: "nothing to check it by",
}

// With a finite verb a sentence says something; without one it has to report an event or a
// number to do so, as headlines do.
const (
	threshold    = 0.5
	withVerb     = 0.6
	withoutVerb  = 0.0
	certainScore = 0.99
)

// weights are what a feature adds in a sentence with a finite verb and in one without.
var weights = [allFeatures][2]float64{
	trend:         {0.10, 0.45},
	comparison:    {0.10, 0.15},
	cause:         {0.10, 0.20},
	forecast:      {0.05, 0.20},
	sourceNamed:   {0.10, 0.15},
	event:         {0.05, 0.45},
	statement:     {0.15, 0.20},
	demand:        {-0.40, -0.50},
	wish:          {-0.50, -0.50},
	opinion:       {-0.40, -0.40},
	judgement:     {-0.25, -0.40},
	joke:          {-0.50, -0.50},
	greeting:      {-0.40, -0.60},
	announcement:  {-0.25, -0.40},
	firstPerson:   {-0.28, -0.30},
	we:            {-0.10, -0.10},
	secondPerson:  {-0.30, -0.40},
	hearsay:       {0.12, 0},
	legal:         {0.05, 0.15},
	hasQuantity:   {0.25, 0.45},
	hasTime:       {0.05, 0.15},
	hasLink:       {0.05, 0.10},
	hasTopic:      {0, 0.10},
	isExclamation: {-0.10, -0.10},
	isFragment:    {-0.40, -0.20},
	isShort:       {-0.15, -0.25},
	isHypothesis:  {-0.15, -0.10},
	isReply:       {-0.08, -0.15},
	isLong:        {0.10, 0.05},
	onlyRelative:  {-0.25, 0},
	isUnanchored:  {-0.16, 0},
	norm:          {-0.20, -0.20},
	existential:   {-0.08, 0},
	colloquial:    {-0.15, -0.20},
	imperative:    {-0.40, -0.40},
	elided:        {-0.28, -0.30},
	figure:        {-0.20, -0.20},
}

// anchors are what a sentence can be checked by, besides a topic. Without one, talk in French
// is rarely a claim; short English sentences still are.
const anchors features = 1<<trend | 1<<comparison | 1<<cause | 1<<forecast | 1<<sourceNamed | 1<<event | 1<<statement |
	1<<legal | 1<<generality | 1<<hasQuantity | 1<<hasTime | 1<<contradiction | 1<<hearsay

// longSentence is from how many words on a sentence is likely to hold a whole assertion.
const longSentence = 14

// score sums a set of features up.
func (f features) score() float64 {
	column, sum := f.column()
	for rest := f &^ (1<<copula | 1<<plainVerb); rest != 0; rest &= rest - 1 {
		sum += weights[bits.TrailingZeros64(uint64(rest))][column]
	}
	return sum
}

// column says which weights count, and what they are added to.
func (f features) column() (int, float64) {
	if f.hasAny(copula, plainVerb) {
		return 0, withVerb
	}
	return 1, withoutVerb
}

// why names the features that made the score.
func (f features) why() []string {
	list := make([]string, 0, 8)
	column, _ := f.column()
	if column == 0 {
		list = append(list, "finite verb")
	}
	for rest := f &^ (1<<copula | 1<<plainVerb); rest != 0; rest &= rest - 1 {
		x := feature(bits.TrailingZeros64(uint64(rest)))
		if w := weights[x][column]; w != 0 {
			list = append(list, x.name(w))
		}
	}
	return list
}

// name is what people read: the feature, and a minus before what speaks against a claim.
func (x feature) name(weight float64) string {
	name := ""
	if x < cueFeatures {
		name = cueNames()[x]
	} else {
		name = ownNames[x]
	}
	if weight < 0 {
		return "-" + name
	}
	return name
}

var cueNames = sync.OnceValue(func() []string {
	var names []string
	for _, t := range cues().Topics() {
		names = append(names, t.Label.English)
	}
	return names
})

// ClaimID is the id of the claim at a span of one version of a post: the first 10
// characters of base32(sha256(uri LF cid LF start LF end)) in lower case. The CID is text
// as given, and may be empty.
func ClaimID(uri syntax.ATURI, cid string, s Span) string {
	b := make([]byte, 0, 192)
	b = append(append(b, uri...), '\n')
	b = append(append(b, cid...), '\n')
	b = append(strconv.AppendInt(b, int64(s.Start), 10), '\n')
	b = strconv.AppendInt(b, int64(s.End), 10)
	sum := sha256.Sum256(b)
	return shortID(sum, 10)
}
