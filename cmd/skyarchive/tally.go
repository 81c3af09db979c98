package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store/search"
)

// A tally reports several accounts or files, one after the other, and how all went.
type tally struct {
	*app
	what   string // "accounts" or "files"
	all    int
	failed int
	first  error
	good   string // an account that went well

	posts, threads, claims bool // some account has them
}

// outcomeLine is what --json prints of one account.
type outcomeLine struct {
	Name       string            `json:"name"`
	Outcome    archive.Outcome   `json:"outcome"` // new, updated, unchanged, gone, failed
	DID        string            `json:"did,omitempty"`
	Handle     string            `json:"handle,omitempty"`
	Rev        string            `json:"rev,omitempty"`
	Signature  atproto.Signature `json:"signature,omitempty"`
	Records    int               `json:"records"`
	Posts      int               `json:"posts"`
	Threads    int               `json:"threads"`
	Claims     int               `json:"claims"`
	New        int               `json:"new"`
	Edited     int               `json:"edited"`
	Overtaken  int               `json:"claims_judged_before_an_edit,omitempty"`
	Deleted    int               `json:"deleted"`
	Recovered  int               `json:"recovered"`
	Missing    int               `json:"missing"`
	Unreadable int               `json:"unreadable"`
	Bytes      int64             `json:"downloaded_bytes"`
	Topics     map[string]int    `json:"claims_by_topic,omitempty"`
	Notes      []string          `json:"notes"`
	Changes    []string          `json:"changes"`
	Media      *mediaLine        `json:"media,omitempty"`
	Context    *contextLine      `json:"context,omitempty"`
	Code       int               `json:"code"`
	Message    string            `json:"message,omitempty"`
}

// add reports one account. Errors of the archive itself, and wrong usage, end the run.
func (t *tally) add(name string, rep archive.Report, err error) error {
	if err != nil {
		code := exitCode(context.Background(), err)
		if t.all == 1 || code == exitArchive {
			return fmt.Errorf("%w", err)
		}
		t.failed++
		if t.first == nil {
			t.first = err
		}
	} else {
		t.good = rep.Account.Name()
		t.posts, t.threads, t.claims = t.posts || rep.Posts > 0, t.threads || rep.Threads > 0, t.claims || rep.Claims > 0
	}
	if t.json {
		return term.JSONLine(t.stdout, newOutcomeLine(name, rep, err))
	}
	if err != nil {
		fmt.Fprintf(t.stderr, "%s: %v\n", name, err)
		return nil
	}
	if t.quiet {
		return nil
	}
	return t.write(rep)
}

func newOutcomeLine(name string, rep archive.Report, err error) outcomeLine {
	line := outcomeLine{
		Name: name, Outcome: rep.Outcome, DID: string(rep.Account.DID), Handle: string(rep.Account.Handle), Rev: rep.Rev, Signature: rep.Signature,
		Records: rep.Records, Posts: rep.Posts, Threads: rep.Threads, Claims: rep.Claims, New: rep.New, Edited: rep.Edited, Overtaken: rep.Overtaken, Deleted: rep.Deleted, Recovered: rep.Recovered,
		Missing: rep.Missing, Unreadable: rep.Unreadable, Bytes: rep.Downloaded, Topics: map[string]int{}, Notes: rep.Notes, Changes: rep.Changes,
	}
	line.Media, line.Context = newMediaLine(rep.Media), newContextLine(rep.Context)
	for _, c := range rep.Topics {
		line.Topics[c.Topic] = c.Claims
	}
	if err != nil {
		line.Outcome, line.Code, line.Message = "failed", exitCode(context.Background(), err), err.Error()
	}
	return line
}

