#!/usr/bin/env bash
# What a load generator takes, and what it sees when a server is restarted under it: Test-LoadBalancer, wrk and hey, whichever are there, against one nginx on loopback.
# Usage: bench/load-balancing/generators.sh [seconds]    (a build of src/ProdOps.Host, Release unless PRODOPS_HOST names another; nginx; wrk and hey, from WRK and HEY or the path)
# A line a run: tool, what, requests, requests that the tool says failed, requests a second, processor time of the tool in microseconds a request. 20 connections, kept.
set -euo pipefail
seconds=${1:-5} port=18931 rate=2000
root=$(cd "$(dirname "$0")/../.." && pwd)
host=${PRODOPS_HOST:-$root/src/ProdOps.Host/bin/Release/net10.0/prodops} wrk=${WRK:-wrk} hey=${HEY:-hey}
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }
PATH="$PATH:/usr/sbin"

work=$(mktemp -d)
trap 'stop_nginx; rm -rf "$work"' EXIT
cat > "$work/nginx.conf" <<C
worker_processes 1; pid $work/pid; error_log $work/error.log;
events { worker_connections 1024; }
http {
    log_format ids '\$http_x_request_id'; keepalive_requests 1000000000; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    server { listen 127.0.0.1:$port; access_log off; location / { default_type text/plain; return 200 "ok\n"; } }
}
C
start_nginx() { nginx -c "$work/nginx.conf"; until (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do sleep 0.05; done; }
stop_nginx() {
    local pid; pid=$(cat "$work/pid" 2> /dev/null) || return 0
    kill "$pid"; while kill -0 "$pid" 2> /dev/null; do sleep 0.02; done
}

# A second after connections are there.
under_load() { until [ "$(ss -Htn state established "( sport = :$port )" | wc -l)" -ge 10 ]; do sleep 0.1; done; sleep 1; }

# Runs a tool, restarts nginx under it if it is to, and prints what it took.
measure() {
    local tool=$1 what=$2 TIMEFORMAT='%U %S' cpu restarter=
    shift 2
    if [ "$what" = restart ]; then { under_load; stop_nginx; sleep 0.5; start_nginx; } > /dev/null 2>&1 & restarter=$!; fi
    # The worker alone: the port stays open, and who repeats requests sees nothing.
    if [ "$what" = kill ]; then { under_load; pkill -KILL -P "$(cat "$work/pid")"; } > /dev/null 2>&1 & restarter=$!; fi
    cpu=$({ time "$@" > "$work/out" 2> "$work/err"; } 2>&1) || { cat "$work/out" "$work/err" >&2; exit 1; }
    [ -z "${restarter:-}" ] || wait "$restarter"
    local requests failed took
    case $tool in
        prodops) read -r requests failed took < "$work/out" ;;
        # wrk counts what has no answer of its own by kinds: connect, read, write, timeout.
        wrk) requests=$(awk '/requests in/ { print $1 }' "$work/out"); failed=$(awk '/Socket errors/ { gsub(",", ""); print $4 + $6 + $8 + $10 }' "$work/out"); took=$seconds ;;
        hey) requests=$(awk '/responses$/ { n += $2 } END { print n + 0 }' "$work/out"); failed=$(awk '/Error distribution/ { e = 1 } e && /^ *\[/ { gsub(/[][]/, ""); n += $1 } END { print n + 0 }' "$work/out"); took=$seconds ;;
    esac
    awk -v tool="$tool" -v what="$what" -v n="$requests" -v failed="${failed:-0}" -v took="$took" -v cpu="$cpu" \
        'BEGIN { split(cpu, c, " "); printf "%-8s %-8s %8d requests %6d failed %8.0f/s %6.1f us of processor time a request\n", tool, what, n, failed, n / took, 1e6 * (c[1] + c[2]) / n }'
}
prodops() {
    local command="Test-LoadBalancer -Url http://127.0.0.1:$port/ -Rate $1 -DurationSec $seconds -Concurrency 20"
    [ "$1" != 0 ] || command="$command -Requests 1000000000"
    "$host" -Command "\$r = $command; [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0} {1} {2}', \$r.Requests, \$r.Failed, \$r.Duration.TotalSeconds)"
}

start_nginx
for what in full kill restart; do
    measure prodops $what prodops 0
    ! command -v "$wrk" > /dev/null || measure wrk $what "$wrk" -t 1 -c 20 -d "${seconds}s" "http://127.0.0.1:$port/"
    ! command -v "$hey" > /dev/null || measure hey $what "$hey" -c 20 -z "${seconds}s" "http://127.0.0.1:$port/"
done
measure prodops "$rate/s" prodops $rate
! command -v "$hey" > /dev/null || measure hey "$rate/s" "$hey" -c 20 -q $((rate / 20)) -z "${seconds}s" "http://127.0.0.1:$port/"
