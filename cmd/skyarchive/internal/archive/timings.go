package archive

import "time"

// Timings are how long the stages of a fetch or an import took, in their order.
type Timings struct {
	Stages []Stage

	now  func() time.Time
	last time.Time
}

// A Stage is a part of a fetch or an import.
type Stage struct {
	Name string
	Took time.Duration
}

// begin starts the first stage.
func (t *Timings) begin(now func() time.Time) {
	if t != nil {
		*t = Timings{now: now, last: now()}
	}
}

// lap ends a stage; the next one has begun.
func (t *Timings) lap(name string) {
	if t == nil || t.now == nil {
		return
	}
	now := t.now()
	t.Stages = append(t.Stages, Stage{name, now.Sub(t.last)})
	t.last = now
}
