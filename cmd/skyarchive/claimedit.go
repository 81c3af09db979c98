package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/store"
	"skyarchive/store/search"
)

func newClaimAddCommand(a *app) *cobra.Command {
	var text, note, as string
	var topics []string
	cmd := &cobra.Command{
		Use:     "add <post>",
		Short:   "Mark a passage that the machine missed as a claim",
		Example: `  skyarchive claims add 3lmfq2k6zv22f --text "l'eau manque déjà" --topic water`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			if err := a.topicSlugs(topics); err != nil {
				return err
			}
			return addClaim(cmd.Context(), a, args[0], text, note, topics, by)
		},
	}
	cmd.Flags().StringVar(&text, "text", "", "the words of the post, exactly as they stand there")
	cmd.Flags().StringArrayVarP(&topics, "topic", "t", nil, "topic of the claim; may be given several times")
	cmd.Flags().StringVar(&note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who marks it (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

func addClaim(ctx context.Context, a *app, name, text, note string, topics []string, by string) error {
	return a.update(ctx, func(w store.Writer) error {
		uri, err := postNamed(ctx, w, name)
		if err != nil {
			return err
		}
		post, err := w.Post(ctx, uri)
		if err != nil {
			return fmt.Errorf("post %s: %w", name, err)
		}
		span, err := passageIn(post.Text, text)
		if err != nil {
			return err
		}
		text := post.Text[span.Start:span.End]
		m := analysis.Marking{Post: uri, CID: post.CID, Span: span, Text: text, Topics: topics, Note: note}
		if err := decide(ctx, a, w, analysis.DecidedAddClaim, post.Author(), string(uri), by, m); err != nil {
			return err
		}
		id, err := claimAt(ctx, w, uri, span)
		if err != nil {
			return err
		}
		a.say("marked as a claim: « %s »", text)
		a.say("judge it: skyarchive claims review %s --verdict supported --source URL --note \"…\"", id)
		return nil
	})
}

// claimAt is the id of the claim with these bounds in a post.
func claimAt(ctx context.Context, r store.Reader, uri syntax.ATURI, span analysis.Span) (string, error) {
	read, err := r.Analysis(ctx, uri)
	if err != nil {
		return "", err
	}
	for _, p := range read.Passages {
		if p.Span == span && p.Claim != nil {
			return p.Claim.ID, nil
		}
	}
	return "", fmt.Errorf("claim at %d in %s: %w", span.Start, uri, store.ErrNotFound)
}

// passageIn finds the words of a passage in a post: exactly once, at character bounds. Where
// they do not stand there as given, those count that differ in the apostrophes, quotes,
// dashes and spaces that keyboards do not tell apart.
func passageIn(text, words string) (analysis.Span, error) {
	if words == "" {
		return analysis.Span{}, usagef("give the words of the post with --text")
	}
	span, n := findOnce(text, words, func(r rune) rune { return r })
	if n == 0 {
		span, n = findOnce(text, words, typed)
	}
	switch n {
	case 0:
		return span, usagef("the post does not hold the words %q; copy them as they stand there", words)
	case 1:
		return span, nil
	}
	return span, usagef("the words %q stand several times in the post; give more of them", words)
}

// findOnce finds words in a text once both are written by the same rule, and says how often
// they stand there.
func findOnce(text, words string, rule func(rune) rune) (span analysis.Span, n int) {
	wanted := strings.Map(rule, words)
	length := utf8.RuneCountInString(wanted)
	runes := []rune(strings.Map(rule, text))
	var begins []int // of each rune of text
	for i := range text {
		begins = append(begins, i)
	}
	begins = append(begins, len(text))
	for at := 0; at+length <= len(runes); at++ {
		if string(runes[at:at+length]) == wanted {
			span = analysis.Span{Start: begins[at], End: begins[at+length]}
			n++
		}
	}
	return span, n
}

// typed is what a keyboard has in the place of a character.
func typed(r rune) rune {
	switch {
	case strings.ContainsRune("’‘ʼ′`´", r):
		return '\''
	case strings.ContainsRune("“”„«»", r):
		return '"'
	case strings.ContainsRune("‐‑‒–—−", r):
		return '-'
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

func newClaimTagCommand(a *app) *cobra.Command {
	var t analysis.Tagging
	var as string
	cmd := &cobra.Command{
		Use:     "tag <claim> +topic -topic...",
		Short:   "Correct the topics of a claim",
		Example: "  skyarchive claims tag k7w2hq9x3m +water -metals",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(t.Add)+len(t.Remove) == 0 {
				return usagef("say what to change: skyarchive claims tag ID +water -metals")
			}
			if err := errors.Join(a.topicSlugs(t.Add), a.topicSlugs(t.Remove)); err != nil {
				return err
			}
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return tagClaim(cmd.Context(), a, args[0], t, by)
		},
	}
	cmd.Flags().StringArrayVar(&t.Add, "add", nil, "the same as +topic")
	cmd.Flags().StringArrayVar(&t.Remove, "remove", nil, "the same as -topic")
	cmd.Flags().StringVar(&t.Note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who corrects it (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

// topicSlugs makes slugs of what a person calls topics, by their labels too.
func (a *app) topicSlugs(names []string) error {
	for i, name := range names {
		f, err := search.NewField("topic", name, search.Options{Topics: a.taxonomy()})
		if err != nil {
			return usageError{err}
		}
		names[i] = f.Value
	}
	return nil
}

// taggingArgs turns the +topic and -topic of claims tag into flags: -metals would be read
// as a row of one-letter flags. What a flag such as --note is given stays as it is.
func taggingArgs(args []string) []string {
	i := slices.Index(args, "tag")
	if i < 1 || !slices.Contains(args[:i], "claims") {
		return args
	}
	args = slices.Clone(args)
	ofFlag := false
	for i, arg := range args {
		switch {
		case ofFlag:
			ofFlag = false
		case strings.HasPrefix(arg, "--"):
			alone := []string{"--json", "--quiet", "--verbose", "--allow-private", "--help", "--"}
			ofFlag = !strings.Contains(arg, "=") && !slices.Contains(alone, arg)
		case strings.HasPrefix(arg, "+"):
			args[i] = "--add=" + arg[1:]
		case strings.HasPrefix(arg, "-") && len(arg) > 2 && strings.Trim(arg, "-v") != "":
			args[i] = "--remove=" + arg[1:]
		}
	}
	return args
}

func tagClaim(ctx context.Context, a *app, id string, t analysis.Tagging, by string) error {
	return a.update(ctx, func(w store.Writer) error {
		c, err := claimNamed(ctx, w, id)
		if err != nil {
			return err
		}
		t.Post, t.Span, t.Text = c.Post, c.Span, c.Text
		if err := decide(ctx, a, w, analysis.DecidedTag, c.Author.DID, c.Passage.Claim.ID, by, t); err != nil {
			return err
		}
		c, err = w.Claim(ctx, c.Passage.Claim.ID)
		if err != nil {
			return err
		}
		a.say("%s is about %s", c.Passage.Claim.ID, strings.Join(topicsOf(c.Passage), ", "))
		return nil
	})
}

func newClaimBoundsCommand(a *app) *cobra.Command {
	var text, note, as string
	cmd := &cobra.Command{
		Use:     "bounds <claim>",
		Short:   "Correct where a claim starts and ends in its post",
		Example: `  skyarchive claims bounds k7w2hq9x3m --text "2% de l'électricité"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return boundClaim(cmd.Context(), a, args[0], text, note, by)
		},
	}
	cmd.Flags().StringVar(&text, "text", "", "the words of the claim, exactly as they stand in the post")
	cmd.Flags().StringVar(&note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who corrects it (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

func boundClaim(ctx context.Context, a *app, id, text, note, by string) error {
	return a.update(ctx, func(w store.Writer) error {
		c, err := claimNamed(ctx, w, id)
		if err != nil {
			return err
		}
		post, err := w.Post(ctx, c.Post)
		if err != nil {
			return err
		}
		span, err := passageIn(post.Text, text)
		if err != nil {
			return err
		}
		text := post.Text[span.Start:span.End]
		m := analysis.Marking{Post: c.Post, CID: c.CID, Span: span, Text: text, Note: note}
		a.say("%s now reads « %s »", c.Passage.Claim.ID, text)
		return decide(ctx, a, w, analysis.DecidedBounds, c.Author.DID, c.Passage.Claim.ID, by, m)
	})
}
