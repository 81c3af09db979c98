package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of the program, its analysis and its taxonomy",
		Example: "  skyarchive version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			v := a.versions()
			if a.json {
				return term.JSONLine(a.stdout, v)
			}
			_, err := fmt.Fprintf(a.stdout, "skyarchive %s (analysis %s, taxonomy %s, %s %s/%s)\n",
				v.Program, v.Analysis, v.Taxonomy, v.Go, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

type versionInfo struct {
	Program  string `json:"program"`
	Analysis string `json:"analysis"`
	Taxonomy string `json:"taxonomy"`
	Go       string `json:"go"`
}

func (a *app) versions() versionInfo {
	return versionInfo{version, analysis.Version, a.taxonomy().Version(), runtime.Version()}
}
