package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// annotateCommand does what Label Studio does to tasks: somebody takes over the predictions
// of each, changes some regions and marks others, and the project is exported as JSON.
// Words are given by operations:
//
//	mark=WORDS|topic,topic  a region of their own on these words, with these topics
//	drop:ID=                takes a region away
//	topics:ID=topic,topic   chooses other topics; kind and stance alike
//	bounds:ID=WORDS         draws a region anew on these words
func annotateCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: annotate OLD NEW WHO TIME operation...")
	}
	var tasks []map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &tasks))
	for i, task := range tasks {
		text := task["data"].(map[string]any)["text"].(string)
		var result []any
		if predictions, ok := task["predictions"].([]any); ok {
			for _, r := range predictions[0].(map[string]any)["result"].([]any) {
				region := r.(map[string]any)
				region["origin"] = "prediction"
				result = append(result, region)
			}
		}
		for _, operation := range args[4:] {
			what, value, _ := strings.Cut(os.Expand(operation, ts.Getenv), "=")
			what, id, _ := strings.Cut(what, ":")
			result = annotateRegions(result, text, what, id, value)
		}
		task["id"], task["project"] = i+1, 1
		task["annotations"] = []any{map[string]any{
			"id": 1000 + i, "completed_by": map[string]any{"id": 7, "email": args[2]}, "was_cancelled": false, "ground_truth": false,
			"created_at": "2025-01-01T00:00:00.000001Z", "updated_at": args[3], "lead_time": 4.2, "result": result,
		}}
	}
	out, err := json.MarshalIndent(tasks, "", "  ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o600))
}

func annotateRegions(result []any, text, what, id, value string) []any {
	chosen := func(name string, list ...string) map[string]any {
		return map[string]any{"id": id, "from_name": name, "to_name": "text", "type": "choices", "origin": "manual", "value": map[string]any{"choices": list}}
	}
	place := func(region map[string]any, words string) {
		at := strings.Index(text, words)
		start := utf8.RuneCountInString(text[:at])
		v := region["value"].(map[string]any)
		v["start"], v["end"], v["text"] = start, start+utf8.RuneCountInString(words), words
	}
	of := func(r any, name string) bool {
		region := r.(map[string]any)
		return region["id"] == id && (name == "" || region["from_name"] == name)
	}
	switch what {
	case "mark":
		words, topics, _ := strings.Cut(value, "|")
		if !strings.Contains(text, words) {
			return result
		}
		id = "Xy_" + string(rune('a'+len(result)))
		marked := map[string]any{"id": id, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": map[string]any{"labels": []string{"claim"}}}
		place(marked, words)
		result = append(result, marked)
		if topics != "" {
			choice := chosen("topics", strings.Split(topics, ",")...)
			place(choice, words)
			result = append(result, choice)
		}
	case "drop":
		result = slices.DeleteFunc(result, func(r any) bool { return of(r, "") })
	case "bounds":
		for _, r := range result {
			if of(r, "") {
				place(r.(map[string]any), value)
			}
		}
	default: // topics, kind, stance
		known := slices.ContainsFunc(result, func(r any) bool { return of(r, "") })
		result = slices.DeleteFunc(result, func(r any) bool { return of(r, what) })
		if known && value != "" {
			result = append(result, chosen(what, strings.Split(value, ",")...))
		}
	}
	return result
}
