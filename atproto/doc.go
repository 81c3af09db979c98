// Package atproto is the vocabulary of the network: what accounts, records and posts
// are, as the AT Protocol and Bluesky's lexicons say. It does no I/O.
//
// # What is signed, and what is only claimed
//
// An account's posts are records in its repository, a Merkle search tree whose root is
// signed with the account's key. That signature covers the bytes of every record and the
// key it is stored under; it covers nothing else. So the words, the reply references, the
// facets and embeds of a post are as signed as its createdAt, which is nevertheless only
// what the author's app claimed: it may be absent, absurd or wrong, and so may a record
// key, although it usually is a timestamp ([TIDTime]). Handles, profiles as shown by an
// AppView, counts and labels are statements of services, not part of any signature.
//
// # Reading leniently
//
// What comes from the network is input. [DecodePost] reads what it can of a record and
// never fails for one odd field: a langs that is a string, a facet with impossible
// offsets, an embed of an unknown type. Only bytes that are no DAG-CBOR map at all are an
// error. Nobody re-encodes a record: the bytes as signed are what is kept.
//
// # The subpackages
//
// cbor reads the encoding. repo reads and rebuilds a repository from bytes, without
// network. pds, appview and identity speak to the services, through the one transport of
// polite. plclog verifies the directory's log of an account. atprototest is a network
// on loopback with real keys and signatures, for tests and for the demonstration.
package atproto
