package analysis_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// The counts of the corpus may rise and not fall.
const (
	corpusTopicsFound = 1337 // of the topics asked for
	corpusTopicsFalse = 14   // tagged and neither asked for nor allowed
	corpusClaimsFound = 1142
	corpusClaimsFalse = 35
)

type labelled struct {
	lang, text string
	claim      bool
	topics     []string
	allowed    []string
}

func readCorpus(t *testing.T) []labelled {
	t.Helper()
	file, err := os.Open("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []labelled
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		field := strings.SplitN(line, " ", 4)
		if len(field) != 4 {
			t.Fatalf("corpus line %q has no four fields", line)
		}
		row := labelled{lang: field[0], claim: field[1] == "claim", text: field[3]}
		for slug := range strings.SplitSeq(field[2], ",") {
			switch {
			case slug == "-":
			case slug[0] == '(':
				row.allowed = append(row.allowed, strings.Trim(slug, "()"))
			default:
				row.topics = append(row.topics, slug)
			}
		}
		list = append(list, row)
	}
	return list
}

func post(text string, langs ...string) *atproto.Post {
	return &atproto.Post{Ref: atproto.Ref{URI: "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz22", CID: "bafyrei"}, Text: text, Langs: langs}
}

// summary is the topics of all passages, and whether some passage is worth checking.
func summary(p analysis.PostAnalysis) (topics []string, claim bool) {
	for _, x := range p.Passages {
		for _, tag := range x.Topics {
			if !slices.Contains(topics, tag.Topic) {
				topics = append(topics, tag.Topic)
			}
		}
		claim = claim || x.Claim != nil && x.Claim.CheckWorthy
	}
	slices.Sort(topics)
	return topics, claim
}

func TestCorpus(t *testing.T) {
	a := analysis.NewAnalyzer(topic.Default())
	var topicsFound, topicsFalse, topicsAll, claimsFound, claimsFalse, claimsAll int
	for _, row := range readCorpus(t) {
		topics, claim := summary(a.Posts(post(row.text, row.lang))[0])
		for _, want := range row.topics {
			topicsAll++
			if slices.Contains(topics, want) {
				topicsFound++
			} else {
				t.Logf("no %s in %q", want, row.text)
			}
		}
		for _, got := range topics {
			if !slices.Contains(row.topics, got) && !slices.Contains(row.allowed, got) {
				topicsFalse++
				t.Logf("false %s in %q", got, row.text)
			}
		}
		switch {
		case row.claim && claim:
			claimsFound++
		case row.claim:
			t.Logf("no claim in %q", row.text)
		case claim:
			claimsFalse++
			t.Logf("false claim in %q", row.text)
		}
		if row.claim {
			claimsAll++
		}
	}
	t.Logf("topics: %d of %d, %d false; claims: %d of %d, %d false", topicsFound, topicsAll, topicsFalse, claimsFound, claimsAll, claimsFalse)
	if topicsFound < corpusTopicsFound || topicsFalse > corpusTopicsFalse || claimsFound < corpusClaimsFound || claimsFalse > corpusClaimsFalse {
		t.Errorf("the corpus is read worse: topics found %d (want %d), false %d (want at most %d); claims found %d (want %d), false %d (want at most %d)",
			topicsFound, corpusTopicsFound, topicsFalse, corpusTopicsFalse, claimsFound, corpusClaimsFound, claimsFalse, corpusClaimsFalse)
	}
}
