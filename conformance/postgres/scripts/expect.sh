#!/usr/bin/env bash
# Writes what a real PostgreSQL prints for the scripts here. usage: expect.sh HOST PORT USER DATABASE
set -euo pipefail
cd "$(dirname "$0")"
for script in *.sql; do
  psql -X -a -q -h "$1" -p "$2" -U "$3" -f "$script" "$4" >"${script%.sql}.out" 2>&1
done
