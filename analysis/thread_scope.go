package analysis

import "slices"

// scope is the root of the whole reply tree that a tree hangs in, other people's posts
// included.
func (f *forest) scope(id int32) int32 {
	var way []int32
	seen := map[int32]bool{}
	at := id
	for {
		if known, ok := f.scopes[at]; ok {
			at = known
			break
		}
		if seen[at] { // other people's references go round
			at = slices.MinFunc(way[slices.Index(way, at):], f.a.compareURI)
			break
		}
		next := f.beyond(at)
		if next == none {
			break
		}
		seen[at] = true
		way = append(way, at)
		at = next
	}
	for _, x := range way {
		f.scopes[x] = at
	}
	return at
}

// beyond is a step from a post towards the root of its reply tree: by what is known of
// its parents as far as that goes, then by the root it names.
func (f *forest) beyond(id int32) int32 {
	n, c := f.a.nodes.at(id), f.a.content(id)
	to := c.parent
	switch {
	case n.flags&own != 0 && n.flags&(live|referenced) == 0:
		return none
	case n.flags&own != 0 && n.flags&live != 0 && f.tree[id] != id:
		return f.tree[id]
	case n.flags&own != 0:
		to = f.answered(id)
	}
	switch {
	case to == none || n.flags&(live|dead) == 0:
		return none
	case f.a.is(to, own) && n.flags&own == 0 && f.a.nodes.at(to).flags&(live|referenced) != 0:
		return to
	case !f.a.is(to, own) && f.a.is(to, live), c.root == none, c.root == id:
		return to
	}
	return c.root
}
