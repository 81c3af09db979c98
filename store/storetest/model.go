package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A modelPost is a post as a model of searching knows it.
type modelPost struct {
	record record
	minute int
	did    syntax.DID
	words  []string
	read   analysis.PostAnalysis
	live   bool
}

// modelWords meet in stems, in two languages, and some begin like others.
var modelWords = strings.Fields("eau eaux lac lacs métal métaux consommée consommation consommer water waters lake effet rebond rebonds pays payer de la")

var (
	modelTopics  = []string{"water", "metals", "jobs"}
	modelKinds   = []analysis.Kind{analysis.Statistic, analysis.Causal}
	modelSources = []string{"", "", "l’agence", "le ministère"}
)

// newModelPost makes a post of some passages, most of which are claims.
func newModelPost(t *testing.T, random *rand.Rand, minute int) modelPost {
	p := modelPost{minute: minute, did: []syntax.DID{alice, bruno}[random.IntN(2)], live: random.IntN(8) > 0}
	var text strings.Builder
	var spans []analysis.Span
	for range 1 + random.IntN(3) {
		start := text.Len()
		for range 1 + random.IntN(5) {
			// Few of the words are in most of the posts.
			word := modelWords[min(random.IntN(len(modelWords)), random.IntN(len(modelWords)))]
			p.words = append(p.words, word)
			text.WriteString(word + " ")
		}
		spans = append(spans, analysis.Span{Start: start, End: text.Len() - 1})
	}
	p.record = newRecord(t, uri(p.did, minute), text.String(), nil)
	p.read = analysis.PostAnalysis{URI: p.record.uri, Lang: []string{"fr", "en", ""}[random.IntN(3)], Passages: []analysis.Passage{}}
	for _, span := range spans {
		passage := analysis.Passage{Span: span, Text: text.String()[span.Start:span.End], Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}}
		for _, topic := range modelTopics {
			if random.IntN(4) == 0 {
				passage.Topics = append(passage.Topics, analysis.TopicTag{Topic: topic, Score: 0.9, Evidence: []analysis.Evidence{}})
			}
		}
		if random.IntN(2) == 0 {
			passage.Quantities = append(passage.Quantities, analysis.Quantity{Span: analysis.Span{Start: span.Start, End: span.Start + 1}, Raw: passage.Text[:1]})
		}
		if random.IntN(4) > 0 {
			passage.Claim = &analysis.Claim{ID: analysis.ClaimID(p.record.uri, p.record.cid.String(), span), CheckWorthy: random.IntN(3) > 0,
				Kind: modelKinds[random.IntN(2)], Stance: analysis.Asserts, When: []analysis.When{}, Why: []string{}}
			if source := modelSources[random.IntN(len(modelSources))]; source != "" {
				passage.Claim.Attribution = &analysis.Attribution{URI: p.record.uri, Text: source}
			}
		}
		p.read.Passages = append(p.read.Passages, passage)
	}
	return p
}

// has says whether a word of the query, in any inflection, stands at a place.
func (p *modelPost) has(word string, at int) bool {
	return search.Matches(search.Word{Text: word}, p.words[at], p.read.Lang) != nil
}

// near says whether all words of a chunk stand close together.
func (p *modelPost) near(chunk []string) bool {
	for at := range p.words {
		missing := slices.ContainsFunc(chunk, func(word string) bool {
			from, to := at-2*len(chunk)-2, at+2*len(chunk)+2
			for i := max(from, 0); i <= min(to, len(p.words)-1); i++ {
				if p.has(word, i) {
					return false
				}
			}
			return true
		})
		if p.has(chunk[0], at) && !missing {
			return true
		}
	}
	return false
}

// selects says whether an expression selects the post, or the claim in it that is given.
func (p *modelPost) selects(t *testing.T, e search.Expr, claim *analysis.Passage) bool {
	sub := func(e search.Expr) bool { return p.selects(t, e, claim) }
	switch e := e.(type) {
	case nil:
		return true
	case search.And:
		return !slices.ContainsFunc(e, func(e search.Expr) bool { return !sub(e) })
	case search.Or:
		return slices.ContainsFunc(e, sub)
	case search.Not:
		return !sub(e.Expr)
	case search.Word:
		return p.near(strings.Split(e.Text, "-"))
	case search.Field:
		return p.hasField(t, e, claim)
	}
	return search.Matches(e, strings.Join(p.words, " "), p.read.Lang) != nil
}

