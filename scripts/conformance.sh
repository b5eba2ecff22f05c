#!/usr/bin/env bash
# Runs the black-box suites against a node of its own, with a Python environment of its own.
# usage: scripts/conformance.sh EXECUTABLE
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "$1")
environment=.build/python
if [ ! -x "$environment/bin/pytest" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r conformance/requirements.txt
fi
pytest=$(realpath "$environment")/bin/pytest

data=$(mktemp -d)
out=$(mktemp)
"$binary" run --data-dir "$data" --shards 2 --pg-port 0 >"$out" &
node=$!
trap 'kill -9 $node 2>/dev/null || true; rm -rf "$data" "$out"' EXIT
for _ in $(seq 100); do
  grep -q '^ready ' "$out" && break
  sleep 0.1
done
target=$(sed -n 's/^ready .*"pg":"\([^"]*\)".*/\1/p' "$out")
[ -n "$target" ] || { echo "conformance: the node did not get ready" >&2; exit 1; }

QUATRAIN_TARGET=$target timeout 300 "$pytest" -q -p no:cacheprovider conformance/postgres
QUATRAIN_BINARY=$binary timeout 600 "$pytest" -q -p no:cacheprovider conformance/faults
