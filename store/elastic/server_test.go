package elastic

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// oldest is the server of the tests: of the oldest version that we work with.
func oldest(t testing.TB) string {
	t.Helper()
	return needs.Elasticsearch(t)
}

// startsWithin is how long a server may take to start on a machine that does much else.
const startsWithin = 10 * time.Minute

// ownServer is an Elasticsearch that a test starts, kills and starts again.
type ownServer struct {
	t       *testing.T
	folder  string
	running *exec.Cmd
	ended   chan struct{} // closed when it has
	address string
}

// startServer starts one in a folder of its own; it ends with the test.
func startServer(t *testing.T) *ownServer {
	t.Helper()
	oldest(t) // where that could not be started, this one cannot
	o := &ownServer{t: t, folder: t.TempDir()}
	// As root it serves as somebody else, who must find the way to the folder.
	if err := os.Chmod(filepath.Dir(o.folder), 0o711); err != nil {
		t.Fatal(err)
	}
	o.launch()
	t.Cleanup(o.kill)
	o.await()
	return o
}

// launch starts it, at its former address if it had one.
func (o *ownServer) launch() {
	o.t.Helper()
	if err := os.RemoveAll(o.ready()); err != nil {
		o.t.Fatal(err)
	}
	o.running, o.ended = exec.Command(filepath.Join("..", "..", "tools", "elasticsearch"), o.folder, "8.16.6"), make(chan struct{})
	o.running.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that all of it can be killed by one number
	o.running.Env = append(os.Environ(), "OUIDIRE_SOAK=")       // it lives for moments, and shall start quickly
	o.running.Stdout, o.running.Stderr = o.t.Output(), o.t.Output()
	if err := o.running.Start(); err != nil {
		o.t.Fatal(err)
	}
	go func(running *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = running.Wait() // that it was killed is no news
	}(o.running, o.ended)
}

func (o *ownServer) ready() string { return filepath.Join(o.folder, "ready") }

// await waits until it can be asked.
func (o *ownServer) await() {
	o.t.Helper()
	untilWithin(o.t, startsWithin, "Elasticsearch can be asked", func() bool {
		select {
		case <-o.ended:
			o.t.Fatal("Elasticsearch ended while it started")
		default:
		}
		said, err := os.ReadFile(o.ready())
		o.address = strings.TrimSpace(string(said))
		return err == nil
	})
}

// kill ends it as a power cut ends it for the processes beside it.
func (o *ownServer) kill() {
	if err := syscall.Kill(-o.running.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		o.t.Error(err)
	}
	<-o.ended
}