func (p *modelPost) hasField(t *testing.T, f search.Field, claim *analysis.Passage) bool {
	moment := func() time.Time {
		at, err := search.Moment(f.Value)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	switch f.Name {
	case "lang":
		return p.read.Lang == f.Value
	case "from":
		return string(p.did) == f.Value
	case "since":
		return !at(p.minute).Before(moment())
	case "until":
		return !at(p.minute).After(moment())
	}
	return slices.ContainsFunc(p.read.Passages, func(one analysis.Passage) bool {
		c := one.Claim
		switch {
		case claim != nil && one.Span != claim.Span:
			return false
		case f.Name == "topic":
			return slices.ContainsFunc(one.Topics, func(tag analysis.TopicTag) bool { return tag.Topic == f.Value })
		case f.Value == "number":
			return len(one.Quantities) > 0
		case c == nil:
			return false
		case f.Name == "kind":
			return string(c.Kind) == f.Value
		case f.Name == "status":
			return f.Value == "new"
		}
		return f.Value == "source" && c.Attribution != nil
	})
}

// modelExpr is a random expression.
func modelExpr(random *rand.Rand, posts []modelPost, depth int) search.Expr {
	word := func() string { return modelWords[random.IntN(len(modelWords))] }
	if depth > 0 && random.IntN(4) > 0 {
		parts := []search.Expr{modelExpr(random, posts, depth-1), modelExpr(random, posts, depth-1), modelExpr(random, posts, depth-1)}[:2+random.IntN(2)]
		switch random.IntN(5) {
		case 0, 1:
			return search.All(parts...)
		case 2, 3:
			return search.Any(parts...)
		}
		if _, ok := parts[0].(search.Not); !ok {
			return search.Not{Expr: parts[0]}
		}
	}
	switch random.IntN(12) {
	case 0, 1, 2:
		return search.Word{Text: word()}
	case 3:
		return search.Word{Text: word() + "-" + word()}
	case 4:
		text := posts[random.IntN(len(posts))].words
		from := random.IntN(len(text))
		return search.Phrase{Text: strings.Join(text[from:min(from+1+random.IntN(3), len(text))], " ")}
	case 5:
		return search.Prefix{Text: []string{"eau", "con", "consomma", "lac", "wat", "pay", "de la", "effet reb"}[random.IntN(8)]}
	case 6:
		return search.Field{Name: "topic", Value: modelTopics[random.IntN(len(modelTopics))]}
	case 7:
		return search.Field{Name: "kind", Value: string(modelKinds[random.IntN(2)])}
	case 8:
		return search.Field{Name: "has", Value: []string{"number", "source"}[random.IntN(2)]}
	case 9:
		return search.Field{Name: []string{"since", "until"}[random.IntN(2)], Value: at(random.IntN(2 * len(posts))).Format(time.RFC3339)}
	case 10:
		return search.Field{Name: "status", Value: []string{"new", "reviewed"}[random.IntN(2)]}
	}
	return []search.Field{{Name: "lang", Value: "fr"}, {Name: "lang", Value: "en"}, {Name: "from", Value: string(alice)}}[random.IntN(3)]
}

// Whatever is asked, in whatever order and however much of it, is what a look at each post and
// each claim finds.
func testModel(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(9, 10))
	posts := make([]modelPost, 200)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		for i := range posts {
			posts[i] = newModelPost(t, random, 2*i)
			p := &posts[i]
			err := p.record.put(ctx, t, w, p.read)
			if err == nil && !p.live {
				err = w.SetPostStatus(ctx, p.record.uri, store.Gone)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	slices.Reverse(posts) // newest first
	queries := 150
	if testing.Short() {
		queries = 40
	}
	for range queries {
		q := store.Query{Where: modelExpr(random, posts, 3), Live: random.IntN(3) == 0, All: random.IntN(3) == 0, Oldest: random.IntN(3) == 0}
		if random.IntN(4) == 0 {
			q.DID = bruno
		}
		what := fmt.Sprintf("%s %+v", q.Where, q)
		var wantPosts, wantClaims []string
		for i := range posts {
			p := &posts[i]
			if q.Live && !p.live || q.DID != "" && q.DID != p.did {
				continue
			}
			if p.selects(t, q.Where, nil) {
				wantPosts = append(wantPosts, string(p.record.uri))
			}
			list := p.read.Passages
			if q.Oldest {
				list = slices.Clone(list)
				slices.Reverse(list)
			}
			for _, one := range list {
				if one.Claim != nil && (q.All || one.Claim.CheckWorthy) && p.selects(t, q.Where, &one) {
					wantClaims = append(wantClaims, one.Claim.ID)
				}
			}
		}
		if q.Oldest {
			slices.Reverse(wantPosts)
			slices.Reverse(wantClaims)
		}
		view(t, s, func(ctx context.Context, r store.Reader) error {
			counts, err := r.Count(ctx, q, 0)
			if err != nil || counts.Posts != len(wantPosts) || counts.Claims != len(wantClaims) {
				t.Errorf("%s: %+v and %v, want %d posts and %d claims", what, counts, err, len(wantPosts), len(wantClaims))
			}
			q.Limit = []int{0, 1, 7}[random.IntN(3)]
			cut := func(list []string) []string {
				if q.Limit > 0 {
					list = list[:min(q.Limit, len(list))]
				}
				return append([]string{}, list...)
			}
			hits, err := r.Search(ctx, q)
			if err != nil || hits.Total != len(wantPosts) || hits.More {
				t.Errorf("%s: total %d, more %v, %v, want %d", what, hits.Total, hits.More, err, len(wantPosts))
			}
			same(t, what+": hits", hitURIs(hits), cut(wantPosts))
			same(t, what+": posts", postURIs(collect(t, r.Posts(ctx, q))), cut(wantPosts))
			claims := []string{}
			for _, c := range collect(t, r.Claims(ctx, q)) {
				claims = append(claims, c.Passage.Claim.ID)
			}
			same(t, what+": claims", claims, cut(wantClaims))
			q.Limit, q.Best, q.Oldest = 0, true, false
			best, err := r.Search(ctx, q)
			if !slices.IsSortedFunc(best.Posts, func(a, b store.Hit) int {
				if a.Rank == b.Rank {
					return b.Age().Compare(a.Age())
				}
				return int(2 * (b.Rank - a.Rank) / max(b.Rank-a.Rank, a.Rank-b.Rank))
			}) {
				t.Errorf("%s: the hits are not in the order of their ranks", what)
			}
			ranked := hitURIs(best)
			slices.Sort(ranked)
			slices.Sort(wantPosts)
			same(t, what+": ranked", ranked, append([]string{}, wantPosts...))
			return err
		})
		if t.Failed() {
			return
		}
	}
}
