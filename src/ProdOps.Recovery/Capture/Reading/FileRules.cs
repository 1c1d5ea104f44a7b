using System.Text.RegularExpressions;
using static ProdOps.ServerConfigurationClass;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>How files come back that no package has, by where they lie; the first rule that fits counts. What no rule knows is unexplained.</summary>
internal static partial class FileRules
{
    private static readonly (Regex Pattern, ServerConfigurationClass Class, string Reason)[] Rules =
    [
        // Of the machine or of the moment.
        (MachineId(), Ephemeral, "must be another on another machine"),
        (LeftByEdits(), Ephemeral, "left by an edit or an update"),
        (OfMachine(), Ephemeral, "is of this machine"),
        (Fstab(), Ephemeral, "belongs to the machine's disks; its entries are told as mounts"),
        (Jobs(), Replay, "jobs of users"),
        (OfMoment(), Ephemeral, "is of the moment"),
        // Secrets.
        (Passwords(), Secret, "hashes of passwords"),
        (HostKey(), Secret, "kept so that clients know the host again, or made anew"),
        (PublicHostKey(), Secret, "goes with the host's private key"),
        // Made anew by packages and programs.
        (SystemCertificates(), Rebuild, "made by the packages ca-certificates and ssl-cert"),
        (MadeByPackages(), Rebuild, "made by packages"),
        (UnitFiles(), Replay, "a unit, or what starts with the system"),
        (AccountFiles(), Rebuild, "made with users and groups"),
        (MadeInEtc(), Rebuild, "made by packages"),
        (LeftByRecovery(), Ephemeral, "left by a recovery"),
        (MadeAtInstallation(), Replay, "made at installation"),
        (Boot(), Rebuild, "made when the kernel is installed"),
        (MadeByTriggers(), Rebuild, "made by packages' triggers"),
        (Keyrings(), Replay, "a key that signs packages"),
        (Snaps(), Rebuild, "comes with snaps"),
        (Volumes(), Restore, "a container's volume"),
        (Images(), Rebuild, "comes with images"),
        (OfManagers(), Rebuild, "comes with pip, npm or gem"),
        (LocalShare(), Rebuild, "made at installation"),
        // Data.
        (Certificates(), Restore, "certificates and the account that renews them"),
        (ServiceData(), Restore, "a service's data"),
        (Application(), Restore, "the application, or its data"),
        (LoginKeys(), Replay, "who may log in, and where to"),
        (UserSettings(), Replay, "a user's settings"),
        (HomeFolders(), Restore, "a user's"),
        (Configuration(), Replay, "configuration that no package has"),
    ];

    /// <summary>The class and the reason of what no package has.</summary>
    public static (ServerConfigurationClass Class, string Reason) Of(string path)
    {
        foreach (var (pattern, @class, reason) in Rules)
            if (pattern.IsMatch(path)) return (@class, reason);
        return (Unexplained, "no package has it, and nothing says what it is");
    }

    // Made at build time: building them when first asked took three quarters of the first reading (bench/recovery/README.md). Paths are hostile: nothing here repeats what repeats, so the time that one takes grows with its length
    // and no faster.
    [GeneratedRegex(@"^/etc/machine-id$|^/var/lib/dbus/machine-id$", RegexOptions.CultureInvariant)]
    private static partial Regex MachineId();

    [GeneratedRegex(@"(~|\.dpkg-(old|dist|new|bak|tmp)|\.ucf-(old|dist|new)|\.swp|\.lock|\.pid)$|^/etc/(passwd|group|subuid|subgid)-$|^/etc/\.pwd\.lock$", RegexOptions.CultureInvariant)]
    private static partial Regex LeftByEdits();

