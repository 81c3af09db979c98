package analysis_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
)

const (
	subject  = syntax.DID("did:plc:rivierebasse22222222222")
	handle   = syntax.Handle("riviere.example.org")
	stranger = syntax.DID("did:plc:voisine2222222222222222")
)

// A scene is posts written one a line:
//
//	name@minutes >parent ^root =quoted flags "text"
//
// A name in capitals is another person's post. Flags: gone (deleted, references known),
// lost (deleted, references unknown), rootless, handle (refers by handle), key (its record
// key is no TID). The root is that of the parent unless it is given.
type scene struct {
	posts []scenePost
	uris  map[string]syntax.ATURI
	names map[syntax.ATURI]string
}

type scenePost struct {
	atproto.Post
	gone, forgotten bool
}

func read(t *testing.T, text string) *scene {
	t.Helper()
	s := &scene{uris: map[string]syntax.ATURI{}, names: map[syntax.ATURI]string{}}
	roots := map[string]string{}
	type draft struct {
		name, parent, root, quote, text string
		flags                           []string
	}
	var drafts []draft
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		head, quoted, _ := strings.Cut(strings.TrimSpace(line), `"`)
		words := strings.Fields(head)
		name, minutes, timed := strings.Cut(words[0], "@")
		d := draft{name: name, text: strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `\n`, "\n")}
		for _, w := range words[1:] {
			switch w[0] {
			case '>':
				d.parent = w[1:]
			case '^':
				d.root = w[1:]
			case '=':
				d.quote = w[1:]
			default:
				d.flags = append(d.flags, w)
			}
		}
		at, err := strconv.ParseFloat(minutes, 64)
		if timed && err != nil {
			t.Fatalf("line %d: %q is no time", i+1, minutes)
		}
		s.name(name, at, slices.Contains(d.flags, "key"))
		drafts = append(drafts, d)
	}
	for _, d := range drafts {
		if d.root == "" && d.parent != "" {
			d.root = d.parent
			if roots[d.parent] != "" {
				d.root = roots[d.parent]
			}
		}
		roots[d.name] = d.root
		p := scenePost{Post: atproto.Post{Ref: s.ref(d.name, false), Text: d.text}}
		p.CreatedAt = "2024-05-06T12:00:00Z"
		byHandle := slices.Contains(d.flags, "handle")
		if d.parent != "" || d.root != "" {
			p.Reply = &atproto.Reply{Root: s.ref(d.root, byHandle), Parent: s.ref(d.parent, byHandle)}
		}
		if d.quote != "" {
			p.Embed.Quote = s.ref(d.quote, byHandle)
		}
		for _, f := range d.flags {
			switch f {
			case "gone":
				p.gone = true
			case "forgotten":
				p.gone, p.forgotten = true, true
			case "lost":
				p.gone, p.Reply = true, nil
			case "rootless":
				p.Reply.Root = atproto.Ref{}
			}
		}
		s.posts = append(s.posts, p)
	}
	return s
}

// name makes the URI of a post; a post named only in references is at minute 0.
func (s *scene) name(name string, minutes float64, oddKey bool) syntax.ATURI {
	if uri := s.uris[name]; uri != "" {
		return uri
	}
	author := subject
	if strings.ToUpper(name) == name {
		author = stranger
	}
	at := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC).Add(time.Duration(minutes * float64(time.Minute)))
	key := atproto.TID(uint64(at.UnixMicro())<<10 | uint64(len(s.uris)))
	if oddKey {
		key = "key-" + name
	}
	uri := syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.post/%s", author, key))
	if strings.HasPrefix(name, "like:") {
		uri = syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.like/%s", author, key))
	}
	s.uris[name], s.names[uri] = uri, name
	return uri
}

func (s *scene) ref(name string, byHandle bool) atproto.Ref {
	if name == "" {
		return atproto.Ref{}
	}
	uri := s.name(name, 0, false)
	if byHandle {
		uri = syntax.ATURI(strings.Replace(string(uri), string(subject), "RIVIERE.example.org", 1))
	}
	return atproto.Ref{URI: uri, CID: "cid-" + name}
}

func (s *scene) assemble(decisions ...analysis.Decision) []analysis.Thread {
	a := analysis.NewAssembler(subject, handle)
	for i := range s.posts {
		if i == len(s.posts)/2 {
			a.Threads() // posts may come after the threads were asked for
		}
		p := &s.posts[i]
		switch {
		case p.forgotten:
			a.AddForgotten(p.URI, p.CID, p.Reply)
		case p.gone:
			a.AddDeleted(&p.Post)
		default:
			a.Add(&p.Post)
		}
	}
	if err := a.Correct(decisions); err != nil {
		panic(err)
	}
	return a.Threads()
}

// shown writes a thread as "a b c [1 - 3 of 3] missing 2, incomplete, beside: d e; f".
func (s *scene) shown(threads []analysis.Thread) string {
	var lines []string
	for _, t := range threads {
		line := s.list(t.Posts)
		if n := t.Numbering; n != nil {
			var numbers []string
			for _, k := range n.Numbers {
				if k == nil {
					numbers = append(numbers, "-")
				} else {
					numbers = append(numbers, strconv.Itoa(*k))
				}
			}
			line += " [" + strings.Join(numbers, " ")
			if n.Total != nil {
				line += fmt.Sprintf(" of %d", *n.Total)
			}
			line += "]"
			if len(n.Missing) > 0 {
				line += strings.ReplaceAll(fmt.Sprintf(" missing %v", n.Missing), "[", "")
				line = strings.TrimSuffix(line, "]")
			}
		}
		if !t.Complete {
			line += ", incomplete"
		}
		if len(t.Branches) > 0 {
			var branches []string
			for _, b := range t.Branches {
				branches = append(branches, s.list(b))
			}
			slices.Sort(branches)
			line += ", beside: " + strings.Join(branches, "; ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (s *scene) list(uris []syntax.ATURI) string {
	names := make([]string, len(uris))
	for i, uri := range uris {
		names[i] = s.names[uri]
	}
	return strings.Join(names, " ")
}
