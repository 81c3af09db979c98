package analysis

// Threads returns the threads by age of their roots, then by URI.
func (a *Assembler) Threads() []Thread { return []Thread{} }

type joining struct{}

// Correct applies what people decided.
func (a *Assembler) Correct(decisions []Decision) error { return nil }