    [GeneratedRegex(@"^/etc/(resolv\.conf|adjtime|mtab|\.updated|blkid\.tab)$|^/etc/(udev/hwdb\.bin|lvm/(archive|backup)/.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex OfMachine();

    [GeneratedRegex(@"^/etc/fstab$", RegexOptions.CultureInvariant)]
    private static partial Regex Fstab();

    [GeneratedRegex(@"^/var/spool/(cron|at)/", RegexOptions.CultureInvariant)]
    private static partial Regex Jobs();

    [GeneratedRegex(@"^/(swapfile|swap\.img)$|^/(lost\+found|var/backups|var/crash|var/spool)/|/\.(cache|bash_history|python_history|psql_history|mysql_history|lesshst|viminfo|wget-hsts|sudo_as_admin_successful|selected_editor)(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex OfMoment();

    [GeneratedRegex(@"^/etc/g?shadow-?$", RegexOptions.CultureInvariant)]
    private static partial Regex Passwords();

    [GeneratedRegex(@"^/etc/ssh/ssh_host_.*_key$", RegexOptions.CultureInvariant)]
    private static partial Regex HostKey();

    [GeneratedRegex(@"^/etc/ssh/ssh_host_.*_key\.pub$", RegexOptions.CultureInvariant)]
    private static partial Regex PublicHostKey();

    [GeneratedRegex(@"^/etc/ssl/(certs/|private/ssl-cert-snakeoil\.key$)", RegexOptions.CultureInvariant)]
    private static partial Regex SystemCertificates();

    [GeneratedRegex(@"^/etc/(alternatives/|rc[0-9S]\.d/|python3/|apparmor\.d/(local|cache)/|ca-certificates/|dictionaries-common/|xml/|sgml/|texmf/)", RegexOptions.CultureInvariant)]
    private static partial Regex MadeByPackages();

    [GeneratedRegex(@"^/etc/systemd/(system|user)/([^/]+\.(wants|requires|upholds)/|[^/]+\.service$)", RegexOptions.CultureInvariant)]
    private static partial Regex UnitFiles();

    [GeneratedRegex(@"^/etc/(passwd|group|subuid|subgid)$", RegexOptions.CultureInvariant)]
    private static partial Regex AccountFiles();

    [GeneratedRegex(@"^/etc/(ld\.so\.cache|debian_version|aliases\.db|skel/.*|ca-certificates\.conf|mailcap|papersize)$", RegexOptions.CultureInvariant)]
    private static partial Regex MadeInEtc();

    [GeneratedRegex(@"^/var/lib/prodops(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex LeftByRecovery();

    [GeneratedRegex(@"^/etc/(shells|mailcap|nsswitch\.conf|ca-certificates\.conf|pam\.d/common-[a-z-]+|environment|debian_version|issue|os-release|inputrc|protocols|rpc|profile|profile\.d/.*|papersize|locale\.conf|locale\.gen|default/(locale|keyboard|console-setup)|vconsole\.conf|console-setup/.*|cron\.d/php|aliases\.db|emacs/.*|skel/.*|selinux/.*|popularity-contest\.conf|motd|kernel/.*|initramfs-tools/.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex MadeAtInstallation();

    [GeneratedRegex(@"^/boot/", RegexOptions.CultureInvariant)]
    private static partial Regex Boot();

    [GeneratedRegex(@"^/usr/(lib|share|libexec|lib64)/.*(gconv-modules\.cache|icon-theme\.cache|mimeinfo\.cache|loaders\.cache|hwdb\.bin|gschemas\.compiled|locale-archive|modules\.[a-z]{1,20}(\.[a-z]{1,20})?|giomodule\.cache|/info/dir(\.old)?)$|^/usr/share/(mime|applications|fonts|perl|keyrings/.*~|doc|man|info|python3|glib-2\.0)/", RegexOptions.CultureInvariant)]
    private static partial Regex MadeByTriggers();

    [GeneratedRegex(@"^/usr/share/keyrings/", RegexOptions.CultureInvariant)]
    private static partial Regex Keyrings();

    [GeneratedRegex(@"^/var/lib/snapd/|^/var/snap/[^/]+/common/(\.cache)", RegexOptions.CultureInvariant)]
    private static partial Regex Snaps();

    [GeneratedRegex(@"^/var/lib/docker/volumes/", RegexOptions.CultureInvariant)]
    private static partial Regex Volumes();

    [GeneratedRegex(@"^/var/lib/(docker|containers|containerd)(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Images();

    [GeneratedRegex(@"^/usr/local/lib/(python3[^/]*|node_modules)(/|$)|^/var/lib/gems(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex OfManagers();

    [GeneratedRegex(@"^/usr/local/share/(man|ca-certificates|fonts|sgml|xml)/?$", RegexOptions.CultureInvariant)]
    private static partial Regex LocalShare();

    [GeneratedRegex(@"^/etc/letsencrypt(/|$)|^/var/lib/(caddy|letsencrypt|acme)(/|$)|^/root/\.acme\.sh(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Certificates();

    [GeneratedRegex(@"^/var/lib/(postgresql|mysql|mariadb|mongodb|redis|ldap|influxdb|grafana|prometheus|elasticsearch|opensearch|rabbitmq|clickhouse|cassandra|consul|etcd|vault|minio|jenkins|gitlab|gitea|gitolite3|samba|jellyfin|nextcloud|bind|named|unbound|knot|victoria[^/]*|loki|zabbix|tomcat[^/]*|couchdb|neo4j|memcached|pgadmin|wireguard|openvpn|tor|git)(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceData();

    [GeneratedRegex(@"^/(srv|var/www|opt|usr/local|var/mail|var/vmail|var/local|var/opt|data|media|mnt)/|^/var/snap/", RegexOptions.CultureInvariant)]
    private static partial Regex Application();

    [GeneratedRegex(@"^/(home/[^/]+|root)/\.ssh/", RegexOptions.CultureInvariant)]
    private static partial Regex LoginKeys();

    [GeneratedRegex(@"^/(home/[^/]+|root)/\.(bashrc|profile|bash_logout|bash_aliases|bash_profile|zshrc|vimrc|gitconfig|tmux\.conf|inputrc|nanorc)$", RegexOptions.CultureInvariant)]
    private static partial Regex UserSettings();

    [GeneratedRegex(@"^/(home|root)(/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex HomeFolders();

    [GeneratedRegex(@"^/etc/", RegexOptions.CultureInvariant)]
    private static partial Regex Configuration();
}
