# Every target is one line you could type.

# What SQLite is made of, C that was translated to Go, is not watched for races: it guards
# itself, and watched it took most of the time of whatever keeps something.
unwatched = -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.PHONY: run demo build check test generate pictures bench fuzz soak attention

run: ## build and start the daemon; without an ouidire.yml, the demonstration
	go run ./cmd/ouidire run

demo: ## ten invented weeks in three minutes, offline
	go run ./cmd/ouidire demo

build:
	CGO_ENABLED=0 go build -trimpath -ldflags=-s -o ouidire ./cmd/ouidire

check: ## formatting, vet, staticcheck, tidy modules, generated files
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go mod tidy -diff
	go run ./cmd/ouidire schema | diff - config/ouidire.schema.json
	go run ./cmd/ouidire schema output | diff - docs/output.schema.json

test: check ## every test, with the real servers they need
	tools/with-servers go test -race $(unwatched) -shuffle=on -timeout 45m ./...

generate: ## every file that is made from the code, but for the pictures
	go run ./cmd/ouidire schema >config/ouidire.schema.json
	go run ./cmd/ouidire schema output >docs/output.schema.json
	for l in fr en; do go run ./cmd/ouidire --lang $$l dashboards --out deploy/grafana/dashboards/$$l --rules deploy/prometheus/rules.$$l.yml || exit 1; done

pictures: ## those of the documents, after a change to the page
	OUIDIRE_MAKE_PICTURES=1 tools/with-servers go test -count=1 -run TestThePicturesOfTheDocuments ./web

attention: ## what ten weeks of every rule over ten watches cost one person, and what quiet weeks and bursts do
	OUIDIRE_SOAK=1 go test -count=1 -v -timeout 2h -run 'Attention|QuietWeeks|BurstsOfEight' ./app

bench:
	go test -run '^$$' -bench . -benchmem -timeout 60m ./...

fuzz: ## each parser of outside text, 30 s each
	tools/fuzz 30s

soak: ## the longer twins of the tests
	OUIDIRE_SOAK=1 tools/with-servers go test -race $(unwatched) -shuffle=on -timeout 6h ./...
