#!/bin/sh
# PostgreSQL with one database that everybody in the cluster may use, in memory.
set -e
bin=$(echo /usr/lib/postgresql/*/bin)
mkdir -p /data/pg
chown -R postgres /data
run() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
run "$bin/initdb" -D /data/pg -A trust >/dev/null
echo "host all all all trust" >>/data/pg/pg_hba.conf
echo "CREATE ROLE shop LOGIN; CREATE DATABASE shop OWNER shop;" >/tmp/init.sql
run "$bin/postgres" --single -D /data/pg postgres </tmp/init.sql >/dev/null 2>&1 || true
exec setpriv --reuid postgres --regid postgres --init-groups "$bin/postgres" -D /data/pg -c listen_addresses='*' -c unix_socket_directories=/tmp -c shared_buffers=16MB -c fsync=off
