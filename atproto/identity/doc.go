// Package identity finds out who an account is now: from a handle or a DID to the DID
// document, confirmed in both directions, and from there to the server and the signing
// key.
//
// Nothing is cached: an archive that records when an account was renamed or moved must not
// be told yesterday's answer. Identifiers and keys are indigo's. Its identity package is
// not used: its chain of places reports a mistyped handle under bsky.social as an
// unsupported DID method, where "there is no such account" must be told from "nobody could
// be asked"; it refuses a whole document for one foreign entry, such as a service whose
// address is an object; and it links Prometheus and Protocol Buffers, which each start of
// the program would pay for. A test holds the two against each other.
package identity
