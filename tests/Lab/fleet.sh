#!/usr/bin/env bash
# A throw-away fleet of real Debian hosts on one Linux machine: each host is a systemd-nspawn container with its own systemd, sshd,
# journald, apt, host keys and address on a private bridge. Needs root. Touches nothing outside of $LAB_DIR, the fleet's bridge, its
# iptables rules and, while it stands, two limits of the kernel (forwarding, inotify instances). Fleets of different names stand side by side; the base image is built once for all.
#
#   fleet.sh check               0, or 77 and the reason why no fleet can stand here
#   fleet.sh up HOST...          boot hosts (made where new), side by side; prints "HOST ADDRESS". One named db... has PostgreSQL
#                                and MariaDB, which are not running yet
#   fleet.sh blank HOST...       throw a host's disk away and boot it empty: same address, other host keys
#   fleet.sh kill HOST...        pull the plug: nothing is flushed, and nobody is told
#   fleet.sh cut HOST...         unplug the network cable             plug HOST...   put it back, and wait for the answer
#   fleet.sh run HOST CMD...     run a command as root from outside: needs neither network nor sshd
#   fleet.sh ssh HOST CMD...     run a command as root over SSH
#   fleet.sh account HOST USER [sudo=no|nopassword|password] [password=TEXT] [shell=PATH] [noisy]
#                                a login (or another face for an old one, root too): noisy start-up files print to both streams
#   fleet.sh busybox HOST        BusyBox's tools before GNU's, and /usr/local/bin/ash as a login shell
#   fleet.sh clock HOST OFFSET   sessions see a clock that is off (e.g. +90s; 0: the right one). The true clock is the machine's
#   fleet.sh memory HOST SIZE    how much it may have, e.g. 400M (0: all of the machine's)
#   fleet.sh list | address HOST
#   fleet.sh hold                wait for the end of standard input, then take the fleet down: no killed caller leaves it behind
#   fleet.sh down [--purge]      stop everything, remove bridge and rules (--purge: keys and disks too)
#   fleet.sh base | purge        build the base image | take down every fleet, remove every file
#
# Exit codes: 0 done, 1 failed, 2 not understood, 77 not possible on this machine.
# Environment: LAB_FLEET (default: "default"), LAB_DIR, LAB_NETWORK (10.77: fleet N gets 10.77.N.0/24), LAB_MIRROR and LAB_SUITE
# (default: what this machine's apt uses), LAB_OWNER (a process; once it has ended, the next run takes its fleet away).
# shellcheck disable=SC2015
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

LAB_DIR=${LAB_DIR:-/var/lib/prodops-lab}
LAB_NETWORK=${LAB_NETWORK:-10.77}
FLEET=${LAB_FLEET:-default}
HERE=$LAB_DIR/fleets/$FLEET
BOOT_SECONDS=90 BASE_SECONDS=600

# Servers, as people have them: what a minimal installation lacks and administrators expect. dash is /bin/sh, as Debian has it. Of the
# second line nothing runs until a test starts it.
PACKAGES=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,rsync,busybox,cron,iproute2,iputils-ping,procps,curl,ca-certificates,libfaketime,csh,fish
PACKAGES=$PACKAGES,nginx,haproxy,keepalived,rsyslog,rsyslog-relp,rsyslog-gnutls,logrotate,python3,python3-psycopg2

# A layer over the base image for hosts whose names begin with "db".
DATABASES=postgresql,mariadb-server

