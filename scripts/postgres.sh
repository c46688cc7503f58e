#!/usr/bin/env bash
# A PostgreSQL server of your own for the event log.
#   scripts/postgres.sh start FOLDER    install PostgreSQL if need be (Debian, as root), start it in FOLDER, print its URL
#   scripts/postgres.sh stop FOLDER
# It listens on a socket in FOLDER alone, which only its owner can enter: no port, no password. For a server that others
# reach, use your own and its URL.
set -euo pipefail

[ "$#" -eq 2 ] && { [ "$1" = start ] || [ "$1" = stop ]; } || { sed -n '2,6p' "$0" >&2; exit 2; }
folder=$(mkdir -p "$2" && cd "$2" && pwd)
find_initdb() { command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1; }
if [ -z "$(find_initdb)" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  # Debian starts a server of its own with the package, unless it is told not to.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends postgresql >&2
fi
bin=$(dirname "$(find_initdb)")

# PostgreSQL refuses to run as root.
as() { if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

if [ "$1" = stop ]; then
  as "$bin/pg_ctl" -D "$folder/data" -m fast stop >&2
  exit
fi
chmod 700 "$folder"
[ "$(id -u)" -ne 0 ] || chown postgres "$folder"
[ -e "$folder/data" ] || as "$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --locale=C >&2
as "$bin/pg_ctl" -D "$folder/data" status >&2 ||
  as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-c listen_addresses= -c unix_socket_directories='$folder'" start >&2
echo "postgresql://postgres@/postgres?host=$folder"
