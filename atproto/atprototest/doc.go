// Package atprototest is a network in miniature: a directory, a server with repositories
// and an AppView, on one loopback port, with real keys, signatures and trees. Tests run
// against it, and so does the demonstration, so that what is shown there is what happens.
//
// A program is pointed at it by its settings: the addresses of the directory, of the
// handle resolver and of the AppView are all [Network.URL], and DID documents name it as
// the accounts' server. Handles are invented, like lou.test.
//
// It behaves as the reference servers were seen to behave, in the order of blocks, in what
// an export since a revision leaves out, in its error bodies and rate limits. And it can be
// told to misbehave: see [Account.Break]. Everything in it is deterministic: accounts have
// the same DIDs, records the same CIDs in every run, and time passes only when something
// is written.
//
// A network can be described in a text, one command a line; [Network.Do] lists them.
//
//	account lou.test name="Lou Martin"
//	post lou.test "L'eau des centres de données, 1/2" as=a1
//	post lou.test "2/2 …" as=a2 reply=a1
//	delete lou.test a2
package atprototest
