package atproto

import "skyarchive/atproto/cbor"

// IntentPaths are where an account declares what it wants its public data used for: the
// places of the proposal "User Intents for Data Reuse", the one that is in use first.
var IntentPaths = []Path{CollectionIntents + "/self", "org.user-intents.declaration/self"}

// An Intent is what an account declares of one kind of reuse. Nothing enforces it.
type Intent struct {
	Use   string `json:"use"` // as the record names it, like bulkDataset
	Allow bool   `json:"allow"`
}

var reuses = []string{"publicAccessArchive", "bulkDataset", "syntheticContentGeneration", "protocolBridging"}

// Intents reads a declaration. What it neither allows nor disallows is not listed; nothing
// is if the record cannot be read.
func Intents(record []byte) []Intent {
	doc, err := cbor.Parse(record)
	if err != nil {
		return nil
	}
	var list []Intent
	for _, use := range reuses {
		if allow := doc.Field(use).Field("allow"); allow.Kind() == cbor.Bool {
			list = append(list, Intent{use, allow.Bool()})
		}
	}
	return list
}