say() { printf 'fleet: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
usage() { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
cannot() { printf 'no lab here: %s\n' "$*"; exit 77; }

. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/fleet-base.sh"
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/fleet-host.sh"

# --- whether it can be done ------------------------------------------------------------------------------------------------------

check() {
    [ "$(uname -s)" = Linux ] || cannot "it is made of Linux containers and this is $(uname -s)"
    [ "$(id -u)" = 0 ] || cannot "it needs root (sudo bash tests/run.sh runs it too)"
    grep -qs ' 0 *4294967295$' /proc/self/uid_map || cannot "root here is root of a user namespace only"
    local tool missing=()
    for tool in systemd-nspawn:systemd-container mmdebstrap:mmdebstrap iptables:iptables ip:iproute2 ssh:openssh-client flock:util-linux nsenter:util-linux; do
        command -v "${tool%%:*}" > /dev/null || missing+=("${tool##*:}")
    done
    [ ${#missing[@]} -eq 0 ] || cannot "not installed: ${missing[*]}"
    mkdir -p "$LAB_DIR" 2> /dev/null || cannot "$LAB_DIR cannot be made"
    # In a mount and network namespace of its own, so that the trial leaves nothing behind.
    local trial; trial=$(mktemp -d "$LAB_DIR/trial.XXXXXX")
    mkdir "$trial"/{lower,upper,work,root}
    local said
    said=$(timeout 20 unshare --mount --net --pid --fork sh -eu -c '
        mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/root"
        ip link add trial type bridge && ip link add trial0 type veth peer name trial1' sh "$trial" 2>&1) || { rm -rf "$trial"; cannot "containers are not allowed: ${said//$'\n'/; }"; }
    rm -rf "$trial"
}

# --- the fleet: its number, its bridge, its owner ----------------------------------------------------------------------------------

# What runs under the lock must not hand it to a container: every background process closes 9.
with_lock() { mkdir -p "$LAB_DIR"; exec 9> "$LAB_DIR/lock"; flock -w "$BASE_SECONDS" 9 || die "another run has held $LAB_DIR/lock for $BASE_SECONDS s"; "$@"; exec 9>&-; }

start_time() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2> /dev/null || true; }   # field 22: with the pid, a process for good
same_process() { local pid start; [ -f "$1" ] && read -r pid start < "$1" && [ -n "${start:-}" ] && [ "$(start_time "$pid")" = "$start" ]; }

number() { cat "$HERE/number" 2> /dev/null; }
bridge() { echo "prodops-$(number)"; }
subnet() { echo "$LAB_NETWORK.$(number)"; }

claim() {
    mkdir -p "$HERE/hosts"
    if [ ! -f "$HERE/number" ]; then
        local n=1
        while grep -qsx "$n" "$LAB_DIR"/fleets/*/number || ip -o -4 addr show | grep -qF " $LAB_NETWORK.$n."; do n=$((n + 1)); done
        [ $n -lt 255 ] || die "$LAB_NETWORK.0.0/16 is full"
        echo "$n" > "$HERE/number"
    fi
    [ -z "${LAB_OWNER:-}" ] || echo "$LAB_OWNER $(start_time "$LAB_OWNER")" > "$HERE/owner"
    [ -f "$HERE/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C prodops-lab -f "$HERE/id_ed25519"
    touch "$HERE/known_hosts"
}

rules() {  # rules -A|-D: the hosts' way out, also where forwarding is closed by default
    local table=nat chain=POSTROUTING rule
    for rule in "nat POSTROUTING -s $(subnet).0/24 ! -d $(subnet).0/24 -j MASQUERADE" "filter FORWARD -i $(bridge) -j ACCEPT" "filter FORWARD -o $(bridge) -j ACCEPT"; do
        read -r table chain rule <<< "$rule"
        # shellcheck disable=SC2086
        if iptables -w 10 -t "$table" -C "$chain" $rule 2> /dev/null; then [ "$1" = -A ] || iptables -w 10 -t "$table" -D "$chain" $rule
        elif [ "$1" = -A ]; then iptables -w 10 -t "$table" -I "$chain" $rule 2> /dev/null || say "no rule for $table $chain: hosts may not reach further than this machine"; fi
    done
}

network_up() {
    ip link show "$(bridge)" > /dev/null 2>&1 || ip link add "$(bridge)" type bridge
    ip -o -4 addr show dev "$(bridge)" | grep -qF " $(subnet).1/" || ip addr add "$(subnet).1/24" dev "$(bridge)"
    ip link set "$(bridge)" up
    local forward=/proc/sys/net/ipv4/ip_forward
    [ "$(cat $forward)" = 1 ] || { touch "$LAB_DIR/forwarding-was-off"; echo 1 > $forward; }
    rules -A
    # Each host's systemd, journald and keepalived take some of what one kernel gives to all of a user's: 128 is what a dozen hosts have used up.
    local instances=/proc/sys/fs/inotify/max_user_instances
    [ "$(cat $instances)" -ge 4096 ] || { cat $instances > "$LAB_DIR/inotify-instances-were"; echo 4096 > $instances; }
}

network_down() {
    ip link del "$(bridge)" 2> /dev/null || true
    rules -D
    if [ -e "$LAB_DIR/forwarding-was-off" ] && ! ip -o link show type bridge | grep -q ': prodops-'; then
        echo 0 > /proc/sys/net/ipv4/ip_forward; rm -f "$LAB_DIR/forwarding-was-off"
    fi
    if [ -e "$LAB_DIR/inotify-instances-were" ] && ! ip -o link show type bridge | grep -q ': prodops-'; then
        cat "$LAB_DIR/inotify-instances-were" > /proc/sys/fs/inotify/max_user_instances; rm -f "$LAB_DIR/inotify-instances-were"
    fi
}

# A fleet whose owner was killed, guard included.
reap() {
    local fleet
    for fleet in "$LAB_DIR"/fleets/*/; do
        [ -f "$fleet/owner" ] && ! same_process "$fleet/owner" || continue
        [ "$(basename "$fleet")" = "$FLEET" ] && continue
        say "taking away $(basename "$fleet"), whose owner is gone"
        ( FLEET=$(basename "$fleet") HERE=${fleet%/}; take_down --purge )
    done
}

prepare() {
    check; mkdir -p "$LAB_DIR/fleets"; reap; build_base
    local host; for host; do [[ $host != db* ]] || { build_databases; break; }; done
    claim; network_up
}

take_down() {
    [ -f "$HERE/number" ] || return 0
    local host
    for host in $(hosts); do { pull_plug "$host"; unmount "$host"; } 9>&- & done; wait
    network_down
    [ "${1:-}" != --purge ] || rm -rf --one-file-system "$HERE"
}

purge() {
    local fleet
    for fleet in "$LAB_DIR"/fleets/*/; do [ -d "$fleet" ] && ( FLEET=$(basename "$fleet") HERE=${fleet%/}; take_down --purge ); done
    rm -rf --one-file-system "${LAB_DIR:?}"
}

# --- verbs -----------------------------------------------------------------------------------------------------------------------

all() {  # all VERB HOST...: side by side; fails if one fails
    local verb=$1 host jobs=() failed=0; shift
    for host; do "$verb" "$host" 9>&- & jobs+=($!); done
    for host in "${jobs[@]}"; do wait "$host" || failed=1; done
    return $failed
}

known() { local host; for host; do [ -f "$HERE/hosts/$host/number" ] || die "there is no host $host in fleet $FLEET"; done; }

verb=${1:-}; [ $# -eq 0 ] || shift
case $verb in up | blank | kill | cut | plug | run | ssh | account | busybox | clock | memory | address) [ $# -gt 0 ] || usage ;; esac
case $verb in
    check) check ;;
    base) check; with_lock build_base ;;
    up) with_lock prepare "$@"; for host; do enlist "$host"; done; all boot "$@"; for host; do echo "$host $(address "$host")"; done ;;
    blank) with_lock prepare "$@"; known "$@"; all wipe "$@"; all boot "$@"; for host; do echo "$host $(address "$host")"; done ;;
    kill) known "$@"; all pull_plug "$@" ;;
    cut) known "$@"; for host; do ip link set "$(cable "$host")" down; done ;;
    plug) known "$@"; for host; do ip link set "$(cable "$host")" up; done; for host; do [ -z "$(pid1 "$host")" ] || await_boot "$host"; done ;;
    run | ssh | account | busybox | clock | memory) known "$1"; "on_$verb" "$@" ;;
    address) known "$1"; address "$1" ;;
    list) for host in $(hosts); do echo "$host $(address "$host") $([ -n "$(pid1 "$host")" ] && echo up || echo down)"; done ;;
    hold) trap '' INT TERM HUP; cat > /dev/null || true; with_lock take_down --purge ;;
    down) [ ! -d "$LAB_DIR" ] || with_lock take_down "${1:-}" ;;
    purge) [ ! -d "$LAB_DIR" ] || with_lock purge ;;
    *) usage ;;
esac
