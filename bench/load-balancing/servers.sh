#!/usr/bin/env bash
# Get-BackendServer over two balancers with many servers each, over SSH, in one session with warm connections.
# Usage: bench/load-balancing/servers.sh [servers] [rounds]    (a build of the host, Release if there is one; haproxy, ssh-keygen, sshd)
# The balancers are two addresses of one sshd on this machine, each with an HAProxy of its own. A line a round: milliseconds until the first server, until the last,
# and this process's processor time.
set -euo pipefail
servers=${1:-1000} rounds=${2:-7}
root=$(cd "$(dirname "$0")/../.." && pwd)
host="$root/src/ProdOps.Host/bin/Release/net10.0/prodops"
[ -x "$host" ] || host="$root/src/ProdOps.Host/bin/Debug/net10.0/prodops"
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }
tool="$root/artifacts/tools/haproxy"
haproxy=$tool/usr/sbin/haproxy
[ -x "$haproxy" ] || haproxy=$(PATH="$PATH:/usr/sbin" command -v haproxy)

work=$(mktemp -d)
cleanup() {
    kill "${sshd:-}" "${balancers[@]:-}" 2> /dev/null || true
    rm -rf "$work"
}
balancers=()
trap cleanup EXIT
. "$root/bench/loopback-sshd.sh"
start_sshd 0.0.0.0 '127.0.1.*' SetEnv=HOME="$work/home"

for i in 1 2; do
    {
        printf 'global\n  stats socket %s/%s.sock mode 600 level admin\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n' "$work" "$i"
        printf 'frontend in\n  bind unix@%s/%s.in\n  default_backend web\nbackend web\n' "$work" "$i"
        seq -f '  server web%g 127.0.0.1:9 check inter 1h' "$servers"
    } > "$work/$i.cfg"
    LD_LIBRARY_PATH="$tool/usr/lib/$(uname -m)-linux-gnu" "$haproxy" -db -f "$work/$i.cfg" > "$work/$i.log" 2>&1 &
    balancers+=($!)
done

cat > "$work/environment.psd1" <<P
@{
    Ssh           = @{ User = '$(id -un)'; Port = $port; IdentityFile = '$work/key'; KnownHosts = '$work/home/.ssh/known_hosts'; ConfigFile = 'none' }
    Servers       = @{ Name = 'lb1'; Address = '127.0.1.1' }, @{ Name = 'lb2'; Address = '127.0.1.2' }
    LoadBalancers = @{
        one = @{ Servers = 'lb1'; Backend = 'web'; Managed = \$false; Socket = '$work/1.sock'; Port = 8001 }
        two = @{ Servers = 'lb2'; Backend = 'web'; Managed = \$false; Socket = '$work/2.sock'; Port = 8002 }
    }
}
P
cat > "$work/run.ps1" <<'P'
param($Work, [int] $Servers, [int] $Rounds)
$ErrorActionPreference = 'Stop'
for ($round = 0; $round -le $Rounds; $round++) {
    $process = [Diagnostics.Process]::GetCurrentProcess(); $cpu = $process.TotalProcessorTime; $clock = [Diagnostics.Stopwatch]::StartNew()
    $first = -1; $count = 0
    Get-BackendServer -Environment "$Work/environment.psd1" | ForEach-Object { if ($count++ -eq 0) { $first = $clock.Elapsed.TotalMilliseconds } }
    $all = $clock.Elapsed.TotalMilliseconds; $process.Refresh(); $used = ($process.TotalProcessorTime - $cpu).TotalMilliseconds
    if ($count -ne 2 * $Servers) { throw "$count of $(2 * $Servers) servers" }
    $kind = if ($round -eq 0) { 'new' } else { 'warm' }
    [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0} first {1:0} all {2:0} cpu {3:0}', $kind, $first, $all, $used)
}
P
for _ in $(seq 100); do [ -S "$work/1.sock" ] && [ -S "$work/2.sock" ] && break; read -rt 0.1 <> <(:) || true; done
HOME="$work/home" PRODOPS_MODULE="${PRODOPS_MODULE:-$root/artifacts/ProdOps}" "$host" -File "$work/run.ps1" "$work" "$servers" "$rounds"
