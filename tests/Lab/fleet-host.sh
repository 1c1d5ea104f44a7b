# One host: its disk, its cable, its process, its accounts. Sourced by fleet.sh.
# shellcheck shell=bash

hosts() { local d; for d in "$HERE"/hosts/*/; do [ ! -f "$d/number" ] || basename "$d"; done; }
disk() { echo "$HERE/hosts/$1/root"; }
address() { echo "$(subnet).$(cat "$HERE/hosts/$1/number")"; }
machine() { echo "pl$(number)-$(cat "$HERE/hosts/$1/number")"; }   # short: a network card's name has 15 letters
cable() { echo "vb-$(machine "$1")"; }
# Of memory it is a group within the caller's own: what that may have holds for its hosts.
cgroups() {
    if [ -e /sys/fs/cgroup/cgroup.procs ]; then echo /sys/fs/cgroup; return; fi
    ls -d /sys/fs/cgroup/systemd /sys/fs/cgroup/unified "/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)" 2> /dev/null
}

# The container's first process, as this machine numbers it; nothing when the host is down.
pid1() {
    same_process "$HERE/hosts/$1/process" || return 0
    local nspawn child; read -r nspawn _ < "$HERE/hosts/$1/process"
    for child in $(cat "/proc/$nspawn/task/$nspawn/children" 2> /dev/null); do
        if grep -qs $'^NSpid:.*\t1$' "/proc/$child/status"; then echo "$child"; return; fi
    done
}

# A host keeps its number, so its address, for as long as its folder stands.
enlist() {
    [[ $1 =~ ^[a-z][a-z0-9-]*$ ]] || die "$1 is no name for a host"
    [ ! -f "$HERE/hosts/$1/number" ] || return 0
    exec 8> "$HERE/lock"; flock -w 30 8
    local n=11; while grep -qsx "$n" "$HERE"/hosts/*/number; do n=$((n + 1)); done
    [ $n -lt 255 ] || die "fleet $FLEET is full"
    mkdir -p "$HERE/hosts/$1"; echo "$n" > "$HERE/hosts/$1/number"
    exec 8>&-
}

mount_disk() {
    local h=$HERE/hosts/$1 root; root=$(disk "$1")
    mkdir -p "$h"/{upper,work,root}
    mountpoint -q "$root" || mount -t overlay overlay -o "lowerdir=$([[ $1 != db* ]] || echo "$LAYER/upper:")$BASE,upperdir=$h/upper,workdir=$h/work" "$root"
    if [ ! -f "$root/etc/machine-id" ]; then   # a new disk
        tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
        echo "$1" > "$root/etc/hostname"
        printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$1" > "$root/etc/hosts"
        ssh-keygen -q -A -f "$root" > /dev/null
        install -m 600 "$HERE/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
        remember "$1"
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf 'ADDRESS=%s\nGATEWAY=%s.1\n' "$(address "$1")" "$(subnet)" > "$root/etc/lab-network"
}

# The keys come from the disk, not from the network: known_hosts is the truth.
remember() {
    exec 8> "$HERE/lock"; flock -w 30 8
    local new; new=$(mktemp "$HERE/known_hosts.XXXXXX")
    awk -v at="$(address "$1")" '$1 != at' "$HERE/known_hosts" > "$new"
    awk -v at="$(address "$1")" '{ print at, $1, $2 }' "$(disk "$1")"/etc/ssh/ssh_host_*_key.pub >> "$new"
    chmod 644 "$new"; mv "$new" "$HERE/known_hosts"
    exec 8>&-
}

