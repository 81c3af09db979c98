package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A sample is a post to be found. Its one passage is its text.
type sample struct {
	name   string
	did    syntax.DID
	text   string
	lang   string
	topics []string
	kind   analysis.Kind // "": no claim
	number bool
	source string
	more   map[string]any
}

// samples are a minute apart, oldest first.
var samples = []sample{
	{name: "grid", did: alice, lang: "fr", text: "L’électricité des data centers : 2 % de la consommation mondiale, selon l’Agence du climat.",
		topics: []string{"electricity", "data-centers"}, kind: analysis.Statistic, number: true, source: "l’Agence du climat",
		more: map[string]any{"embed": card("https://www.rapports.agence.test/2025", "Réseaux sous tension", "Un rapport sur les pics de demande")}},
	{name: "cooling", did: alice, lang: "fr", text: "Chaque requête demande de l'eau, beaucoup d'eau, pour le refroidissement.", topics: []string{"water"}, kind: analysis.Causal},
	{name: "rebound", did: alice, lang: "fr", text: "L'effet rebond annule les gains.", topics: []string{"rebound-effects"}, kind: analysis.Causal},
	{name: "plane", did: alice, lang: "fr", text: "Avion : l'empreinte carbone d'un voyage de 1 250 km."},
	{name: "footprint", did: bruno, lang: "fr", text: "L'empreinte carbone du numérique reste mal connue.", topics: []string{"emissions"}, kind: analysis.Generalisation},
	{name: "law", did: bruno, lang: "fr", text: "Les député·es votent une loi sur les métaux rares.", topics: []string{"metals"}, kind: analysis.Event},
	{name: "thirst", did: bruno, lang: "en", text: "Datacenters drink: 50,000 litres of water a day, 2% of the river.", topics: []string{"water", "data-centers"}, kind: analysis.Statistic, number: true},
	{name: "mine", did: bruno, lang: "", text: "", more: map[string]any{"embed": picture("Une mine de cuivre, l’effet d’un rebond des cours")}},
	{name: "double", did: alice, lang: "fr", text: "ÉLECTRICITÉ consommée : elle double !", topics: []string{"electricity"}, kind: analysis.Statistic, number: true},
	{name: "late", did: bruno, lang: "fr", text: "Rendez-vous à 12:30, voir http://agence.test/page", more: map[string]any{"tags": []any{"RéseauxElectriques"}}},
}

func card(url, title, description string) map[string]any {
	return map[string]any{"$type": "app.bsky.embed.external", "external": map[string]any{"uri": url, "title": title, "description": description}}
}

func picture(alt string) map[string]any {
	return map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": alt, "image": map[string]any{
		"$type": "blob", "mimeType": "image/png", "size": int64(1), "ref": map[string]any{"$link": "bafkreib"}}}}}
}

// read is what an analysis of the sample could be.
func (m sample) read(r record) analysis.PostAnalysis {
	a := analysis.PostAnalysis{URI: r.uri, Lang: m.lang, Passages: []analysis.Passage{}}
	if m.text == "" {
		return a
	}
	p := analysis.Passage{Span: analysis.Span{End: len(m.text)}, Text: m.text, Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}}
	for _, t := range m.topics {
		p.Topics = append(p.Topics, analysis.TopicTag{Topic: t, Score: 0.9, Evidence: []analysis.Evidence{}})
	}
	if m.number {
		p.Quantities = append(p.Quantities, analysis.Quantity{Span: analysis.Span{End: 1}, Raw: m.text[:1], Value: 2})
	}
	if m.kind != "" {
		p.Claim = &analysis.Claim{ID: analysis.ClaimID(r.uri, r.cid.String(), p.Span), CheckWorthy: true, Score: 0.9, Kind: m.kind,
			Stance: analysis.Asserts, When: []analysis.When{}, Why: []string{}}
		if m.source != "" {
			start := strings.Index(m.text, m.source)
			p.Claim.Attribution = &analysis.Attribution{URI: r.uri, Span: analysis.Span{Start: start, End: start + len(m.source)}, Text: m.source}
		}
	}
	a.Passages = append(a.Passages, p)
	return a
}

// putSamples keeps the samples, a thread of the first three, a review of the claim of
// "cooling", and says that "plane" is deleted. It returns the records by name.
func putSamples(t *testing.T, s store.Store) map[string]record {
	t.Helper()
	records := map[string]record{}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		err := errors.Join(
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}, Label: "Lac (Paris)"}),
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: bruno, Handle: "bruno.test"}}),
			w.AddIdentity(ctx, store.Identity{DID: bruno, At: noon, Handle: "old.test", Document: []byte("{}")}))
		for i, m := range samples {
			r := newRecord(t, uri(m.did, i), m.text, m.more)
			records[m.name] = r
			err = errors.Join(err, r.put(ctx, t, w, m.read(r)))
		}
		thread := analysis.Thread{Root: records["grid"].uri, Complete: true,
			Posts:    []syntax.ATURI{records["grid"].uri, records["cooling"].uri, records["rebound"].uri},
			Branches: [][]syntax.ATURI{}, Joins: []analysis.Join{}}
		judged := records["cooling"]
		review := analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Post: judged.uri, CID: judged.cid.String(),
			Span: analysis.Span{End: len(samples[1].text)}, Text: samples[1].text}
		d, err2 := analysis.NewDecision(analysis.DecidedReview, alice, samples[1].read(judged).Passages[0].Claim.ID, "chloé", noon, review)
		_, err3 := w.AddDecision(ctx, d)
		return errors.Join(err, err2, err3, w.PutThread(ctx, alice, thread, at(0)), w.SetPostStatus(ctx, records["plane"].uri, store.Gone))
	})
	return records
}

