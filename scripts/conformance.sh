#!/usr/bin/env bash
# Runs the black-box suites against nodes of its own, with a Python environment of its own: on the
# backend that the host prefers, then on epoll with fewer kills; of the cluster's suite the fast part, which
# `make conformance-cluster` runs whole.
# usage: scripts/conformance.sh EXECUTABLE
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "$1")
pytest=$(./scripts/python.sh)/pytest
PGBENCH=$(./scripts/pgbench.sh)
export PGBENCH

data=$(mktemp -d)
out=$(mktemp)
node=
trap '[ -z "$node" ] || kill -9 "$node" 2>/dev/null || true; rm -rf "$data" "$out"' EXIT

# usage: suites IO KILLS
suites() {
  local io=$1 kills=$2
  "$binary" run --data-dir "$data/$io" --shards 2 --pg-port 0 --resp-port 0 --http-port off --io "$io" >"$out" &
  node=$!
  for _ in $(seq 100); do
    grep -q '^ready ' "$out" && break
    sleep 0.1
  done
  local target
  target=$(sed -n 's/^ready .*"pg":"\([^"]*\)".*/\1/p' "$out")
  [ -n "$target" ] || { echo "conformance: the node did not get ready" >&2; exit 1; }
  QUATRAIN_TARGET=$target timeout 600 "$pytest" -q -p no:cacheprovider conformance/postgres
  local resp
  resp=$(sed -n 's/^ready .*"resp":"\([^"]*\)".*/\1/p' "$out")
  QUATRAIN_TARGET=$target QUATRAIN_RESP=$resp QUATRAIN_BINARY=$binary \
    timeout 600 "$pytest" -q -p no:cacheprovider conformance/redis
  kill "$node"
  wait "$node"
  node=
  export QUATRAIN_BINARY=$binary QUATRAIN_IO=$io QUATRAIN_KILLS=$kills
  timeout 300 "$pytest" -q -p no:cacheprovider conformance/node
  timeout 600 "$pytest" -q -p no:cacheprovider conformance/faults
}

suites auto 20
suites epoll 3
QUATRAIN_BINARY=$binary timeout 300 "$pytest" -q -s -p no:cacheprovider -m fast conformance/cluster
