package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/export"
)

// baseValue is a number in its base unit, with both ends of a range and its rate.
func baseValue(q analysis.Quantity) string {
	if q.BaseValue == nil || q.BaseUnit == "" || q.BaseUnit == q.Unit {
		return ""
	}
	s := readable(*q.BaseValue)
	if q.ValueHi != nil && q.Value != 0 {
		s += "–" + readable(*q.ValueHi**q.BaseValue/q.Value)
	}
	s += "\u00a0" + q.BaseUnit
	if q.Per != "" {
		s += " " + export.Rate(q)
	}
	return fmt.Sprintf(" (%s)", s)
}

// digitsShown is how many digits of a number that is no whole one are shown, unless more of
// them stand before its point.
const digitsShown = 4

// readable is a number as people read it: rounded behind the point, its digits in groups of
// three.
func readable(v float64) string {
	size := math.Abs(v)
	if size >= 1e21 || size < 1e-4 && v != 0 {
		return strconv.FormatFloat(v, 'g', digitsShown, 64)
	}
	decimals := digitsShown
	if v != 0 {
		decimals = max(0, digitsShown-1-int(math.Floor(math.Log10(size))))
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > len(whole)-len(strings.TrimPrefix(whole, "-")); i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if rest != "" {
		rest = "." + rest
	}
	return whole + rest
}
