package sqlite

import (
	"context"
	"math/rand/v2"
	"os"
	"time"
)

// A queue lets processes that want to write come to it one by one. SQLite keeps none: who
// waits for its lock tries again and again, and loses to one who writes all the time and is
// there at once when the lock is free. Here everybody takes another lock first, of a file
// beside the archive, and gives it back as soon as SQLite's is theirs. So at most one waits for
// SQLite, and who has just written cannot come before it again.
//
// It is about fairness alone. The archive is safe without it: where the file cannot be made or
// locked, or somebody who holds it stands still, SQLite's lock decides as ever.
type queue struct {
	path string
	file *os.File // nil: not open
}

func newQueue(archive string) *queue { return &queue{path: archive + "-queue"} }

// pause is how long to wait about until the lock is tried again.
const pause = 4 * time.Millisecond

// enter waits for one's turn to wait for SQLite, but no longer than SQLite itself would. leave
// must be called.
func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	leave = func() {}
	end := time.Now().Add(busyTimeout)
	for time.Now().Before(end) {
		if !q.open() {
			return leave, nil
		}
		held, err := tryLock(q.file)
		switch {
		case held && q.current():
			return func() { _ = unlock(q.file) }, nil
		case held: // somebody took it away meanwhile, and others may meet at a new one
			_ = q.file.Close()
			q.file = nil
			continue
		case err != nil:
			return leave, nil
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return leave, ctx.Err()
		}
	}
	return leave, nil
}

func (q *queue) open() bool {
	if q.file == nil {
		file, err := os.OpenFile(q.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return false
		}
		q.file = file
	}
	return true
}

// current says whether the file that is open is the one that others find.
func (q *queue) current() bool {
	mine, err := q.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(q.path)
	return err == nil && os.SameFile(mine, there)
}

// close takes the file away. Who waits for it notices when it has it.
func (q *queue) close() {
	if q.file != nil {
		_ = q.file.Close()
		_ = os.Remove(q.path)
		q.file = nil
	}
}
