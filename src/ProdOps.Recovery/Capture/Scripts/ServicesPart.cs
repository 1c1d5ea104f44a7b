namespace ProdOps.Recovery.Capture.Scripts;

/// <summary>Who listens, who has files open, and which unit and program that is.</summary>
internal static class ServicesPart
{
    public const string Text = """
        sockets=; handles=
        if has ss; then ask sockets ss -Hltunp; sockets=$(ss -Hltunp 2>/dev/null | sed 's/pid=/\n/g' | sed -n 's/^\([0-9][0-9]*\),.*/\1/p' | sort -u)
        elif has netstat; then ask netstat netstat -lntup; sockets=$(netstat -lntup 2>/dev/null | sed -n 's#.* \([0-9][0-9]*\)/.*#\1#p' | sort -u); fi
        if find / -maxdepth 0 -lname x >/dev/null 2>&1; then
            handles=$($limit find /proc/[0-9]*/fd -maxdepth 1 -type l -lname '/*' ! -lname '/dev/*' ! -lname '/proc/*' ! -lname '/sys/*' ! -lname '/run/*' ! -lname '/tmp/*' ! -lname '/usr/*' ! -lname '/var/log/*' ! -lname '/memfd:*' -printf '%h\t%l\0' 2>/dev/null |
                tr '\n\0' '\001\n' | sed 's#^/proc/\([0-9]*\)/fd#\1#; s#/[^/]*$##' | sort -u | head -n 2000)
            part handles; printf '%s\n' "$handles" | quote
        fi
        processes=$(for pid in $(printf '%s\n%s\n' "$sockets" "$(printf '%s\n' "$handles" | cut -f 1)" | sort -un); do
            if program=$(readlink "/proc/$pid/exe" 2>/dev/null); then
                group=$(sed -n 's/^[0-9]*:\(name=systemd\)\{0,1\}://p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
                printf '%s\t%s\t%s\n' "$pid" "$group" "$program"
            fi
        done)
        part processes; printf '%s\n' "$processes" | quote
        programs=$(printf '%s\n' "$processes" | cut -f 3 | sort -u)

        """;
}
