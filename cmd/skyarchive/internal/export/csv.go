package export

import (
	"context"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// A column of a table, with what the codebook says of it.
type column[T any] struct {
	name   string
	kind   string // text, number, numbers, units, time, id, list, word
	en, fr string
	value  func(x *export, row T) string
}

// writeCSV writes a table of posts or of claims; into a folder, both with their codebook.
func writeCSV(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	if !x.inFolder() {
		switch {
		case x.ForReview:
			x.BOM = true // without it, Excel takes accents for other letters
			return writeClaimTable(ctx, x, "", reviewColumns(x.words))
		case x.Claims:
			return writeClaimTable(ctx, x, "", claimColumns())
		}
		return writePostTable(ctx, x, "")
	}
	if err := writePostTable(ctx, x, "posts.csv"); err != nil {
		return err
	}
	if err := writeClaimTable(ctx, x, "claims.csv", claimColumns()); err != nil {
		return err
	}
	if x.ForReview {
		claims, bom := x.summary.Claims, x.BOM
		x.BOM = true
		if err := writeClaimTable(ctx, x, "review.csv", reviewColumns(x.words)); err != nil {
			return err
		}
		x.summary.Claims, x.BOM = claims, bom
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

// writeTable writes rows as they come.
func writeTable[T any](x *export, name string, columns []column[T], rows func(yield func(T) error) error) error {
	w, err := x.target.create(name)
	if err != nil {
		return err
	}
	t := newTable(w, &x.Options)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := t.row(cells); err != nil {
		return err
	}
	err = rows(func(row T) error {
		for i, c := range columns {
			cells[i] = strings.ToValidUTF8(c.value(x, row), "\ufffd")
			switch c.kind {
			case "number", "numbers", "units": // -2 and % are no formulas
			default:
				cells[i] = Guard(cells[i])
			}
		}
		return t.row(cells)
	})
	if err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	return w.Close()
}

func writePostTable(ctx context.Context, x *export, name string) error {
	places, err := x.source.places(ctx)
	if err != nil {
		return err
	}
	found := map[syntax.ATURI]read{}
	for c, err := range x.source.claims(ctx, false) {
		if err != nil {
			return err
		}
		r := found[c.Post]
		r.claims, r.topics = append(r.claims, c.Passage.Claim.ID), appendNew(r.topics, topicSlugs(c.Passage)...)
		found[c.Post] = r
	}
	counted := map[syntax.ATURI]bool{"": true} // threads that a row is of
	return writeTable(x, name, postColumns(), func(yield func(postRow) error) error {
		for p, err := range x.source.posts(ctx) {
			if err != nil {
				return err
			}
			if root := places[p.URI].root; !counted[root] {
				counted[root] = true
				x.summary.Threads++
			}
			if err := yield(postRow{p, x.source.accounts[p.Author()], places[p.URI], found[p.URI]}); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeClaimTable(ctx context.Context, x *export, name string, columns []column[claimRow]) error {
	return writeTable(x, name, columns, func(yield func(claimRow) error) error {
		for c, err := range x.source.claims(ctx, true) {
			if err != nil {
				return err
			}
			review, _ := lastReview(c)
			if err := yield(claimRow{c, x.source.accounts[c.Author.DID], review}); err != nil {
				return err
			}
		}
		return nil
	})
}
