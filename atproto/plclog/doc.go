// Package plclog verifies, offline, what the directory of did:plc says of an account: its
// audit log, a chain of signed operations.
//
// # What the log proves
//
// The DID is the hash of the first operation, so nobody can give an account another
// beginning. Each further operation names the one before by its hash and is signed with
// one of the rotation keys that were in force. So which key may sign the account's
// repository, and which handle and server it names, follows from the log alone. The times
// do not: they are what the directory says.
//
// A key of higher rank may undo, within 72 hours, what one of lower rank did: the
// operations from there on are nullified, and what was signed with their keys counts no
// more.
//
// # Operations that do not hold
//
// Real logs hold operations that break a rule, among them signatures in a form that is not
// allowed any more. That is a [State] of the operation with a reason, and no reason to give
// up the account: [Log.Verify] fails only if the first operation does not give the DID.
package plclog
