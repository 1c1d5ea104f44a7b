using System.Text;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory.Probing;

namespace ProdOps.Monitoring.Probing;

/// <summary>
/// The one text by which a server is read: POSIX sh for dash, bash and BusyBox, raw counters in sections, no change on the server, no
/// root needed. Rates come from two answers: who wants them at once asks twice, a moment apart (see <see cref="Metrics.ProbeMeasurements"/>).
/// It is a function for each part, and a line that calls those that are wanted: one command, or, for a shell that is kept, what it is told once and a line a round.
/// </summary>
/// <remarks>
/// What it costs the server is processes, a millisecond each, and long patterns for grep: so there are two processes and a short pattern.
/// Mean of 100 runs of <see cref="ProbeParts.Fast"/>, user and system time of the shell and its children, on a virtual machine of two busy
/// CPUs: 5.0..5.7 ms with dash (of which a dash that does nothing takes 0.8), 5.4..5.7 with BusyBox, 7.5..8.4 with bash.
/// </remarks>
internal static class HealthProbe
{
    /// <summary>More than a server with thousands of processes and interfaces prints; what is longer is no answer.</summary>
    public static CommandRunOptions RunOptions { get; } = new() { MaximumOutput = 4 * 1024 * 1024 };

    /// <summary>The command.</summary>
    /// <exception cref="ArgumentException">The nonce is not made of letters and digits, or a unit's name holds a NUL.</exception>
    public static ServerCommand Command(ProbeRequest request) => new(Definitions(request.Parts) + Line(request)) { Idempotent = true };

    /// <summary>What the shell has to know before a <see cref="Line"/> that asks for these parts.</summary>
    public static string Definitions(ProbeParts parts)
    {
        var text = new StringBuilder(Head).Append(Function("fast", Fast));
        if (parts.HasFlag(ProbeParts.Services)) text.Append(Function("services", Services));
        if (parts.HasFlag(ProbeParts.Slow)) text.Append(Function("slow", Slow));
        if (parts.HasFlag(ProbeParts.Daily)) text.Append(Function("daily", Daily));
        return text.ToString();

        static string Function(string name, string body) => $"{name}() {{\n{body}}}\n";
    }

    /// <summary>Has the parts answer. Nothing of it reads what follows for the shell on standard input.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public static string Line(ProbeRequest request)
    {
        if (request.Nonce.Length == 0 || !request.Nonce.All(char.IsAsciiLetterOrDigit)) throw new ArgumentException("A nonce is made of letters and digits.", nameof(request));
        var line = new StringBuilder($"{{ part begin {request.Nonce}; fast; ");
        if (request.Parts.HasFlag(ProbeParts.Services)) line.Append($"services {ShellQuote.Words(request.Units)}; ");
        if (request.Parts.HasFlag(ProbeParts.Slow)) line.Append("slow; ");
        if (request.Parts.HasFlag(ProbeParts.Daily)) line.Append("daily; ");
        return line.Append($"part end {request.Nonce}; }} </dev/null\n").ToString();
    }

    // 'ask' closes a section with the exit code: that nothing was printed means something only where the program went well.
    // KILL, since what waits for a dead server is deaf to anything else.
    private const string Head = """
        LC_ALL=C; export LC_ALL; unset GREP_OPTIONS
        PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin; export PATH
        part() { printf '\n@%s\n' "$*"; }
        limit=; if command -v timeout >/dev/null 2>&1; then limit='timeout -s KILL 5'; fi
        count() { echo $#; }
        ask() { part "$1"; shift; $limit "$@" 2>/dev/null </dev/null; printf '\n@= %s\n' $?; }
        cd /proc 2>/dev/null || cd /

        """;

    // What a container may have is not in /proc/meminfo, which is its host's; on a host these files are not there, or say that there is no limit.
    // What grep leaves out is bulk: interrupts by number, zones, the layers and namespaces of containers, snaps.
    // df leaves remote file systems alone (-l); only FUSE can hold it up then, and only for that is another process spent, which ends it.
    // Where that has happened, or df has no --output (BusyBox, very old GNU; -l is missing there too), it is told the kinds that are local.
    private const string Fast = """
        part kernel
        kernel=$(exec grep -svE '^(intr|softirq|nr_|numa_|thp_|compact_|workingset_|total_[^ai]|pg[a-lr-z]|Icmp|Ip|MPTcp|Inactive|Active|Vmalloc|Huge|cgroup|nsfs|overlay /[^ ]|/dev/loop)' \
            uptime loadavg stat meminfo vmstat diskstats mounts net/dev net/snmp net/netstat net/sockstat pressure/cpu pressure/memory pressure/io \
            sys/fs/file-nr sys/kernel/random/boot_id sys/net/netfilter/nf_conntrack_count sys/net/netfilter/nf_conntrack_max /etc/fstab \
            /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.swap.max /sys/fs/cgroup/memory.swap.current /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory.stat \
            /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory/memory.stat)
        printf '%s\n' "$kernel"
        case ${EPOCHREALTIME:-} in [0-9]*) part time; echo "$EPOCHREALTIME" ;; esac
        guard=; case $kernel in *' fuse'*) guard=$limit ;; esac
        part df
        df=$($guard df -lk --output=size,used,avail,itotal,iused,iavail,target 2>/dev/null)
        if [ -n "$df" ]; then printf '%s\n' "$df"
        else
            set --
            while read -r source target type options; do
                case $type:$target in
                    *\\*) ;;
                    ext[234]:*|xfs:*|btrfs:*|zfs:*|f2fs:*|jfs:*|reiserfs:*|bcachefs:*|ubifs:*|jffs2:*|vfat:*|exfat:*|ntfs*:*|fuseblk:*|tmpfs:*|virtiofs:*|9p:*|overlay:/) set -- "$@" "$target" ;;
                esac
            done <mounts
            if [ $# -gt 0 ]; then
                part df-blocks; $guard df -Pk "$@" 2>/dev/null
                part df-inodes; $guard df -Pi "$@" 2>/dev/null
            fi
        fi

        """;

