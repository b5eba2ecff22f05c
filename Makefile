# `make test` is what CI runs; `make check` is the quick loop while working.
SWIFT_FILES := Package.swift Sources Tests

.PHONY: setup build check test format lint clean

setup:
	@./scripts/setup.sh

build: setup
	swift build

lint: setup
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)

format:
	swift format --in-place --parallel --recursive $(SWIFT_FILES)

check: lint
	swift test --explicit-target-dependency-import-check error

test: check

clean:
	rm -rf .build
