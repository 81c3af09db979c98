package review

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"skyarchive/analysis"
	"skyarchive/analysis/words"
)

// Labels are what verdicts are called. The zero value calls them as [analysis.Verdicts]
// does. What is kept is always the verdict, never its label.
type Labels struct {
	renamed map[analysis.Verdict]analysis.VerdictText
}

// ReadLabels reads a YAML file of verdict: {fr: label, en: label}. A verdict that it does
// not name, and a language that it leaves out, keep their label.
func ReadLabels(raw []byte) (Labels, error) {
	var file map[string]struct{ Fr, En string }
	if err := yaml.Load(raw, &file, yaml.WithKnownFields()); err != nil {
		return Labels{}, fmt.Errorf("not lines like \"mixed: {fr: À moitié, en: Half right}\": %w", err)
	}
	l := Labels{renamed: map[analysis.Verdict]analysis.VerdictText{}}
	for _, t := range analysis.Verdicts() {
		name, ok := file[string(t.Verdict)]
		if !ok {
			continue
		}
		delete(file, string(t.Verdict))
		if s := strings.TrimSpace(name.Fr); s != "" {
			t.Fr = s
		}
		if s := strings.TrimSpace(name.En); s != "" {
			t.En = s
		}
		l.renamed[t.Verdict] = t
	}
	for name := range file {
		return Labels{}, fmt.Errorf("no verdict %q; the verdicts are %s", name, strings.Join(slugs(), ", "))
	}
	return l, l.check()
}

// check refuses one label for two verdicts: a table would be read back wrongly.
func (l Labels) check() error {
	owner := map[string]analysis.Verdict{}
	for _, t := range l.All() {
		for _, label := range []string{string(t.Verdict), t.Fr, t.En} {
			if other, taken := owner[fold(label)]; taken && other != t.Verdict {
				return fmt.Errorf("%q is the label of both %s and %s", label, other, t.Verdict)
			}
			owner[fold(label)] = t.Verdict
		}
	}
	return nil
}

func slugs() []string {
	var list []string
	for _, t := range analysis.Verdicts() {
		list = append(list, string(t.Verdict))
	}
	return list
}

// All are the verdicts with their labels, in the order shown.
func (l Labels) All() []analysis.VerdictText {
	list := analysis.Verdicts()
	for i, t := range list {
		if renamed, ok := l.renamed[t.Verdict]; ok {
			list[i] = renamed
		}
	}
	return list
}

// Name is what a verdict is called in a list for people: its English label if it was
// renamed, else the verdict itself.
func (l Labels) Name(v analysis.Verdict) string {
	if t, ok := l.renamed[v]; ok {
		return t.En
	}
	return string(v)
}

// Verdict is the verdict with this name: its own, or its label in either language, in any
// case, with and without accents. The labels it has without a file are known too, where no
// other verdict has taken them.
func (l Labels) Verdict(name string) (analysis.Verdict, bool) {
	for _, list := range [][]analysis.VerdictText{l.All(), analysis.Verdicts()} {
		for _, t := range list {
			if same(name, string(t.Verdict)) || same(name, t.Fr) || same(name, t.En) {
				return t.Verdict, true
			}
		}
	}
	return "", false
}

var dismissals = map[string]analysis.Dismissal{
	"not-a-claim": analysis.NotAClaim, "not a claim": analysis.NotAClaim, "pas une affirmation": analysis.NotAClaim, "n'est pas une affirmation": analysis.NotAClaim,
	"off-topic": analysis.OffTopic, "off topic": analysis.OffTopic, "hors sujet": analysis.OffTopic, "hors-sujet": analysis.OffTopic,
	"duplicate-of": analysis.DuplicateOf, "duplicate of": analysis.DuplicateOf, "duplicate": analysis.DuplicateOf, "doublon de": analysis.DuplicateOf, "doublon": analysis.DuplicateOf,
}

// Dismissal reads why a claim needs no verdict, in English or French; of is the claim that
// it repeats, behind a = or a space.
func Dismissal(s string) (d analysis.Dismissal, of string, ok bool) {
	for name, kind := range dismissals {
		rest, found := strings.CutPrefix(fold(s), fold(name))
		rest = strings.TrimLeft(rest, " =:")
		switch {
		case !found || strings.Contains(rest, " "):
		case kind == analysis.DuplicateOf && isID(rest):
			return kind, rest, true
		case kind != analysis.DuplicateOf && rest == "":
			return kind, "", true
		}
	}
	return "", "", false
}

// isID says whether s may be a claim's id or a good start of one.
func isID(s string) bool {
	return len(s) >= 4 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

func same(a, b string) bool { return fold(a) == fold(b) }

// fold is a name without case, accents and surrounding spaces.
func fold(s string) string { return words.Fold(strings.TrimSpace(s)).Folded }
