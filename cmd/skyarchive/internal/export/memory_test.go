package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
	"skyarchive/store/search"
)

// memory is a small archive. It refuses calls inside a range, as every backend does, and
// panics on a method that exports have no business with.
type memory struct {
	store.Reader
	accounts   []store.Account
	identities []store.Identity
	logs       []store.PLCLog
	states     []store.State
	changes    map[string][]store.Entry
	records    map[atproto.CID][]byte
	versions   map[string][]store.Version
	posts      []store.Post
	threadList []store.Thread
	claims     []store.Claim
	decisions  []analysis.Decision
	forgotten  []store.Forgetting
	contexts   []store.Context
	files      []store.Blob // of the first account
	ranging    bool
}

func ranged[T any](m *memory, list []T, keep func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if m.ranging {
			var none T
			yield(none, store.ErrNested)
			return
		}
		m.ranging = true
		defer func() { m.ranging = false }()
		for _, v := range list {
			if keep(v) && !yield(v, nil) {
				return
			}
		}
	}
}

func (m *memory) call() error {
	if m.ranging {
		return store.ErrNested
	}
	return nil
}

func (m *memory) Accounts(context.Context) iter.Seq2[store.Account, error] {
	return ranged(m, m.accounts, func(store.Account) bool { return true })
}

func (m *memory) Account(_ context.Context, did syntax.DID) (store.Account, error) {
	if err := m.call(); err != nil {
		return store.Account{}, err
	}
	for _, a := range m.accounts {
		if a.DID == did {
			return a, nil
		}
	}
	return store.Account{}, store.ErrNotFound
}

func (m *memory) Identities(_ context.Context, did syntax.DID) iter.Seq2[store.Identity, error] {
	return ranged(m, m.identities, func(i store.Identity) bool { return i.DID == did })
}

func (m *memory) PLCLogs(_ context.Context, did syntax.DID) iter.Seq2[store.PLCLog, error] {
	return ranged(m, m.logs, func(l store.PLCLog) bool { return l.DID == did })
}

func (m *memory) States(_ context.Context, did syntax.DID) iter.Seq2[store.State, error] {
	return ranged(m, m.states, func(s store.State) bool { return s.DID == did })
}

func (m *memory) InvalidStates(context.Context, syntax.DID) iter.Seq2[store.State, error] {
	return func(func(store.State, error) bool) {}
}

func (m *memory) Head(_ context.Context, did syntax.DID) (store.State, error) {
	for _, s := range slices.Backward(m.states) {
		if s.DID == did {
			return s, m.call()
		}
	}
	return store.State{}, store.ErrNotFound
}

func (m *memory) Changes(_ context.Context, _ syntax.DID, commit atproto.CID) iter.Seq2[store.Entry, error] {
	return ranged(m, m.changes[commit.String()], func(store.Entry) bool { return true })
}

func (m *memory) Versions(_ context.Context, did syntax.DID, path atproto.Path) ([]store.Version, error) {
	return m.versions[string(path.URI(did))], m.call()
}

func (m *memory) Record(_ context.Context, _ syntax.DID, cid atproto.CID) ([]byte, error) {
	if b, ok := m.records[cid]; ok {
		return b, m.call()
	}
	return nil, store.ErrNotFound
}

func (m *memory) Post(_ context.Context, uri syntax.ATURI) (store.Post, error) {
	for _, p := range m.posts {
		if p.URI == uri {
			return p, m.call()
		}
	}
	return store.Post{}, store.ErrNotFound
}

func (m *memory) Context(context.Context, syntax.ATURI) (store.Context, error) {
	return store.Context{}, errors.Join(m.call(), store.ErrNotFound)
}

func (m *memory) Posts(_ context.Context, q store.Query) iter.Seq2[store.Post, error] {
	return ranged(m, m.posts, func(p store.Post) bool {
		return (q.DID == "" || p.Author() == q.DID) && (q.Thread == "" || m.rootOf(p.URI) == q.Thread) && m.isArchived(p.Author()) && within(q.Where, p.Age())
	})
}

