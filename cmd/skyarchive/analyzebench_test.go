package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"skyarchive/atproto"
)

// sentences of the generated posts: half of every day, half with numbers, sources and topics.
var sentences = []string{
	"L'eau des centres de données vient souvent de nappes qui ne se rechargent plus.",
	"Selon l'opérateur, la consommation électrique a atteint %d TWh en 2024.",
	"Le cuivre manque déjà, et l'extraction d'une tonne déplace %d tonnes de roche.",
	"Data centers used %d%% of the region's electricity last year, the operator reports.",
	"Plus un calcul est bon marché, plus on en fait : c'est l'effet rebond.",
	"The moratorium would stop %d projects until a public debate is held.",
	"Merci à toutes et tous pour vos réponses, je lis tout demain matin !",
	"We walked along the river for hours and saw nothing but fences and geese.",
	"Quelqu'un a déjà essayé de prendre le train de nuit avec un vélo ?",
	"It used to be open until eight and there was always somebody reading at the big table.",
	"Le chat dort sur le clavier, et la réunion commence dans %d minutes.",
	"Finally finished the shelf I started in March, and it is not straight at all 😂",
}

// timeline writes n posts of one account as listRecords gives them: a fifth in threads of
// five, some numbered, some with a link.
func timeline(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	const did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
	type ref struct {
		URI string `json:"uri"`
		CID string `json:"cid"`
	}
	var out bytes.Buffer
	var root, parent ref
	for i := range n {
		key := atproto.TID(uint64(1_672_531_200_000_000+int64(i)*180_000_000) << 10)
		post := ref{"at://" + did + "/" + atproto.CollectionPost + "/" + key, atproto.CIDOf([]byte(key)).String()}
		text := sentences[r.IntN(len(sentences))]
		if bytes.Contains([]byte(text), []byte("%d")) {
			text = fmt.Sprintf(text, 1+r.IntN(900))
		}
		text += " " + sentences[6+r.IntN(4)]
		value := map[string]any{"$type": atproto.CollectionPost, "langs": []string{[]string{"fr", "en"}[i%2]}, "createdAt": "2025-02-03T17:20:31.000Z"}
		k := i % 25
		if k > 0 && k < 5 {
			value["reply"] = map[string]any{"root": root, "parent": parent}
		} else if k == 0 {
			root = post
		}
		if parent = post; i%50 < 5 {
			text += fmt.Sprintf(" %d/5", k+1)
		}
		if i%7 == 0 {
			link := "https://example.org/rapport"
			value["facets"] = []any{map[string]any{
				"index":    map[string]int{"byteStart": len(text) + 1, "byteEnd": len(text) + 1 + len(link)},
				"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#link", "uri": link}},
			}}
			text += " " + link
		}
		value["text"] = text
		line, err := json.Marshal(map[string]any{"uri": post.URI, "cid": post.CID, "value": value})
		if err != nil {
			panic(err)
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// BenchmarkAnalyze is the whole pipe: lines in, threads and claims out. GOMAXPROCS=1 shows
// what one core does.
func BenchmarkAnalyze(b *testing.B) {
	const n = 50_000
	in := timeline(n)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		a := &app{Stdin: bytes.NewReader(in), stdout: io.Discard, stderr: io.Discard}
		if err := analyze(b.Context(), a, true, true); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
