#!/usr/bin/env bash
# Prints the directory of a Python environment that has what the suites and benchmarks need; made where it
# is missing or old.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.build/python
if ! cmp -s conformance/requirements.txt "$environment/requirements.txt"; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r conformance/requirements.txt >&2
  cp conformance/requirements.txt "$environment/requirements.txt"
fi
realpath "$environment/bin"