boot() {
    [ -z "$(pid1 "$1")" ] || { await_boot "$1"; return; }
    local h=$HERE/hosts/$1 keep=()
    gone "$1"
    mount_disk "$1"
    ip link del "$(cable "$1")" 2> /dev/null || true      # a killed host leaves its cable behind
    # Under systemd a container gets a scope of its own. Elsewhere it stays in the caller's cgroup: one for each host, or the systemds of
    # two would share theirs.
    if [ ! -d /run/systemd/system ]; then
        keep=(--keep-unit)
        cgroups > "$h/cgroups" || true
        local c; for c in $(cat "$h/cgroups"); do mkdir -p "$c/$(machine "$1")"; done
    fi
    # No CAP_SYS_TIME: the clock is the machine's.
    setsid bash -c 'for c in $1; do echo $$ > "$c/cgroup.procs"; done; shift; exec "$@"' bash \
        "$([ ${#keep[@]} -eq 0 ] || for c in $(cat "$h/cgroups"); do echo "$c/$(machine "$1")"; done)" \
        systemd-nspawn -q -D "$(disk "$1")" -M "$(machine "$1")" --hostname="$1" --register=no "${keep[@]}" --resolv-conf=off --timezone=off \
        --link-journal=no --capability=CAP_NET_ADMIN,CAP_NET_RAW --network-bridge="$(bridge)" -b < /dev/null > "$h/console.log" 2>&1 9>&- 8>&- &
    local pid=$!
    echo "$pid $(start_time $pid)" > "$h/process"
    await_boot "$1"
}

# shellcheck disable=SC2016
sshd_answers() { timeout 1 bash -c 'exec 3<> "/dev/tcp/$1/22"; read -r -u 3 banner; [[ $banner == SSH-* ]]' bash "$1" 2> /dev/null; }

# Up is: sshd answers, and users other than root are let in.
await_boot() {
    local deadline=$((SECONDS + BOOT_SECONDS)) at; at=$(address "$1")
    while [ $SECONDS -lt $deadline ]; do
        same_process "$HERE/hosts/$1/process" || { tail -n 5 "$HERE/hosts/$1/console.log" >&2; say "$1 has died while booting: $HERE/hosts/$1/console.log"; return 1; }
        if sshd_answers "$at" && [ ! -e "/proc/$(pid1 "$1")/root/run/nologin" ]; then return; fi
        sleep 0.1
    done
    say "$1 did not come up within $BOOT_SECONDS s: $HERE/hosts/$1/console.log"
    return 1
}

# The cable first: a dying kernel's peers would be told by a FIN or RST, which a machine without power does not send.
pull_plug() {
    ip link set "$(cable "$1")" down 2> /dev/null || true
    local p; p=$(pid1 "$1")
    [ -z "$p" ] || kill -KILL "$p" 2> /dev/null || true
    local i=0
    while [ -n "$(pid1 "$1")" ] && [ $((i += 1)) -lt 200 ]; do sleep 0.02; done
}

# nspawn follows its container within moments; what hangs is ended by the id that was recorded for it.
gone() {
    local deadline=$((SECONDS + 10)) nspawn
    while same_process "$HERE/hosts/$1/process"; do
        [ $SECONDS -lt $deadline ] || { read -r nspawn _ < "$HERE/hosts/$1/process"; kill -KILL "$nspawn" 2> /dev/null || true; deadline=$((SECONDS + 10)); }
        sleep 0.05
    done
    rm -f "$HERE/hosts/$1/process"
    local c; for c in $(cat "$HERE/hosts/$1/cgroups" 2> /dev/null); do [ ! -d "$c/$(machine "$1")" ] || find "$c/$(machine "$1")" -depth -type d -exec rmdir {} + 2> /dev/null || true; done
}

unmount() {
    local i root; root=$(disk "$1")
    gone "$1"
    for i in $(seq 50); do mountpoint -q "$root" || return 0; umount -R "$root" 2> /dev/null && continue || sleep 0.1; done
    umount -R -l "$root"
}

wipe() { pull_plug "$1"; unmount "$1"; rm -rf --one-file-system "$HERE/hosts/$1"/{upper,work,root}; }

