# Runs a PostgreSQL server of its own until its input ends, also when whoever started it is killed.
# $1: folder of the programs, empty if they are in the path. $2: on or off, for fsync.
# Reads: kill (as a crash), start. Says: socket FOLDER, killed, started.
set -eu
[ -n "$1" ] && PATH="$1:$PATH"
folder=$(mktemp -d "${TMPDIR:-/tmp}/narupay-pg-XXXXXX")
initdb -D "$folder/data" -A trust -U postgres --no-locale -E UTF8 -N >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
}
pid=
start() {
    postgres -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync="$2" -c max_connections=200 \
        -c max_wal_size=4GB >>"$folder/server.log" 2>&1 </dev/null &
    pid=$!
    until pg_isready -q -h "$folder"; do
        kill -0 "$pid" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
        sleep 0.05
    done
}
end() {
    kill -QUIT "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
start "$1" "$2"
echo "socket $folder"
while read -r command; do
    case $command in
    kill)
        # QUIT is PostgreSQL's own immediate stop: no flush, recovery at the next start.
        kill -QUIT "$pid"
        wait "$pid" 2>/dev/null || true
        echo killed
        ;;
    start)
        start "$1" "$2"
        echo started
        ;;
    esac
done
