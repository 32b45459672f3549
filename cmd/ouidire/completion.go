package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${shell_arg}"`
}

// Run implements `ouidire completion`: a script to be sourced. It is made from the
// command's own model, so that no flag is forgotten.
func (cmd completionCmd) Run(c *call) error {
	if cmd.Shell == "fish" {
		return c.out.write([]byte(fish(c.model.Node)))
	}
	script := bash(c.model.Node)
	if cmd.Shell == "zsh" {
		script = "autoload -U +X bashcompinit && bashcompinit\n" + script
	}
	return c.out.write([]byte(script))
}

// flags are the long flags that may stand after a command.
func flags(n *kong.Node) []string {
	var names []string
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			names = append(names, "--"+f.Name)
		}
	}
	return names
}

// commands are the visible subcommands of a node.
func commands(n *kong.Node) []*kong.Node {
	var found []*kong.Node
	for _, child := range n.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			found = append(found, child)
		}
	}
	return found
}

// bash follows the words of the line down the commands, whatever flags and values
// stand between, then offers what may come next.
func bash(root *kong.Node) string {
	var paths []string
	var cases strings.Builder
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		words := flags(n)
		for _, child := range commands(n) {
			words = append(words, child.Name)
			paths = append(paths, path+"/"+child.Name)
			walk(child, path+"/"+child.Name)
		}
		fmt.Fprintf(&cases, "\t%q) words=%q;;\n", path, strings.Join(words, " "))
	}
	walk(root, "")
	return `_ouidire() {
	local word path="" words="" cur=${COMP_WORDS[COMP_CWORD]}
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $path/$word in
		` + strings.Join(paths, "|") + `) path=$path/$word;;
		esac
	done
	case $path in
` + cases.String() + `	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _ouidire ouidire
`
}

func fish(root *kong.Node) string {
	var out strings.Builder
	for _, n := range commands(root) {
		fmt.Fprintf(&out, "complete -c ouidire -n __fish_use_subcommand -a %s -d %q\n", n.Name, n.Help)
		for _, child := range commands(n) {
			fmt.Fprintf(&out, "complete -c ouidire -n '__fish_seen_subcommand_from %s' -a %s -d %q\n", n.Name, child.Name, child.Help)
		}
		for _, name := range flags(n) {
			fmt.Fprintf(&out, "complete -c ouidire -n '__fish_seen_subcommand_from %s' -l %s\n", n.Name, strings.TrimPrefix(name, "--"))
		}
	}
	return out.String()
}
