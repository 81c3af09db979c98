package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
)

func newTopicsCommand(a *app) *cobra.Command {
	list := func(cmd *cobra.Command, args []string) error { return listTopics(a) }
	cmd := &cobra.Command{
		Use:     "topics",
		GroupID: groupReview,
		Short:   "List the topics; check a taxonomy file; try a text",
		Example: "  skyarchive topics\n  skyarchive topics test \"Les centres de données consomment 2 % de l'électricité.\"",
		Args:    cobra.NoArgs,
		RunE:    list,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the topics with their labels and what belongs to them",
			Example: "  skyarchive topics list", Args: cobra.NoArgs, RunE: list,
		},
		&cobra.Command{
			Use: "check <file>", Short: "Check a taxonomy file of your own",
			Example: "  skyarchive topics check my-topics.yaml", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error { return checkTaxonomy(a, args[0]) },
		},
		&cobra.Command{
			Use: "test <text>", Short: "Show the passages, topics, numbers and claims of a text, each with its reason",
			Example: "  skyarchive topics test \"L'eau manque déjà.\"", Args: cobra.MinimumNArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return testText(cmd.Context(), a, strings.Join(args, " "))
			},
		},
	)
	return cmd
}

func listTopics(a *app) error {
	tax := a.taxonomy()
	for _, layer := range tax.Layers() {
		if !a.json {
			if _, err := fmt.Fprintf(a.stdout, "%s\n", a.style().Bold(layer.Slug)); err != nil {
				return err
			}
		}
		for _, t := range tax.Topics() {
			if t.Layer != layer.Slug {
				continue
			}
			if a.json {
				if err := term.JSONLine(a.stdout, t); err != nil {
					return err
				}
				continue
			}
			first := "  " + term.Pad(t.Slug, 19)
			text := t.Label.English + " · " + t.Label.French + ". " + t.Description.English
			if err := term.Indented(a.stdout, first, strings.Repeat(" ", 21), text, a.columns()); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkTaxonomy(a *app, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return unread(name, err)
	}
	defer file.Close()
	tax, err := topic.Default().Extend(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.say("%s is right; with it there are %d topics", name, len(tax.Topics()))
	return nil
}

func testText(_ context.Context, a *app, text string) error {
	p := &atproto.Post{Ref: atproto.Ref{URI: "at://did:plc:text/app.bsky.feed.post/3aaaaaaaaaa22"}, Text: text}
	read := analysis.NewAnalyzer(a.taxonomy()).Posts(p)
	if len(read) != 1 {
		return errors.New("the text could not be read")
	}
	if a.json {
		return term.JSONLine(a.stdout, read[0])
	}
	style := a.style()
	for _, passage := range read[0].Passages {
		fmt.Fprintf(a.stdout, "« %s »\n", style.Bold(term.Clean(passage.Text)))
		for _, t := range passage.Topics {
			var words []string
			for _, e := range t.Evidence {
				words = append(words, fmt.Sprintf("«\u00a0%s\u00a0» (%s)", excerpt(text, e.Span), e.Rule))
			}
			fmt.Fprintf(a.stdout, "  topic   %s %.2f, because of %s\n", t.Topic, t.Score, strings.Join(words, ", "))
		}
		for _, q := range passage.Quantities {
			fmt.Fprintf(a.stdout, "  number  %s%s\n", export.Quantity(q), baseValue(q))
		}
		if c := passage.Claim; c != nil {
			worth := "not worth checking"
			if c.CheckWorthy {
				worth = "worth checking"
			}
			fmt.Fprintf(a.stdout, "  claim   %s, %s, the author %s; score %.2f: %s\n", worth, c.Kind, c.Stance, c.Score, strings.Join(c.Why, ", "))
			if c.Attribution != nil {
				fmt.Fprintf(a.stdout, "  source  %s\n", c.Attribution.Text)
			}
		} else {
			fmt.Fprintf(a.stdout, "  no claim\n")
		}
	}
	return nil
}
