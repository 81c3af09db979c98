package archive

import "runtime/debug"

// collect sets how much garbage the collector leaves, in percent of what is held; restore
// undoes it.
func collect(percent int) (restore func()) {
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// wholePercent is for a repository that is archived as a whole. Held are then 40 MB and some
// 130 bytes a record, in tables without pointers, which cost the collector next to nothing to
// look at again and again: so it leaves little garbage where much is held, and 64 MB of it
// where little is, which saves a thirtieth of the time.
func wholePercent(records int) int {
	held := 40 + records*130>>20
	garbage := max(24, min(64, 144-held))
	return min(100, 100*garbage/held)
}

// laterPercent is for a fetch of what is new, in which little is held: some 300 bytes a post,
// with the other records of an account as most are. The collector would look at it every few
// megabytes, on a core that is idle, for a third of the time that the fetch takes.
func laterPercent(posts int) int {
	const garbage, always, each = 96 << 20, 16 << 20, 300
	return max(50, min(300, 100*garbage/(always+each*posts)))
}
