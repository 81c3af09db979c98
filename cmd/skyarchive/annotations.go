package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newClaimAnnotationsCommand(a *app) *cobra.Command {
	var as string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "annotations <file>",
		Short: "Read back what people marked in Label Studio",
		Long: `Read what people marked in Label Studio, in tasks that skyarchive export --format
labelstudio wrote. Export the project there as JSON and give the file here, or - for
standard input.

A passage that nobody had marked becomes a claim in the annotator's name. Of a claim
that is known, other topics, another kind or stance, and other bounds become
corrections. A claim that an annotator took away stays: whether it is none is a
judgement (skyarchive claims review ID --dismiss not-a-claim). One annotation that
cannot be taken stops all of it, and a file that was read before adds nothing.
` + statusHelp,
		Example: `  skyarchive export --format labelstudio --topic water -o tasks/
  skyarchive claims annotations project-1.json --dry-run
  skyarchive claims annotations project-1.json --as carla`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return annotations(cmd.Context(), a, args[0], as, dryRun)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "in whose name, whatever annotators the file names")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written, and write nothing")
	return cmd
}

// An annotationLine is what one annotation comes to; --json prints it.
type annotationLine struct {
	Post     syntax.ATURI          `json:"post"`
	Claim    string                `json:"claim"`
	Decision analysis.DecisionKind `json:"decision"`
	Topics   []string              `json:"topics,omitempty"` // of a claim that was marked
	Add      []string              `json:"add,omitempty"`
	Remove   []string              `json:"remove,omitempty"`
	Kind     analysis.Kind         `json:"kind,omitempty"`
	Stance   analysis.Stance       `json:"stance,omitempty"`
	Text     string                `json:"text"`
	Was      string                `json:"was,omitempty"` // the words of the claim until now, if they were others
	By       string                `json:"by"`
	At       time.Time             `json:"at"`
}

var errDryRun = errors.New("dry run")

