package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bluesky-social/indigo/atproto/atdata"
	indigo "github.com/bluesky-social/indigo/atproto/repo"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// readWithIndigo is baseline B.
func readWithIndigo(name string) error {
	ctx := context.Background()
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, r, err := indigo.LoadRepoFromCAR(ctx, file)
	if err != nil {
		return err
	}
	return r.MST.Walk(func(_ []byte, c cid.Cid) error {
		block, err := r.RecordStore.Get(ctx, c)
		if err != nil {
			return err
		}
		_, err = atdata.UnmarshalCBOR(block.RawData())
		return err
	})
}

// writeRecords writes the posts of a repository as analyze reads them.
func writeRecords(car, name string) (err error) {
	in, err := os.Open(car)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	snap, err := repo.Open(context.Background(), repo.Source{R: in, Size: info.Size()})
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	defer func() { err = errors.Join(err, out.Flush(), file.Close()) }()
	encoder := json.NewEncoder(out)
	for rec, err := range snap.Records(context.Background(), nil) {
		if err != nil {
			return err
		}
		if rec.Path.Collection() != atproto.CollectionPost || rec.Bytes == nil {
			continue
		}
		value, err := atdata.UnmarshalCBOR(rec.Bytes)
		if err != nil {
			return err
		}
		line := struct {
			URI   string         `json:"uri"`
			CID   string         `json:"cid"`
			Value map[string]any `json:"value"`
		}{string(rec.Path.URI(snap.Commit.DID)), rec.CID.String(), value}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// shell is the command of baseline S, nil if there is no sqlite3.
func (b *bench) shell() []string {
	if _, err := os.Stat(b.path("tables.sql")); err != nil {
		return nil
	}
	return []string{"sqlite3", "-bail", b.path("shell.db"), ".read " + b.path("tables.sql")}
}

// dumpTables writes every table of the finished archive as CSV, bytes as hexadecimal digits,
// and the script by which sqlite3 reads them back: tables first, then their indexes.
func (b *bench) dumpTables() error {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		fmt.Fprintln(os.Stderr, "sqlite3 is not installed: baseline S is left out")
		return nil
	}
	schema, err := b.query(`SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL
		AND tbl_name NOT LIKE 'sqlite_%' ORDER BY type = 'index', rowid`)
	if err != nil {
		return err
	}
	script := "PRAGMA page_size = 8192;\nPRAGMA journal_mode = off;\nPRAGMA synchronous = off;\n"
	var indexes strings.Builder
	for _, s := range schema {
		if s["type"] == "index" {
			indexes.WriteString(s["sql"] + ";\n")
			continue
		}
		columns, err := b.query(`SELECT name, type FROM pragma_table_info('` + s["name"] + `') ORDER BY cid`)
		if err != nil {
			return err
		}
		var list []string
		for _, c := range columns {
			if c["type"] == "BLOB" {
				list = append(list, "hex("+c["name"]+")")
			} else {
				list = append(list, c["name"])
			}
		}
		name := b.path(s["name"] + ".csv")
		dump := exec.Command("sqlite3", "-csv", b.path("done.db"), "SELECT "+strings.Join(list, ", ")+" FROM "+s["name"])
		if err := intoFile(dump, name); err != nil {
			return err
		}
		// Strict tables would refuse digits where bytes should be.
		script += strings.Replace(s["sql"], "STRICT, WITHOUT ROWID", "WITHOUT ROWID", 1) + ";\n"
		script = strings.Replace(script, ") STRICT;", ");", 1)
		script += ".import --csv " + name + " " + s["name"] + "\n"
	}
	return os.WriteFile(b.path("tables.sql"), []byte(script+indexes.String()), 0o600)
}

// query asks the finished archive by sqlite3.
func (b *bench) query(sql string) ([]map[string]string, error) {
	out, err := exec.Command("sqlite3", "-json", b.path("done.db"), sql).Output()
	if err != nil {
		return nil, fmt.Errorf("sqlite3 %s: %w", sql, err)
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, nil
	}
	var rows []map[string]string
	return rows, json.Unmarshal(out, &rows)
}

func intoFile(cmd *exec.Cmd, name string) error {
	file, err := os.Create(filepath.Clean(name))
	if err != nil {
		return err
	}
	cmd.Stdout = file
	if err := errors.Join(cmd.Run(), file.Close()); err != nil {
		return fmt.Errorf("%v: %w", cmd.Args, err)
	}
	return nil
}