// within says whether a time is in that of a selection, of which nothing else is looked at.
func within(where search.Expr, at time.Time) bool {
	all, _ := where.(search.And)
	for _, e := range all {
		if f, ok := e.(search.Field); ok {
			if t, err := search.Moment(f.Value); err == nil && (f.Name == "since" && at.Before(t) || f.Name == "until" && at.After(t)) {
				return false
			}
		}
	}
	return true
}

// isArchived says whether an account is one of the archive's own and not context.
func (m *memory) Forgettings(_ context.Context, did syntax.DID) iter.Seq2[store.Forgetting, error] {
	return ranged(m, m.forgotten, func(f store.Forgetting) bool { return did == "" || f.DID == did })
}

func (m *memory) Contexts(context.Context) iter.Seq2[store.Context, error] {
	return ranged(m, m.contexts, func(store.Context) bool { return true })
}

func (m *memory) Blobs(_ context.Context, did syntax.DID) iter.Seq2[store.Blob, error] {
	return ranged(m, m.files, func(store.Blob) bool { return did == m.accounts[0].DID })
}

func (m *memory) isArchived(did syntax.DID) bool {
	return slices.ContainsFunc(m.accounts, func(a store.Account) bool { return a.DID == did && a.Posts > 0 })
}

func (m *memory) Thread(_ context.Context, uri syntax.ATURI) (store.Thread, error) {
	for _, t := range m.threadList {
		if inThreadOrGap(t, uri) {
			return t, m.call()
		}
	}
	return store.Thread{}, store.ErrNotFound
}

func inThreadOrGap(t store.Thread, uri syntax.ATURI) bool {
	return slices.Contains(t.Posts, uri) || slices.ContainsFunc(t.Branches, func(b []syntax.ATURI) bool { return slices.Contains(b, uri) }) ||
		slices.ContainsFunc(t.Gaps, func(g analysis.Gap) bool { return g.URI == uri })
}

// rootOf is the root of the thread that a post is in.
func (m *memory) rootOf(uri syntax.ATURI) syntax.ATURI {
	for _, t := range m.threadList {
		if inThreadOrGap(t, uri) {
			return t.Root
		}
	}
	return ""
}

func (m *memory) Threads(_ context.Context, q store.Query) iter.Seq2[store.Thread, error] {
	return ranged(m, m.threadList, func(t store.Thread) bool { return q.DID == "" || t.DID == q.DID })
}

func (m *memory) Assembled(ctx context.Context, did syntax.DID, _ ...syntax.ATURI) iter.Seq2[analysis.Thread, error] {
	return func(yield func(analysis.Thread, error) bool) {
		for t, err := range m.Threads(ctx, store.Query{DID: did}) {
			if !yield(t.Thread, err) {
				return
			}
		}
	}
}

func (m *memory) Claims(_ context.Context, q store.Query) iter.Seq2[store.Claim, error] {
	return ranged(m, m.claims, func(c store.Claim) bool {
		return (q.DID == "" || c.Author.DID == q.DID) && (q.Thread == "" || m.rootOf(c.Post) == q.Thread) && within(q.Where, c.Age)
	})
}

func (m *memory) Decisions(_ context.Context, q store.DecisionQuery) iter.Seq2[analysis.Decision, error] {
	return ranged(m, m.decisions, func(d analysis.Decision) bool { return q.DID == "" || d.DID == q.DID })
}

const (
	annDID = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	bobDID = syntax.DID("did:plc:bbbbbbbbbbbbbbbbbbbbbbbb")
)

var morning = time.Date(2025, 3, 31, 7, 30, 0, 0, time.UTC)

// key is the record key of a post written so many minutes after the morning.
func key(minutes int) string {
	return atproto.TID(uint64(morning.Add(time.Duration(minutes)*time.Minute).UnixMicro()) << 10)
}

func uriAt(did syntax.DID, minutes int) syntax.ATURI {
	return atproto.Path(atproto.CollectionPost + "/" + key(minutes)).URI(did)
}

