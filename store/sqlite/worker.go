package sqlite

import "sync"

// A worker changes what is held of an index in a goroutine of its own, so that words are made
// on one core while another one writes rows. It is there while an empty archive is filled,
// and while the index is made anew.
type worker struct {
	tasks   chan func(*gathered)
	undone  sync.WaitGroup // tasks
	running sync.WaitGroup

	mu  sync.Mutex
	err error // the first
}

// waitingTasks is how many changes wait for the worker at the most.
const waitingTasks = 1024

// work starts a worker, which works until the index is closed.
func (x *index) work() {
	w := &worker{tasks: make(chan func(*gathered), waitingTasks)}
	x.worker = w
	w.running.Go(func() {
		for fn := range w.tasks {
			fn(x.held)
			w.note(x.spill())
			w.undone.Done()
		}
	})
}

func (w *worker) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

func (w *worker) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// do hands a task over, unless one failed before.
func (w *worker) do(fn func(*gathered)) error {
	if err := w.failed(); err != nil {
		return err
	}
	w.undone.Add(1)
	w.tasks <- fn
	return nil
}

// wait waits until everything is done. What is held belongs to the caller until the next
// task.
func (w *worker) wait() error {
	w.undone.Wait()
	return w.failed()
}

// stop ends the goroutine.
func (w *worker) stop() {
	close(w.tasks)
	w.running.Wait()
}
