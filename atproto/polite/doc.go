// Package polite is how this program speaks HTTP: one [Transport] that every client of a
// service is given.
//
// It says who asks, waits when a server asks it to, tries again when that may help, gives
// up on a server that does not answer or stops in the middle, and does not let an
// address that somebody wrote into a public document lead into a private network.
//
// What is left to the clients is to read the last answer: after the retries a 429 or a 503
// is handed over like any other, since its body says why.
package polite
