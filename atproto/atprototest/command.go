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