on_run() {
    local host=$1 p; shift
    p=$(pid1 "$host"); [ -n "$p" ] || die "$host is down"
    nsenter -t "$p" -m -u -i -n -p --root -- /usr/bin/env -C /root -i HOME=/root USER=root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

on_ssh() {
    local host=$1; shift
    exec ssh -q -F none -i "$HERE/id_ed25519" -o BatchMode=yes -o ConnectTimeout=3 -o UserKnownHostsFile="$HERE/known_hosts" "root@$(address "$host")" "$@"
}

on_account() {
    local host=$1 user=${2:?a user} option sudo='' password='' shell='' noisy=''; shift 2
    for option; do
        case $option in
            sudo=no | sudo=nopassword | sudo=password) sudo=${option#*=} ;;
            password=*) password=${option#*=} ;;
            shell=*) shell=${option#*=} ;;
            noisy) noisy=1 ;;
            *) say "not understood: $option"; exit 2 ;;
        esac
    done
    # shellcheck disable=SC2016
    on_run "$host" sh -euc '
        user=$1 sudo=$2 password=$3 shell=$4 noisy=$5
        id "$user" > /dev/null 2>&1 || useradd -m -s "${shell:-/bin/bash}" "$user"
        [ -z "$shell" ] || usermod -s "$shell" "$user" > /dev/null
        [ -z "$password" ] || printf "%s:%s\n" "$user" "$password" | chpasswd
        home=$(getent passwd "$user" | cut -d: -f6)
        [ "$user" = root ] || { install -d -m 700 -o "$user" -g "$user" "$home/.ssh"; install -m 600 -o "$user" -g "$user" /root/.ssh/authorized_keys "$home/.ssh/authorized_keys"; }
        case $sudo in
            no) rm -f "/etc/sudoers.d/$user" ;;
            nopassword) echo "$user ALL=(ALL:ALL) NOPASSWD: ALL" > "/etc/sudoers.d/$user" ;;
            password) echo "$user ALL=(ALL:ALL) ALL" > "/etc/sudoers.d/$user" ;;
        esac
        # Before the line that ends it for shells nobody types at, so that Debian'"'"'s bash, which reads .bashrc for sshd, says it. Every
        # shell reads the line alike; those that read none of these files do not mind them.
        [ -z "$noisy" ] || for file in .bashrc .profile .cshrc .config/fish/config.fish; do
            mkdir -p "$(dirname "$home/$file")"
            { echo "sh -c '"'"'echo \"Welcome to \$(hostname), mind the step\"; echo \"(this goes to standard error)\" >&2'"'"'"; cat "$home/$file" 2> /dev/null || true; } > "$home/$file.new"
            chown "$user:" "$home/$file.new"; mv "$home/$file.new" "$home/$file"
        done' sh "$user" "$sudo" "$password" "$shell" "$noisy"
}

on_busybox() {
    # shellcheck disable=SC2016
    on_run "$1" sh -euc 'for applet in $(busybox --list); do
        case $applet in busybox | init | linuxrc | reboot | poweroff | halt) ;; *) ln -sf /bin/busybox "/usr/local/bin/$applet" ;; esac; done'
}

on_clock() {
    # shellcheck disable=SC2016
    on_run "$1" sh -euc '
        library=$(ls /usr/lib/*/faketime/libfaketime.so.1)
        if [ "$1" = 0 ]; then rm -f /etc/ssh/sshd_config.d/clock.conf
        else echo "SetEnv LD_PRELOAD=$library FAKETIME=$1 FAKETIME_DONT_RESET=1" > /etc/ssh/sshd_config.d/clock.conf; fi
        systemctl reload ssh' sh "${2:?an offset}"
    # A reload closes the port for a moment.
    local deadline=$((SECONDS + 10))
    while [ $SECONDS -lt $deadline ]; do ! sshd_answers "$(address "$1")" || return 0; sleep 0.1; done
    die "sshd of $1 has not come back"
}

# What /proc of the host shows is the machine's all the same, as in any container.
on_memory() {
    local p path file; p=$(pid1 "$1"); [ -n "$p" ] || die "$1 is down"
    if path=$(sed -n 's/^[0-9]*:memory://p' "/proc/$p/cgroup") && [ -n "$path" ]; then file=/sys/fs/cgroup/memory$path/memory.limit_in_bytes
    else path=$(sed -n 's/^0:://p' "/proc/$p/cgroup"); file=/sys/fs/cgroup${path%/init.scope}/memory.max; fi
    [ -w "$file" ] || die "nobody can say how much memory $1 has: there is no $file"
    case ${2:?a size} in 0) [[ $file == *.max ]] && echo max > "$file" || echo -1 > "$file" ;; *) echo "$2" > "$file" ;; esac
}
