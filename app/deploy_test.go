package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

// No container runs where these tests run: what deploy holds is read by the programs
// whose files they are, where there is one, and else by us.
const deploy = "../deploy/"

func readYAML(t *testing.T, path string, into any, options ...yaml.DecodeOption) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalWithOptions(body, into, options...)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// composeFile is what we use of the form of compose files; another key is a mistake.
type composeFile struct {
	Name     string             `yaml:"name"`
	Hardened any                `yaml:"x-hardened"`
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
	Secrets  map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
}

type service struct {
	Image       string            `yaml:"image"`
	Build       map[string]string `yaml:"build"`
	Profiles    []string          `yaml:"profiles"`
	Restart     string            `yaml:"restart"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	SecurityOpt []string          `yaml:"security_opt"`
	Logging     any               `yaml:"logging"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Secrets     []string          `yaml:"secrets"`
	Tmpfs       []string          `yaml:"tmpfs"`
	Ulimits     map[string]int    `yaml:"ulimits"`
	StopGrace   string            `yaml:"stop_grace_period"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test     []string `yaml:"test"`
		Interval string   `yaml:"interval"`
		Timeout  string   `yaml:"timeout"`
		Start    string   `yaml:"start_period"`
		Retries  int      `yaml:"retries"`
	} `yaml:"healthcheck"`
}

func compose(t *testing.T) (c composeFile) {
	t.Helper()
	readYAML(t, deploy+"compose.yml", &c, yaml.Strict())
	for _, name := range []string{"ouidire", "prometheus", "alertmanager", "grafana", "elasticsearch"} {
		if _, ok := c.Services[name]; !ok {
			t.Errorf("the compose file has no %s", name)
		}
	}
	return c
}

var pinned = regexp.MustCompile(`:v?\d+\.\d+\.\d+$|^ouidire:local$`)

func TestEachContainerIsConfinedChecksItsHealthAndIsOpenToThisMachineOnly(t *testing.T) {
	for name, s := range compose(t).Services {
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %s may change by itself", name, s.Image)
		}
		if len(s.Healthcheck.Test) < 2 || s.Healthcheck.Interval == "" || s.Healthcheck.Timeout == "" || s.Restart != "unless-stopped" {
			t.Errorf("%s: nobody sees whether it is well: %+v", name, s.Healthcheck)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		if name != "elasticsearch" && (!s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"})) {
			t.Errorf("%s may write to its image, or keeps capabilities", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to other machines: %s", name, port)
			}
		}
	}
}

func TestNothingInTheComposeFileHasADefaultPassword(t *testing.T) {
	c := compose(t)
	for name, s := range c.Services {
		for key, value := range s.Environment {
			if strings.Contains(strings.ToUpper(key), "PASSWORD") && !strings.HasPrefix(value, "/run/secrets/") {
				t.Errorf("%s: %s is %q", name, key, value)
			}
		}
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File != "./secrets/"+secret {
				t.Errorf("%s wants the secret %s, which is %q", name, secret, c.Secrets[secret].File)
			}
		}
	}
	if _, err := os.Stat(deploy + "secrets"); err == nil {
		t.Error("there is a folder of secrets in the repository")
	}
}

// mounts is what a service sees of the folder of the compose file.
func (s service) mounts() map[string]string {
	all := map[string]string{}
	for _, volume := range s.Volumes {
		from, to, _ := strings.Cut(strings.TrimSuffix(volume, ":ro"), ":")
		all[to] = from
	}
	return all
}

func TestWhatTheComposeFileMountsIsThere(t *testing.T) {
	c := compose(t)
	used := map[string]bool{}
	for name, s := range c.Services {
		for to, from := range s.mounts() {
			if relative, ok := strings.CutPrefix(from, "./"); ok {
				if _, err := os.Stat(deploy + relative); err != nil {
					t.Errorf("%s mounts %s: %v", name, from, err)
				}
			} else if _, ok := c.Volumes[from]; ok {
				used[from] = true
			} else {
				t.Errorf("%s keeps %s in %s, which is no volume", name, to, from)
			}
		}
		for other := range s.DependsOn {
			if len(c.Services[other].Healthcheck.Test) == 0 || s.DependsOn[other].Condition != "service_healthy" {
				t.Errorf("%s waits for %s, whose health nobody checks", name, other)
			}
		}
	}
	if len(used) != len(c.Volumes) {
		t.Errorf("%d volumes, %d used", len(c.Volumes), len(used))
	}
}

func TestTheConfigurationOfTheContainerIsGoodAndGuarded(t *testing.T) {
	c := compose(t)
	inside := c.Services["ouidire"].mounts()
	if inside["/data/ouidire.yml"] != "./ouidire.yml" || inside["/data"] == "" {
		t.Fatalf("ouidire sees %v", inside)
	}
	body, err := os.ReadFile(deploy + "ouidire.yml")
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "ouidire_password")
	if err := os.WriteFile(secret, []byte("l’été des comptoirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), "file:/run/secrets/ouidire_password") {
		t.Error("the page is not guarded by the secret of the compose file")
	}
	text := strings.ReplaceAll(string(body), "/run/secrets/ouidire_password", secret)
	f, err := config.Parse(filepath.Join(t.TempDir(), "ouidire.yml"), []byte(text), os.LookupEnv, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if f.Web.Password.Reveal() != "l’été des comptoirs" || f.Web.Listen != "0.0.0.0:8080" {
		t.Errorf("served at %s, guarded by %q", f.Web.Listen, f.Web.Password.Reveal())
	}
}

func TestTheImageHoldsOneStaticProgramThatIsNotRoot(t *testing.T) {
	body, err := os.ReadFile(deploy + "Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, ok := strings.Cut(string(body), "\nFROM docker.io/library/alpine:")
	if !ok || strings.Contains(last, "\nFROM ") {
		t.Fatal("the image is not what this test knows")
	}
	for _, want := range []string{"\nUSER 65532:65532\n", "\nHEALTHCHECK ", "\nVOLUME /data\n", "/usr/local/bin/ouidire\n", "\nENTRYPOINT [\"/usr/local/bin/ouidire\"]\n"} {
		if !strings.Contains(last, want) {
			t.Errorf("the image has no %q", strings.TrimSpace(want))
		}
	}
	if strings.Contains(last, "\nRUN ") || !strings.Contains(string(body), "CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/ouidire ./cmd/ouidire") {
		t.Error("the program is not static, or something is run in the image")
	}
	ignored, err := os.ReadFile(deploy + "Containerfile.dockerignore")
	if err != nil || !strings.Contains(string(ignored), "deploy\n") {
		t.Errorf("secrets under deploy go into the build: %v", err)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if !strings.Contains(string(body), "golang:"+string(wanted[1])+".") {
		t.Errorf("the image is built by another Go than %s", wanted[1])
	}
}

func TestGrafanaFindsItsDataSourcesAndItsBoards(t *testing.T) {
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			UID, Type, URL string
			Editable       bool
			JSONData       map[string]any    `yaml:"jsonData"`
			Secure         map[string]string `yaml:"secureJsonData"`
		}
	}
	readYAML(t, deploy+"grafana/provisioning/datasources/ouidire.yml", &sources)
	c, there := compose(t), map[string]bool{}
	for _, s := range sources.Datasources {
		there[s.UID] = true
		if host, _, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":"); s.UID != "ouidire-"+s.Type || len(c.Services[host].Image) == 0 || s.Editable {
			t.Errorf("data source %+v", s)
		}
		for _, value := range s.Secure {
			if name := strings.TrimSuffix(strings.TrimPrefix(value, "$__file{/run/secrets/"), "}"); !slices.Contains(c.Services["grafana"].Secrets, name) {
				t.Errorf("the password of %s is %q", s.UID, value)
			}
		}
		if s.Type == "elasticsearch" && s.JSONData["timeField"] != "@timestamp" {
			t.Errorf("Grafana sorts by %v", s.JSONData["timeField"])
		}
	}
	boards, err := dashboards.Boards(say.FrenchCanada, "http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	current := regexp.MustCompile(`"value": "(ouidire-(?:prometheus|elasticsearch))"`)
	for _, b := range boards {
		chosen := current.FindSubmatch(b.JSON)
		if chosen == nil || !there[string(chosen[1])] {
			t.Errorf("%s begins with %q, which is not there", b.File, chosen)
		}
	}
	var providers struct {
		Providers []struct {
			DisableDeletion bool `yaml:"disableDeletion"`
			AllowUIUpdates  bool `yaml:"allowUiUpdates"`
			Options         struct {
				Path    string
				Folders bool `yaml:"foldersFromFilesStructure"`
			}
		}
	}
	readYAML(t, deploy+"grafana/provisioning/dashboards/ouidire.yml", &providers)
	p := providers.Providers[0]
	if c.Services["grafana"].mounts()[p.Options.Path] != "./grafana/dashboards" || !p.Options.Folders || !p.DisableDeletion || p.AllowUIUpdates {
		t.Errorf("boards are taken from %+v", p)
	}
	home, ok := strings.CutPrefix(c.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"], p.Options.Path)
	if _, err := os.Stat(deploy + "grafana/dashboards" + home); err != nil || !ok {
		t.Errorf("Grafana begins with %s: %v", home, err)
	}
}

func TestPrometheusAndAlertmanagerAcceptTheirConfiguration(t *testing.T) {
	promtool, amtool := needs.Server(t, "OUIDIRE_TEST_PROMTOOL"), needs.Server(t, "OUIDIRE_TEST_AMTOOL")
	for _, cmd := range []*exec.Cmd{
		exec.CommandContext(t.Context(), promtool, "check", "config", "--syntax-only", deploy+"prometheus/prometheus.yml"), // the secret is not there
		exec.CommandContext(t.Context(), amtool, "check-config", deploy+"alertmanager/alertmanager.yml"),
	} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", cmd.Path, err, out)
		}
	}
	var prometheus struct {
		Rules   []string `yaml:"rule_files"`
		Scrapes []struct {
			Job  string `yaml:"job_name"`
			Auth struct {
				File string `yaml:"password_file"`
			} `yaml:"basic_auth"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, deploy+"prometheus/prometheus.yml", &prometheus)
	if _, err := os.Stat(deploy + "prometheus/" + strings.Join(prometheus.Rules, ",")); err != nil || len(prometheus.Rules) != 1 {
		t.Errorf("the rules are %v: %v", prometheus.Rules, err)
	}
	if s := prometheus.Scrapes[0]; s.Job != "ouidire" || !slices.Contains(compose(t).Services["prometheus"].Secrets, filepath.Base(s.Auth.File)) {
		t.Errorf("ouidire is read as %+v", s)
	}
}

// exposure is how exposed systemd finds a service, from 0 to 10; 2 is called OK.
var exposure = regexp.MustCompile(`Overall exposure level for ouidire.service: ([0-9.]+)`)

func TestSystemdAcceptsTheUnitAndFindsItConfined(t *testing.T) {
	analyze := needs.Server(t, "OUIDIRE_TEST_SYSTEMD")
	body, err := os.ReadFile(deploy + "ouidire.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "ouidire.service")
	installed := strings.ReplaceAll(string(body), "/usr/local/bin/ouidire", "/bin/true") // which is not, here
	if err := os.WriteFile(unit, []byte(installed), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit).CombinedOutput()
	if found := exposure.FindSubmatch(out); err != nil || found == nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}
