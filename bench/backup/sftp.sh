#!/usr/bin/env bash
# Backs one file of random bytes up over SFTP to a loopback sshd, by Invoke-Backup and by restic through ssh, in turn.
# Usage: bench/backup/sftp.sh [MiB] [rounds]    (a Release build of the host; ssh, sshd, GNU time; restic, if it is to be compared)
# A line a run: tool, seconds, processor seconds (of restic with its ssh), peak memory in MB. Each run is a process of its own, into an empty repository.
set -euo pipefail
size=${1:-400} rounds=${2:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
host=${PRODOPS_HOST:-"$root/src/ProdOps.Host/bin/Release/net10.0/prodops"} restic=${RESTIC:-restic}
[ -x "$host" ] || { echo "Build the host first: dotnet build src/ProdOps.Host -c Release" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/prodops-bench.XXXXXX")
cleanup() { kill "${sshd:-}" 2> /dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
. "$root/bench/loopback-sshd.sh"
start_sshd 127.0.0.1 127.0.0.1 Subsystem="sftp internal-sftp"
user=$(id -un)
printf 'Host *\n  IdentityFile %s\n' "$work/key" > "$work/home/.ssh/config"
printf 'secret\n' > "$work/password"; chmod 600 "$work/password"
export RESTIC_PASSWORD_FILE="$work/password" HOME="$work/home"
mkdir "$work/source"
head -c "$((size << 20))" /dev/urandom > "$work/source/file"
# restic's ssh is a process that it does not wait for.
printf '#!/bin/sh\nexec /usr/bin/time -o %s -f "%%U %%S" %s %s@127.0.0.1 -s sftp\n' "$work/ssh-time" "$ssh" "$user" > "$work/ssh"; chmod +x "$work/ssh"

timed() { # TOOL COMMAND…
    local tool=$1 wall busy system memory others=0; shift
    : > "$work/ssh-time"
    /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    read -r wall busy system memory < "$work/time"
    for _ in $(seq 20); do [ "$tool" != restic ] || [ -s "$work/ssh-time" ] || read -rt 0.1 <> <(:) || true; done
    [ ! -s "$work/ssh-time" ] || others=$(tail -n 1 "$work/ssh-time")
    printf '%-8s %6s s %7s s CPU %5d MB\n' "$tool" "$wall" "$(echo "$busy $system $others" | awk '{ print $1 + $2 + $3 + $4 }')" $((memory / 1024))
}
for _ in $(seq "$rounds"); do
    rm -rf "$work/ours" "$work/theirs"
    "$host" -Command "\$null = Initialize-BackupRepository $work/ours"
    timed prodops "$host" -NonInteractive -OutputFormat None -Command "Invoke-Backup $work/source -Repository 'sftp://$user@127.0.0.1:$port/$work/ours'"
    command -v "$restic" > /dev/null || continue
    "$restic" -q -r "$work/theirs" init
    timed restic "$restic" -q --no-cache -o sftp.command="$work/ssh" -r "sftp:$user@127.0.0.1:$work/theirs" backup "$work/source"
done
