package topic

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

func readNear(n *yaml.Node) (nearRule, error) {
	rule := nearRule{within: 12}
	err := fields(n, "near", func(key string, v *yaml.Node) (err error) {
		switch key {
		case "words":
			rule.words, err = readTerms(nil, v)
		case "with":
			rule.with, err = readNames(v)
		case "within":
			rule.within, err = readInt(v)
		default:
			err = errUnknown
		}
		return err
	})
	return rule, err
}

// readTerms adds lists of terms by language.
func readTerms(list []term, n *yaml.Node) ([]term, error) {
	err := fields(n, "terms", func(key string, v *yaml.Node) error {
		lang := anyLanguage
		switch key {
		case "fr":
			lang = french
		case "en":
			lang = english
		case "any":
		default:
			return errUnknown
		}
		text, err := scalar(v)
		if err != nil {
			return err
		}
		line := v.Line
		if v.Style == yaml.LiteralStyle {
			line++ // its text starts on the line after its key
		}
		list = slices.Grow(list, strings.Count(text, ",")+strings.Count(text, "\n")+1)
		for row := range strings.SplitSeq(text, "\n") {
			for item := range strings.SplitSeq(row, ",") {
				if item = strings.TrimSpace(item); item != "" {
					list = append(list, term{item, lang, int32(line)})
				}
			}
			line++
		}
		return nil
	})
	return list, err
}

func readLabel(l *Label, n *yaml.Node) error {
	return fields(n, "a label", func(key string, v *yaml.Node) (err error) {
		switch key {
		case "fr":
			l.French, err = scalar(v)
		case "en":
			l.English, err = scalar(v)
		default:
			err = errUnknown
		}
		return err
	})
}

func readNames(n *yaml.Node) ([]reference, error) {
	var list []reference
	err := each(n, "a list of names", func(v *yaml.Node) error {
		name, err := scalar(v)
		list = append(list, reference{name, v.Line})
		return err
	})
	return list, err
}

func readInt(n *yaml.Node) (int, error) {
	i, err := strconv.Atoi(n.Value)
	if err != nil || i < 1 || i > 100 {
		return 0, atLine(n.Line, "%q is no number of words from 1 to 100", n.Value)
	}
	return i, nil
}

var errUnknown = errors.New("unknown field")

// fields calls fn for each field of a mapping.
func fields(n *yaml.Node, what string, fn func(key string, v *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return atLine(n.Line, "%s must be a mapping", what)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		switch err := fn(key.Value, v); {
		case err == errUnknown:
			return atLine(key.Line, "%s has no field %q", what, key.Value)
		case err != nil:
			return err
		}
	}
	return nil
}

// each calls fn for each item of a list.
func each(n *yaml.Node, what string, fn func(*yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return atLine(n.Line, "%s must be a list", what)
	}
	for _, item := range n.Content {
		if err := fn(item); err != nil {
			return err
		}
	}
	return nil
}

func scalar(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", atLine(n.Line, "a text must stand here")
	}
	return n.Value, nil
}

func atLine[L int | int32](line L, format string, args ...any) error {
	return fmt.Errorf("taxonomy: line %d: %s", line, fmt.Sprintf(format, args...))
}
