package archive

import (
	"context"
	"iter"
	"sync"
)

// aheadBy is how many values are handed over at once, and aheadParts how many times that
// wait: enough for one side never to wait for the other for long.
const (
	aheadBy    = 128
	aheadParts = 8
)

// ahead yields what a sequence yields while the sequence runs in a goroutine of its own,
// some values ahead: reading and analysing on one core, writing on another. Once the range
// has ended the goroutine has too, and what it wrote can be read.
func ahead[T any](ctx context.Context, sequence func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	type part struct {
		values []T
		err    error
	}
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		parts := make(chan part, aheadParts)
		used := make(chan []T, aheadParts+2) // read, to be filled again
		send := func(p part) bool {
			select {
			case parts <- p:
				return true
			case <-ctx.Done():
				return false
			}
		}
		var running sync.WaitGroup
		running.Go(func() {
			defer close(parts)
			values := make([]T, 0, aheadBy)
			for v, err := range sequence(ctx) {
				if err != nil {
					send(part{values, err})
					return
				}
				if values = append(values, v); len(values) == aheadBy {
					if !send(part{values: values}) {
						return
					}
					select {
					case values = <-used:
					default:
						values = make([]T, 0, aheadBy)
					}
				}
			}
			send(part{values: values})
		})
		defer running.Wait()
		defer stop()
		var none T
		for p := range parts {
			for _, v := range p.values {
				if !yield(v, nil) {
					return
				}
			}
			if p.err != nil {
				yield(none, p.err)
				return
			}
			clear(p.values) // what they point to can go
			select {
			case used <- p.values[:0]:
			default:
			}
		}
		if err := context.Cause(ctx); err != nil {
			yield(none, err)
		}
	}
}
