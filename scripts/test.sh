#!/usr/bin/env bash
# Runs the built Swift tests: first those that talk to real sockets, disks and clocks, with the machine to themselves;
# then the simulations, which take whole cores and gigabytes for minutes, each suite in a process of its own.
# What failed, and the command that repeats a seed, is told once more at the end. A run that takes longer than any should
# is ended, and the tests that had not are named.
# usage: scripts/test.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tests=$(swift build --show-bin-path)/quatrainPackageTests.xctest
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export tests logs
export seconds_max=${QUATRAIN_TEST_SECONDS:-1200}

# usage: run NAME ARGUMENTS...: the log of the run is printed when it ends, so that two of them do not mix.
run() {
  local name=$1 log=$logs/$1 status=0 began=$SECONDS
  shift
  timeout --kill-after=10 "$seconds_max" "$tests" --testing-library swift-testing "$@" >"$log" 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    echo "$name: $(tail -n 1 "$log") ($((SECONDS - began)) s)"
    return
  fi
  cat "$log"
  [ "$status" -ne 124 ] || unfinished "$log" "$seconds_max" >>"$logs/failed"
  { echo "$name: failed with status $status after $((SECONDS - began)) s"; grep -E '✘|repeat:' "$log" || tail -n 20 "$log"; } >>"$logs/failed"
}

# usage: unfinished LOG SECONDS: the tests that have begun and not ended.
unfinished() {
  echo "ended after $2 s, while these were under way:"
  awk '/^◇ Test .* started\.$/ { sub(/^◇ Test /, ""); sub(/ started\.$/, ""); under[$0] = 1 }
    /^(✔|✘) Test .* after [0-9.]+ seconds/ { sub(/^(✔|✘) Test /, ""); sub(/ (with [0-9]+ test cases? )?(passed|failed) after .*/, ""); delete under[$0] }
    END { for (name in under) if (name !~ /^run/) print "  " name }' "$1" | sort
}
export -f run unfinished

simulations=$("$tests" --testing-library swift-testing --list-tests | sed -n 's/^SimulationTests\.\([^/]*\).*/\1/p' | sort -u)
[ -n "$simulations" ] || { echo "test: no simulations found" >&2; exit 1; }
run units --skip '^SimulationTests\.'
xargs -P 2 -I NAME bash -c 'run NAME --filter "^SimulationTests\.NAME/"' <<<"$simulations"

[ ! -e "$logs/failed" ] || { cat "$logs/failed"; exit 1; }
