package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/pds"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// A hostUse is how much is asked of one server at a time, and how often it gave no answer.
type hostUse struct {
	slots  chan struct{}
	silent int
}

// host waits until a server may be asked. It returns nil where the server stopped
// answering.
func (x *contexts) host(ctx context.Context, name string) (leave func(answered bool), err error) {
	x.mu.Lock()
	use := x.hosts[name]
	if use == nil {
		use = &hostUse{slots: make(chan struct{}, contextPerHost)}
		x.hosts[name] = use
	}
	x.mu.Unlock()
	select {
	case use.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if use.silent >= contextPatience {
		<-use.slots
		return nil, nil
	}
	return func(answered bool) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if use.silent++; answered {
			use.silent = 0
		}
		<-use.slots
	}, nil
}

// ownServer asks the author's server for a post with its proof. The state stays
// unavailable where that settles nothing; an error ends the run.
func (x *contexts) ownServer(ctx context.Context, id identity.Identity, c *store.Context) error {
	if id.PDS == "" || id.Key == "" {
		c.Why = "its author's DID document names no server or no key"
		return nil
	}
	leave, err := x.host(ctx, id.PDS)
	if err != nil {
		return err
	}
	if leave == nil {
		c.Why = "not asked for: its author's server had stopped answering"
		return nil
	}
	client := &pds.Client{HTTP: x.HTTP, Host: id.PDS}
	path := atproto.PathOf(c.URI)
	car, err := client.Record(ctx, id.DID, path)
	leave(!errors.Is(err, pds.ErrUnavailable))
	var gone *pds.GoneError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &gone):
		c.State, c.At, c.Host, c.Why = store.ContextAccountGone, x.Now().UTC(), client.Host, gone.Error()
		return nil
	case err != nil:
		c.Why = err.Error()
		return nil
	}
	if err := x.prove(ctx, id, car, c); err != nil {
		x.Log.Warn("a post by somebody else does not verify; the AppView is asked", "post", c.URI, "err", err)
		c.Why = fmt.Sprintf("the proof of its author's server does not hold: %v", err)
	}
	return nil
}

// CheckContext checks, offline, the proof that is kept with a post by somebody else.
func CheckContext(ctx context.Context, c store.Context) error {
	_, err := provedRev(ctx, c)
	return err
}

// provedRev is the revision of the signed state in which a post by somebody else stood, by the
// proof that is kept with it.
func provedRev(ctx context.Context, c store.Context) (rev string, err error) {
	key, err := atcrypto.ParsePublicDIDKey(c.Key)
	if err != nil {
		return "", err
	}
	proved, err := repo.CheckProof(ctx, repo.Source{R: bytes.NewReader(c.Proof), Size: int64(len(c.Proof))}, c.Author(), key, atproto.PathOf(c.URI))
	switch {
	case err != nil:
		return "", err
	case proved.CID.String() != c.CID || !bytes.Equal(proved.Record, c.Record):
		return "", errors.New("its proof is one of other words")
	}
	return string(proved.Commit.Rev), nil
}

// prove checks a proof and takes what it shows.
func (x *contexts) prove(ctx context.Context, id identity.Identity, car []byte, c *store.Context) error {
	key, err := atcrypto.ParsePublicDIDKey(id.Key)
	if err != nil {
		return err
	}
	path := atproto.PathOf(c.URI)
	proved, err := repo.CheckProof(ctx, repo.Source{R: bytes.NewReader(car), Size: int64(len(car))}, id.DID, key, path)
	if err != nil {
		return err
	}
	now := x.Now().UTC()
	if proved.CID.IsZero() {
		c.State, c.At, c.Host, c.Why = store.ContextDeleted, now, id.PDS, "its author's signed repository does not hold it"
		return nil
	}
	if proved.Record == nil {
		return errors.New("it lacks the record")
	}
	post, err := atproto.DecodePost(atproto.Ref{URI: c.URI, CID: proved.CID.String()}, proved.Record)
	if err != nil {
		return err
	}
	c.Post, c.Record, c.Proof, c.Key = post, proved.Record, car, id.Key
	c.Signature, c.From, c.Seen = atproto.SignatureValid, id.PDS, now
	c.State, c.At, c.Host, c.Why = store.ContextFound, now, id.PDS, ""
	return nil
}
