package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// places asks where a handle leads: DNS, the handle's own web server, and at last a server
// that asks for us, because behind a proxy DNS may not be there, and because it may know an
// account that its server hides. It ends after an error, which means that the places that
// answered do not settle that the handle leads nowhere.
func (r *Resolver) places(ctx context.Context, handle syntax.Handle) iter.Seq2[syntax.DID, error] {
	return func(yield func(syntax.DID, error) bool) {
		var unsettled error
		for _, ask := range r.order(handle) {
			did, err := ask(ctx, handle)
			switch {
			case ctx.Err() != nil:
				yield("", context.Cause(ctx))
				return
			case err == nil:
				if !yield(did, nil) {
					return
				}
			case !final(err):
				unsettled = err
			}
			if final(err) && errors.Is(err, errAskedForUs) {
				return // it has asked the other places too
			}
		}
		if unsettled != nil {
			yield("", unsettled)
		}
	}
}

type place func(context.Context, syntax.Handle) (syntax.DID, error)

// order leaves out what cannot answer: names under bsky.social are not in DNS, and names
// under .test (RFC 6761) are known to nobody but the server that the user names.
func (r *Resolver) order(handle syntax.Handle) []place {
	switch {
	case handle.TLD() == "test":
		return []place{r.askServer}
	case strings.HasSuffix(string(handle), ".bsky.social"):
		return []place{r.askWeb, r.askServer}
	}
	return []place{r.askDNS, r.askWeb, r.askServer}
}

func (r *Resolver) askDNS(ctx context.Context, handle syntax.Handle) (syntax.DID, error) {
	lookup := r.LookupTXT
	if lookup == nil {
		lookup = net.DefaultResolver.LookupTXT
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	texts, err := lookup(ctx, "_atproto."+string(handle))
	if err != nil {
		// Without a network some systems say that there is no such name, so this is no answer
		// to build on. The places behind it are asked in any case.
		return "", &unavailableError{fmt.Errorf("ask DNS: %w", err)}
	}
	for _, text := range texts {
		if did, ok := strings.CutPrefix(text, "did="); ok {
			return parseDID(did, "DNS")
		}
	}
	return "", &NoAccountError{Name: string(handle)}
}

func (r *Resolver) askWeb(ctx context.Context, handle syntax.Handle) (syntax.DID, error) {
	raw, host, err := r.get(ctx, "https://"+string(handle)+"/.well-known/atproto-did", 2048)
	if err != nil {
		return "", notFound(err, string(handle))
	}
	return parseDID(strings.TrimSpace(string(raw)), host)
}

// errAskedForUs marks the answer of the server that asks all places.
var errAskedForUs = errors.New("asked for us")

func (r *Resolver) askServer(ctx context.Context, handle syntax.Handle) (syntax.DID, error) {
	address := base(r.HandleResolver, DefaultHandleResolver) +
		"/xrpc/com.atproto.identity.resolveHandle?handle=" + url.QueryEscape(string(handle))
	raw, host, err := r.get(ctx, address, maxDocument)
	var answer *answerError
	if errors.As(err, &answer) && answer.status == http.StatusBadRequest {
		return "", errors.Join(&NoAccountError{Name: string(handle)}, errAskedForUs)
	}
	if err != nil {
		return "", err
	}
	var found struct {
		DID string `json:"did"`
	}
	if err := json.Unmarshal(raw, &found); err != nil {
		return "", notJSON(host)
	}
	return parseDID(found.DID, host)
}

func parseDID(text, from string) (syntax.DID, error) {
	did, err := syntax.ParseDID(text)
	if err != nil {
		return "", fmt.Errorf("%s answers with something that is no DID", from)
	}
	return did, nil
}
