package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Versions that do not count leave no trace: of two versions of a post the live one counts
// before the deleted one, then the one with the greater CID, wherever they stand and however
// many people wrote the others.
func TestAnalyzeVersions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	uri := func(author, i int) string {
		return fmt.Sprintf("at://did:plc:%024d/app.bsky.feed.post/3ke6kg46xohb%c", author, 'a'+i)
	}
	line := func(author, i, version int, deleted bool) string {
		reply := ""
		if i > 0 {
			reply = fmt.Sprintf(`,"reply":{"root":{"uri":%q,"cid":"a"},"parent":{"uri":%q,"cid":"a"}}`, uri(author, 0), uri(author, (i-1)/(1+version%2)))
		}
		return fmt.Sprintf(`{"uri":%q,"cid":"c%d","value":{"text":"Version %[2]d : l'eau manque %[3]d/6"%s},"deleted":%t}`, uri(author, i), version, i+1, reply, deleted)
	}
	run := func(lines []string) string {
		var out bytes.Buffer
		a := &app{Stdin: strings.NewReader(strings.Join(lines, "\n")), stdout: &out, stderr: &out}
		if err := analyze(t.Context(), a, true, true); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for range 60 {
		var counting, all []string
		for author := range 1 + r.IntN(3) {
			for i := range 6 {
				best, gone := r.IntN(5), r.IntN(4) == 0
				counting = append(counting, line(author, i, best, gone))
				all = append(all, line(author, i, best, gone))
				for range r.IntN(3) {
					switch version := r.IntN(5); {
					case version < best:
						all = append(all, line(author, i, version, gone))
					case !gone:
						all = append(all, line(author, i, version, true))
					}
				}
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		r.Shuffle(len(counting), func(i, j int) { counting[i], counting[j] = counting[j], counting[i] })
		if got, want := run(all), run(counting); got != want {
			t.Fatalf("%s\ngives\n%s\nwant\n%s", strings.Join(all, "\n"), got, want)
		}
	}
}
