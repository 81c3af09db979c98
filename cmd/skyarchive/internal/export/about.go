package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

const aboutName = "about.json"

// about says what an export is: by which versions, of which states, how much.
type about struct {
	Type      string         `json:"type"`
	Format    string         `json:"format"`
	Audience  string         `json:"audience"`
	Includes  []string       `json:"includes,omitempty"` // in a public form on request
	Made      time.Time      `json:"made"`
	Program   string         `json:"program"`
	Analysis  string         `json:"analysis"`
	Taxonomy  string         `json:"taxonomy"`
	Language  string         `json:"language"`
	Zone      string         `json:"time_zone"`
	Selection string         `json:"selection"`
	Accounts  []aboutAccount `json:"accounts"`
	Counts    *aboutCounts   `json:"counts,omitempty"`
	Notice    string         `json:"notice"`
}

type aboutCounts struct {
	Threads int      `json:"threads"`
	Posts   int      `json:"posts"`
	Claims  int      `json:"claims"`
	Others  int      `json:"other_assertions,omitempty"`
	LeftOut LeftOut  `json:"left_out"`
	Skipped []string `json:"skipped,omitempty"`
}

type aboutAccount struct {
	DID      syntax.DID     `json:"did"`
	Handle   string         `json:"handle"` // the DID where none is confirmed
	Status   atproto.Status `json:"status"` // unchecked where nobody asked for it
	Fetched  *time.Time     `json:"fetched"`
	Told     bool           `json:"fetched_told,omitempty"` // by another archive; not in archive.ndjson, which comes out as it went in
	Analysis string         `json:"analysis"`
	Rev      string         `json:"rev,omitempty"`    // of the newest state
	Commit   string         `json:"commit,omitempty"` // of the newest state
}

// statusUnchecked is of an account that is only known from a file.
const statusUnchecked atproto.Status = "unchecked"

// selection is the query as text.
func (x *export) selection() string {
	s := ""
	if x.Post != "" {
		return string(x.Post)
	}
	if x.Query.Where != nil {
		s = x.Query.Where.String()
	}
	if x.Query.DID != "" {
		s = "from:" + string(x.Query.DID) + " " + s
	}
	return oneLine(s)
}

// selectionFor is the query as people read it: these accounts by their handles, and nothing
// where it is all of one account, which the title names.
func (x *export) selectionFor(authors []*Account) string {
	if x.Post == "" && x.Query.Where == nil && len(authors) == 1 {
		return ""
	}
	s := x.selection()
	for _, acc := range authors {
		s = strings.ReplaceAll(s, string(acc.DID), acc.Mention())
	}
	return s
}

// titleFor is the title of a page or an index with what these accounts posted.
func titleFor(names []string) string {
	if len(names) == 0 || len(names) > 3 {
		return "skyarchive"
	}
	return strings.Join(names, ", ") + " · skyarchive"
}

func (x *export) about(ctx context.Context) (about, error) {
	a := about{
		Type: "about", Format: x.format.Name, Audience: x.audience(), Made: x.Now().UTC().Truncate(time.Second), Program: x.Program, Analysis: x.Analysis,
		Taxonomy: x.Taxonomy.Version(), Language: x.words.lang, Zone: x.zoneName(), Selection: x.selection(), Accounts: []aboutAccount{},
		Notice: x.words.checkedText, Includes: x.includes(),
	}
	accounts, err := store.Collect(x.source.r.Accounts(ctx))
	if err != nil {
		return a, err
	}
	only := x.Query.DID
	if x.Post != "" {
		only = syntax.DID(atproto.AuthorOf(x.Post))
	}
	accounts = slices.DeleteFunc(accounts, func(acc store.Account) bool {
		return only != "" && acc.DID != only || x.withholdsAccount(&Account{Account: acc}) != ""
	})
	for _, acc := range accounts {
		line := aboutAccount{DID: acc.DID, Handle: acc.Name(), Status: acc.Status, Analysis: acc.Analysis}
		_, known, err := asked(ctx, x.source.r, acc)
		if err != nil {
			return a, err
		}
		if !known && acc.Status == atproto.Active {
			line.Status = statusUnchecked
		}
		if !acc.Fetched.IsZero() {
			fetched := acc.Fetched.UTC()
			line.Fetched = &fetched
		}
		head, err := x.source.r.Head(ctx, acc.DID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return a, err
		}
		line.Rev, line.Commit = head.Rev, head.Commit.String()
		a.Accounts = append(a.Accounts, line)
	}
	return a, nil
}

// writeAbout writes about.json, last: it holds the counts, and its presence says that the
// export is whole. In an update it keeps its time if nothing else changed.
func (x *export) writeAbout(ctx context.Context) error {
	a, err := x.about(ctx)
	if err != nil {
		return err
	}
	a.Counts = x.counts()
	for i := range a.Accounts {
		acc, err := x.source.account(ctx, a.Accounts[i].DID)
		if err != nil {
			return err
		}
		if a.Accounts[i].Told, err = FetchedTold(ctx, x.source.r, acc.Account); err != nil {
			return err
		}
	}
	previous, err := x.previous(aboutName)
	if err != nil {
		return err
	}
	var old about
	if json.Unmarshal(previous, &old) == nil {
		same := a
		same.Made = old.Made
		if text, err := indented(same); err == nil && bytes.Equal(text, previous) {
			a = same
		}
	}
	text, err := indented(a)
	if err != nil {
		return err
	}
	return x.write(aboutName, text)
}

// zoneName is the time zone by name; that of the machine, if it has none, by what it is now.
func (x *export) zoneName() string {
	if x.Zone == time.Local {
		return x.Now().In(x.Zone).Format("local (2006-01-02: MST -07:00)")
	}
	return x.Zone.String()
}

func (x *export) counts() *aboutCounts {
	s := x.summary
	return &aboutCounts{s.Threads, s.Posts, s.Claims, s.Assertions, s.LeftOut, s.Skipped}
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}
