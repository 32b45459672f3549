package needs

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is one with a Docker that plays its part, a Maven that only says that it was
// asked, and a Java that nothing runs on.
type machine struct {
	t                  *testing.T
	programs, folder   string
	script, transcript string
}

func newMachine(t *testing.T, docker string) *machine {
	t.Helper()
	for _, needed := range []string{"bash", "curl", "python3", "flock", "timeout"} {
		if _, err := exec.LookPath(needed); err != nil {
			Missing(t, "there is no %s", needed)
		}
	}
	script, err := filepath.Abs(filepath.Join("..", "..", "tools", "elasticsearch"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	m := &machine{t: t, programs: filepath.Join(home, "bin"), folder: t.TempDir(), script: script, transcript: filepath.Join(home, "asked")}
	m.program("bin/docker", "echo \"$@\" >>\""+m.transcript+"\"\n"+docker)
	m.program("bin/mvn", "echo Maven was asked >&2; exit 7")
	m.program("java/bin/java", "exit 1")
	if err := os.WriteFile(filepath.Join(home, "java", "release"), []byte("JAVA_VERSION=\"17.0.1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) program(name, does string) {
	m.t.Helper()
	path := filepath.Join(filepath.Dir(m.programs), name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte("#!/bin/bash\n"+does+"\n"), 0o700)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// serve starts the script.
func (m *machine) serve(out io.Writer) *exec.Cmd {
	m.t.Helper()
	home := filepath.Dir(m.programs)
	cmd := exec.Command(m.script, m.folder, "8.16.6", "contained")
	cmd.Env = append(os.Environ(), "PATH="+m.programs+":"+os.Getenv("PATH"), "JAVA_HOME="+filepath.Join(home, "java"), "XDG_CACHE_HOME="+home)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	return cmd
}

func TestWithoutADockerThatServesElasticsearchComesFromMaven(t *testing.T) {
	for name, c := range map[string]struct{ docker, says string }{
		"it hangs":           {"exec sleep 300", "no Docker answers"},
		"no daemon is there": {"echo 'Cannot connect to the Docker daemon' >&2; exit 1", "no Docker answers"},
		"no image is got":    {`case $1 in ps) ;; *) exit 1 ;; esac`, "Docker does not get docker.elastic.co/elasticsearch/elasticsearch:8.16.6"},
		"the container dies": {`case $1 in run) echo 'no memory' >&2; exit 125 ;; esac`, "no memory\nDocker does not run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := newMachine(t, c.docker).serve(&out).Wait()
			ended := (*exec.ExitError)(nil)
			if !errors.As(err, &ended) || !strings.Contains(out.String(), c.says) || !strings.HasSuffix(out.String(), "Maven was asked\n") {
				t.Errorf("it ended with %v and said %q, want %q, and that Maven was asked", err, out.String(), c.says)
			}
		})
	}
}

func TestADockerThatServesElasticsearchIsAskedAndToldToStop(t *testing.T) {
	t.Parallel()
	m := newMachine(t, `[ "$1" = run ] || exit 0
mkdir -p "$0.served/_cluster" && echo '{"status": "green"}' >"$0.served/_cluster/health"
[[ "$*" =~ 127.0.0.1:([0-9]+):9200 ]] && exec python3 -m http.server --bind 127.0.0.1 --directory "$0.served" "${BASH_REMATCH[1]}"`)
	cmd := m.serve(t.Output())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	address := m.ready(ended)
	answer, err := http.Get(address + "/_cluster/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	asked, err := os.ReadFile(m.transcript)
	if all := string(asked); err != nil || !strings.Contains(all, "elasticsearch:8.16.6") || !strings.Contains(all, "\nrm -f ouidire-test-") {
		t.Errorf("%v; Docker was asked:\n%s", err, all)
	}
	if _, err := http.Get(address); err == nil {
		t.Error("it serves for ever")
	}
}

// ready waits until the script says where the server is.
func (m *machine) ready(ended <-chan error) string {
	m.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if said, err := os.ReadFile(filepath.Join(m.folder, "ready")); err == nil {
			return strings.TrimSpace(string(said))
		}
		select {
		case <-tick.C:
		case err := <-ended:
			m.t.Fatalf("it ended: %v", err)
		}
	}
}
