package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var madeField = regexp.MustCompile(`"made":"[^"]*"`)

// sameLinesCommand compares two NDJSON exports, but for the time in their first line at
// which they were made. With -decisions only what people decided is compared.
func sameLinesCommand(ts *testscript.TestScript, neg bool, args []string) {
	only := ""
	if len(args) == 3 && args[0] == "-decisions" {
		only, args = `{"type":"decision"`, args[1:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samelines [-decisions] file file")
	}
	var lists [2][]string
	for i, name := range args {
		for line := range strings.Lines(ts.ReadFile(name)) {
			if strings.HasPrefix(line, `{"type":"about"`) {
				line = madeField.ReplaceAllString(line, `"made":""`)
			}
			if strings.HasPrefix(line, only) {
				lists[i] = append(lists[i], line)
			}
		}
	}
	if len(lists[0]) < 2 {
		ts.Fatalf("%s has %d lines to compare", args[0], len(lists[0]))
	}
	for i := range max(len(lists[0]), len(lists[1])) {
		if i >= len(lists[0]) || i >= len(lists[1]) || lists[0][i] != lists[1][i] {
			ts.Fatalf("line %d differs:\n%s\n%s", i+1, slices.Concat(lists[0][i:min(i+1, len(lists[0]))], []string{"(none)\n"})[0], slices.Concat(lists[1][i:min(i+1, len(lists[1]))], []string{"(none)"})[0])
		}
	}
}

// tamperCommand changes one field of the last line of a kind in an NDJSON file.
func tamperCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: tamper old new kind field")
	}
	lines := slices.Collect(strings.Lines(ts.ReadFile(args[0])))
	for i, line := range slices.Backward(lines) {
		if !strings.HasPrefix(line, `{"type":"`+args[2]+`"`) {
			continue
		}
		var fields map[string]any
		ts.Check(json.Unmarshal([]byte(line), &fields))
		value, ok := fields[args[3]].(string)
		if !ok || len(value) < 3 {
			ts.Fatalf("%s has no text %s", args[2], args[3])
		}
		other := byte('A')
		if value[1] == other {
			other = 'B'
		}
		changed := value[:1] + string(other) + value[2:]
		lines[i] = strings.Replace(line, `"`+args[3]+`":"`+value+`"`, `"`+args[3]+`":"`+changed+`"`, 1)
		if lines[i] == line {
			ts.Fatalf("%s was not changed in %s", args[3], line)
		}
		var out bytes.Buffer
		for _, l := range lines {
			out.WriteString(l)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
		return
	}
	ts.Fatalf("%s has no line of type %s", args[0], args[2])
}

// setLinesCommand gives fields of all lines of a kind in an NDJSON file other values, in JSON;
// nothing takes the field out, and "sightings.at" is that field of each sighting. With -copy each
// line stays, and the changed one stands behind it.
func setLinesCommand(ts *testscript.TestScript, neg bool, args []string) {
	keep := len(args) > 0 && args[0] == "-copy"
	if keep {
		args = args[1:]
	}
	if neg || len(args) < 3 {
		ts.Fatalf("usage: setlines [-copy] old new kind field=json...")
	}
	var out bytes.Buffer
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if !strings.HasPrefix(line, `{"type":"`+args[2]+`"`) {
			out.WriteString(line)
			continue
		}
		n++
		if keep {
			out.WriteString(line)
		}
		var fields map[string]json.RawMessage
		ts.Check(json.Unmarshal([]byte(line), &fields))
		for _, arg := range args[3:] {
			name, value, _ := strings.Cut(arg, "=")
			if sight, ok := strings.CutPrefix(name, "sightings."); ok {
				var list []map[string]json.RawMessage
				ts.Check(json.Unmarshal(fields["sightings"], &list))
				for i := range list {
					list[i][sight] = json.RawMessage(value)
				}
				raw, err := json.Marshal(list)
				ts.Check(err)
				name, value = "sightings", string(raw)
			}
			if fields[name] = json.RawMessage(value); value == "" {
				delete(fields, name)
			}
		}
		delete(fields, "type")
		raw, err := json.Marshal(fields)
		ts.Check(err)
		out.WriteString(`{"type":"` + args[2] + `",` + string(raw[1:]) + "\n")
	}
	if n == 0 {
		ts.Fatalf("%s has no line of type %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}
