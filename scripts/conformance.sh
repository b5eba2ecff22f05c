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

# usage: suites IO KILLS REDIS CASSANDRA KAFKA
# REDIS, CASSANDRA, KAFKA: which of their tests, as pytest's -k.
suites() {
  local io=$1 kills=$2 redis=$3 cassandra=$4 kafka=$5
  "$binary" run --data-dir "$data/$io" --shards 2 --pg-port 0 --resp-port 0 --cql-port 0 --kafka-port 0 --http-port off --io "$io" >"$out" &
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
    timeout 600 "$pytest" -q -p no:cacheprovider -k "$redis" conformance/redis
  local cql
  cql=$(sed -n 's/^ready .*"cql":"\([^"]*\)".*/\1/p' "$out")
  QUATRAIN_TARGET=$target QUATRAIN_CQL=$cql QUATRAIN_BINARY=$binary \
    timeout 300 "$pytest" -q -p no:cacheprovider -k "$cassandra" conformance/cassandra
  local broker
  broker=$(sed -n 's/^ready .*"kafka":"\([^"]*\)".*/\1/p' "$out")
  QUATRAIN_TARGET=$target QUATRAIN_KAFKA=$broker QUATRAIN_BINARY=$binary \
    timeout 600 "$pytest" -q -p no:cacheprovider -k "$kafka" conformance/kafka
  kill "$node"
  wait "$node"
  node=
  export QUATRAIN_BINARY=$binary QUATRAIN_IO=$io QUATRAIN_KILLS=$kills
  timeout 300 "$pytest" -q -p no:cacheprovider conformance/node
  timeout 600 "$pytest" -q -p no:cacheprovider conformance/faults
}

suites auto 20 test test test
suites epoll 3 'not equal_replies and not test_clients' 'wire or sql' 'wire or tools'
QUATRAIN_BINARY=$binary timeout 300 "$pytest" -q -s -p no:cacheprovider -m fast conformance/cluster