// parse reads a query as commands do.
func parse(text string) search.Expr {
	e, _ := search.Parse(text, search.Options{Location: time.UTC, Now: at(60)})
	return e
}

// The queries that people type find what they should, newest first; and the posts,
// threads, claims and counts of a query agree with each other.
func testSearch(t *testing.T, s store.Store) {
	records := putSamples(t, s)
	names := map[syntax.ATURI]string{}
	for name, r := range records {
		names[r.uri] = name
	}
	all := "late double mine thirst law footprint plane rebound cooling grid"
	for query, want := range map[string]string{
		"électricité":                  "late double grid",
		"ELECTRICITE":                  "late double grid",
		"l’électricité":                "late double grid",
		"l'eau":                        "cooling",
		"L’EAU":                        "cooling",
		"water":                        "thirst",
		"2 %":                          "thirst grid",
		"2%":                           "thirst grid",
		"2\u202f%":                     "thirst grid",
		"50,000":                       "thirst",
		"50 000":                       "thirst",
		"50000":                        "thirst",
		"1,250 km":                     "plane",
		"1250 km":                      "plane",
		"data center":                  "thirst grid",
		"data centers":                 "thirst grid",
		"datacenters":                  "thirst grid",
		"data-center":                  "thirst grid",
		`"data centers"`:               "grid",
		"effet rebond":                 "mine rebound",
		"effet-rebond":                 "mine rebound",
		"effets rebonds":               "mine rebound",
		`"effet rebond"`:               "rebound",
		"«effet rebond»":               "rebound",
		"métaux":                       "law",
		"métal":                        "law",
		"députés":                      "law",
		"députées":                     "law",
		"député·es":                    "law",
		"député(e)s":                   "law",
		"consommée":                    "double grid",
		"consommation":                 "double grid",
		"consommer":                    "double grid",
		`"empreinte carbone"`:          "footprint plane",
		`"empreinte carbone" -avion`:   "footprint",
		"empreinte -(avion OR voyage)": "footprint",
		"eau OR métaux":                "law cooling",
		"eau OR métaux topic:water":    "cooling",
		"(eau gains) OR métaux":        "law",
		"refroid*":                     "cooling",
		"REFROID*":                     "cooling",
		"électri*":                     "late double grid",
		`"ea"`:                         "",
		"tension":                      "grid",
		"cuivre":                       "mine",
		"réseaux":                      "late grid",
		"12:30":                        "late",
		"http://agence.test":           "late",
		"-carbone -eau":                "late double mine thirst law rebound grid",
		"-topic:water -has:number":     "late mine law footprint plane rebound",
		"-électricité topic:water":     "thirst cooling",
		"mine OR topic:metals":         "mine law",
		"-(carbone topic:emissions)":   strings.Replace(all, "footprint ", "", 1),
		"topic:water":                  "thirst cooling",
		"topic:eau":                    "thirst cooling",
		`topic:"centres de données"`:   "thirst grid",
		"layer:indirect":               "rebound",
		"kind:causal":                  "rebound cooling",
		"kind:statistic topic:water":   "thirst",
		"has:number":                   "double thirst grid",
		"has:number électricité":       "double grid",
		"has:link":                     "grid",
		"has:media":                    "mine",
		"has:source":                   "grid",
		"source:agence.test":           "grid",
		"source:rapports.agence.test":  "grid",
		"source:https://www.rapports.agence.test": "grid",
		"source:gence.test":                       "",
		`source:"agence du climat"`:               "grid",
		"source:%":                                all,
		"status:reviewed":                         "cooling",
		"status:new topic:water":                  "thirst",
		"verdict:refuted":                         "cooling",
		"verdict:faux eau":                        "cooling",
		"verdict:supported":                       "",
		"-status:reviewed kind:causal":            "rebound",
		"lang:en":                                 "thirst",
		"lang:und":                                "mine",
		"from:alice.test":                         "double plane rebound cooling grid",
		"from:@Bruno":                             "late mine thirst law footprint",
		"from:old.test has:number":                "thirst",
		"from:nobody.test":                        "",
		`label:"Lac (Paris)" électricité`:         "double grid",
		`from:"lac (paris)" électricité`:          "double grid",
		"since:2026-03-01T12:08:00Z":              "late double",
		"until:2026-03-01T12:01:00Z":              "cooling grid",
		"since:2026-03-01T12:01:00Z until:2026-03-01T12:02:00Z de": "cooling",
		"since:2026-03-02":                "",
		"until:2026-02":                   "",
		"until:2026":                      all,
		"thread:" + key(1):                "rebound cooling grid",
		"thread:" + string(uri(bruno, 5)): "law",
		"thread:at://alice.test/app.bsky.feed.post/" + key(2) + " eau": "cooling",
		"thread:3kabcdefghijk": "",
		"licornes":             "",
		"":                     all,
		`AND "`:                "",
		"NEAR(":                "",
		"NEAR(eau":             "",
		"*":                    all,
		`"`:                    all,
		"\x00":                 all,
		"word : eau":           "",
		"stem:electr":          "",
		`eau" OR "a`:           "",
		"eau) OR (1=1":         "cooling",
		"eau' OR 1=1 --":       "cooling",
		"^eau":                 "cooling",
		"{word stem} : eau":    "",
	} {
		view(t, s, func(ctx context.Context, r store.Reader) error {
			q := store.Query{Where: parse(query)}
			hits, err := r.Search(ctx, q)
			if err != nil {
				t.Errorf("search %q: %v", query, err)
				return nil
			}
			var got []string
			for _, h := range hits.Posts {
				got = append(got, names[h.URI])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("search %q finds %q, want %q", query, strings.Join(got, " "), want)
			}
			posts := postURIs(collect(t, r.Posts(ctx, q)))
			if !slices.EqualFunc(posts, got, func(uri syntax.ATURI, name string) bool { return names[uri] == name }) {
				t.Errorf("posts %q are %v, but the search finds %q", query, posts, got)
			}
			counts, err := r.Count(ctx, q, 0)
			claims, threads := collect(t, r.Claims(ctx, q)), collect(t, r.Threads(ctx, q))
			if want := (store.Counts{Posts: len(got), Threads: len(threads), Claims: len(claims)}); counts != want || hits.Total != len(got) {
				t.Errorf("count %q: %+v and %d, want %+v", query, counts, hits.Total, want)
			}
			return err
		})
	}
}

