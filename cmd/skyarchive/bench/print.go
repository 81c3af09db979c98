package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"time"
)

// print writes the table.
func (b *bench) print() error {
	car, err := os.Stat(b.car)
	if err != nil {
		return err
	}
	done, err := os.Stat(b.path("done.db"))
	if err != nil {
		return err
	}
	list, err := os.ReadFile(b.path("posts.ndjson"))
	if err != nil {
		return err
	}
	posts := bytes.Count(list, []byte("\n"))
	fmt.Printf("%d posts, %.1f MB of repository, %d cores; medians of %d runs in turn\n\n",
		posts, float64(car.Size())/1e6, runtime.NumCPU(), len(b.results[weImport]))
	fmt.Println("| | wall | CPU | peak memory | |")
	fmt.Println("|---|---|---|---|---|")
	indigo, shell := b.results[indigoReads], b.results[sqliteImports]
	for _, row := range []struct {
		name string
		note string
	}{
		{indigoReads, ""},
		{weVerify, fmt.Sprintf("%.2f × B (CPU)", ratio(b.results[weVerify].cpu(), indigo.cpu()))},
		{sqliteImports, ""},
		{weImport, fmt.Sprintf("%.2f × B (wall)%s, archive %.2f × CAR", ratio(b.results[weImport].wall(), indigo.wall()),
			against(b.results[weImport], shell), float64(done.Size())/float64(car.Size()))},
		{weImportAgain, fmt.Sprintf("%.2f of the first (wall)", ratio(b.results[weImportAgain].wall(), b.results[weImport].wall()))},
		{archiveVerifies, ""},
		{weAnalyze, fmt.Sprintf("%.0f posts/s", float64(posts)/b.results[weAnalyze].wall().Seconds())},
	} {
		m := b.results[row.name]
		if len(m) == 0 {
			continue
		}
		fmt.Printf("| %s | %.2f s | %.2f s | %.0f MB | %s |\n", row.name, m.wall().Seconds(), m.cpu().Seconds(), float64(m.memory())/1e6, row.note)
	}
	return nil
}

func against(ours, shell measured) string {
	if len(shell) == 0 {
		return ""
	}
	return fmt.Sprintf(", %.2f × S (wall)", ratio(ours.wall(), shell.wall()))
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }
