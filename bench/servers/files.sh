#!/usr/bin/env bash
# Copies 5,000 small files and one large one to a loopback sshd and back, by Copy-ServerItem, rsync and scp in turn.
# Usage: bench/servers/files.sh [repetitions] [megabytes]    (a Release build of the host; rsync, scp, sshd)
# A line a run: what, direction, tool, seconds, seconds of the client's processor time. ProdOps runs in one session with its connection
# kept, and the others start anew each time, as they do; "first" is the first repetition of that session, connecting and compiling included.
set -euo pipefail
repetitions=${1:-3} megabytes=${2:-1024}
root=$(cd "$(dirname "$0")/../.." && pwd)
host="$root/src/ProdOps.Host/bin/Release/net10.0/prodops"
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }

work=$(mktemp -d)
trap 'kill "${sshd:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/small" "$work/to" "$work/back"
. "$root/bench/loopback-sshd.sh"
start_sshd 127.0.0.1 127.0.0.1 Subsystem="sftp internal-sftp"

# 5,000 files of 1 to 16 KiB in 100 folders.
for folder in $(seq 100); do
    mkdir "$work/small/$folder"
    head -c 425000 /dev/urandom | split -b 8500 -a 2 - "$work/small/$folder/f"
done
head -c "$((megabytes * 1024 * 1024))" /dev/urandom > "$work/large"
cat "$work/large" > /dev/null

cat > "$work/run.ps1" <<'P'
param($Work, $Port, $User, $Pipe)
$ErrorActionPreference = 'Stop'
$server = @{ IdentityFile = "$Work/key" }
$name = "${User}@127.0.0.1:$Port"
$reader = [IO.StreamReader]::new("$Pipe.in"); $writer = [IO.StreamWriter]::new("$Pipe.out"); $writer.AutoFlush = $true
while ($null -ne ($line = $reader.ReadLine())) {
    $direction, $source, $target = $line -split "`t"
    $process = [Diagnostics.Process]::GetCurrentProcess(); $cpu = $process.TotalProcessorTime; $clock = [Diagnostics.Stopwatch]::StartNew()
    if ($direction -eq 'to') { $result = Copy-ServerItem $source -Destination $target -Server $name @server }
    else { $result = Copy-ServerItem -FromServer $name $source -Destination $target @server }
    $elapsed = $clock.Elapsed.TotalSeconds; $process.Refresh()
    if ($result.Errors -or -not $result.Verified) { throw "not verified: $($result | Out-String)" }
    $writer.WriteLine([string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0:0.000} {1:0.00}', $elapsed, ($process.TotalProcessorTime - $cpu).TotalSeconds))
}
P
mkfifo "$work/pipe.in" "$work/pipe.out"
start_prodops() {
    HOME="$work/home" PRODOPS_MODULE="${PRODOPS_MODULE:-$root/artifacts/ProdOps}" "$host" -File "$work/run.ps1" "$work" "$port" "$(id -un)" "$work/pipe" &
    prodops=$!
    exec 3> "$work/pipe.in" 4< "$work/pipe.out"
}
timed() {
    local TIMEFORMAT='%3R %2U %2S' line
    line=$({ time "$@" > /dev/null 2> "$work/errors"; } 2>&1) || { cat "$work/errors" >&2; exit 1; }
    awk '{ printf "%s %.2f\n", $1, $2 + $3 }' <<< "$line"
}
ask() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >&3; read -r line <&4; echo "$line"; }
report() { echo "$1 $2 $3 $4"; }
# The small files are not removed between the runs: making many files on ext4 soon after removing many is 5 to 10 times slower. What one run has written,
# the next does not pay for.
run() { sync -f "$work"; report "$1" "$2" "$3" "$("${@:4}")"; }
remote="127.0.0.1:$work"
keys=(-q -P "$port" -i "$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" -F none)

start_prodops
for n in $(seq "$repetitions"); do
    tag=prodops; [ "$n" -gt 1 ] || tag=prodops-first
    to=$work/to/$n back=$work/back/$n
    mkdir "$to" "$to/scp" "$back" "$back/scp"
    small_to() { run small to $tag ask to "$work/small" "$to/small"; }
    small_rsync_to() { run small to rsync timed rsync -a -e "$ssh" "$work/small/" "$remote/to/$n/rsync/"; }
    small_from() { run small from $tag ask from "$to/small" "$back/small"; }
    small_rsync_from() { run small from rsync timed rsync -a -e "$ssh" "$remote/to/$n/rsync/" "$back/rsync/"; }
    large_to() { run large to $tag ask to "$work/large" "$to/large"; }
    large_scp_to() { run large to scp timed scp "${keys[@]}" "$work/large" "$remote/to/$n/scp/large"; }
    large_from() { run large from $tag ask from "$to/large" "$back/large"; }
    large_scp_from() { run large from scp timed scp "${keys[@]}" "$remote/to/$n/scp/large" "$back/scp/large"; }
    # Another begins in each repetition.
    if ((n % 2)); then small_to; small_rsync_to; small_from; small_rsync_from; large_to; large_scp_to; large_from; large_scp_from
    else small_rsync_to; small_to; small_rsync_from; small_from; large_scp_to; large_to; large_scp_from; large_from; fi
    diff -r "$work/small" "$back/small"
    cmp "$work/large" "$back/large"
    rm "$to/large" "$to/scp/large" "$back/large" "$back/scp/large"
done
exec 3>&- 4<&-
wait "$prodops"
