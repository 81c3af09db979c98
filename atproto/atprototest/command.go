package atprototest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// Load starts a network and runs the commands of a text, one a line, as [Network.Do] does.
func Load(r io.Reader) (*Network, error) {
	n, err := Start(Options{})
	if err != nil {
		return nil, err
	}
	if err := n.Load(r); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// Load runs the commands of a text on a running network. Empty lines and lines that begin with # are passed over.
func (n *Network) Load(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := n.Do(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return lines.Err()
}

// Do runs one command. Words are separated by spaces; "…" is a Go string, in which \n is a
// line break, and `…` one without escapes. Records are named by an alias that was given with as=, by path or by AT URI.
//
//	account HANDLE [curve=p256] [web] [name="…"] [bio="…"] [labels=a,b]
//	profile HANDLE [name="…"] [bio="…"] [labels=a,b]
//	post HANDLE "text" [as=ALIAS] [reply=R] [root=R] [quote=R] [image="alt"]… [at=TIME] [key=KEY]
//	     [card=URL title="…" description="…" thumb="…"] [lang=fr,en] [plain] [likes=N] [reposts=N]
//	     [created="as written"]
//	put HANDLE PATH `{JSON}` [as=ALIAS]
//	edit HANDLE R "text"
//	delete HANDLE R…
//	many HANDLE N [batch=N]          N posts about water, power and oil, a third of them in threads
//	begin HANDLE / end HANDLE        everything in between is one commit
//	status HANDLE active|deactivated|takendown|suspended|deleted
//	rename HANDLE NEW-HANDLE
//	rotate HANDLE                    another signing key; the next commit uses it
//	recover HANDLE                   the newest operation in the directory is nullified
//	tombstone HANDLE
//	rollback HANDLE [COMMITS]
//	fork HANDLE                      another commit with the revision of the newest
//	break HANDLE KIND [on=METHOD] [times=N] [after=N] [wait=DURATION] [who=HANDLE] [record=R]
//	mend HANDLE
//	time TIME                        later commands happen after it
//
// The kinds of break are cut-between-blocks, cut-inside-block, cut-connection, flip-bit,
// wrong-signature, other-account, missing-record, busy, header-only, not-a-car, slow, hang
// (of getRepo), unknown-method (of getRepoStatus), wrong-bytes (of getBlob), garbage (of the
// DID document), and for any method silent, too-many, unavailable, 500 and not-found.
// METHOD is the last word of an XRPC method, document, or log.
func (n *Network) Do(command string) error {
	words, err := split(command)
	if err == nil {
		err = n.Exec(words...)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// Exec is Do for a command that is cut into words already.
func (n *Network) Exec(words ...string) error {
	if len(words) == 0 {
		return nil
	}
	before := n.takeErr()
	err := n.do(words[0], words[1:])
	err = errors.Join(err, n.takeErr())
	n.mu.Lock()
	n.err = before
	n.mu.Unlock()
	return err
}

func (n *Network) takeErr() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	err := n.err
	n.err = nil
	return err
}

// split cuts a command into words.
func split(command string) (words []string, err error) {
	word, open := "", false
	for i := 0; i < len(command); {
		switch command[i] {
		case ' ', '\t':
			if open {
				words = append(words, word)
			}
			word, open = "", false
			i++
		case '"', '`':
			quoted, err := strconv.QuotedPrefix(command[i:])
			if err != nil {
				return nil, errors.New("a quotation mark has no partner")
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			word, open = word+text, true
			i += len(quoted)
		default:
			word, open = word+command[i:i+1], true
			i++
		}
	}
	if open {
		words = append(words, word)
	}
	return words, nil
}

var errWords = errors.New("not enough words")

func (n *Network) do(verb string, words []string) error {
	if len(words) == 0 {
		return errWords
	}
	if verb == "time" {
		at, err := time.Parse(time.RFC3339, words[0])
		if err != nil {
			return err
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.tick(at)
		return nil
	}
	handle, words := words[0], words[1:]
	if verb == "account" {
		return n.doAccount(handle, words)
	}
	a := n.Find(handle)
	if a == nil {
		return fmt.Errorf("there is no account %s", handle)
	}
	switch verb {
	case "rotate":
		a.RotateKey()
	case "recover":
		a.Recover()
	case "tombstone":
		a.Tombstone()
	case "fork":
		a.Fork()
	case "mend":
		a.Mend()
	case "begin":
		a.do("begin batch of", func() error { a.batching = true; return nil })
	case "end":
		a.do("end batch of", a.endBatch)
	case "profile":
		return a.doProfile(words)
	case "rollback":
		if len(words) == 0 {
			words = []string{"1"}
		}
		count, err := strconv.Atoi(words[0])
		if err != nil {
			return err
		}
		a.Rollback(count)
	default:
		return a.doWith(verb, words)
	}
	return nil
}

// doWith runs the commands that need more words.
func (a *Account) doWith(verb string, words []string) error {
	if len(words) == 0 {
		return errWords
	}
	switch verb {
	case "post":
		return a.doPost(words[0], words[1:])
	case "put":
		return a.doPut(words)
	case "edit":
		if len(words) < 2 {
			return errWords
		}
		ref, err := a.network.ref(words[0])
		if err != nil {
			return err
		}
		a.network.name(words[0], a.Edit(ref, words[1]))
	case "delete":
		var refs []atproto.Ref
		for _, word := range words {
			ref, err := a.network.ref(word)
			if err != nil {
				ref.URI = atproto.Path(word).URI(a.did)
			}
			refs = append(refs, ref)
		}
		a.Delete(refs...)
	case "many":
		return a.doMany(words)
	case "status":
		a.SetStatus(atproto.Status(words[0]))
	case "rename":
		a.Rename(words[0])
	case "break":
		a.Break(words[0], words[1:]...)
	default:
		return fmt.Errorf("unknown command %q", verb)
	}
	return nil
}

func (n *Network) doAccount(handle string, words []string) error {
	var options []AccountOption
	var profile []string
	for _, word := range words {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "curve":
			options = append(options, Curve(value))
		case "web":
			options = append(options, Web())
		default:
			profile = append(profile, word)
		}
	}
	a := n.Account(handle, options...)
	if len(profile) == 0 {
		return nil
	}
	return a.doProfile(profile)
}

func (a *Account) doProfile(words []string) error {
	var name, bio string
	var labels []string
	for _, word := range words {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "name":
			name = value
		case "bio":
			bio = value
		case "labels":
			labels = strings.Split(value, ",")
		default:
			return fmt.Errorf("unknown option %q", word)
		}
	}
	a.Profile(name, bio, labels...)
	return nil
}

func (a *Account) doPost(text string, words []string) error {
	var (
		options        []PostOption
		likes, reposts int
		card           [4]string
	)
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		var ref atproto.Ref
		var err error
		switch key {
		case "reply", "root", "quote":
			ref, err = a.network.ref(value)
		case "likes":
			likes, err = strconv.Atoi(value)
		case "reposts":
			reposts, err = strconv.Atoi(value)
		}
		if err != nil {
			return err
		}
		switch key {
		case "as":
			options = append(options, Alias(value))
		case "reply":
			options = append(options, ReplyTo(ref))
		case "root":
			options = append(options, Root(ref))
		case "quote":
			options = append(options, Quote(ref))
		case "image":
			options = append(options, Image(value))
		case "at":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return err
			}
			options = append(options, At(at))
		case "created":
			options = append(options, Field("createdAt", value))
		case "key":
			options = append(options, Key(value))
		case "lang":
			options = append(options, Lang(strings.Split(value, ",")...))
		case "plain":
			options = append(options, Plain())
		case "card":
			card[0] = value
		case "title":
			card[1] = value
		case "description":
			card[2] = value
		case "thumb":
			card[3] = value
		case "likes", "reposts":
		default:
			return fmt.Errorf("unknown option %q", word)
		}
	}
	if card[0] != "" {
		options = append(options, Card(card[0], card[1], card[2], card[3]))
	}
	ref := a.Post(text, options...)
	if likes+reposts > 0 {
		a.network.Popular(ref, likes, reposts)
	}
	return nil
}

func (a *Account) doPut(words []string) error {
	if len(words) < 2 {
		return errWords
	}
	ref := a.Put(atproto.Path(words[0]), []byte(words[1]))
	for _, word := range words[2:] {
		alias, ok := strings.CutPrefix(word, "as=")
		if !ok {
			return fmt.Errorf("unknown option %q", word)
		}
		a.network.name(alias, ref)
	}
	return nil
}

func (a *Account) doMany(words []string) error {
	count, err := strconv.Atoi(words[0])
	if err != nil {
		return err
	}
	batch := 100
	for _, word := range words[1:] {
		value, ok := strings.CutPrefix(word, "batch=")
		if !ok {
			return fmt.Errorf("unknown option %q", word)
		}
		if batch, err = strconv.Atoi(value); err != nil || batch < 1 {
			return fmt.Errorf("%q is no size", value)
		}
	}
	a.Many(count, batch)
	return nil
}

// Many writes count posts, batch of them in a commit: of every nine, three are a numbered
// thread.
func (a *Account) Many(count, batch int) {
	var last atproto.Ref
	for done := 0; done < count; {
		a.Batch(func() {
			for range min(batch, count-done) {
				done++
				text, options := sentence(done), []PostOption(nil)
				if part := (done - 1) % 9; part < 3 {
					text = fmt.Sprintf("%d/3 %s", part+1, text)
					if part > 0 {
						options = append(options, ReplyTo(last))
					}
				}
				last = a.Post(text, options...)
			}
		})
	}
}

// sentence is the text of the post with this number.
func sentence(n int) string {
	switch n % 4 {
	case 0:
		return fmt.Sprintf("Relevé %d : le site a pompé %d litres d'eau cette nuit.", n, 100+n*7%900)
	case 1:
		return fmt.Sprintf("Note %d. On parle de %d %% de l'électricité du canton, sans dire laquelle.", n, 1+n%40)
	case 2:
		return fmt.Sprintf("Log %d: the port unloaded %d barrels of oil today, says the harbour office.", n, 1000+n*13%5000)
	}
	return fmt.Sprintf("Carnet %d, rien à compter aujourd'hui.", n)
}

// ref is the record that a word names: an alias or an AT URI.
func (n *Network) ref(word string) (atproto.Ref, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if ref, ok := n.names[word]; ok {
		return ref, nil
	}
	uri := syntax.ATURI(word)
	path := atproto.PathOf(uri)
	if path == "" {
		return atproto.Ref{}, fmt.Errorf("there is no record %q", word)
	}
	ref := atproto.Ref{URI: uri}
	if a := n.find(atproto.AuthorOf(uri)); a != nil {
		ref.CID = a.repo.records[path].cid.String()
	}
	if ref.CID == "" { // a record that is nowhere has a CID too
		ref.CID = atproto.CIDOf([]byte(word)).String()
	}
	return ref, nil
}

// name gives a record an alias.
func (n *Network) name(alias string, ref atproto.Ref) {
	if alias == "" || ref.IsZero() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names[alias] = ref
}
