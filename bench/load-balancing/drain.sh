#!/usr/bin/env bash
# One server taken out of a pool and put back under requests: Disable-BackendServer and Enable-BackendServer, and Ansible's community.general.haproxy where it is installed.
# Usage: bench/load-balancing/drain.sh [rounds]    (a build of src/ProdOps.Host, Release unless PRODOPS_HOST names another; haproxy, nginx, sshd; ansible-playbook with community.general)
# The balancer is an sshd on this machine with an HAProxy, which both tools log in to. A line a round: seconds, processor time of the tool and of what it started there, and what clients saw.
# Ansible looks each second, its least; its default is each 5 s.
set -euo pipefail
rounds=${1:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
host=${PRODOPS_HOST:-$root/src/ProdOps.Host/bin/Release/net10.0/prodops}
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }
PATH="$PATH:/usr/sbin"
export PRODOPS_MODULE="${PRODOPS_MODULE:-$root/artifacts/ProdOps}"

work=$(mktemp -d)
cleanup() {
    local child
    for child in "${sshd:-}" "${balancer:-}" "${app:-}" "${load:-}"; do [ -z "$child" ] || kill "$child" 2> /dev/null || true; done
    wait
    rm -rf "$work"
}
trap cleanup EXIT
. "$root/bench/loopback-sshd.sh"
start_sshd 127.0.1.1 127.0.1.1 SetEnv=HOME="$work/home"

# An answer takes a tenth of a second: 64 KiB at 640 KiB/s.
front=$((41000 + RANDOM % 1000)) app1=$((42000 + RANDOM % 1000)) app2=$((43000 + RANDOM % 1000))
head -c 65536 /dev/zero > "$work/slow"
chmod 755 "$work"
cat > "$work/nginx.conf" <<C
daemon off; worker_processes 1; pid $work/pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 1000000; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    server { listen 127.0.0.1:$app1; listen 127.0.0.1:$app2; location = /item { alias $work/slow; limit_rate 640k; } }
}
C
nginx -c "$work/nginx.conf" &
app=$!
cat > "$work/haproxy.cfg" <<C
global
  stats socket $work/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option redispatch 1
frontend in
  bind 127.0.0.1:$front
  default_backend web
backend web
  default-server check inter 500ms fall 2 rise 2 weight 100
  server app1 127.0.0.1:$app1
  server app2 127.0.0.1:$app2
C
haproxy -db -f "$work/haproxy.cfg" > "$work/haproxy.log" 2>&1 &
balancer=$!
cat > "$work/environment.psd1" <<P
@{
    Ssh           = @{ User = '$(id -un)'; Port = $port; IdentityFile = '$work/key'; KnownHosts = '$work/home/.ssh/known_hosts'; ConfigFile = 'none' }
    Servers       = @{ Name = 'lb1'; Address = '127.0.1.1' }, @{ Name = 'app1'; Address = '127.0.0.1' }, @{ Name = 'app2'; Address = '127.0.0.1' }
    LoadBalancers = @{ web = @{ Servers = 'lb1'; Pool = 'app1', 'app2'; Managed = \$false; Socket = '$work/admin.sock'; Port = $front } }
}
P
cat > "$work/play.yml" <<P
- hosts: balancers
  gather_facts: false
  tasks:
    - community.general.haproxy: { socket: $work/admin.sock, backend: web, host: app1, state: disabled, drain: true, wait: true, wait_interval: 1 }
    - community.general.haproxy: { socket: $work/admin.sock, backend: web, host: app1, state: enabled, wait: true, wait_interval: 1 }
P
printf '[balancers]\n127.0.1.1 ansible_port=%s ansible_python_interpreter=/usr/bin/python3\n' "$port" > "$work/inventory"
export ANSIBLE_SSH_ARGS="-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=$work/home/.ssh/known_hosts" ANSIBLE_SSH_CONTROL_PATH="$work/control" ANSIBLE_PIPELINING=1 ANSIBLE_LOCAL_TEMP="$work/ansible" ANSIBLE_RETRY_FILES_ENABLED=0
# It takes no other locale.
export LC_ALL=C.UTF-8

cycle='$null = Disable-BackendServer app1 -Wait; $null = Enable-BackendServer app1'
prodops() { "$host" -Command "\$ErrorActionPreference = 'Stop'; $cycle" ; }
# In a session that has its connection: what a second server takes.
again() {
    "$host" -Command "\$ErrorActionPreference = 'Stop'; $cycle
        \$process = [Diagnostics.Process]::GetCurrentProcess(); \$cpu = \$process.TotalProcessorTime; \$clock = [Diagnostics.Stopwatch]::StartNew()
        $cycle
        \$seconds = \$clock.Elapsed.TotalSeconds; \$process.Refresh()
        [string]::Format([Globalization.CultureInfo]::InvariantCulture, 'in the same session again: {0:0.00} s, {1:0.00} s of processor time', \$seconds, (\$process.TotalProcessorTime - \$cpu).TotalSeconds)"
}
play() {
    ansible-playbook -i "$work/inventory" --private-key "$work/key" "$work/play.yml" > "$work/play" || { cat "$work/play" >&2; exit 1; }
    ssh -q -F none -S "$work/control" -O exit any 2> /dev/null || true
}

# What sshd's children that have ended have used, in hundredths of a second.
there() {
    while pgrep -P "$sshd" > /dev/null; do read -rt 0.05 <> <(:) || true; done
    awk '{ print $16 + $17 }' "/proc/$sshd/stat"
}

# measure NAME COMMAND…: under 100 requests a second.
measure() {
    local name=$1 before seconds cpu TIMEFORMAT='%R %U %S' result
    shift
    mkfifo "$work/end"
    "$host" -Command "\$r = Test-LoadBalancer -Url http://127.0.0.1:$front/item -Rate 100 -Concurrency 50 -ScriptBlock { [IO.File]::WriteAllText('$work/begun', ''); \$null = [Console]::In.ReadLine() }; \"\$(\$r.Requests) requests, \$(\$r.Failed) failed\"" < "$work/end" > "$work/seen" &
    load=$!
    exec 7> "$work/end"
    while [ ! -e "$work/begun" ]; do kill -0 "$load"; read -rt 0.05 <> <(:) || true; done
    before=$(there)
    result=$({ time "$@" < /dev/null 7>&- > "$work/out" 2> "$work/err"; } 2>&1) || { cat "$work/err" >&2; exit 1; }
    read -r seconds cpu _ <<< "$(awk '{ printf "%.2f %.2f", $1, $2 + $3 }' <<< "$result")"
    awk -v name="$name" -v s="$seconds" -v c="$cpu" -v b="$before" -v a="$(there)" 'BEGIN { printf "%-8s %6.2f s, processor time here %5.2f s, there %5.2f s; ", name, s, c, (a - b) / 100 }'
    echo >&7
    exec 7>&-
    wait "$load"
    load=
    cat "$work/seen"
    rm -f "$work/end" "$work/begun"
}

cd "$work"
for _ in $(seq 100); do [ -S "$work/admin.sock" ] && break; read -rt 0.1 <> <(:) || true; done
for ((round = 1; round <= rounds; round++)); do
    measure prodops prodops
    ! command -v ansible-playbook > /dev/null || measure ansible play
done
again
