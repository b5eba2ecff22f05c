#!/usr/bin/env bash
# Installs what the build and the tests need on Debian 12 or Ubuntu 24.04. Does nothing when it is all there.
set -euo pipefail

if ! command -v swift >/dev/null 2>&1; then
  echo "setup: no Swift toolchain found. Install Swift 6.2 or later from https://www.swift.org/install/linux/" >&2
  exit 1
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case "$version" in
  6.[2-9] | 6.[1-9][0-9] | [7-9].* | [1-9][0-9].*) ;;
  *) echo "setup: Swift 6.2 or later is needed, found ${version:-an unknown version}." >&2; exit 1 ;;
esac

packages=(
  gcc iproute2 kcat libhiredis-dev liblua5.1-0-dev liblz4-dev libpg-query-dev libpostgresql-jdbc-java
  librdkafka-dev libsnappy-dev libssl-dev liburing-dev libzstd-dev lua-bitop-dev lua-cjson-dev openssl pkg-config postgresql-client python3-venv
  redis-tools zlib1g-dev
)
command -v javac >/dev/null 2>&1 || packages+=(default-jdk-headless)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: these packages are missing and there is no apt-get: ${missing[*]}" >&2
  exit 1
fi
run=()
[ "$(id -u)" -eq 0 ] || run=(sudo)
echo "setup: installing ${missing[*]}" >&2
"${run[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
