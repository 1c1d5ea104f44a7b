# The base image that all hosts' disks are laid over. Sourced by fleet.sh.
# shellcheck shell=bash

# One "deb URI SUITE COMPONENT" a line, from what this machine's apt itself uses of its own distribution.
sources() {
    local suite=${LAB_SUITE:-$(. /etc/os-release; echo "${VERSION_CODENAME:-bookworm}")}
    if [ -n "${LAB_MIRROR:-}" ]; then echo "deb $LAB_MIRROR $suite main"; return; fi
    local found; found=$(indexed_sources "$suite")
    # Lists that were never fetched have no targets.
    [ -n "$found" ] || { apt-get update -qq >&2 && found=$(indexed_sources "$suite"); }
    [ -n "$found" ] && echo "$found" || die "apt knows no source of $suite here: name a mirror in LAB_MIRROR"
}

indexed_sources() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2> /dev/null |
        awk -v suite="$1" '($2 == suite || index($2, suite "-updates") == 1 || index($2, suite "-security") == 1) && ($3 == "main" || $3 == "universe") { print "deb", $0 }' | sort -u |
        awk -v suite="$1" '{ all = all $0 "\n" } $3 == suite && $4 == "main" { whole = 1 } END { if (whole) printf "%s", all }'
}

# Run in the image before it is used. What it says is part of the recipe: changing it builds a new image.
customise() {
    local root=$1 unit
    rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/var/lib/dbus/machine-id" "$root/etc/hostname" "$root/etc/resolv.conf"
    # Nothing that starts by itself and takes the machine's two cores while a test measures.
    for unit in console-getty.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer dpkg-db-backup.timer systemd-networkd-wait-online.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
    rm -f "$root"/etc/systemd/system/*.wants/{nginx,haproxy,keepalived,rsyslog}.service "$root"/etc/systemd/system/timers.target.wants/logrotate.timer
    cat > "$root/etc/systemd/system/lab-network.service" << 'UNIT'
[Unit]
Description=The one network card
DefaultDependencies=no
Before=network.target
Wants=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=/etc/lab-network
ExecStart=/bin/ip addr replace ${ADDRESS}/24 dev host0
ExecStart=/bin/ip link set host0 up
ExecStart=/bin/ip route replace default via ${GATEWAY}
[Install]
WantedBy=multi-user.target
UNIT
    ln -sf ../lab-network.service "$root/etc/systemd/system/multi-user.target.wants/lab-network.service"
    install -d -m 700 "$root/root/.ssh"
}

recipe() { echo "$PACKAGES"; sources; declare -f customise; }
base() { echo "$LAB_DIR/base-$(recipe | sha256sum | cut -c1-12)"; }

# Called under the lock. An image that was cut off in the making has no .complete and is made again.
build_base() {
    BASE=$(base)
    [ ! -f "$BASE/.complete" ] || return 0
    local log=$LAB_DIR/base.log
    say "building the base image (about half a minute; $log)"
    remove_base "$BASE"
    local sources; sources=$(sources)
    # A mount namespace of its own: whatever ends the making, none of its mounts are left in the way of the next one.
    # root: the sandbox user of apt may not be able to enter the folder. The machine's proxy is apt's here, too.
    if ! timeout -k 10 "$BASE_SECONDS" unshare --mount --propagation private mmdebstrap --variant=minbase --include="$PACKAGES" --aptopt='APT::Sandbox::User "root"' \
        --aptopt="Acquire::http::Proxy \"$(apt-config dump --format '%v' Acquire::http::Proxy)\"" \
        "$(awk 'NR == 1 { print $3 }' <<< "$sources" | sed 's/-.*//')" "$BASE" - <<< "$sources" > "$log" 2>&1 9>&-; then
        grep -E '^(E|W):|rror' "$log" | tail -n 5 >&2
        remove_base "$BASE"
        die "the base image could not be built: see $log"
    fi
    customise "$BASE"
    touch "$BASE/.complete"
    local old
    for old in "$LAB_DIR"/base-*/; do
        [ "${old%/}" = "$BASE" ] || grep -qF -e "=${old%/}," -e ":${old%/}," /proc/mounts || remove_base "${old%/}"
    done
}

layer() { echo "$LAB_DIR/databases-$({ recipe; echo "$DATABASES"; declare -f install_databases; } | sha256sum | cut -c1-12)"; }

# Called under the lock, after build_base: installs into a layer of its own what few hosts need, so that the others do not wait for it.
build_databases() {
    LAYER=$(layer)
    [ ! -f "$LAYER/.complete" ] || return 0
    local log=$LAB_DIR/databases.log
    say "building the layer of database hosts (about a minute; $log)"
    remove_base "$LAYER"
    mkdir -p "$LAYER"/{upper,work,root}
    export -f install_databases
    if ! timeout -k 10 "$BASE_SECONDS" unshare --mount --propagation private bash -euc 'install_databases "$@"' bash "$LAYER" "$BASE" "${DATABASES//,/ }" \
        "$(apt-config dump --format '%v' Acquire::http::Proxy)" < /dev/null > "$log" 2>&1 9>&-; then
        grep -E '^(E|W):|rror' "$log" | tail -n 5 >&2
        remove_base "$LAYER"
        die "the layer of database hosts could not be built: see $log"
    fi
    rm -rf "$LAYER/work" "$LAYER/root"
    touch "$LAYER/.complete"
    local old
    for old in "$LAB_DIR"/databases-*/; do
        [ "${old%/}" = "$LAYER" ] || grep -qF "=${old%/}/upper:" /proc/mounts || remove_base "${old%/}"
    done
}

# In a mount namespace of its own. Servers are neither started while they are installed nor at boot: a test starts what it needs.
install_databases() {
    local layer=$1 root=$1/root packages=$3
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$layer/upper,workdir=$layer/work" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    # shellcheck disable=SC2086
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin PROXY="$4" sh -euc '
        set -- -o APT::Sandbox::User=root -o Acquire::http::Proxy="$PROXY" "$@"
        apt-get "$1" "$2" "$3" "$4" update -qq
        apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
        apt-get clean
        rm -rf /var/lib/apt/lists/*' sh $packages
    rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf" "$root"/etc/systemd/system/multi-user.target.wants/{postgresql,mariadb}.service
}

# Never what is mounted below it: that may be this machine's /proc or /dev.
remove_base() {
    local mount
    awk -v below="$1/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
    rm -rf --one-file-system "$1"
}
