package analysis

import (
	"cmp"
	"strings"
)

// A marker is what an edge of a text says of a post's place in its thread: "2/5", "3)".
// The zero marker says nothing.
type marker struct {
	number uint16 // 0 is a legal number, of a lead
	total  uint16 // 0 where none is declared
	form   form
	bits   uint8 // flags below, and the rank of a suffix: 3b has 2
}

// A form is the way a marker is written, as far as it matters for company.
type form uint8

const (
	noForm     form = iota
	formTotal       // 2/5, 2 of 5, II/V, Part 2/5
	formOpen        // 2/
	formOpenN       // 2/n
	formOpenX       // 2/x
	formOpenAsk     // 2/?
	formOpenDots    // 2/…
	formKeycap      // 2️⃣
	formPart        // Part 2
	formBracket     // 2)
	formPoint       // 2.
	formDash        // 2 -
	formHash        // #2
)

const (
	markSuffix  uint8 = 0x07 // 3a: 1, 3b: 2, 3bis: 2
	markThread  uint8 = 0x08 // a thread is announced beside it: 🧵 1/5
	markScore   uint8 = 0x10 // of the form k/0
	markHasDate uint8 = 0x20
)

func (m marker) ok() bool   { return m.form != noForm }
func (m marker) weak() bool { return m.form >= formBracket }

// rank orders parts: by number, then by suffix.
func (m marker) rank() int { return int(m.number)<<3 | int(m.bits&markSuffix) }

func (m marker) compare(o marker) int {
	return cmp.Or(cmp.Compare(m.form, o.form), cmp.Compare(m.number, o.number),
		cmp.Compare(m.total, o.total), cmp.Compare(m.bits, o.bits))
}

func markers(text string) (start, end marker) { return marker{}, marker{} }

func announcesThread(text string) bool { return strings.Contains(text, "🧵") }

func opensWithContinuation(text string) bool { return strings.HasPrefix(text, "Suite") }
