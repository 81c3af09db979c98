package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/store"
)

// wanted is the words that a command looked for.
type wanted struct {
	cmd   *cobra.Command
	words []string
}

// misread is what words that nothing has may have been meant for: an account, a post or a claim,
// which other commands and flags take. Words that may be words are only noted.
func (t wanted) misread(ctx context.Context, a *app, r store.Reader) (*hinted, error) {
	for _, word := range t.words {
		for _, kind := range []func(context.Context, *app, store.Reader, string) (*hinted, error){t.post, t.account, t.claim} {
			if found, err := kind(ctx, a, r, strings.TrimSpace(word)); found != nil || err != nil {
				return found, err
			}
		}
	}
	if len(t.words) > 0 {
		if like := suggestion(t.cmd, t.words[0]); like != "" {
			a.say("note: did you mean %s?", like)
		}
	}
	return nil, nil
}

func (t wanted) taken(what, hint string) *hinted {
	return &hinted{usagef("%s; %s took it for words to look for, and found none", what, strings.TrimPrefix(t.cmd.CommandPath(), t.cmd.Root().Name()+" ")), hint}
}

// post looks whether a word is a post, by its address or by the id that lists show.
func (t wanted) post(ctx context.Context, _ *app, r store.Reader, word string) (*hinted, error) {
	if _, err := atproto.ParsePost(word); err != nil {
		if _, err := syntax.ParseTID(word); err != nil {
			return nil, nil
		}
	}
	uri, err := postNamed(ctx, r, word)
	if err == nil {
		_, err = r.Post(ctx, uri)
	}
	switch {
	case err == nil:
		return t.taken(word+" is an archived post", "its thread: skyarchive thread "+word), nil
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrAmbiguous):
		return nil, err
	case strings.Contains(word, "/"):
		return &hinted{fmt.Errorf("post %s: %w", word, err), "skyarchive accounts lists what is archived"}, nil
	}
	return nil, nil
}

// account looks whether a word is an account. One that is written like a handle may also be the
// host of a page.
func (t wanted) account(ctx context.Context, a *app, r store.Reader, word string) (*hinted, error) {
	if _, err := atproto.ParseAccount(word); err != nil {
		return nil, nil
	}
	acc, err := accountNamed(ctx, r, word)
	switch {
	case errors.Is(err, store.ErrAmbiguous):
		return &hinted{err, "name it by its DID: " + t.cmd.CommandPath() + " --from DID"}, nil
	case err == nil:
		return t.taken(word+" is an archived account", "of one account: "+t.cmd.CommandPath()+" --from "+acc.Name()), nil
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	case strings.HasPrefix(word, "@"), strings.HasPrefix(word, "did:"), strings.Contains(word, "/"), strings.HasSuffix(word, ".bsky.social"):
		return &hinted{fmt.Errorf("account %s: %w", word, store.ErrNotFound),
			"skyarchive accounts lists what is archived; skyarchive fetch " + strings.TrimPrefix(word, "@") + " archives it"}, nil
	}
	a.say("note: %s was looked for as words; if it is an account: --from %s", word, word)
	return nil, nil
}

// claim looks whether a word is the id of a claim, which the name of a command may stand before.
func (t wanted) claim(ctx context.Context, _ *app, r store.Reader, word string) (*hinted, error) {
	if len(word) < 5 || strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		return nil, nil
	}
	_, err := r.Claim(ctx, word)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrAmbiguous):
		return nil, nil
	case err != nil:
		return nil, err
	}
	hint := "skyarchive claims show " + word + " shows it"
	if like := suggestion(t.cmd, t.words[0]); like != "" {
		hint = "did you mean " + like + " " + word + "?"
	}
	return t.taken(word+" is the id of a claim", hint), nil
}

// suggestion is the command that a word is almost the name of, "" for none.
func suggestion(cmd *cobra.Command, word string) string {
	for cmd.SuggestionsMinimumDistance = 1; cmd.SuggestionsMinimumDistance <= 2; cmd.SuggestionsMinimumDistance++ {
		if like := cmd.SuggestionsFor(word); len(like) > 0 {
			return cmd.CommandPath() + " " + like[0]
		}
	}
	return ""
}

// leftOut is a word with a dash in front, to leave it out, that was read as one-letter flags;
// "" if there is none.
func leftOut(cmd *cobra.Command, args []string) string {
	if !strings.Contains(cmd.Use, "words") {
		return ""
	}
	for _, arg := range args {
		word, dash := strings.CutPrefix(arg, "-")
		if arg == "--" {
			return ""
		}
		if dash && len([]rune(word)) > 2 && !strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsLetter(c) }) {
			return arg
		}
	}
	return ""
}

// leaveOut says how to leave out a word that was read as flags.
func leaveOut(cmd *cobra.Command, arg string) string {
	hint := "a word to leave out goes behind two dashes: " + cmd.CommandPath() + " -- eau -avion"
	if arg[1] >= utf8.RuneSelf {
		return hint
	}
	if flag := cmd.Flags().ShorthandLookup(arg[1:2]); flag != nil && flag.NoOptDefVal == "" {
		return fmt.Sprintf("%s was read as the flag -%s with %s; %s", arg, flag.Shorthand, arg[2:], hint)
	}
	return hint
}