// write says in a line what an account brought, and below it what a reader should know.
func (t *tally) write(rep archive.Report) error {
	var b strings.Builder
	name := rep.Account.Mention()
	switch rep.Outcome {
	case archive.Unchanged:
		fmt.Fprintf(&b, "%s: nothing new · %s, %s, %s\n", name, count(rep.Posts, "post"), count(rep.Threads, "thread"), count(rep.Claims, "claim"))
	case archive.StillGone:
		fmt.Fprintf(&b, "%s: still %s; %s kept\n", name, goneText(rep.Account.Status), count(rep.Posts, "post"))
	default:
		var news []string
		for _, n := range []struct {
			n    int
			what string
		}{{rep.New, "new"}, {rep.Edited, "edited"}, {rep.Deleted, "deleted"}, {rep.Recovered, "deleted since and kept"}} {
			if n.n > 0 {
				news = append(news, fmt.Sprintf("%d %s", n.n, n.what))
			}
		}
		switch {
		case len(news) > 0:
		case rep.Outcome == archive.Added:
			news = append(news, "the account is new here")
		default:
			news = append(news, "no change")
		}
		fmt.Fprintf(&b, "%s: %s (%s), %s, %s · signature: %s\n", name, count(rep.Posts, "post"), strings.Join(news, ", "),
			count(rep.Threads, "thread"), count(rep.Claims, "claim"), rep.Signature)
	}
	if t.all == 1 && len(rep.Topics) > 0 {
		var topics []string
		for _, c := range rep.Topics {
			topics = append(topics, fmt.Sprintf("%s %d", cmp.Or(c.Topic, noTopic), c.Claims))
		}
		label := "claims by topic: "
		if !rep.ReadAll && rep.Outcome == archive.Updated {
			label = "claims in what is new, by topic: "
		}
		for i, line := range term.Wrap(label+strings.Join(topics, ", "), t.columns()-4) {
			fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", 2+2*min(i, 1)), line)
		}
	}
	for _, s := range append(rep.Changes, rep.Notes...) {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	if rep.Overtaken > 0 {
		fmt.Fprintf(&b, "  %s judged before the words were edited: %s\n", count(rep.Overtaken, "claim"), t.asGiven("skyarchive claims --status "+search.Edited))
	}
	if rep.Media != nil {
		fmt.Fprintf(&b, "  %s\n", mediaText(rep.Media))
	}
	if rep.Context != nil {
		fmt.Fprintf(&b, "  %s\n", contextText(rep.Context))
	}
	if rep.Missing > 0 {
		fmt.Fprintf(&b, "  %s: the server named them and could not give their bytes; the next fetch asks again\n", count(rep.Missing, "missing post"))
	}
	if rep.Unreadable > 0 {
		fmt.Fprintf(&b, "  %s kept as bytes: not readable as a post\n", count(rep.Unreadable, "record"))
	}
	_, err := io.WriteString(t.stdout, b.String())
	return err
}

// end says how all went and what to do next.
func (t *tally) end() error {
	if t.failed > 0 {
		return partial{t.failed, t.all, t.first, t.what}
	}
	var next []string
	for _, n := range []struct {
		there   bool
		command string
	}{{t.threads, "threads"}, {t.claims, "claims"}, {!t.threads && !t.claims && t.posts, "search WORDS"}} {
		if n.there {
			next = append(next, "skyarchive "+n.command)
		}
	}
	if len(next) > 0 {
		t.say("next: %s", strings.Join(next, ", or "))
	}
	return nil
}

// A bar is one line on standard error that says what is being done, on a terminal only.
type bar struct {
	app   *app
	name  string
	on    bool
	mu    sync.Mutex
	last  time.Time
	drawn bool
}

func (a *app) progress(name string) *bar {
	a.drawn = &bar{app: a, name: name, on: !a.quiet && !a.json && term.IsTerminal(a.stderr)}
	return a.drawn
}

func (b *bar) show(stage string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.on || time.Since(b.last) < 100*time.Millisecond && b.drawn && done > 0 {
		return
	}
	b.last, b.drawn = time.Now(), true
	far := ""
	switch {
	case total > 0 && done > 0:
		far = fmt.Sprintf(" %d %%", done*100/total)
	case stage == "downloading" && done > 0:
		far = fmt.Sprintf(" %.1f MB", float64(done)/1e6)
	}
	fmt.Fprintf(term.Raw(b.app.stderr), "\r\x1b[K%s", term.Cut(b.name+": "+stage+far, term.Columns(b.app.stderr)-1))
}

func (b *bar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(term.Raw(b.app.stderr), "\r\x1b[K")
		b.drawn = false
	}
}
