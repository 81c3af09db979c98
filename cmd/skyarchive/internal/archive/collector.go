package archive

import "runtime/debug"

// collect sets how much garbage the collector leaves, in percent of what is held; restore
// undoes it.
func collect(percent int) (restore func()) {
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// wholePercent is for a repository that is archived as a whole, until its threads are
// assembled: held are then 40 MB and some 100 bytes a record, in tables without pointers, which
// cost the collector next to nothing to look at again and again.
func wholePercent(records int) int { return upTo(144, 6, 40+records*100>>20) }

// writtenPercent is for the same while its posts are written: some 70 bytes a record are held.
func writtenPercent(records int) int { return upTo(128, 16, 40+records*70>>20) }

// upTo makes the collector let the heap grow to some MB where so many are held: it leaves 64
// MB of garbage where little is held, which saves a thirtieth of the time, and the least that
// is worth its while.
func upTo(size, least, held int) int {
	return min(100, 100*max(least, min(64, size-held))/held)
}

// giveBack gives the system back what is free between two stages that need it in other pieces.
// It takes longer than it is worth where a repository is small.
func giveBack(records int) {
	if records > 300_000 {
		debug.FreeOSMemory()
	}
}

// laterPercent is for a fetch of what is new, in which little is held: some 300 bytes a post,
// with the other records of an account as most are. The collector would look at it every few
// megabytes, on a core that is idle, for a third of the time that the fetch takes.
func laterPercent(posts int) int {
	const garbage, always, each = 96 << 20, 16 << 20, 300
	return max(50, min(300, 100*garbage/(always+each*posts)))
}
