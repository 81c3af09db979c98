package archive

import "runtime/debug"

// collect sets how much garbage the collector leaves, in percent of what is held; restore
// undoes it.
func collect(percent int) (restore func()) {
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// wholePercent is for a repository that is archived as a whole. It makes the collector leave
// about 24 MB of garbage, where it would leave as much as is held: of a large account some
// 130 bytes a record, in tables without pointers, which cost it next to nothing to look at
// again and again.
func wholePercent(records int) int {
	const garbage, always, each = 24 << 20, 40 << 20, 130
	return min(100, 100*garbage/(always+each*records))
}

// laterPercent is for a fetch of what is new, in which little is held: some 300 bytes a post,
// with the other records of an account as most are. The collector would look at it every few
// megabytes, on a core that is idle, for a third of the time that the fetch takes.
func laterPercent(posts int) int {
	const garbage, always, each = 96 << 20, 16 << 20, 300
	return max(50, min(300, 100*garbage/(always+each*posts)))
}
