package analysis

import (
	"encoding/json"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// forgottenKey is the member of a body whose words were taken out: it names what was
// forgotten, a post or an account.
const forgottenKey = "forgotten"

// withoutWords are the members of bodies that are no words: states from a list of the
// program's, places and ids.
var withoutWords = []string{
	"status", "verdict", "dismissal", "duplicate_of", "supersedes", "adds", "review", "post", "cid", "start", "end", "uris",
}

// Forget is the entry without its words, since what it is about was forgotten: that it was
// made stays, by whom, when, with its id and what it found. The id, which comes from the
// words, can no longer be made from it.
func (d Decision) Forget(what syntax.ATURI) (Decision, error) {
	if d.Forgotten() != "" {
		return d, nil
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(d.Body, &body) != nil {
		body = nil
	}
	kept := map[string]json.RawMessage{}
	for _, name := range withoutWords {
		if value, ok := body[name]; ok {
			kept[name] = value
		}
	}
	var err error
	if kept[forgottenKey], err = json.Marshal(what); err != nil {
		return d, err
	}
	d.Body, err = json.Marshal(kept)
	return d, err
}

// Forgotten names the post or account that a decision was about, if its words were taken
// out since that was forgotten; else it is "".
func (d *Decision) Forgotten() syntax.ATURI {
	var body struct {
		Forgotten syntax.ATURI `json:"forgotten"`
	}
	if json.Unmarshal(d.Body, &body) != nil {
		return ""
	}
	return body.Forgotten
}