// put archives a post written so many minutes after the morning.
func (m *memory) put(did syntax.DID, minutes int, text string, with func(*store.Post)) syntax.ATURI {
	created := morning.Add(time.Duration(minutes) * time.Minute)
	record, _ := cbor.FromJSON(fmt.Appendf(nil, `{"$type":%q,"text":%s,"createdAt":%q}`, atproto.CollectionPost, quote(text), created.Format(time.RFC3339)))
	cid := atproto.CIDOf(record)
	p := store.Post{Status: store.Live, Signature: atproto.SignatureValid, FirstSeen: morning.AddDate(0, 0, 2), WordsSeen: morning.AddDate(0, 0, 2), Rev: "3lrev", Lang: "fr"}
	p.Post = atproto.Post{Ref: atproto.Ref{URI: uriAt(did, minutes), CID: cid.String()}, Text: text, CreatedAt: created.Format(time.RFC3339), Langs: []string{"fr"}}
	if with != nil {
		with(&p)
	}
	if m.records == nil {
		m.records = map[atproto.CID][]byte{}
	}
	m.records[cid] = record
	m.posts = append(m.posts, p)
	return p.URI
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// claim marks words of a post as a claim.
func (m *memory) claim(id string, uri syntax.ATURI, words string, topics []string, with func(*store.Claim)) {
	i := slices.IndexFunc(m.posts, func(p store.Post) bool { return p.URI == uri })
	p := m.posts[i]
	start := strings.Index(p.Text, words)
	if start < 0 {
		panic("no such words: " + words)
	}
	c := store.Claim{Post: uri, CID: p.CID, Thread: p.Thread, Age: p.Age(), Dates: p.Dates(), Status: p.Status, Author: m.accounts[0].Account}
	c.Span, c.Text = analysis.Span{Start: start, End: start + len(words)}, words
	c.Passage.Claim = &analysis.Claim{ID: id, CheckWorthy: true, Score: 0.8, Kind: analysis.Statistic, Stance: analysis.Asserts, Why: []string{"number"}}
	for _, t := range topics {
		c.Topics = append(c.Topics, analysis.TopicTag{Topic: t, Score: 0.9})
	}
	if with != nil {
		with(&c)
	}
	m.claims = append(m.claims, c)
}

// reviewed lets a person judge a claim.
func reviewed(c *store.Claim, by string, r analysis.Review) {
	at := morning.AddDate(0, 1, 0)
	r.Post, r.Span, r.Text = c.Post, c.Span, c.Text
	d, err := analysis.NewDecision(analysis.DecidedReview, annDID, c.Passage.Claim.ID, by, at, r)
	if err != nil {
		panic(err)
	}
	c.Reviews = append(c.Reviews, d)
	c.Review = analysis.ReviewState{Status: r.Status, Verdict: r.Verdict, Dismissal: r.Dismissal, DuplicateOf: r.DuplicateOf, By: by, At: at}
}

func answers(root, parent syntax.ATURI) func(*store.Post) {
	return func(p *store.Post) {
		p.Reply = &atproto.Reply{Root: atproto.Ref{URI: root}, Parent: atproto.Ref{URI: parent}}
	}
}

func inThread(root syntax.ATURI, with ...func(*store.Post)) func(*store.Post) {
	return func(p *store.Post) {
		p.Thread = root
		for _, w := range with {
			w(p)
		}
	}
}

// sample is an archive with one of everything that an export shows.
func sample(t testing.TB) *memory {
	t.Helper()
	m := &memory{versions: map[string][]store.Version{}, changes: map[string][]store.Entry{}}
	ann := store.Account{Account: atproto.Account{DID: annDID, Handle: "ann.example", PDS: "https://pds.example"}, Status: atproto.Active, Fetched: morning.AddDate(0, 0, 9), Posts: 9, Threads: 1, Claims: 3, Analysis: "1"}
	bob := store.Account{Account: atproto.Account{DID: bobDID, Handle: "bob.example"}, Status: atproto.Active}
	m.accounts = []store.Account{ann, bob}
	m.logs = []store.PLCLog{{DID: annDID, At: morning, Raw: []byte(`[
		{"operation":{"alsoKnownAs":["at://first.example"]},"nullified":false,"createdAt":"2024-01-01T00:00:00Z"},
		{"operation":{"alsoKnownAs":["at://ann.example"]},"nullified":false,"createdAt":"2025-06-01T00:00:00Z"}]`)}}
	m.identities = []store.Identity{{DID: annDID, At: morning.AddDate(0, 3, 0), Handle: "ann.example", PDS: "https://pds.example", Status: atproto.Active, Host: "https://plc.example", Document: []byte(`{"id":"` + string(annDID) + `"}`)}}
	profile, err := cbor.FromJSON([]byte(`{"$type":"app.bsky.actor.profile","displayName":"Ann *Étoile* # eau"}`))
	if err != nil {
		t.Fatal(err)
	}
	quoted := m.put(bobDID, -600, "Un rapport utile.\n#rapport", nil)
	root := uriAt(annDID, 0)
	m.put(annDID, 0, "🧵 L'eau des centres de données (1/5)\n\n👉 50 000 m³ par an, selon l'agence\n👉 *pas* de #compteur", inThread(root, func(p *store.Post) {
		at := strings.Index(p.Text, "l'agence")
		p.Facets = []atproto.Facet{
			{Start: at, End: at + len("l'agence"), Kind: atproto.FacetLink, Value: "https://agence.example/rapport?a=1&b=(2)"},
			{Start: at + 2, End: at + 20, Kind: atproto.FacetLink, Value: "https://overlap.example"},
			{Start: 4000, End: 5000, Kind: atproto.FacetLink, Value: "https://outside.example"},
			{Start: len(p.Text) - len("#compteur"), End: len(p.Text), Kind: atproto.FacetTag, Value: "compteur"},
		}
		p.Embed.Images = []atproto.Image{{Alt: "Un graphique :\nl'eau monte", Blob: atproto.Blob{CID: "bafkreigraph", Type: "image/png"}}, {Blob: atproto.Blob{CID: "bafkreinone", Type: "image/jpeg"}}}
	}))
	second := m.put(annDID, 1, "2/5\n- 2 % de l'électricité\n1. <b>et</b> demain ?\n---\nfin  ", inThread(root, answers(root, root), func(p *store.Post) {
		p.Embed.Card = &atproto.Card{URL: "https://card.example/a", Title: "Un [titre]", Description: "Une description\nsur deux lignes"}
		p.Embed.Quote = atproto.Ref{URI: quoted}
		p.Edited = 1
	}))
	gone := m.put(annDID, 2, "3/5 Ce post a été supprimé | =1", func(p *store.Post) {
		answers(root, second)(p)
		p.Status, p.GoneFound = store.Gone, morning.AddDate(0, 0, 5)
	})
	fifth := m.put(annDID, 4, "5/5 Fin. Merci @bob.example !", inThread(root, answers(root, uriAt(annDID, 3)), func(p *store.Post) {
		p.Facets = []atproto.Facet{{Start: 15, End: 27, Kind: atproto.FacetMention, Value: string(bobDID)}}
		p.Embed.Video = &atproto.Video{Alt: "", Blob: atproto.Blob{CID: "bafkreivideo", Type: "video/mp4"}}
	}))
	aside := m.put(annDID, 7, "Précision : [sic] ^note", inThread(root, answers(root, second)))
	m.put(annDID, 30, "Bonjour\n\n\n$10 et ==rien==", nil)
	m.put(annDID, 45, "Oui, 3 fois plus.", func(p *store.Post) {
		answers(quoted, quoted)(p)
		p.Signature = atproto.SignatureUnchecked
	})
	m.put(annDID, 60*24*2, "=HYPERLINK(\"https://x.example\")", func(p *store.Post) {
		p.Status, p.GoneFound = store.Gone, morning.AddDate(0, 0, 6)
		p.Embed.Quote = atproto.Ref{URI: uriAt(bobDID, -999)}
	})

	intents, err := cbor.FromJSON([]byte(`{"$type":"org.user-intents.demo.declaration","updatedAt":"2025-02-20T21:37:20Z","bulkDataset":{"allow":false,"updatedAt":"2025-02-20T21:37:20Z"},"publicAccessArchive":{"allow":true,"updatedAt":"2025-02-20T21:37:20Z"},"protocolBridging":{"updatedAt":"2025-02-20T21:37:20Z"}}`))
	if err != nil {
		t.Fatal(err)
	}
	m.records[atproto.CIDOf(intents)] = intents
	m.versions["at://"+string(annDID)+"/org.user-intents.demo.declaration/self"] = []store.Version{{CID: atproto.CIDOf(intents), Seen: morning}}

	former := []byte(`{"$type":"app.bsky.feed.post","text":"2/5\n- 3 % de l'électricité","createdAt":"2025-03-31T07:31:00Z"}`)
	formerRecord, err := cbor.FromJSON(former)
	if err != nil {
		t.Fatal(err)
	}
	m.records[atproto.CIDOf(formerRecord)] = formerRecord
	m.records[atproto.CIDOf(profile)] = profile
	m.versions[string(second)] = []store.Version{{CID: atproto.CIDOf(formerRecord), Seen: morning.Add(time.Hour)}, {CID: mustCID(t, m.posts[2].CID), Seen: morning.Add(5 * time.Hour)}}
	m.versions["at://"+string(annDID)+"/app.bsky.actor.profile/self"] = []store.Version{{CID: atproto.CIDOf(profile), Seen: morning}}

	th := store.Thread{DID: annDID, Handle: "ann.example", ID: key(0), Age: morning, Dates: atproto.Dates{Created: morning, Key: morning}, FirstLine: "🧵 L'eau des centres de données (1/5)", Claims: 2, Topics: []string{"water", "electricity"}}
	th.Root, th.Posts = root, []syntax.ATURI{root, second, fifth}
	th.Numbering = &analysis.Numbering{Total: new(5), Numbers: []*int{new(1), new(2), new(5)}, Missing: []int{3, 4}}
	th.Branches = [][]syntax.ATURI{{aside}}
	th.Joins = []analysis.Join{{URI: second, By: analysis.ByReply, Why: "answers the post before it, carries 2/5 after 1/5"}, {URI: fifth, By: analysis.ByNumber, Why: "carries 5/5 after 2/5, posted 3 minutes later, same total"}}
	th.Gaps = []analysis.Gap{{Kind: analysis.GapDeleted, After: second, URI: gone, Number: 3}, {Kind: analysis.GapNumber, After: second, Number: 4}, {Kind: analysis.GapUnseen, After: fifth, URI: uriAt(annDID, 3)}}
	m.threadList = []store.Thread{th}

	agency := "https://agence.example/rapport"
	m.claim("claimaaaaa", root, "50 000 m³ par an, selon l'agence", []string{"water"}, func(c *store.Claim) {
		base := 5e4
		c.Quantities = []analysis.Quantity{{Span: analysis.Span{Start: c.Start, End: c.Start + 10}, Raw: "50 000 m³", Value: 5e4, Unit: "m3", BaseValue: &base, BaseUnit: "m3", Per: "year", Of: &analysis.OfWhat{Text: "eau"}}}
		c.Passage.Claim.Attribution = &analysis.Attribution{URI: root, Text: "l'agence", URL: &agency}
		c.Passage.Claim.Stance = analysis.Reports
		reviewed(c, "marie", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Restated: "Le site prend\n*50 000* m³ d'eau.", Summary: "L'agence dit *5 000* m³.", Note: "secret: call Paul", Sources: []analysis.Source{{URL: agency, Title: "Rapport | 2024", Quote: "cinq mille"}}, PublishedURL: "https://verif.example/eau"})
		c.Review.Disagree = 1
	})
	m.claim("claimbbbbb", second, "2 % de l'électricité", []string{"electricity"}, nil)
	m.claim("claimccccc", gone, "Ce post a été supprimé", nil, nil)
	m.claim("claimddddd", uriAt(annDID, 45), "3 fois plus", []string{"electricity"}, func(c *store.Claim) {
		reviewed(c, "paul", analysis.Review{Status: analysis.Dismissed, Dismissal: analysis.OffTopic})
	})
	return m
}

func mustCID(t testing.TB, s string) atproto.CID {
	t.Helper()
	c, err := atproto.ParseCID(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
