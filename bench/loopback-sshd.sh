# An sshd of the benchmark's own. Sourced, with $work naming its folder; the caller ends $sshd.
# shellcheck shell=bash

# start_sshd ADDRESS HOSTS [OPTION…]: listens there, with these -o options beside the usual ones, and is known under HOSTS in $work/home/.ssh/known_hosts.
# Sets $port, $sshd and $ssh, the command of a client that knows it.
start_sshd() {
    local address=$1 hosts=$2 option options=(); shift 2
    for option; do options+=(-o "$option"); done
    mkdir -p "$work/home/.ssh"
    : > "$work/sshd.log"
    ssh-keygen -q -t ed25519 -N '' -f "$work/host"
    ssh-keygen -q -t ed25519 -N '' -f "$work/key"
    cp "$work/key.pub" "$work/authorized_keys"
    port=$((20000 + RANDOM % 20000))
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    "$(PATH="$PATH:/usr/sbin" command -v sshd)" -D -e -f /dev/null -o Port=$port -o ListenAddress="$address" -o HostKey="$work/host" -o PidFile=none \
        -o AuthorizedKeysFile="$work/authorized_keys" -o StrictModes=no -o UsePAM=no -o PermitRootLogin=yes "${options[@]}" 2> "$work/sshd.log" &
    sshd=$!
    for _ in $(seq 50); do grep -q 'Server listening' "$work/sshd.log" && break; read -rt 0.1 <> <(:) || true; done
    printf '[%s]:%s %s\n' "$hosts" "$port" "$(cut -d' ' -f1,2 "$work/host.pub")" > "$work/home/.ssh/known_hosts"
    ssh="ssh -q -p $port -i $work/key -o UserKnownHostsFile=$work/home/.ssh/known_hosts -F none"
}

# start_servers COUNT: addresses 127.0.1.1, 127.0.1.2, … of one sshd, listed in $work/addresses. Their login shell finds a home folder without start-up files: what those take is
# the same for whoever logs in, and may be more than all the rest. Sets $options, those of an ssh that knows them, and makes $work/control for its masters.
start_servers() {
    [ "$1" -le 254 ] || { echo "254 servers at most" >&2; exit 2; }
    start_sshd 0.0.0.0 '127.0.1.*' MaxStartups=1000 SetEnv=HOME="$work/home"
    mkdir "$work/control"
    seq -f '127.0.1.%g' "$1" > "$work/addresses"
    # shellcheck disable=SC2034
    options=(-q -F none -p "$port" -i "$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" -o BatchMode=yes)
}

# stop_servers: ends sshd and the masters of connections that clients have kept.
stop_servers() {
    local control
    for control in "$work"/control/*; do [ ! -S "$control" ] || ssh -q -F none -S "$control" -O exit any 2> /dev/null || true; done
    kill "${sshd:-}" 2> /dev/null || true
}
