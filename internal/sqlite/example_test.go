package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/ouidire/ouidire/internal/sqlite"
)

func ExampleDB_Write() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(folder, "notes.db"), sqlite.Options{Migrations: fstest.MapFS{
		"0001_note.sql": &fstest.MapFile{Data: []byte("CREATE TABLE note (text TEXT NOT NULL) STRICT")},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	err = db.Write(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO note (text) VALUES (?)", "l’épargne")
		return err
	})
	fmt.Println("durable:", err == nil)
	// Output: durable: true
}