    // The units are its arguments. A process that may not look at process 1 does not see those of others: what it counts is not the number there is.
    private static readonly string Services = $$"""
        case ${EPOCHREALTIME:-} in '') part time; date +%s.%N 2>/dev/null ;; esac
        if [ -r 1/stat ]; then part processes; count [0-9]*; fi
        part links; grep -s '' /sys/class/net/[!v]*/operstate /sys/class/net/v[!e]*/operstate /dev/null
        if [ -d /run/systemd/system ]; then
            if [ $# -gt 0 ]; then ask units systemctl show -p {{UnitProperties}} -- "$@"; fi
            ask failed systemctl list-units --state=failed --full --plain --no-legend --no-pager
        elif [ $# -gt 0 ]; then ask services sh -c {{ShellQuote.Word(ServiceStates.OfArguments)}} sh "$@"
        fi
        if command -v ss >/dev/null 2>&1; then ask ports ss -ltun
        else part sockets; grep -sE ' (0A|07) ' net/tcp net/tcp6 net/udp net/udp6; fi

        """;

    private const string UnitProperties = "Id,Names,LoadState,ActiveState,SubState,Result,NRestarts,MemoryCurrent,CPUUsageNSec,ActiveEnterTimestampMonotonic";

    // Fields of /proc/PID/stat (proc(5)): 1 id, 2 name, 3 state, 4 parent, 24 resident pages.
    // The maps of a process can hold a reader up as long as the process itself is held up, so there is a limit on them.
    private static readonly string Slow = $$"""
        part sensors; grep -s '' /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/temp \
            /sys/class/hwmon/hwmon*/name /sys/class/hwmon/hwmon*/temp*_label /sys/class/hwmon/hwmon*/temp*_input /dev/null
        part page; getconf PAGESIZE 2>/dev/null || sed -n '/^KernelPageSize/{p;q;}' self/smaps 2>/dev/null
        if [ -r 1/stat ]; then ask tasks sed -n 's/^\([0-9]*\) (\(.*\)) \([A-Za-z]\) \([0-9]*\) \([-0-9]* \)\{19\}\([0-9]*\) .*/\1 \3 \4 \6 \2/p' [0-9]*/stat; fi
        if [ "$(id -u)" = 0 ]; then ask outdated grep -slE '\.so[.0-9]* \(deleted\)$' [0-9]*/maps; fi
        part release; uname -r
        part installed; for kernel in /boot/vmlinuz-* /boot/vmlinux-*; do if [ -e "$kernel" ]; then printf '%s\n' "${kernel#/boot/vmlinu?-}"; fi; done
        part reboot; for file in /run/reboot-required /var/run/reboot-required; do
            if [ -e "$file" ]; then echo required; cat "$file.pkgs" 2>/dev/null; break; fi
        done
        part clock
        (
        {{ClockProbe.Helpers}}{{ClockProbe.Facts}})

        """;

    // apt-get gets no cache to write to: a look changes nothing. Without root dnf has no metadata of its own and says so.
    // A disk that sleeps is not woken (-n standby). What --scan calls a scsi disk may be behind a translation, which smartctl finds out by itself (smartctl(8)).
    private const string Daily = """
        usual=$limit; limit=${limit:+timeout -s KILL 120}
        part os; grep -sE '^(ID|VERSION_ID|PRETTY_NAME|SUPPORT_END)=' /etc/os-release || grep -sE '^(ID|VERSION_ID|PRETTY_NAME|SUPPORT_END)=' /usr/lib/os-release
        ask virtualization systemd-detect-virt
        part container; cat /run/systemd/container 2>/dev/null; if [ -e /.dockerenv ]; then echo docker; fi; if [ -e /run/.containerenv ]; then echo podman; fi
        if command -v apt-get >/dev/null 2>&1; then
            part lists; stat -c %Y /var/lib/apt/lists 2>/dev/null
            ask apt sh -c "apt-get -s -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=true dist-upgrade | grep -E '^(Inst |[0-9]+ upgraded)'"
        elif command -v dnf >/dev/null 2>&1; then ask dnf dnf -q -C updateinfo list --security
        fi
        limit=$usual
        if [ "$(id -u)" = 0 ] && command -v smartctl >/dev/null 2>&1; then
            part smart
            $limit smartctl --scan 2>/dev/null | while read -r disk option kind rest; do
                case $kind in scsi|'') set -- "$disk" ;; *) set -- -d "$kind" "$disk" ;; esac
                $limit smartctl --json=c -n standby -H -A "$@" 2>/dev/null </dev/null
                echo
            done
        fi

        """;
}
