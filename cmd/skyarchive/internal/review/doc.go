// Package review is how people's decisions come in: verdicts by their labels, the table
// that a colleague filled in, and the desk at which claims are judged one after the other.
// It decides nothing and writes nothing itself: it reads what was meant.
package review
