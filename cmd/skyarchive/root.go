package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

const (
	groupArchive = "archive"
	groupRead    = "read"
	groupReview  = "review"
	groupShare   = "share"
)

const statusHelp = `
Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such account, post or claim,
4 does not verify, 5 network unavailable, 6 account deactivated, taken down or
deleted, 7 archive file cannot be used, 130 interrupted.`

// run parses the arguments, runs the command and says how it ended.
func run(ctx context.Context, a *app, args []string, stdout, stderr io.Writer) int {
	stdout, stderr = term.Guard(stdout), term.Guard(stderr)
	a.stdout, a.stderr = stdout, stderr
	root := newRootCommand(a)
	a.root = root
	root.SetArgs(taggingArgs(args))
	root.SetIn(a.Stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return a.report(ctx, a.explain(err, cmd, args))
}

// explain says of wrong usage what to do.
func (a *app) explain(err error, cmd *cobra.Command, args []string) error {
	var usage usageError
	switch {
	case err == nil:
		return nil
	case !a.started && !errors.As(err, &usage):
		return hinted{usageError{clearer(err, cmd)}, usageHint(cmd, args)}
	case errors.As(err, &usage), errors.Is(err, store.ErrNotFound):
		if word := leftOut(cmd, args); word != "" {
			return hinted{err, leaveOut(cmd, word)}
		}
	}
	return err
}

// clearer is an error of cobra in other words: of an unknown flag in letters beyond ASCII it
// names the first byte, and it counts arguments without saying what they are.
func clearer(err error, cmd *cobra.Command) error {
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fmt.Errorf("unknown flag: -%s", unknown.GetSpecifiedShortnames())
	case strings.HasPrefix(err.Error(), "accepts "), strings.HasPrefix(err.Error(), "requires at least "):
		return fmt.Errorf("too few or too many words; write %s", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	}
	return err
}

// usageHint says where to read how a command is used, or what may have been meant.
func usageHint(cmd *cobra.Command, args []string) string {
	if word := leftOut(cmd, args); word != "" {
		return leaveOut(cmd, word)
	}
	hint := cmd.CommandPath() + " --help lists the commands and flags"
	if !cmd.HasSubCommands() {
		hint = cmd.CommandPath() + " --help shows how it is used"
	}
	for _, arg := range cmd.Flags().Args() {
		if like := suggestion(cmd, arg); like != "" {
			return fmt.Sprintf("did you mean %s? %s", like, hint)
		}
	}
	return hint
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "skyarchive",
		Short: "Archive, read and fact-check Bluesky threads",
		Long: `skyarchive archives an account's posts from its signed repository, puts its
numbered threads together again, and tags the claims in them for review.

A first session:
  skyarchive fetch louwelgryn.bsky.social
  skyarchive threads
  skyarchive claims --topic water
  skyarchive export louwelgryn.bsky.social -o notes/

Without a network, see what it does on a sample account:
  skyarchive demo
` + statusHelp,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			if err := a.fromEnv(cmd); err != nil {
				return err
			}
			a.started = true
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.AddGroup(
		&cobra.Group{ID: groupArchive, Title: "Archive:"},
		&cobra.Group{ID: groupRead, Title: "Read:"},
		&cobra.Group{ID: groupReview, Title: "Review:"},
		&cobra.Group{ID: groupShare, Title: "Share:"},
	)
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVar(&a.db, "db", "", "the archive's file (SKYARCHIVE_DB; default ./skyarchive.db if it exists, else in your data folder)")
	f.BoolVar(&a.json, "json", false, "write one JSON object a line, errors too")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no messages but errors (for cron)")
	f.CountVarP(&a.verbose, "verbose", "v", "say more on standard error; -vv for everything")
	f.StringVar(&a.zone, "tz", "", "time zone of dates, like Europe/Paris (SKYARCHIVE_TZ; default: this computer's, UTC with --json)")
	f.StringVar(&a.topics, "taxonomy", "", "YAML `file` that adds to the topics (SKYARCHIVE_TAXONOMY); skyarchive topics check FILE checks it")
	f.StringVar(&a.labels, "labels", "", "YAML `file` with your own labels of verdicts, like mixed: {fr: …, en: …} (SKYARCHIVE_LABELS)")
	f.StringVar(&a.plc, "plc", "", "PLC directory (SKYARCHIVE_PLC; default https://plc.directory)")
	f.StringVar(&a.resolver, "resolver", "", "server that resolves handles (SKYARCHIVE_RESOLVER; default https://public.api.bsky.app)")
	f.StringVar(&a.appView, "appview", "", "AppView (SKYARCHIVE_APPVIEW; default https://public.api.bsky.app)")
	f.BoolVar(&a.allowPrivate, "allow-private", false, "allow servers at private and loopback addresses (SKYARCHIVE_ALLOW_PRIVATE=1)")
	f.StringVar(&a.contact, "contact", "", "your e-mail or page, sent to servers in the User-Agent (SKYARCHIVE_CONTACT)")

	root.AddCommand(
		newFetchCommand(a), newImportCommand(a), newAccountsCommand(a), newVerifyCommand(a), newDoctorCommand(a), newRetagCommand(a), newForgetCommand(a), newBackupCommand(a), newStatsCommand(a),
		newThreadsCommand(a), newThreadCommand(a), newSearchCommand(a), newChangesCommand(a),
		newClaimsCommand(a), newReviewsCommand(a), newSourcesCommand(a), newTopicsCommand(a),
		newExportCommand(a), newProveCommand(a),
		newAnalyzeCommand(a), newDemoCommand(a), newVersionCommand(a),
	)
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "help" {
			cmd.Args = func(_ *cobra.Command, names []string) error {
				if found, _, _ := root.Find(names); found == root && len(names) > 0 {
					return fmt.Errorf("unknown command %q for %q", names[0], root.Name())
				}
				return nil
			}
		}
	}
	return root
}

// fromEnv fills the settings that no flag gave from their environment twins.
func (a *app) fromEnv(cmd *cobra.Command) error {
	for flag, name := range map[string]string{
		"tz": "SKYARCHIVE_TZ", "plc": "SKYARCHIVE_PLC", "resolver": "SKYARCHIVE_RESOLVER",
		"appview": "SKYARCHIVE_APPVIEW", "contact": "SKYARCHIVE_CONTACT", "labels": "SKYARCHIVE_LABELS",
		"taxonomy": "SKYARCHIVE_TAXONOMY",
	} {
		if value := a.Env(name); value != "" && !cmd.Flags().Changed(flag) {
			if err := cmd.Flags().Lookup(flag).Value.Set(value); err != nil { // it stays one that was not typed
				return usagef("%s: %w", name, err)
			}
		}
	}
	if value := a.Env("SKYARCHIVE_ALLOW_PRIVATE"); value != "" && !cmd.Flags().Changed("allow-private") {
		on, err := strconv.ParseBool(value)
		if err != nil {
			return usagef("SKYARCHIVE_ALLOW_PRIVATE=%s: write 1 or 0", value)
		}
		a.allowPrivate = on
	}
	if err := errors.Join(a.readTaxonomy(), a.readLabels()); err != nil {
		return err
	}
	_, err := a.location()
	return err
}
