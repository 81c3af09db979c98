// Package identity finds out who an account is now: from a handle or a DID to the DID
// document, confirmed in both directions, and from there to the server and the signing
// key.
//
// Nothing is cached: an archive that records when an account was renamed or moved must not
// be told yesterday's answer. Parsing of documents and keys, DNS and well-known addresses
// are indigo's. What is done here is to ask the places in turn, and to tell "there is no
// such account" from "nobody could be asked": indigo's own chain reports a mistyped handle
// under bsky.social as an unsupported DID method.
package identity
