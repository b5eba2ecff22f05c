#!/usr/bin/env bash
# Prints where pgbench is. Where no server package has brought it, it is taken out of one without
# installing a server.
set -euo pipefail
cd "$(dirname "$0")/.."
found=$(ls /usr/lib/postgresql/*/bin/pgbench .build/pgbench/usr/lib/postgresql/*/bin/pgbench 2>/dev/null | tail -n 1 || true)
if [ -z "$found" ]; then
  package=$(apt-cache depends postgresql | sed -n 's/.*Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1)
  mkdir -p .build/pgbench
  (cd .build/pgbench && apt-get download -qq "$package" >/dev/null && dpkg -x "$package"_*.deb . && rm -f ./*.deb)
  found=$(ls .build/pgbench/usr/lib/postgresql/*/bin/pgbench)
fi
realpath "$found"
