package archive

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
)

// count yields 0 to n-1, then err if there is one, and says in ended that it is over.
func count(n int, err error, ended *bool) func(context.Context) iter.Seq2[int, error] {
	return func(context.Context) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			defer func() { *ended = true }()
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
}

func TestAhead(t *testing.T) {
	bad := errors.New("bad")
	for _, n := range []int{0, 1, aheadBy - 1, aheadBy, 3*aheadBy + 7, 40 * aheadBy} {
		for _, want := range []error{nil, bad} {
			var got []int
			var err error
			ended := false
			for v, e := range ahead(t.Context(), count(n, want, &ended)) {
				if err = e; e == nil {
					got = append(got, v)
				}
			}
			if len(got) != n || !slices.IsSorted(got) || err != want || !ended {
				t.Errorf("%d values and error %v: got %d values, error %v, ended %t", n, want, len(got), err, ended)
			}
		}
	}
}

func TestAheadStops(t *testing.T) {
	ended := false
	for v := range ahead(t.Context(), count(1<<30, nil, &ended)) {
		if v == 1000 {
			break
		}
	}
	if !ended {
		t.Error("the sequence goes on after the range has ended")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	why, last := errors.New("interrupted"), error(nil)
	ended = false
	for v, err := range ahead(ctx, count(1<<30, nil, &ended)) {
		if v == 1000 {
			cancel(why)
		}
		last = err
	}
	if last != why || !ended {
		t.Errorf("cancelled: error %v, ended %t; want %v and true", last, ended, why)
	}
}
