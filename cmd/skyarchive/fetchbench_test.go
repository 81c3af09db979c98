package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"testing"
	"time"
)

var posts = flag.Int("fetch.posts", 10_000, "how many posts the account of BenchmarkFetch has")

// BenchmarkFetch measures whole processes of the program, as its user starts them: the time
// on the processor, the server's not counted, and what is downloaded.
func BenchmarkFetch(b *testing.B) {
	p := install(b)
	lou := p.net.Account("lou.test")
	lou.Many(*posts, 100)
	if err := p.net.Err(); err != nil {
		b.Fatal(err)
	}
	p.output("fetch", "lou.test")
	for name, added := range map[string]int{"unchanged": 0, "ten new": 10} {
		b.Run(name, func(b *testing.B) {
			var cpu time.Duration
			bytes := int64(0)
			for b.Loop() {
				for i := range added {
					lou.Post(fmt.Sprintf("Une requête prend %d litres d'eau.", i))
				}
				cmd := p.command("fetch", "--json", "lou.test")
				out, err := cmd.Output()
				if err != nil {
					b.Fatal(err)
				}
				var line struct {
					New   int64
					Bytes int64 `json:"downloaded_bytes"`
				}
				if err := json.Unmarshal(out, &line); err != nil || line.New != int64(added) {
					b.Fatalf("%v: %s", err, out)
				}
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				bytes += line.Bytes
			}
			b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(bytes)/float64(b.N)/1e3, "kB/op")
		})
	}
}
