using System.Text.RegularExpressions;
using static ProdOps.ServerConfigurationClass;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>How files come back that no package has, by where they lie; the first rule that fits counts. What no rule knows is unexplained.</summary>
internal static class FileRules
{
    private static readonly (Regex Pattern, ServerConfigurationClass Class, string Reason)[] Rules =
    [
        // Of the machine or of the moment.
        Rule(@"^/etc/machine-id$|^/var/lib/dbus/machine-id$", Ephemeral, "must be another on another machine"),
        Rule(@"(~|\.dpkg-(old|dist|new|bak|tmp)|\.ucf-(old|dist|new)|\.swp|\.lock|\.pid)$|^/etc/(passwd|group|subuid|subgid)-$|^/etc/\.pwd\.lock$", Ephemeral, "left by an edit or an update"),
        Rule(@"^/etc/(resolv\.conf|adjtime|mtab|\.updated|blkid\.tab)$|^/etc/(udev/hwdb\.bin|lvm/(archive|backup)/.*)$", Ephemeral, "is of this machine"),
        Rule(@"^/etc/fstab$", Ephemeral, "belongs to the machine's disks; its entries are told as mounts"),
        Rule(@"^/var/spool/(cron|at)/", Replay, "jobs of users"),
        Rule(@"^/(swapfile|swap\.img)$|^/(lost\+found|var/backups|var/crash|var/spool)/|/\.(cache|bash_history|python_history|psql_history|mysql_history|lesshst|viminfo|wget-hsts|sudo_as_admin_successful|selected_editor)(/|$)", Ephemeral, "is of the moment"),
        // Secrets.
        Rule(@"^/etc/g?shadow-?$", Secret, "hashes of passwords"),
        Rule(@"^/etc/ssh/ssh_host_.*_key$", Secret, "kept so that clients know the host again, or made anew"),
        Rule(@"^/etc/ssh/ssh_host_.*_key\.pub$", Secret, "goes with the host's private key"),
        // Made anew by packages and programs.
        Rule(@"^/etc/ssl/(certs/|private/ssl-cert-snakeoil\.key$)", Rebuild, "made by the packages ca-certificates and ssl-cert"),
        Rule(@"^/etc/(alternatives/|rc[0-9S]\.d/|python3/|apparmor\.d/(local|cache)/|ca-certificates/|dictionaries-common/|xml/|sgml/|texmf/)", Rebuild, "made by packages"),
        Rule(@"^/etc/systemd/(system|user)/([^/]+\.(wants|requires|upholds)/|[^/]+\.service$)", Replay, "a unit, or what starts with the system"),
        Rule(@"^/etc/(passwd|group|subuid|subgid)$", Rebuild, "made with users and groups"),
        Rule(@"^/etc/(ld\.so\.cache|debian_version|aliases\.db|skel/.*|ca-certificates\.conf|mailcap|papersize)$", Rebuild, "made by packages"),
        Rule(@"^/var/lib/prodops(/|$)", Ephemeral, "left by a recovery"),
        Rule(@"^/etc/(shells|mailcap|nsswitch\.conf|ca-certificates\.conf|pam\.d/common-[a-z-]+|environment|debian_version|issue|os-release|inputrc|protocols|rpc|profile|profile\.d/.*|papersize|locale\.conf|locale\.gen|default/(locale|keyboard|console-setup)|vconsole\.conf|console-setup/.*|cron\.d/php|aliases\.db|emacs/.*|skel/.*|selinux/.*|popularity-contest\.conf|motd|kernel/.*|initramfs-tools/.*)$", Replay, "made at installation"),
        Rule(@"^/boot/", Rebuild, "made when the kernel is installed"),
        Rule(@"^/usr/(lib|share|libexec|lib64)/.*(gconv-modules\.cache|icon-theme\.cache|mimeinfo\.cache|loaders\.cache|hwdb\.bin|gschemas\.compiled|locale-archive|modules\.[a-z.]+|giomodule\.cache|/info/dir(\.old)?)$|^/usr/share/(mime|applications|fonts|perl|keyrings/.*~|doc|man|info|python3|glib-2\.0)/", Rebuild, "made by packages' triggers"),
        Rule(@"^/usr/share/keyrings/", Replay, "a key that signs packages"),
        Rule(@"^/var/lib/snapd/|^/var/snap/[^/]+/common/(\.cache)", Rebuild, "comes with snaps"),
        Rule(@"^/var/lib/docker/volumes/", Restore, "a container's volume"),
        Rule(@"^/var/lib/(docker|containers|containerd)(/|$)", Rebuild, "comes with images"),
        Rule(@"^/usr/local/lib/(python3[^/]*|node_modules)(/|$)|^/var/lib/gems(/|$)", Rebuild, "comes with pip, npm or gem"),
        Rule(@"^/usr/local/share/(man|ca-certificates|fonts|sgml|xml)/?$", Rebuild, "made at installation"),
        // Data.
        Rule(@"^/etc/letsencrypt(/|$)|^/var/lib/(caddy|letsencrypt|acme)(/|$)|^/root/\.acme\.sh(/|$)", Restore, "certificates and the account that renews them"),
        Rule(@"^/var/lib/(postgresql|mysql|mariadb|mongodb|redis|ldap|influxdb|grafana|prometheus|elasticsearch|opensearch|rabbitmq|clickhouse|cassandra|consul|etcd|vault|minio|jenkins|gitlab|gitea|gitolite3|samba|jellyfin|nextcloud|bind|named|unbound|knot|victoria[^/]*|loki|zabbix|tomcat[^/]*|couchdb|neo4j|memcached|pgadmin|wireguard|openvpn|tor|git)(/|$)", Restore, "a service's data"),
        Rule(@"^/(srv|var/www|opt|usr/local|var/mail|var/vmail|var/local|var/opt|data|media|mnt)/|^/var/snap/", Restore, "the application, or its data"),
        Rule(@"^/(home/[^/]+|root)/\.ssh/", Replay, "who may log in, and where to"),
        Rule(@"^/(home/[^/]+|root)/\.(bashrc|profile|bash_logout|bash_aliases|bash_profile|zshrc|vimrc|gitconfig|tmux\.conf|inputrc|nanorc)$", Replay, "a user's settings"),
        Rule(@"^/(home|root)(/|$)", Restore, "a user's"),
        Rule(@"^/etc/", Replay, "configuration that no package has"),
    ];

    /// <summary>The class and the reason of what no package has.</summary>
    public static (ServerConfigurationClass Class, string Reason) Of(string path)
    {
        foreach (var (pattern, @class, reason) in Rules)
            if (pattern.IsMatch(path)) return (@class, reason);
        return (Unexplained, "no package has it, and nothing says what it is");
    }

    // Paths are hostile: the engine without backtracking takes time by their length alone.
    private static (Regex, ServerConfigurationClass, string) Rule(string pattern, ServerConfigurationClass @class, string reason) =>
        (new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), @class, reason);
}
