# `make run` starts a node; `make test` is what CI runs; `make check` is the quick loop.
SWIFT_FILES := Package.swift Sources Tests
DATA ?= data
PG_PORT ?= 5432
HTTP_PORT ?= 8080

# `make simulate SEEDS=1000 FIRST=50`: that many seeds of each simulation.
SEEDS ?= 200
FIRST ?= 1

.PHONY: setup build run check simulate test bench conformance conformance-cluster format lint clean

setup:
	@./scripts/setup.sh

build: setup
	swift build -c release --product quatrain

run: build
	exec .build/release/quatrain run --data-dir $(DATA) --pg-port $(PG_PORT) --http-port $(HTTP_PORT)

lint: setup
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)

format:
	swift format --in-place --parallel --recursive $(SWIFT_FILES)

check: lint
	swift build --build-tests --explicit-target-dependency-import-check error
	./scripts/test.sh

simulate: setup
	QUATRAIN_FIRST_SEED=$(FIRST) QUATRAIN_SEEDS=$(SEEDS) swift test --filter 'SimulationTests.(seeds|planted)'

conformance: build
	./scripts/conformance.sh .build/release/quatrain

# Processes that are killed, paused, cut apart, joined, drained and upgraded; some minutes.
conformance-cluster: build
	QUATRAIN_BINARY=$(CURDIR)/.build/release/quatrain "$$(./scripts/python.sh)"/pytest -q -s -p no:cacheprovider conformance/cluster

test: check conformance

bench: build
	./benchmarks/postgres.py .build/release/quatrain
	./benchmarks/redis.py .build/release/quatrain
	./benchmarks/cql.py .build/release/quatrain
	"$$(./scripts/python.sh)"/python benchmarks/kafka.py .build/release/quatrain
	"$$(./scripts/python.sh)"/python benchmarks/cluster.py .build/release/quatrain

clean:
	rm -rf .build
