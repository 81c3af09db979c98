// Package store is the contract of an archive: what it keeps and gives back. It knows no
// driver; store/sqlite is the embedded default and storetest checks the promises made here
// on any backend.
//
// # Three kinds of things
//
// Evidence is kept as received and never changed: states (signed commits) with the
// manifest of every collection, the bytes of posts, identity documents, audit logs. Derived
// things (posts, passages, claims, threads, the index) can be rebuilt from evidence at any
// time and say by which version they were made. What people decided is neither: it is
// appended, never rewritten, and survives every rebuild. Only [Writer.Forget] takes words
// out, of all three kinds; what it leaves is enough to verify the rest.
//
// # What makes it portable
//
// Everything is keyed by DID, so an account can live on any shard; no transaction spans two
// accounts; no row id leaves the store. A query is a parsed expression, not a backend's
// syntax. No call is made inside a range over a query, because a server's connection cannot
// do it: Collect first.
//
// # States and manifests
//
// States are ordered by (rev, commit CID), whatever order they were seen in. The manifest of
// a state is encoded as its changes against the state before it, so history is one list: a
// path's versions are the states that changed it. Inserting a state between two others
// rewrites the follower's changes, which touches only paths that either of them changed.
// When we saw a state is kept apart from that order.
package store
