package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
)

var (
	records = flag.Int("fetch.records", 10_000, "how many records the account of BenchmarkFetch has")
	posts   = flag.Int("fetch.posts", 0, "how many of them are posts; 0: one in five, more than most accounts have, and the others are likes")
)

// BenchmarkFetch measures whole processes of the program, as its user starts them: the time
// on the processor, the server's not counted, and what is downloaded.
func BenchmarkFetch(b *testing.B) {
	p := install(b)
	lou := p.net.Account("lou.test")
	if *posts == 0 {
		*posts = *records / 5
	}
	lou.Many(*posts, 100)
	like(p.net, lou, *records-*posts)
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

// like writes so many likes.
func like(net *atprototest.Network, a *atprototest.Account, count int) {
	for done := 0; done < count; {
		a.Batch(func() {
			for range min(500, count-done) {
				done++
				key := atproto.TID(uint64(time.Date(2024, 1, 1, 0, 0, done, 0, time.UTC).UnixMicro()) << 10)
				record := fmt.Sprintf(`{"$type":"app.bsky.feed.like","createdAt":"2024-01-01T00:00:00Z","subject":{"uri":"at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/%s","cid":%q}}`, key, atproto.CIDOf([]byte(key)))
				_ = net.Exec("put", string(a.Handle()), "app.bsky.feed.like/"+key, record) // the network keeps its first error
			}
		})
	}
}
