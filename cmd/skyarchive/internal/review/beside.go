package review

import (
	"context"
	"errors"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/store"
)

// beside is what a post shows besides its words, and what it answers if that is not the post
// before it in its thread: a claim such as "this figure is wrong" cannot be judged without.
func beside(ctx context.Context, r store.Reader, p *store.Post, threaded bool) ([]fact, error) {
	var list []fact
	if p.Reply != nil && !threaded && p.Reply.Parent.URI != "" {
		words, err := wordsOf(ctx, r, p.Reply.Parent.URI)
		if err != nil {
			return nil, err
		}
		list = append(list, fact{"answers", words})
	}
	e := p.Embed
	for _, image := range e.Images {
		list = append(list, fact{"image", described(image.Alt)})
	}
	if e.Video != nil {
		list = append(list, fact{"video", described(e.Video.Alt)})
	}
	if e.Card != nil {
		var parts []string
		for _, part := range []string{e.Card.Title, e.Card.Description, e.Card.URL} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		list = append(list, fact{"card", strings.Join(parts, " · ")})
	}
	if e.Quote.URI != "" {
		words, err := wordsOf(ctx, r, e.Quote.URI)
		if err != nil {
			return nil, err
		}
		list = append(list, fact{"quotes", words})
	}
	return list, nil
}

func described(alt string) string {
	if alt == "" {
		return "(no description)"
	}
	return alt
}

// wordsOf is what a post by anybody says, or its URI where its words are not here.
func wordsOf(ctx context.Context, r store.Reader, uri syntax.ATURI) (string, error) {
	p, err := r.Post(ctx, uri)
	if err == nil && !p.Status.Wordless() {
		return "« " + p.Text + " »" + goneMark(p.Status == store.Gone), nil
	}
	var forgotten *store.ForgottenError
	if err == nil || errors.As(err, &forgotten) {
		return string(uri) + " (its words are not here)", nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	c, err := r.Context(ctx, uri)
	switch {
	case err == nil && c.Record != nil:
		return "« " + c.Text + " »" + goneMark(c.State == store.ContextDeleted), nil
	case err == nil || errors.Is(err, store.ErrNotFound):
		return string(uri) + " (its words are not here)", nil
	}
	return "", err
}

func goneMark(gone bool) string {
	if gone {
		return " (deleted by its author)"
	}
	return ""
}

// around are the words before and after the i-th post of a thread. A deleted part that stood
// between them counts.
func around(ctx context.Context, r store.Reader, t *analysis.Thread, i int) (before, after string, err error) {
	words := func(at int, between int) (string, error) {
		if between >= 0 && between < len(t.Posts) {
			for _, gap := range t.Gaps {
				if gap.Kind == analysis.GapDeleted && gap.URI != "" && gap.After == t.Posts[between] {
					return wordsOf(ctx, r, gap.URI)
				}
			}
		}
		if at < 0 || at >= len(t.Posts) {
			return "", nil
		}
		p, err := r.Post(ctx, t.Posts[at])
		if errors.Is(err, store.ErrNotFound) {
			return "", nil
		}
		return p.Text, err
	}
	if before, err = words(i-1, i-1); err != nil {
		return "", "", err
	}
	after, err = words(i+1, i)
	return before, after, err
}
