#!/usr/bin/env bash
# What the tests need beyond Python packages. Safe to run any number of times.
# Chromium drives the page: without it the tests marked `browser` cannot run.
# A PostgreSQL server is started and stopped by the tests marked `postgres`: without it they are skipped.
# strace counts the syncs of the event log: without it that test is skipped.
# wrk asks a server as fast as it answers, for benchmarks/serve.py.
# Nothing else needs them.
set -euo pipefail

find_chromium() { command -v chromium || command -v chromium-browser; }
find_postgres() { command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1; }

missing=()
[ -n "$(find_chromium)" ] || missing+=(chromium)
[ -n "$(find_postgres)" ] || missing+=(postgresql)
command -v strace >/dev/null || missing+=(strace)
command -v wrk >/dev/null || missing+=(wrk)

if [ "${#missing[@]}" -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}, and there is no apt-get here. Install them with your system's own tools, then try again." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "Missing: ${missing[*]}; installing needs root. Run: sudo $0" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # Debian starts a server of its own with the package; the tests don't need it, so it isn't made.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

[ -n "$(find_chromium)" ] || {
  echo "apt-get installed the package, but there is no 'chromium' to run (some systems ship it as a snap). Install it by hand." >&2
  exit 1
}
[ -n "$(find_postgres)" ] || {
  echo "apt-get installed the package, but there is no 'initdb' to run. Install PostgreSQL by hand." >&2
  exit 1
}
echo "Chromium is there: $(find_chromium)"
echo "PostgreSQL is there: $(find_postgres)"
