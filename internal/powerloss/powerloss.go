// Package powerloss shows tests what a program would find again after a cut of the
// power. To kill a program proves nothing about fsync: what it wrote is in the
// kernel's hands, and the kernel lives on. So Record watches a program's writes and
// syncs with strace, and Trace.Lose builds the folder as a disk could have kept it,
// had the power gone at any instant: what was synced is whole, and what was not is
// dropped, kept, or torn. It is for tests; no program imports it.
//
// What the disk owes (a little less than ext4 gives, so that we do not lean on it):
//   - fsync and fdatasync of a file keep what was written to it before they began,
//     its size, and the name it was created with; not a rename or an unlink.
//   - fsync of a folder keeps all names in it as they were.
//   - What was not synced survives or not: writes to one file each for itself, in
//     sectors of 512 bytes; changes of names in their order, up to some point.
//
// Folders are there at once. SQLite's -shm files are left out: they live in mapped
// memory, and SQLite makes them anew. Calls that it cannot replay (other writable
// maps, splice, links) make Record fail rather than guess.
package powerloss

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// calls are what strace reports. Those that parse does not know are refused when
// they touch the folder.
const calls = "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,lseek," +
	"fsync,fdatasync,sync_file_range,ftruncate,truncate,fallocate," +
	"rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat," +
	"mmap,copy_file_range,sendfile,splice,dup,dup2,dup3"

// Need skips a test where programs cannot be watched, and fails it on CI, where
// they must be.
func Need(t testing.TB) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "strace", "-f", "--seccomp-bpf", "-o", os.DevNull, "true").CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("strace cannot watch programs here, and this is CI: %v\n%s", err, out)
	default:
		t.Skipf("SKIPPED, nothing was proved about lost power: install strace and allow ptrace: %v\n%s", err, out)
	}
}

// Record runs cmd to its end and remembers what it did to the files below folder,
// which must be empty, and what it said on its standard output.
func Record(ctx context.Context, folder string, cmd *exec.Cmd) (*Trace, error) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	there, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("record what is done to %s: it holds %d files, and must be empty", folder, len(there))
	}
	log, err := os.CreateTemp("", "powerloss-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	args := append([]string{"-f", "--seccomp-bpf", "-y", "-xx", "-s", "16777216", "-o", log.Name(), "-e", "trace=" + calls, cmd.Path}, cmd.Args[1:]...)
	watched := exec.CommandContext(ctx, "strace", args...)
	watched.Env, watched.Dir = cmd.Env, cmd.Dir
	var said, complained bytes.Buffer
	watched.Stdout, watched.Stderr = &said, &complained
	if err := watched.Run(); err != nil {
		return nil, fmt.Errorf("run %s under strace: %w: %s%s", filepath.Base(cmd.Path), err, said.Bytes(), complained.Bytes())
	}
	return parse(log, folder)
}
