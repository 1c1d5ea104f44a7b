#!/usr/bin/env bash
# Copies 5,000 small files and one large one to a loopback sshd and back, by Copy-ServerItem, rsync and scp in turn.
# Usage: bench/servers/files.sh [repetitions] [megabytes]    (a Release build of the host; rsync, scp, sshd)
# A line a run: what, direction, tool, seconds, seconds of the client's processor time. ProdOps runs in one session with its connection
# kept, and the others start anew each time, as they do; "first" is ProdOps in a new process, engine and connection included.
set -euo pipefail
repetitions=${1:-3} megabytes=${2:-1024}
root=$(cd "$(dirname "$0")/../.." && pwd)
host="$root/src/ProdOps.Host/bin/Release/net10.0/prodops"
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }

work=$(mktemp -d)
trap 'kill "$sshd" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/home/.ssh" "$work/small" "$work/to" "$work/back"
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
cp "$work/key.pub" "$work/authorized_keys"
port=$((20000 + RANDOM % 20000))
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
"$(PATH="$PATH:/usr/sbin" command -v sshd)" -D -e -f /dev/null -o Port=$port -o ListenAddress=127.0.0.1 -o HostKey="$work/host" -o PidFile=none \
    -o AuthorizedKeysFile="$work/authorized_keys" -o StrictModes=no -o UsePAM=no -o PermitRootLogin=yes -o Subsystem="sftp internal-sftp" 2> "$work/sshd.log" &
sshd=$!
for _ in $(seq 50); do grep -q 'Server listening' "$work/sshd.log" && break; read -rt 0.1 <> <(:) || true; done
printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$work/host.pub")" > "$work/home/.ssh/known_hosts"
ssh="ssh -q -p $port -i $work/key -o UserKnownHostsFile=$work/home/.ssh/known_hosts -F none"

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
clean() { rm -rf "$work"/to/* "$work"/back/*; sync -f "$work"; }

start_prodops
for run in $(seq "$repetitions"); do
    tag=prodops; [ "$run" -gt 1 ] || tag=prodops-first
    clean; report small to $tag "$(ask to "$work/small" "$work/to/small")"
    clean; report small to rsync "$(timed rsync -a -e "$ssh" "$work/small/" "127.0.0.1:$work/to/small/")"
    report small from rsync "$(timed rsync -a -e "$ssh" "127.0.0.1:$work/to/small/" "$work/back/small/")"
    rm -rf "$work/back/small"; report small from $tag "$(ask from "$work/to/small" "$work/back/small")"
    diff -r "$work/small" "$work/back/small"
    clean; report large to $tag "$(ask to "$work/large" "$work/to/large")"
    rm "$work/to/large"; report large to scp "$(timed scp -q -P "$port" -i "$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" -F none "$work/large" "127.0.0.1:$work/to/large")"
    report large from scp "$(timed scp -q -P "$port" -i "$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" -F none "127.0.0.1:$work/to/large" "$work/back/large")"
    rm "$work/back/large"; report large from $tag "$(ask from "$work/to/large" "$work/back/large")"
    cmp "$work/large" "$work/back/large"
done
exec 3>&- 4<&-
wait "$prodops"
