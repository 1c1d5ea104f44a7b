namespace ProdOps.Recovery.Capture.Scripts;

/// <summary>The system, its users, its kernel settings, its network and its units.</summary>
internal static class SystemPart
{
    public const string Text = """
        part system
        {
            echo "user $(id -u)"; echo "kernel $(uname -r)"; echo "machine $(uname -m)"
            if has dpkg; then echo "architecture $(dpkg --print-architecture)"; echo "foreign $(dpkg --print-foreign-architectures | tr '\n' ' ')"; fi
            echo "hostname $(cat /etc/hostname || uname -n)"
            echo "timezone $(readlink /etc/localtime || cat /etc/timezone)"
            sed -n 's/^LANG=/locale /p' /etc/default/locale /etc/locale.conf
            echo "virtualization $(systemd-detect-virt)"
            if [ -r /sys/fs/selinux/enforce ]; then echo "selinux $(cat /sys/fs/selinux/enforce)"; fi
            if [ -d /sys/kernel/security/apparmor ]; then echo "apparmor $(grep -c enforce /sys/kernel/security/apparmor/profiles)"; fi
            if [ -s /etc/machine-id ]; then echo machineid; fi
            if [ -d /run/systemd/system ]; then echo systemd; fi
        } 2>/dev/null | quote
        part release; cat /etc/os-release 2>/dev/null | quote
        part users; awk -F: '{ print $1 ":" $3 ":" $4 ":" $5 ":" $6 ":" $7 }' /etc/passwd | quote
        part groups; awk -F: '{ print $1 ":" $3 ":" $4 }' /etc/group | quote
        if [ -r /etc/shadow ]; then part passwords; awk -F: '{ print $1 ":" ($2 == "" ? "empty" : $2 ~ /^[!*]/ ? "locked" : "set") }' /etc/shadow | quote; fi
        part fstab; texts /etc/fstab
        part mounts; awk '$3 !~ /^(proc|sysfs|tmpfs|devtmpfs|devpts|cgroup2?|securityfs|pstore|bpf|debugfs|tracefs|mqueue|hugetlbfs|configfs|fusectl|ramfs|autofs|binfmt_misc|nsfs|squashfs|efivarfs|rpc_pipefs|overlay)$/ || $2 == "/" { print $1 "\t" $2 "\t" $3 }' /proc/mounts | sed "$hide" | quote
        part sysctl; for file in /etc/sysctl.conf /etc/sysctl.d/*.conf; do if [ -r "$file" ]; then sed -n 's/^[[:space:]]*-\{0,1\}\([a-z][A-Za-z0-9_./*-]*\)[[:space:]]*=[[:space:]]*\(.*\)$/\1=\2/p' "$file"; fi; done 2>/dev/null | quote
        if has sysctl; then
            keys=$(for file in /etc/sysctl.conf /etc/sysctl.d/*.conf; do if [ -r "$file" ]; then sed -n 's/^[[:space:]]*-\{0,1\}\([a-z][A-Za-z0-9_./-]*\)[[:space:]]*=.*$/\1/p' "$file"; fi; done 2>/dev/null | sort -u)
            # shellcheck disable=SC2086
            if [ -n "$keys" ]; then ask sysctl-now sysctl -e $keys; fi
        fi
        if has ip; then ask addresses ip -o addr show; ask routes ip route show default; fi
        part resolver; { readlink /etc/resolv.conf && echo; sed -n 's/^\(nameserver\|search\|domain\|options\)[[:space:]]/& /p' /etc/resolv.conf; } 2>/dev/null | quote
        if has nft; then ask nft nft -s list ruleset; fi
        if has iptables-save; then ask iptables iptables-save; fi
        if has ip6tables-save; then ask ip6tables ip6tables-save; fi
        if has ufw; then ask ufw ufw status verbose; fi
        if has firewall-cmd; then ask firewalld firewall-cmd --list-all-zones; fi
        if [ -d /run/systemd/system ]; then
            ask unit-files systemctl list-unit-files --no-legend --no-pager --plain --full
            ask units systemctl list-units --type=service,socket,timer,path --no-legend --no-pager --plain --full
        fi

        """;
}
