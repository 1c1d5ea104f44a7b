#!/usr/bin/env bash
# What watching a server takes from the machine that watches: ProdOps, check_by_ssh of monitoring-plugins, Nagios with it and, where it is installed, Ansible; in turns, medians.
# Usage: bench/monitoring/run.sh [servers] [repetitions]    (Release builds of bench/ProdOps.Benchmarks and src/ProdOps.Host; sshd; monitoring-plugins; nagios4-core)
# What is not installed is left out. NAGIOS, EXPORTER and PLUGINS name Nagios' daemon, node_exporter and the folder of plugins where they lie elsewhere, in an unpacked package for one.
# The servers are addresses 127.0.1.1, 127.0.1.2, … of one sshd on this machine, which has no start-up files to run. Connections are kept by all. A line: what, and milliseconds of
# the client's processor time (user and system, children, and ssh's master) a server and round.
set -euo pipefail
servers=${1:-20} repetitions=${2:-5}
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=${PRODOPS_BENCH:-$root/bench/ProdOps.Benchmarks/bin/Release/net10.0/ProdOps.Benchmarks}
host=$root/src/ProdOps.Host/bin/Release/net10.0/prodops plugins=${PLUGINS:-/usr/lib/nagios/plugins} nagios=${NAGIOS:-$(PATH="$PATH:/usr/sbin" command -v nagios4 || true)}
[ -x "$bench" ] || { echo "Build it first: dotnet build bench/ProdOps.Benchmarks -c Release" >&2; exit 1; }

work=$(mktemp -d)
. "$root/bench/loopback-sshd.sh"
. "$root/bench/monitoring/nagios.sh"
trap 'stop_nagios; stop_servers; kill "${exporter_pid:-}" 2> /dev/null; rm -rf "$work"' EXIT
start_servers "$servers"
login=(--port "$port" --key "$work/key" --known-hosts "$work/home/.ssh/known_hosts")
hz=$(getconf CLK_TCK)
exporter=${EXPORTER:-$(command -v prometheus-node-exporter node_exporter | head -n 1)} url=http://127.0.0.1:$((port + 1))/metrics
if [ -x "$exporter" ]; then
    "$exporter" --web.listen-address="127.0.0.1:$((port + 1))" 2> "$work/exporter.log" &
    exporter_pid=$!
fi
# What node_exporter itself has taken so far, in milliseconds.
exported() { awk -v hz="$hz" '{ print int(($14 + $15) * 1000 / hz) }' "/proc/$exporter_pid/stat"; }

# The processor time of ssh's masters so far, in milliseconds.
masters() {
    local address all=0 pid
    while read -r address; do
        pid=$(ssh "${options[@]}" -S "$work/control/$address" -O check any 2>&1 | sed -n 's/.*pid=\([0-9]*\).*/\1/p')
        all=$((all + $(awk -v hz="$hz" '{ print int(($14 + $15) * 1000 / hz) }' "/proc/$pid/stat")))
    done < "$work/addresses"
    echo $all
}
# spent NAME COUNT COMMAND…: milliseconds of processor time of a command and its children, for each of COUNT.
spent() {
    local TIMEFORMAT='%U %S' line before after
    before=$(masters)
    line=$({ time "${@:3}" > "$work/said" 2> "$work/errors"; } 2>&1) || { cat "$work/errors" "$work/said" >&2; exit 1; }
    after=$(masters)
    awk -v name="$1" -v n="$2" -v masters=$((after - before)) '{ printf "%s %.3f\n", name, (1000 * ($1 + $2) + masters) / n }' <<< "$line"
}
check_all() {
    local address i
    for i in 1 2 3 4 5; do
        while read -r address; do
            "$plugins/check_by_ssh" -q -F none -H "$address" -p "$port" -i "$work/key" -o UserKnownHostsFile="$work/home/.ssh/known_hosts" \
                -o ControlMaster=no -o ControlPath="$work/control/$address" -C "$plugins/check_load -w 9999 -c 9999" < /dev/null
        done < "$work/addresses"
    done
}
while read -r address; do
    ssh "${options[@]}" -o ControlMaster=auto -o ControlPersist=600 -o ControlPath="$work/control/$address" "$address" true < /dev/null > /dev/null 2>&1
done < "$work/addresses"
if command -v ansible > /dev/null; then
    sed "s/$/ ansible_port=$port ansible_python_interpreter=\/usr\/bin\/python3/" "$work/addresses" > "$work/inventory"
    export ANSIBLE_SSH_ARGS="-F none -o ControlMaster=no -o UserKnownHostsFile=$work/home/.ssh/known_hosts" ANSIBLE_SSH_CONTROL_PATH="$work/control/%%h" ANSIBLE_PIPELINING=1
fi
for _ in $(seq "$repetitions"); do
    for way in kept exec; do "$bench" monitor probe "${login[@]}" --servers "$servers" --rounds 20 --way "$way" | awk '{ print $1, $2 }'; done
    if [ -x "$exporter" ]; then
        before=$(exported)
        "$bench" monitor probe --servers "$servers" --rounds 20 --way exporter --url "$url" | awk '{ print $1, $2 }'
        # Ten rounds go before those that are counted.
        awk -v ms=$(($(exported) - before)) -v n=$((30 * servers)) 'BEGIN { printf "the-exporter-itself %.3f\n", ms / n }'
    fi
    if [ -x "$plugins/check_by_ssh" ]; then spent check_by_ssh $((5 * servers)) check_all; fi
    if [ -x "$nagios" ]; then
        nagios_spends nagios-check_dummy "$plugins/check_dummy 0"
        nagios_spends nagios-check_by_ssh "$plugins/check_by_ssh -q -F none -H \$HOSTADDRESS\$ -p $port -i $work/key -o UserKnownHostsFile=$work/home/.ssh/known_hosts -o ControlMaster=no -o ControlPath=$work/control/\$HOSTADDRESS\$ -C '$plugins/check_load -w 9999 -c 9999'"
    fi
    if command -v ansible > /dev/null; then spent ansible-ping "$servers" ansible all -i "$work/inventory" --private-key "$work/key" -f 16 -m ping; fi
done > "$work/lines"
echo "processor time of the client, ms a server and round; $servers servers, $repetitions repetitions, load $(cut -d' ' -f1 /proc/loadavg)"
sort -k1,1 -k2,2n "$work/lines" | awk '{ of[$1] = of[$1] " " $2 } END { for (name in of) { n = split(of[name], all, " "); printf "%s: median %s (%s to %s)\n", name, all[int((n + 1) / 2)], all[1], all[n] } }' | sort
echo; echo "the whole monitor, each server asked every second"
"$bench" monitor watch "$work/watch" "${login[@]}" --servers "$servers" --interval 1 --seconds 20 --warm 10
echo; "$bench" monitor latency "$work/latency" "${login[@]}" --faults 6
if [ -x "$host" ]; then
    echo; echo "Get-HealthStatus localhost from a cold prompt: seconds elapsed, user, system"
    TIMEFORMAT='%3R %3U %3S'
    for _ in $(seq "$repetitions"); do time PRODOPS_MODULE="$root/artifacts/ProdOps" "$host" -Command 'Get-HealthStatus localhost' > /dev/null; done
fi
