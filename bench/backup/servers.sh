#!/usr/bin/env bash
# Backs a folder up from a loopback sshd by Invoke-Backup -Server and pulls the same folder by rsync -a -e ssh, in turn; where sshfs is
# installed, restic reads it through that too.
# Usage: bench/backup/servers.sh FOLDER [rounds]    (a Release build of the host; rsync, ssh, sshd, GNU time; root, if the folder has files of others)
# A line a run: tool, work, seconds, peak memory of the client in MB. Each run is a process of its own, start, key derivation and connection
# included. Work: first into an empty repository or folder; unchanged; changed, after 1 % of the files got a line more.
set -euo pipefail
source=$(readlink -f "$1") rounds=${2:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
host=${PRODOPS_HOST:-"$root/src/ProdOps.Host/bin/Release/net10.0/prodops"}
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/prodops-bench.XXXXXX")
cleanup() {
    kill "${sshd:-}" 2> /dev/null || true
    mountpoint -q "$work/sshfs" && umount "$work/sshfs"
    rm -rf "$work"
}
trap cleanup EXIT
mkdir "$work/sshfs"
. "$root/bench/loopback-sshd.sh"
start_sshd 127.0.0.1 127.0.0.1 Subsystem="sftp internal-sftp"
user=$(id -un)
printf 'secret\n' > "$work/password"; chmod 600 "$work/password"
export RESTIC_PASSWORD_FILE="$work/password"

cp -a "$source" "$work/data"
timed() { # TOOL WORK COMMAND…
    local tool=$1 what=$2; shift 2
    /usr/bin/time -o "$work/time" -f '%e %M' "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    read -r seconds memory < "$work/time"
    printf '%-8s %-10s %6s s %5d MB\n' "$tool" "$what" "$seconds" $((memory / 1024))
}
prodops() { timed prodops "$1" env HOME="$work/home" "$host" -Command "Invoke-Backup -Server $user@127.0.0.1:$port -IdentityFile $work/key -Path $work/data -Repository $work/repository"; }
rsyncs() { timed rsync "$1" rsync -a -e "$ssh" "$user@127.0.0.1:$work/data/" "$work/copy/"; }
sshfss() { [ ! -d "$work/restic" ] || timed sshfs "$1" restic -r "$work/restic" --no-cache backup "$work/sshfs"; }
change() { find "$work/data" -type f -size +0 | sort | awk -v n="$1" 'NR % 100 == n' | while IFS= read -r file; do echo "changed $1" >> "$file"; done; }

for round in $(seq "$rounds"); do
    rm -rf "$work/repository" "$work/restic"; find "$work/copy" -delete 2> /dev/null || true
    HOME="$work/home" "$host" -Command "\$null = Initialize-BackupRepository $work/repository"
    if command -v sshfs > /dev/null && command -v restic > /dev/null; then
        mountpoint -q "$work/sshfs" || sshfs -p "$port" -o IdentityFile="$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" "$user@127.0.0.1:$work/data" "$work/sshfs"
        restic -q -r "$work/restic" init
    fi
    for what in first unchanged changed; do
        [ $what != changed ] || change $((round % 100))
        # Which comes first changes, so that neither always finds the caches as the other left them.
        if [ $((round % 2)) = 1 ]; then prodops $what; rsyncs $what; else rsyncs $what; prodops $what; fi
        sshfss $what
    done
done
