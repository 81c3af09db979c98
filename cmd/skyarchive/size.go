package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A size is a flag for bytes, written like 50MB, 2 GB or 1000000.
type size int64

var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"ko", 1e3}, {"mo", 1e6}, {"go", 1e9}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1},
}

// Set implements pflag.Value.
func (s *size) Set(text string) error {
	number, unit := strings.ToLower(strings.ReplaceAll(text, " ", "")), 1.0
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*unit <= 1<<60) {
		return fmt.Errorf("%q is no size; write it like 50MB or 2GB, 0 for any", text)
	}
	*s = size(n * unit)
	return nil
}

// String implements pflag.Value.
func (s *size) String() string { return sizeText(int64(*s)) }

// Type implements pflag.Value.
func (s *size) Type() string { return "size" }

// sizeText writes bytes for people.
func sizeText(n int64) string {
	switch {
	case n >= 1e9:
		return trimZero(fmt.Sprintf("%.1f", float64(n)/1e9)) + " GB"
	case n >= 1e6:
		return trimZero(fmt.Sprintf("%.1f", float64(n)/1e6)) + " MB"
	case n >= 1e3:
		return trimZero(fmt.Sprintf("%.1f", float64(n)/1e3)) + " kB"
	}
	return fmt.Sprintf("%d B", n)
}

func trimZero(s string) string { return strings.TrimSuffix(s, ".0") }
