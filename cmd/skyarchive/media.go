package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/store"
	"skyarchive/store/blobdir"
)

// mediaPath is the folder beside the archive that holds its media: beside a link to it only
// where there already is one, and none beside the file.
func (a *app) mediaPath() string {
	name := a.dbFile() + ".media"
	if other := a.besideLink(); other != "" && !isFolder(name) {
		return other
	}
	return name
}

// besideLink is a folder of media beside the link by which the archive is opened, "" for none.
func (a *app) besideLink() string {
	path, _ := a.dbPath()
	name, file := path+".media", a.dbFile()+".media"
	here, err := os.Stat(name)
	if err != nil || !here.IsDir() {
		return ""
	}
	if there, err := os.Stat(file); err == nil && os.SameFile(here, there) {
		return ""
	}
	return name
}

// mediaTwice fails if there is a folder of media beside a link and beside the file.
func (a *app) mediaTwice() error {
	if other := a.besideLink(); other != "" && other != a.mediaPath() {
		return archiveError{fmt.Errorf("the archive has two folders of media: bring what is in %s into %s and remove it", other, a.mediaPath())}
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// deadAfter is how long a file that is being downloaded is silent before it is one that a
// killed run left behind: servers that send nothing for a minute are given up.
const deadAfter = time.Hour

// createMedia opens the folder of media for writing, and makes it if there is none.
func (a *app) createMedia() (*blobdir.Dir, error) {
	if err := a.mediaTwice(); err != nil {
		return nil, err
	}
	dir, err := blobdir.Create(a.mediaPath())
	if err != nil {
		return nil, archiveError{fmt.Errorf("open the folder of media: %w", err)}
	}
	dir.Sweep(a.now().Add(-deadAfter))
	return dir, nil
}

// media opens archived files by CID for an export; nil where none were fetched.
func (a *app) media() (open func(cid string) (io.ReadCloser, error), close func() error, err error) {
	dir, err := blobdir.Open(a.mediaPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, func() error { return nil }, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open the folder of media: %w", err)
	}
	return func(text string) (io.ReadCloser, error) {
		cid, err := atproto.ParseCID(text)
		if err != nil {
			return nil, fs.ErrNotExist
		}
		return dir.Open(cid)
	}, dir.Close, nil
}

// fetchMedia brings the media of an account that was just fetched.
func (f fetchFlags) fetchMedia(ctx context.Context, arch *archive.Archiver, dir *blobdir.Dir, rep *archive.Report) error {
	got, err := arch.FetchMedia(ctx, rep.Account.DID, archive.MediaOptions{Blobs: dir, Limit: int64(f.mediaLimit)})
	rep.Media = &got
	return err
}

// mediaLine is what --json prints of an account's media.
type mediaLine struct {
	Files  int                     `json:"files"`
	New    int                     `json:"new"`
	Bytes  int64                   `json:"bytes"`
	Absent map[store.BlobState]int `json:"absent"`
}

func newMediaLine(m *archive.MediaReport) *mediaLine {
	if m == nil {
		return nil
	}
	line := &mediaLine{Files: m.Files, New: m.New, Bytes: m.Bytes, Absent: map[store.BlobState]int{}}
	for _, a := range m.Absent {
		line.Absent[a.State] = a.Files
	}
	return line
}

// mediaText says what became of an account's media.
func mediaText(m *archive.MediaReport) string {
	s := fmt.Sprintf("media: %s, %s", count(m.Files, "file"), sizeText(m.Bytes))
	if m.New > 0 && m.New < m.Files {
		s += fmt.Sprintf(" (%d new)", m.New)
	}
	if n := m.Missing(); n > 0 {
		var why []string
		for _, a := range m.Absent {
			why = append(why, fmt.Sprintf("%d %s", a.Files, a.State))
		}
		s += fmt.Sprintf("; %d could not be had: %s (%s)", n, strings.Join(why, ", "), m.Absent[0].Why)
	}
	return s
}
