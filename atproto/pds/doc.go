// Package pds speaks to the servers that hold repositories: is an account still there, its
// repository as a file, single blocks and records, and the files that posts refer to.
//
// It downloads and compares a file with its CID; whether a repository is complete and
// signed is for package repo to say. Its errors tell three things apart that callers act on
// differently: the account is gone ([ErrGone], with the state), the server cannot be
// reached now ([ErrUnavailable]), and any other answer of the server ([*Error]).
package pds
