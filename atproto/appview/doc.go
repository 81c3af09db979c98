// Package appview asks an AppView: a service that has seen the whole network and shows
// posts with their counts. What it says carries no signature, and it leaves posts out in
// silence; repositories are the source wherever they can be reached.
package appview
