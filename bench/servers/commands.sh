#!/usr/bin/env bash
# Runs `true` on many servers by Invoke-ServerCommand, ssh with and without ControlMaster, and, where they are installed, pssh and Ansible.
# Usage: bench/servers/commands.sh [servers] [rounds]    (a Release build of the host; ssh, sshd)
# The servers are addresses 127.0.1.1, 127.0.1.2, … of one sshd on this machine. A line a run: tool, connections, seconds, seconds of the
# client's processor time, and that in milliseconds a command. ProdOps runs in one session, as an admin's prompt does.
set -euo pipefail
servers=${1:-200} rounds=${2:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
host="$root/src/ProdOps.Host/bin/Release/net10.0/prodops"
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }

work=$(mktemp -d)
. "$root/bench/loopback-sshd.sh"
trap 'stop_servers; rm -rf "$work"' EXIT
start_servers "$servers"

cat > "$work/run.ps1" <<'P'
param($Work, $Port, $User, [int] $Rounds)
$ErrorActionPreference = 'Stop'
$names = foreach ($address in [IO.File]::ReadAllLines("$Work/addresses")) { "${User}@${address}:$Port" }
for ($round = 0; $round -le $Rounds; $round++) {
    $process = [Diagnostics.Process]::GetCurrentProcess(); $cpu = $process.TotalProcessorTime; $clock = [Diagnostics.Stopwatch]::StartNew()
    $results = @(Invoke-ServerCommand true -Server $names -IdentityFile "$Work/key")
    $elapsed = $clock.Elapsed.TotalSeconds; $process.Refresh(); $used = ($process.TotalProcessorTime - $cpu).TotalSeconds
    if ($results.Count -ne $names.Count) { throw "only $($results.Count) of $($names.Count) servers answered" }
    $kind = if ($round -eq 0) { 'new' } else { 'kept' }
    [string]::Format([Globalization.CultureInfo]::InvariantCulture, 'prodops {0} {1:0.000} {2:0.00} {3:0.00}', $kind, $elapsed, $used, 1000 * $used / $names.Count)
}
P
timed() {
    local TIMEFORMAT='%3R %2U %2S' line
    line=$({ time "${@:3}" > /dev/null 2> "$work/errors"; } 2>&1) || { cat "$work/errors" >&2; exit 1; }
    awk -v tool="$1 $2" -v n="$servers" '{ printf "%s %s %.2f %.2f\n", tool, $1, $2 + $3, 1000 * ($2 + $3) / n }' <<< "$line"
}
each() { xargs -P 32 -I{} ssh "${options[@]}" "$@" {} true < "$work/addresses"; }

HOME="$work/home" PRODOPS_MODULE="${PRODOPS_MODULE:-$root/artifacts/ProdOps}" "$host" -File "$work/run.ps1" "$work" "$port" "$(id -un)" "$rounds"
timed ssh new each
each -o ControlMaster=auto -o ControlPersist=60 -o ControlPath="$work/control/%h" > /dev/null 2>&1
for _ in $(seq "$rounds"); do timed ssh-controlmaster kept each -o ControlMaster=no -o ControlPath="$work/control/%h"; done
if command -v parallel-ssh > /dev/null; then
    timed pssh new parallel-ssh -h "$work/addresses" -p 32 -O Port=$port -O IdentityFile="$work/key" -O UserKnownHostsFile="$work/home/.ssh/known_hosts" true
fi
if command -v ansible > /dev/null; then
    sed "s/$/ ansible_port=$port/" "$work/addresses" > "$work/inventory"
    export ANSIBLE_SSH_ARGS="-F none -o ControlMaster=auto -o ControlPersist=60 -o UserKnownHostsFile=$work/home/.ssh/known_hosts" ANSIBLE_PIPELINING=1
    for round in first kept; do
        timed ansible-raw "$round" ansible all -i "$work/inventory" --private-key "$work/key" -f 32 -m raw -a true
    done
    timed ansible-ping kept ansible all -i "$work/inventory" --private-key "$work/key" -f 32 -m ping
fi
