package analysis

import (
	"fmt"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// joins says of each post but the first why it stands where it does. The first has an
// entry too if it announces the thread, or if a person made it the first.
func (f *forest) joins(d *draft, posts []syntax.ATURI) []Join {
	list := make([]Join, 0, len(d.line))
	for i, id := range d.line {
		by, why := f.why(d, i)
		switch c := d.people[id]; {
		case c != nil:
			by, why = ByPerson, c.sentence()
		case i > 0:
		case id == d.lead:
			by, why = ByLead, "announces the thread; part 1 is the author's next post, "+f.lapse(id, d.line[1])
		default:
			continue
		}
		list = append(list, Join{posts[i], by, f.once(why)})
	}
	return list
}

// once is a text that was said before, or is now: most reasons are given again and again.
func (f *forest) once(why string) string {
	if same, ok := f.whys[why]; ok {
		return same
	}
	f.whys[why] = why
	return why
}

func (f *forest) why(d *draft, i int) (JoinedBy, string) {
	if i == 0 {
		return "", ""
	}
	id, prev := d.line[i], d.line[i-1]
	quoted := f.inLine(d, f.a.content(id).quote)
	switch {
	case slices.Contains(d.tails, id) && quoted >= 0:
		return ByQuote, fmt.Sprintf("quotes post %d of the thread and opens with words that continue it, %s", quoted+1, f.lapse(prev, id))
	case slices.Contains(d.tails, id):
		return ByQuote, "quotes a post of the thread and opens with words that continue it, " + f.lapse(prev, id)
	case f.follows(id) != none:
		return f.whyLinked(d, i)
	case prev == d.lead:
		return ByLead, "follows the post that announces the thread, " + f.lapse(prev, id)
	case f.head(id) == orphan && f.tree[id] == f.tree[d.line[0]] || !d.marks[i].ok() && f.head(id) == orphan:
		return ByRoot, "what it answers was " + f.fate(id) + "; it names this thread as its root and was " + f.lapse(prev, id) + " than the post before it" + d.carries(i)
	}
	if !d.marks[i].ok() {
		return ByNumber, "leads to a post that carries the next number of the series, " + f.lapse(prev, id)
	}
	why := "carries " + d.marks[i].String()
	if at := d.numbered(i); at >= 0 {
		why += " after " + d.marks[at].String() + ", " + f.lapse(d.line[at], id)
		if d.marks[at].total == d.marks[i].total && d.marks[i].form == formTotal {
			why += ", same total"
		}
	}
	switch {
	case quoted >= 0:
		why += fmt.Sprintf("; quotes post %d of the thread", quoted+1)
	case f.head(id) == under:
		why += "; answers another person in the same conversation"
	}
	return ByNumber, why
}

// whyLinked explains a post that answers an own live post, deleted ones bridged.
func (f *forest) whyLinked(d *draft, i int) (JoinedBy, string) {
	id := d.line[i]
	to := f.inLine(d, f.follows(id))
	answered := "the post before it"
	switch {
	case to < 0:
		answered = "a post beside the thread"
	case to != i-1:
		answered = fmt.Sprintf("post %d of the thread", to+1)
	}
	by, why := ByReply, "answers "+answered
	if f.lostParent(id) {
		gone := "deleted"
		if f.a.is(f.link(id), forgotten) {
			gone = "forgotten"
		}
		by, why = ByBridge, "answers a "+gone+" post that answered "+answered
	}
	if to != i-1 && d.marks[i].ok() && by == ByReply {
		by = ByNumber
	}
	return by, why + d.carries(i)
}

// carries says what number the post at a place carries, and after which.
func (d *draft) carries(i int) string {
	if !d.marks[i].ok() {
		return ""
	}
	if at := d.numbered(i); at >= 0 {
		return fmt.Sprintf(", carries %v after %v", d.marks[i], d.marks[at])
	}
	return fmt.Sprintf(", carries %v", d.marks[i])
}

// numbered is the place of the last post before i that carries a number, or -1.
func (d *draft) numbered(i int) int {
	for i--; i >= 0; i-- {
		if d.marks[i].ok() {
			return i
		}
	}
	return -1
}

func (f *forest) fate(id int32) string {
	if f.a.is(f.answered(id), dead) {
		return "deleted"
	}
	return "never seen"
}

// lapse says how much later than x the post y was posted.
func (f *forest) lapse(x, y int32) string {
	passed := (f.a.age(y) - f.a.age(x)) / 1e6
	word := "later"
	if passed < 0 {
		passed, word = -passed, "earlier"
	}
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{24 * 3600, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		n := passed / unit.seconds
		if n == 1 && unit.seconds > 60 && passed%unit.seconds > 60 {
			continue // 110 minutes are not an hour
		}
		if n > 1 {
			return fmt.Sprintf("posted %d %ss %s", n, unit.name, word)
		} else if n == 1 {
			return fmt.Sprintf("posted 1 %s %s", unit.name, word)
		}
	}
	return "posted at the same time"
}

// String is a marker as people would name it: 3/7, or 3.
func (m marker) String() string {
	if m.form == formTotal {
		return fmt.Sprintf("%d/%d", m.number, m.total)
	}
	return fmt.Sprint(m.number)
}