// annotations writes down what a file of Label Studio says of claims, all of it or nothing.
func annotations(ctx context.Context, a *app, name, as string, dryRun bool) error {
	raw, err := a.readAll(name)
	if err != nil {
		return err
	}
	list, err := export.ReadAnnotations(bytes.NewReader(raw))
	if err != nil {
		return usagef("%s: %w", name, err)
	}
	for i := range list {
		if as != "" || list[i].By == "" {
			if list[i].By, err = a.reviewer(as); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(list, func(a, b export.Annotation) int { return a.At.Compare(b.At) })
	t := annotationTaker{app: a, known: map[annotationKey]bool{}, loaded: map[annotator]bool{}}
	err = a.update(ctx, func(w store.Writer) error {
		t.w = w
		for _, one := range list {
			if err := t.take(ctx, one); err != nil {
				return err
			}
		}
		if len(t.problems) > 0 {
			return t.refuse(name)
		}
		if dryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	return t.write(name, dryRun)
}

// An annotationKey tells an annotation that was read before: who marked what, and when.
type annotationKey struct {
	annotator
	kind analysis.DecisionKind
	post syntax.ATURI
	analysis.Span
	at time.Time
}

type annotator struct {
	did syntax.DID
	by  string
}

// An annotationTaker turns annotations into decisions, the oldest first, each against the
// claims as those before it left them.
type annotationTaker struct {
	*app
	w         store.Writer
	loaded    map[annotator]bool
	known     map[annotationKey]bool
	lines     []annotationLine
	unchanged int
	moved     []string // annotations whose words are no longer in their post
	problems  []string
	absent    bool // a problem is a post that is not here
}

func (t *annotationTaker) take(ctx context.Context, one export.Annotation) error {
	post, err := t.w.Post(ctx, one.Post)
	switch {
	case errors.Is(err, store.ErrNotFound):
		t.absent = true
		t.problems = append(t.problems, fmt.Sprintf("post %s is not in this archive", one.Post))
		return nil
	case err != nil:
		return err
	}
	if problem := t.unknown(one); problem != "" {
		t.problems = append(t.problems, fmt.Sprintf("post %s, « %s »: %s", one.Post, one.Text, problem))
		return nil
	}
	if !strings.Contains(post.Text, one.Text) {
		t.moved = append(t.moved, fmt.Sprintf("%s no longer says « %s »", webURL(post.URI), one.Text))
		return nil
	}
	if err := t.load(ctx, annotator{post.Author(), one.By}); err != nil {
		return err
	}
	before := len(t.lines)
	if err := t.compare(ctx, post, one); err != nil {
		return err
	}
	if len(t.lines) == before {
		t.unchanged++
	}
	return nil
}

// unknown says what of an annotation means nothing here, "" if all of it does.
func (t *annotationTaker) unknown(one export.Annotation) string {
	for _, slug := range one.Topics {
		if _, ok := t.taxonomy().Topic(slug); !ok {
			return fmt.Sprintf("no topic %q; skyarchive topics lists them, --taxonomy adds yours", slug)
		}
	}
	if one.Kind != "" && !slices.Contains(export.Kinds(), one.Kind) {
		return fmt.Sprintf("no kind %q", one.Kind)
	}
	if one.Stance != "" && !slices.Contains(export.Stances(), one.Stance) {
		return fmt.Sprintf("no stance %q", one.Stance)
	}
	return ""
}

// load reads once what somebody marked or corrected before.
func (t *annotationTaker) load(ctx context.Context, who annotator) error {
	if t.loaded[who] {
		return nil
	}
	t.loaded[who] = true
	kinds := []analysis.DecisionKind{analysis.DecidedAddClaim, analysis.DecidedTag, analysis.DecidedBounds}
	for d, err := range t.w.Decisions(ctx, store.DecisionQuery{DID: who.did, By: who.by, Kinds: kinds}) {
		if err != nil {
			return err
		}
		about := d.About()
		t.known[annotationKey{who, d.Kind, about.Post, about.Span, d.At.UTC()}] = true
	}
	return nil
}

// compare writes down how an annotation differs from what is known of its words.
func (t *annotationTaker) compare(ctx context.Context, post store.Post, one export.Annotation) error {
	found, kept, err := t.find(ctx, post, one)
	if err != nil {
		return err
	}
	mark := analysis.Marking{Post: one.Post, CID: one.CID, Span: one.Span, Text: one.Text, Kind: one.Kind, Stance: one.Stance}
	switch {
	case found == nil, !found.Claim.CheckWorthy, !kept && markedByPerson(found.Claim):
		mark.Topics = one.Topics
		if err := t.decide(ctx, one, analysis.DecidedAddClaim, string(one.Post), annotationLine{Topics: one.Topics}, mark); err != nil {
			return err
		}
		if found, kept, err = t.find(ctx, post, one); err != nil || found == nil {
			return err
		}
	default:
		if mark.Kind == found.Claim.Kind {
			mark.Kind = ""
		}
		if mark.Stance == found.Claim.Stance {
			mark.Stance = ""
		}
		if found.Text == one.Text && mark.Kind == "" && mark.Stance == "" {
			break
		}
		line := annotationLine{Kind: mark.Kind, Stance: mark.Stance}
		if found.Text != one.Text {
			line.Was = found.Text
		}
		if err := t.decide(ctx, one, analysis.DecidedBounds, found.Claim.ID, line, mark); err != nil {
			return err
		}
	}
	if len(one.Topics) == 0 && !kept {
		return nil // a new mark without topics says nothing of them
	}
	var have []string
	for _, topic := range found.Topics {
		have = append(have, topic.Topic)
	}
	add, remove := without(one.Topics, have), without(have, one.Topics)
	if len(add)+len(remove) == 0 {
		return nil
	}
	tags := analysis.Tagging{Add: add, Remove: remove, Post: one.Post, Span: one.Span, Text: one.Text}
	return t.decide(ctx, one, analysis.DecidedTag, found.Claim.ID, annotationLine{Add: add, Remove: remove}, tags)
}

// find is the claim that an annotation speaks of, nil if there is none, and whether it is
// one of those that were exported with the task.
func (t *annotationTaker) find(ctx context.Context, post store.Post, one export.Annotation) (found *analysis.Passage, kept bool, err error) {
	read, err := t.w.Analysis(ctx, post.URI)
	if err != nil {
		return nil, false, err
	}
	for i, p := range read.Passages {
		switch {
		case p.Claim == nil:
		case p.Claim.ID == one.Region:
			return &read.Passages[i], true, nil
		case p.Span == one.Span && one.CID == post.CID, p.Text == one.Text && one.CID != post.CID:
			found = &read.Passages[i]
		}
	}
	return found, false, nil
}

// decide appends a decision in the annotator's name and at their time, unless it is known.
func (t *annotationTaker) decide(ctx context.Context, one export.Annotation, kind analysis.DecisionKind, subject string, line annotationLine, body any) error {
	who := annotator{syntax.DID(one.Post.Authority()), one.By}
	at := one.At
	if at.IsZero() {
		at = t.now().UTC()
	}
	key := annotationKey{who, kind, one.Post, one.Span, at}
	if t.known[key] {
		return nil
	}
	d, err := analysis.NewDecision(kind, who.did, subject, one.By, at, body)
	if err != nil {
		return err
	}
	added, err := t.w.AddDecision(ctx, d)
	if err != nil || !added {
		return err
	}
	t.known[key] = true
	line.Post, line.Claim, line.Decision, line.Text, line.By, line.At = one.Post, subject, kind, one.Text, one.By, at
	t.lines = append(t.lines, line)
	return nil
}

func markedByPerson(c *analysis.Claim) bool {
	return slices.ContainsFunc(c.Why, func(why string) bool { return strings.HasPrefix(why, "marked by ") })
}

// without is what of a list is not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func (t *annotationTaker) refuse(name string) error {
	const most = 20
	list := t.problems
	if len(list) > most {
		list = append(slices.Clone(list[:most]), fmt.Sprintf("and %d more", len(t.problems)-most))
	}
	err := usagef("%s: %s", name, strings.Join(list, "\n  "))
	if t.absent {
		err = absent{err}
	}
	return hinted{err, "nothing was written"}
}

func (t *annotationTaker) write(name string, dryRun bool) error {
	count := map[analysis.DecisionKind]int{}
	for _, l := range t.lines {
		count[l.Decision]++
		if t.json {
			if err := term.JSONLine(t.stdout, l); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintln(t.stdout, term.Cut(l.String(), t.columns())); err != nil {
			return err
		}
	}
	for _, moved := range t.moved {
		t.say("left out: %s", moved)
	}
	done := "written"
	if dryRun {
		done = "to be written; nothing was, since this is a dry run"
	}
	t.say("%s: %d marked as claims, %d with other topics, %d with other bounds, kind or stance %s; %d unchanged",
		name, count[analysis.DecidedAddClaim], count[analysis.DecidedTag], count[analysis.DecidedBounds], done, t.unchanged)
	return nil
}

// String is an annotation in a line for people.
func (l annotationLine) String() string {
	what := l.Claim + ":"
	if l.Decision == analysis.DecidedAddClaim {
		what = "marked as a claim"
	}
	for _, slug := range slices.Concat(l.Topics, l.Add) {
		what += " +" + slug
	}
	for _, slug := range l.Remove {
		what += " -" + slug
	}
	if l.Kind != "" {
		what += " kind " + string(l.Kind)
	}
	if l.Stance != "" {
		what += " stance " + string(l.Stance)
	}
	if l.Was != "" {
		what += " other bounds"
	}
	return fmt.Sprintf("%s, by %s: « %s »", what, l.By, l.Text)
}
