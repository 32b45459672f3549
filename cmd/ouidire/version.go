package main

import (
	"runtime"
	"runtime/debug"
)

// release is the version of a build that carries none: between two releases.
const release = "0.1.0-dev"

func thisBuild() build {
	b := build{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Revision = setting.Value
		}
	}
	return b
}

type versionCmd struct{}

// Run implements `ouidire version`.
func (versionCmd) Run(c *call) error {
	b := thisBuild()
	if c.out.json {
		return c.out.object(b)
	}
	return c.out.line("ouidire %s (%s, %s)", b.Version, b.Go, b.Platform)
}
