package powerloss

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile(`'([^']*)'`)

// log writes strace's lines from readable ones: what stands between ' is put in hexadecimal.
func log(lines ...string) string {
	return quoted.ReplaceAllStringFunc(strings.Join(lines, "\n"), func(s string) string {
		var out strings.Builder
		for _, b := range []byte(strings.Trim(s, "'")) {
			fmt.Fprintf(&out, `\x%s`, hex.EncodeToString([]byte{b}))
		}
		return out.String()
	})
}

func TestASyncKeepsWhatEndedBeforeItBegan(t *testing.T) {
	open := `7 openat(AT_FDCWD<'/d'>, "'été'", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 5<'/d/été'>`
	sync := `7 fsync(5<'/d/été'>) = 0`
	for name, c := range map[string]struct {
		lines string
		want  string // of what is not synced, nothing survives
	}{
		"made, never synced":      {log(open), ""},
		"synced":                  {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0) = 3`, sync), "été=abc"},
		"a hole before it":        {log(open, `7 pwrite64(5<'/d/été'>, "'c'", 1, 2) = 1`, sync), "été=\x00\x00c"},
		"cut by another thread":   {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0 <unfinished ...>`, `8 --- SIGURG {} ---`, `7 <... pwrite64 resumed>) = 3`, sync), "été=abc"},
		"ended during the sync":   {log(open, `8 pwrite64(5<'/d/été'>, "'abc'", 3, 0 <unfinished ...>`, `7 fsync(5<'/d/été'> <unfinished ...>`, `8 <... pwrite64 resumed>) = 3`, `7 <... fsync resumed>) = 0`), "été="},
		"written in part":         {log(open, `7 write(5<'/d/été'>, "'abc'", 3) = 2`, `7 write(5<'/d/été'>, "'d'", 1) = 1`, sync), "été=abd"},
		"elsewhere by lseek":      {log(open, `7 lseek(5<'/d/été'>, 1, SEEK_SET) = 1`, `7 write(5<'/d/été'>, "'b'", 1) = 1`, sync), "été=\x00b"},
		"a write that failed":     {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0) = -1 ENOSPC (No space left on device)`, sync), "été="},
		"a sync that failed":      {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0) = 3`, `7 fsync(5<'/d/été'>) = -1 EIO (Input/output error)`), ""},
		"truncated":               {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0) = 3`, `7 ftruncate(5<'/d/été'>, 1) = 0`, sync), "été=a"},
		"emptied when opened":     {log(open, `7 pwrite64(5<'/d/été'>, "'abc'", 3, 0) = 3`, `7 open("'/d/été'", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 6<'/d/été'>`, sync), "été="},
		"unlinked":                {log(open, sync, `7 unlink("'/d/été'") = 0`), "été="},
		"unlinked, folder synced": {log(open, sync, `7 unlinkat(AT_FDCWD<'/d'>, "'/d/été'", 0) = 0`, `7 fsync(6<'/d'>) = 0`), ""},
		"another folder":          {log(`7 openat(AT_FDCWD<'/e'>, "'été'", O_RDWR|O_CREAT, 0600) = 5<'/e/été'>`, `7 fsync(5<'/e/été'>) = 0`), ""},
		"shared memory":           {log(`7 open("'/d/x-shm'", O_RDWR|O_CREAT, 0600) = 5<'/d/x-shm'>`, `7 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 5<'/d/x-shm'>, 0) = 0x7f3f20e2e000`, `7 fsync(5<'/d/x-shm'>) = 0`), ""},
		"the end of the program":  {log(open, sync, `7 exit_group(0) = ?`, `7 +++ exited with 0 +++`), "été="},
	} {
		t.Run(name, func(t *testing.T) {
			trace, err := parse(strings.NewReader(c.lines), "/d")
			if err != nil {
				t.Fatal(err)
			}
			if _, got := lose(t, trace, trace.Len(), Dropped, 0); got != c.want {
				t.Errorf("the disk holds %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsSaidCountsFromItsFirstMoment(t *testing.T) {
	trace, err := parse(strings.NewReader(log(`7 write(1<'pipe:[1]'>, "'un
deu'", 6 <unfinished ...>`, `8 --- SIGURG {} ---`, `7 <... write resumed>) = 6`, `7 write(1<'pipe:[1]'>, "'x
'", 2) = 2`)), "/d")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range []string{"[]", "[un]", "[un]", "[un]", "[un deux]"} {
		if got := fmt.Sprint(trace.Said(at)); got != want {
			t.Errorf("at %d it said %s, want %s", at, got, want)
		}
	}
}

func TestALogThatCannotBeUnderstoodIsRefused(t *testing.T) {
	for name, line := range map[string]string{
		"a line of something else":  `7 hello`,
		"an end without beginning":  `7 <... pwrite64 resumed>) = 3`,
		"a string that was cut":     log(`7 pwrite64(5<'/d/a'>, "'abc'"..., 3, 0) = 3`),
		"writable shared memory":    log(`7 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 5<'/d/a'>, 0) = 0x7f3f20e2e000`),
		"a call without its replay": log(`7 fallocate(5<'/d/a'>, 0, 0, 4096) = 0`),
		"a rename out of it":        log(`7 rename("'/d/a'", "'/e/a'") = 0`),
		"a rename of a folder":      log(`7 rename("'/d/a'", "'/d/b'") = 0`),
		"a link":                    log(`7 link("'/e/a'", "'/d/b'") = 0`),
	} {
		if _, err := parse(strings.NewReader(line), "/d"); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func FuzzALogNeverPanics(f *testing.F) {
	f.Add(log(`7 openat(AT_FDCWD<'/d'>, "'a'", O_RDWR|O_CREAT, 0600) = 5<'/d/a'>`, `7 pwrite64(5<'/d/a'>, "'abc'", 3, 1 <unfinished ...>`, `7 <... pwrite64 resumed>) = 3`, `7 rename("'/d/a'", "'/d/b'") = 0`, `7 fsync(6<'/d'>) = 0`))
	f.Add(log(`7 creat("'/d/a'", 0600) = 5<'/d/a'>`, `7 ftruncate(5<'/d/a'>, 9) = 0`, `7 unlinkat(AT_FDCWD<'/d'>, "'a'", 0) = 0`, `7 lseek(5<'/d/a'>, 1, SEEK_SET) = 1`))
	f.Fuzz(func(t *testing.T, text string) {
		trace, err := parse(strings.NewReader(text), "/d")
		if err != nil {
			return
		}
		for _, e := range trace.events {
			if e.offset < 0 || e.size < 0 || e.offset > 1<<16 || e.size > 1<<16 {
				return // a sound log has none, or needs the memory
			}
		}
		d := disk{now: map[string]*file{}, durable: map[string]*file{}}
		for _, e := range trace.events {
			d.apply(e)
		}
		for _, of := range d.files {
			of.after(Torn, rand.New(rand.NewPCG(1, 2)))
		}
	})
}
