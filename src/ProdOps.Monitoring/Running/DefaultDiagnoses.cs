using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Monitoring.Running;

/// <summary>
/// What is looked at on a server when something on it becomes a problem: what an admin would type first, and what is gone when they do. For any user and any POSIX shell, without arguments of other
/// programs, which hold secrets; what is not there is left out. What might take long is ended after some seconds, and shows what it has found by then.
/// </summary>
internal static class DefaultDiagnoses
{
    public static IReadOnlyList<HealthAction> All { get; } =
    [
        Look("look at cpu", ["cpu.*", "pressure.cpu.*", "load.*", "process.*"], "processes 1"),
        Look("look at memory", ["memory.*", "pressure.memory.*", "swap.*", "oom.kills"], Memory),
        Look("look at disk", ["disk.used", "disk.free", "disk.full", "inode.*"], Disk),
        Look("look at disk errors", ["disk.readonly"], DiskErrors),
        Look("look at disk io", ["disk.await", "disk.io.*", "disk.read", "disk.write", "pressure.io.*"], "processes 1 D\nkernel 'error|timeout|reset|hung'"),
        Look("look at service", ["service", "unit.*"], Service),
        Look("look at network", ["network.*", "conntrack.*", "tcp.*", "udp.*"], Network),
        Look("look at files", ["file.*"], Files),
        Look("look at clock", ["clock.*"], "look 12 timedatectl timedatectl\nlook 14 'chronyc tracking' chronyc -n tracking"),
    ];

    /// <summary>Those in whose place nobody put one of their own.</summary>
    public static IEnumerable<HealthAction> Beside(IReadOnlyList<HealthAction> own) =>
        All.Where(one => !own.Any(other => other.Name.Equals(one.Name, StringComparison.OrdinalIgnoreCase)));

    // The last parenthesis ends a process's name, which may have any others in it (proc(5)). Times are hundredths of a second: two readings a second apart give per cents of a CPU.
    private const string Head = """
        LC_ALL=C; export LC_ALL
        PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin; export PATH
        i=$PRODOPS_INSTANCE
        limit=; if command -v timeout >/dev/null 2>&1; then limit='timeout -s KILL 4'; fi
        has() { command -v "$1" >/dev/null 2>&1; }
        short() { sed -n "1,$1p" | cut -c 1-150; }
        look() { most=$1 title=$2; shift 2; has "$1" || return 0; printf '> %s\n' "$title"; $limit "$@" 2>&1 </dev/null | short "$most"; }
        kernel() { printf '> kernel\n'; { journalctl -k -q -n 2000 --no-pager -o short-iso || dmesg; } 2>/dev/null </dev/null | grep -iE "$1" | tail -n 6 | cut -c 1-150; }
        processes() {
            has awk || { printf '> load\n'; cat /proc/loadavg; return 0; }
            printf '> processes\n   CPU%%  MEMORY MB STATE     PID NAME\n'
            { cat /proc/[0-9]*/stat; echo; sleep 1; cat /proc/[0-9]*/stat; } 2>/dev/null | awk -v page="$(getconf PAGESIZE 2>/dev/null || echo 4096)" -v state="${2:-}" '
                $0 == "" { second = 1; next }
                match($0, /^.*\)/) {
                    name = substr($0, index($0, "(") + 1, RLENGTH - index($0, "(") - 1); split(substr($0, RLENGTH + 2), field, " ")
                    if (!second) { before[$1] = field[12] + field[13]; next }
                    if (!($1 in before) || (state != "" && field[1] != state)) next
                    printf "%7.1f %10.1f %s %11d %s\n", field[12] + field[13] - before[$1], field[22] * page / 1048576, field[1], $1, name
                }' | sort -rn -k "$1,$1" | short 10
            printf '> load and memory\n'; cut -c 1-40 /proc/loadavg
            grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree|Shmem|Slab):' /proc/meminfo
        }

        """;

    private const string Memory = """
        processes 2
        grep -s '' /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.usage_in_bytes
        kernel 'out of memory|oom-kill|killed process'
        """;

    // du is ended when it takes long, and what it has said until then must not be in its buffer. What is deleted and still open takes room that it does not see.
    private const string Disk = """
        look 2 'df -h' df -h "$i"
        look 2 'df -i' df -i "$i"
        printf '> the largest, MB\n'
        lines=; if has stdbuf; then lines='stdbuf -oL'; fi
        found=$($limit $lines du -xkad 3 "$i" 2>/dev/null </dev/null); code=$?
        printf '%s\n' "$found" | sort -rn | sed -n 1,14p | while read -r size path; do printf '%10d %s\n' $((size / 1024)) "$path"; done | cut -c 1-150
        if [ $code -gt 124 ]; then echo '(as far as was seen in 4 seconds)'; fi
        printf '> deleted and still open, MB\n'
        $limit find /proc/[0-9]*/fd -lname "${i%/}/*(deleted)" ! -lname '/memfd:*' ! -lname '/dev/*' ! -lname '/SYSV*' -exec stat -L -c '%s %n' {} + 2>/dev/null </dev/null | sort -rn | sed -n 1,5p |
            while read -r size fd; do printf '%10d %s (open in %s)\n' $((size / 1048576)) "$(readlink "$fd")" "$(cat "${fd%/fd/*}/comm" 2>/dev/null)"; done | cut -c 1-150
        """;

    private const string DiskErrors = """
        printf '> mounted as\n'; while read -r source target rest; do if [ "$target" = "$i" ]; then printf '%s\n' "$source $target $rest"; fi; done </proc/mounts | short 3
        kernel 'i/o error|ext[234]-fs|xfs|btrfs|abort|corrupt|remount'
        """;

    // Not systemctl status: it shows what programs were started with.
    private const string Service = """
        if [ ! -d /run/systemd/system ]; then look 5 service service "$i" status; exit 0; fi
        about() {
            look 12 "$1" systemctl show -p ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,NRestarts,MemoryCurrent,ActiveEnterTimestamp,InactiveEnterTimestamp -- "$1"
            look "$2" "journal of $1" journalctl -q --no-pager -o short-iso -n "$2" --unit="$1"
        }
        if [ -n "$i" ]; then about "$i" 20
        else systemctl list-units --state=failed --full --plain --no-legend --no-pager 2>/dev/null </dev/null | head -n 3 | while read -r unit rest; do about "$unit" 6; done
        fi
        """;

    private const string Network = """
        look 8 'ss -s' ss -s
        if ! ip -s link >/dev/null 2>&1; then look 12 'net/dev' cat /proc/net/dev
        elif [ -n "$i" ]; then look 12 'ip -s link' ip -s link show dev "$i"
        else look 30 'ip -s link' ip -s link
        fi
        kernel 'link is|nf_conntrack|neighbour table overflow|out of socket memory'
        """;

    private const string Files = """
        printf '> who has most files open\n'
        $limit ls -d /proc/[0-9]*/fd/* 2>/dev/null </dev/null | cut -d / -f 3 | sort | uniq -c | sort -rn | sed -n 1,8p |
            while read -r count process; do printf '%8d %8d %s\n' "$count" "$process" "$(cat "/proc/$process/comm" 2>/dev/null)"; done | cut -c 1-150
        cat /proc/sys/fs/file-nr
        """;

    private static HealthAction Look(string name, IReadOnlyList<string> rules, string body) => HealthActionsSection.Diagnosis(new HealthAction { Name = name, Rules = rules, Command = Head + body + "\n" });
}
