package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
)

//go:embed assets
var assets embed.FS

// asset is the address of a file of ours. It changes with the file, so that a
// browser may keep it for ever and still never shows a page in an old dress.
func asset(name string) (string, error) {
	content, err := fs.ReadFile(assets, "assets/"+name)
	if err != nil {
		return "", fmt.Errorf("asset %s: %w", name, err)
	}
	sum := sha256.Sum256(content)
	return "/assets/" + name + "?v=" + hex.EncodeToString(sum[:6]), nil
}

// asset serves one of them. Under an address of another version it is not kept.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if address, err := asset(name); err == nil && address == r.URL.RequestURI() {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, assets, "assets/"+name)
}
