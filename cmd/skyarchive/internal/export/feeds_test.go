package export

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/store"
)

func TestClaimReviewGolden(t *testing.T) {
	t.Parallel()
	m := sample(t)
	m.claim("claimeeeee", uriAt(annDID, 4), "Fin", nil, func(c *store.Claim) {
		reviewed(c, "marie", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Outdated, Restated: "La fin est proche", PublishedURL: "https://verif.example/fin"})
	})
	m.claim("claimfffff", uriAt(annDID, 7), "Précision", nil, func(c *store.Claim) {
		reviewed(c, "marie", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Mixed, Note: "secret"})
	})
	m.claim("claimggggg", uriAt(annDID, 2), "supprimé", nil, func(c *store.Claim) {
		reviewed(c, "marie", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, PublishedURL: "https://verif.example/supprime"})
	})
	o := options("claimreview")
	o.Lang, o.Out = "fr", t.TempDir()
	o.Publisher = Publisher{"Vérif", "https://verif.example"}
	dir, sum := run(t, m, o)
	text := golden(t, "claimreview", dir)["claimreview.json"]
	if strings.Contains(text, "secret") || strings.Contains(text, "marie") {
		t.Error("a private note or a reviewer is published")
	}
	want := []string{"1 claim not reviewed", "1 claim dismissed", "1 claim reviewed, without the address of what was published (skyarchive claims review ID --published URL): claimfffff",
		"1 claim reviewed and published, of deleted posts (--include deleted)"}
	if !slices.Equal(sum.Skipped, want) || sum.Claims != 2 || sum.LeftOut.Deleted != 1 {
		t.Errorf("summary: %+v", sum)
	}
	var feed struct {
		Type     string `json:"@type"`
		Elements []struct {
			Item []map[string]any `json:"item"`
		} `json:"dataFeedElement"`
	}
	if err := json.Unmarshal([]byte(text), &feed); err != nil || feed.Type != "DataFeed" || len(feed.Elements) != 2 {
		t.Fatalf("feed of %d elements: %v", len(feed.Elements), err)
	}
	for _, e := range feed.Elements {
		for _, field := range []string{"claimReviewed", "reviewRating", "url", "author", "datePublished", "itemReviewed"} {
			if e.Item[0][field] == nil {
				t.Errorf("%v lacks %s", e.Item[0]["url"], field)
			}
		}
	}
}

func TestClaimReviewNeedsAPublisher(t *testing.T) {
	t.Parallel()
	o := options("claimreview")
	o.Writer = io.Discard
	if _, err := Run(t.Context(), sample(t), o); !errors.Is(err, ErrNobody) {
		t.Errorf("without a publisher: %v", err)
	}
}

func TestLabelStudioGolden(t *testing.T) {
	t.Parallel()
	dir, _ := run(t, sample(t), options("labelstudio"))
	files := golden(t, "labelstudio", dir)
	d := xml.NewDecoder(strings.NewReader(files["labelling.xml"]))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("labelling.xml: %v", err)
		}
	}
}

// A region's offsets count characters, also behind an emoji or an accent of its own.
func TestLabelStudioOffsets(t *testing.T) {
	t.Parallel()
	m := sample(t)
	uri := m.put(annDID, 90, "👉 e\u0301té 👨‍👩‍👧 : 40 % de l'eau\r\nfin", nil)
	m.claim("claimggggg", uri, "40 % de l'eau", []string{"water"}, nil)
	var b bytes.Buffer
	o := options("labelstudio")
	o.Post, o.Writer = uri, &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	var tasks []task
	if err := json.Unmarshal(b.Bytes(), &tasks); err != nil {
		t.Fatal(err)
	}
	if len(tasks) != 1 || len(tasks[0].Predictions) != 1 {
		t.Fatalf("tasks: %s", b.String())
	}
	text := []rune(tasks[0].Data.Text)
	for _, r := range tasks[0].Predictions[0].Result {
		if got := string(text[r.Val.Start:r.Val.End]); got != "40 % de l'eau" || r.Val.Text != got || r.ID != "claimggggg" {
			t.Errorf("region %+v marks %q", r, got)
		}
	}
	if got := len(tasks[0].Predictions[0].Result); got != 4 {
		t.Errorf("%d results, want label, topics, kind and stance", got)
	}
	o.Post = uriAt(annDID, 99)
	if _, err := Run(t.Context(), m, o); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a post that is not there: %v", err)
	}
}
