package sqlite_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// Who writes again and again lets others write in between; and leaves no file behind.
func TestQueue(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "archive.db")
	busy, other := open(t, path), open(t, path)
	write := func(db *sqlite.DB, hold time.Duration) error {
		return db.Update(t.Context(), func(w store.Writer) error {
			time.Sleep(hold)
			return w.PutAccount(t.Context(), store.Account{})
		})
	}
	var turns atomic.Int64
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := write(busy, 20*time.Millisecond); err != nil {
				stopped <- err
				return
			}
			turns.Add(1)
		}
	}()
	for turns.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	const times = 10
	before := turns.Load()
	for range times {
		if err := write(other, 0); err != nil {
			t.Fatal(err)
		}
	}
	passed := turns.Load() - before
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if passed > 8*times {
		t.Errorf("%d turns of another writer while %d were waited for", passed, times)
	}
	t.Logf("%d turns of another writer while %d were waited for", passed, times)
	for _, db := range []*sqlite.DB{busy, other} {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}
