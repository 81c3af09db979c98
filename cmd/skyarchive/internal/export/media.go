package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"skyarchive/atproto"
)

// copyMedia copies an archived file beside the notes, once, and says where it is as seen
// from a folder of them.
func (n *notes) copyMedia(b atproto.Blob, folder string) (string, error) {
	if n.x.Media == nil || b.CID == "" {
		return "", nil
	}
	name, ok := n.media[b.CID]
	if !ok {
		var err error
		if name, err = n.x.copyBlob(b); err != nil {
			return "", err
		}
		n.media[b.CID] = name
	}
	if name != "" && folder != "" {
		name = "../" + name
	}
	return name, nil
}

func (x *export) copyBlob(b atproto.Blob) (string, error) {
	in, err := x.Media(b.CID)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("media %s: %w", b.CID, err)
	}
	defer in.Close()
	name := "media/" + folderName(b.CID) + mediaExtension(b.Type)
	out, err := x.target.create(name)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(out, in); err != nil {
		return "", fmt.Errorf("media %s: %w", b.CID, err)
	}
	return name, out.Close()
}

func mediaExtension(mime string) string {
	switch mime {
	case "image/jpeg", "image/jpg":
		return ".jpg"
	case "image/png", "image/webp", "image/gif", "image/avif", "video/mp4", "video/webm":
		_, kind, _ := strings.Cut(mime, "/")
		return "." + kind
	case "text/vtt":
		return ".vtt"
	}
	return ".bin"
}