// What comes with a hit; the hits in the order of rank; and what a search says of itself.
func testHits(t *testing.T, s store.Store) {
	records := putSamples(t, s)
	find := func(q store.Query) (hits store.Hits) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) (err error) {
			hits, err = r.Search(ctx, q)
			return err
		})
		return hits
	}
	hits := find(store.Query{Where: parse("l'eau -avion")})
	if len(hits.Posts) != 1 {
		t.Fatalf("%d hits, want 1", len(hits.Posts))
	}
	hit := hits.Posts[0]
	var marked []string
	for _, m := range hit.Matches {
		marked = append(marked, hit.Text[m.Start:m.End])
	}
	same(t, "marked words", marked, []string{"eau", "eau"})
	same(t, "thread of a hit", hit.Thread, records["grid"].uri)
	if len(hit.Claims) != 1 || hit.Claims[0].Review.Verdict != analysis.Refuted || hit.Claims[0].Passage.Claim == nil {
		t.Errorf("claims of a hit: %+v", hit.Claims)
	}

	// The word as it was typed comes first, however old it is.
	best := find(store.Query{Where: parse("consommation"), Best: true})
	same(t, "by rank", hitURIs(best), uris([]record{records["grid"], records["double"]}))
	if best.Posts[0].Rank <= best.Posts[1].Rank {
		t.Errorf("ranks %v and %v", best.Posts[0].Rank, best.Posts[1].Rank)
	}
	same(t, "oldest first", hitURIs(find(store.Query{Where: parse("carbone"), Oldest: true})), uris([]record{records["plane"], records["footprint"]}))
	same(t, "live", hitURIs(find(store.Query{Where: parse("carbone"), Live: true})), uris([]record{records["footprint"]}))
	same(t, "of one account", hitURIs(find(store.Query{Where: parse("carbone"), DID: alice})), uris([]record{records["plane"]}))
	same(t, "of nobody", hitURIs(find(store.Query{Where: parse("carbone"), DID: "did:plc:nobody"})), uris(nil))
	same(t, "of a thread", hitURIs(find(store.Query{Where: parse("effet"), Thread: records["grid"].uri})), uris([]record{records["rebound"]}))
	if hints := find(store.Query{Where: parse("from:nobody.test")}).Hints; len(hints) != 1 || !strings.Contains(hints[0], "from:nobody.test") {
		t.Errorf("hints %q, want one about the account", hints)
	}
	if got := len(find(store.Query{Where: search.Prefix{Text: "ea"}}).Posts); got != 0 {
		t.Errorf("a prefix of two letters finds %d posts", got)
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for _, cursor := range []string{"x", "!", best.Cursor + "x", "YmVzdCAxIHg"} {
			if _, err := r.Search(ctx, store.Query{Where: parse("eau"), Cursor: cursor}); err == nil {
				t.Errorf("cursor %q is no error", cursor)
			}
		}
		return nil
	})
}

func hitURIs(hits store.Hits) []syntax.ATURI {
	list := []syntax.ATURI{}
	for _, h := range hits.Posts {
		list = append(list, h.URI)
	}
	return list
}
