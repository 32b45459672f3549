package query

// Missing is what keeps n from holding for d: the words, conditions and exclusions
// that fail, in the order of the query. It answers "why did we miss this?", and is
// empty when n holds. Of alternatives that all fail, it gives all.
func Missing(d *Document, n Node) []Node {
	if Holds(d, n) {
		return nil
	}
	switch n := n.(type) {
	case And:
		return missing(d, n.Nodes)
	case Or:
		return missing(d, n.Nodes)
	}
	return []Node{n}
}

func missing(d *Document, nodes []Node) []Node {
	var all []Node
	for _, m := range nodes {
		all = append(all, Missing(d, m)...)
	}
	return all
}
