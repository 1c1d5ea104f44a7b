using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>The system itself, its accounts, settings, mounts and network.</summary>
internal static class SystemReader
{
    private const string PackagesAccount = "made by the system or a package; its number is kept";

    /// <summary>Facts of the system by name, the values of <c>/etc/os-release</c> among them in capitals.</summary>
    public static Dictionary<string, string> Facts(CaptureText text)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("system"))
        {
            int space = line.IndexOf(' ');
            facts.TryAdd(space < 0 ? line : line[..space], space < 0 ? "" : line[(space + 1)..].Trim());
        }

        foreach (string line in text.Lines("release"))
        {
            int equals = line.IndexOf('=');
            if (equals > 0) facts.TryAdd(line[..equals], line[(equals + 1)..].Trim().Trim('"', '\''));
        }

        return facts;
    }

    public static void Read(CaptureText text, IReadOnlyDictionary<string, string> facts, ItemList items)
    {
        AddSystem(facts, items);
        AddGroups(text, items);
        AddUsers(text, items);
        AddSysctl(text, items);
        AddMounts(text, items);
        AddNetwork(text, items);
        AddFirewall(text, items, facts.GetValueOrDefault("user") == "0");
    }

    private static void AddSystem(IReadOnlyDictionary<string, string> facts, ItemList items)
    {
        Fact("OperatingSystem", "PRETTY_NAME", Rebuild, "the target is installed with it");
        Fact("Architecture", facts.ContainsKey("architecture") ? "architecture" : "machine", Rebuild, "the target is of it");
        Fact("ForeignArchitectures", "foreign", Replay, "told to dpkg");
        Fact("Kernel", "kernel", Rebuild, "comes with its package");
        Fact("HostName", "hostname", Replay, "set again");
        Fact("TimeZone", "timezone", Replay, "set again", value => value[(value.IndexOf("zoneinfo/", StringComparison.Ordinal) is >= 0 and var at ? at + 9 : 0)..]);
        Fact("Locale", "locale", Replay, "set again", value => value.Trim('"'));
        Fact("Virtualization", "virtualization", Ephemeral, "is the host's");
        Fact("SELinux", "selinux", Replay, "set again", value => value == "1" ? "enforcing" : "permissive");
        Fact("AppArmor", "apparmor", Rebuild, "profiles come with packages", value => $"{value} profiles enforced");
        if (facts.ContainsKey("machineid")) items.Add(ServerConfigurationKind.System, "MachineId", Ephemeral, "must be another on another machine");

        void Fact(string name, string fact, ServerConfigurationClass @class, string reason, Func<string, string>? change = null)
        {
            if (facts.TryGetValue(fact, out string? value) && value.Length > 0) items.Add(ServerConfigurationKind.System, name, @class, reason, null, ("Value", change?.Invoke(value) ?? value));
        }
    }

    private static void AddGroups(CaptureText text, ItemList items)
    {
        foreach (string line in text.Lines("groups"))
        {
            if (line.Split(':') is not [var name, var id, var members] || !long.TryParse(id, out long number)) continue;
            items.Add(Group, name, IsPerson(number) ? Replay : Rebuild, IsPerson(number) ? "made again" : PackagesAccount, null, ("Id", id), ("Members", members));
        }
    }

    private static void AddUsers(CaptureText text, ItemList items)
    {
        var passwords = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("passwords"))
            if (line.Split(':') is [var user, var state]) passwords.TryAdd(user, state);
        if (!text.Has("passwords")) items.Gap("passwords", "whether users have one is known to root only");
        foreach (string line in text.Lines("users"))
        {
            if (line.Split(':') is not [var name, var id, var group, var comment, var home, var shell] || !long.TryParse(id, out long number)) continue;
            string main = items.Items.FirstOrDefault(item => item.Kind == Group && item.Property("Id") == group)?.Name ?? group;
            items.Add(User, name, IsPerson(number) ? Replay : Rebuild, IsPerson(number) ? "made again" : PackagesAccount, null,
                ("Id", id), ("Group", main), ("Comment", comment), ("Home", home), ("Shell", shell), ("Password", passwords.GetValueOrDefault(name)));
        }
    }

    /// <summary>Whether a number is given by an admin: from 1000, but for nobody's (login.defs(5), Debian policy 9.2.2).</summary>
    private static bool IsPerson(long id) => id is >= 1000 and < 60000 or > 65535;

    private static void AddSysctl(CaptureText text, ItemList items)
    {
        var now = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("sysctl-now"))
            if (line.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var at) now.TryAdd(line[..at], line[(at + 3)..].Trim());
        foreach (string line in text.Lines("sysctl").AsEnumerable().Reverse())
        {
            int equals = line.IndexOf('=');
            if (equals <= 0) continue;
            string name = line[..equals].Replace('/', '.'), value = line[(equals + 1)..].Trim();
            string? actual = now.GetValueOrDefault(name);
            items.Add(Sysctl, name, Replay, "set by a file of sysctl.d", null, ("Value", value), ("Actual", actual is null || SameWords(actual, value) ? null : actual));
        }
    }

    private static bool SameWords(string a, string b) => a.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SequenceEqual(b.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static void AddMounts(CaptureText text, ItemList items)
    {
        var mounted = new Dictionary<string, (string Source, string Type)>(StringComparer.Ordinal);
        foreach (string line in text.Lines("mounts"))
            if (line.Split('\t') is [var source, var target, var type]) mounted.TryAdd(target, (source, type));
        foreach (var (path, lines) in text.Files("fstab"))
        {
            if (lines is null) items.Gap(path, "only root may read it");
            foreach (string line in lines ?? [])
            {
                if (line.TrimStart().StartsWith('#') || line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var source, var target, var type, var options, .. var rest]) continue;
                bool own = target is "/" or "/boot" or "/boot/efi" or "none" or "swap";
                items.Add(Mount, target is "none" or "swap" ? $"swap {source}" : target, own ? Ephemeral : Replay, own ? "is of the machine's disks" : "its disk or server must be there first", null,
                    ("Source", source), ("Type", type), ("Options", options), ("Pass", rest is [_, not "0", ..] ? rest[1] : null), ("Mounted", type == "swap" || mounted.ContainsKey(target) ? null : "no"));
            }
        }

        foreach (var (target, (source, type)) in mounted)
            if (!target.StartsWith("/run/", StringComparison.Ordinal)) items.Add(Mount, target, Ephemeral, "mounted without an entry of fstab", null, ("Source", source), ("Type", type));
    }

    private static void AddNetwork(CaptureText text, ItemList items)
    {
        foreach (string line in text.Lines("addresses"))
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [_, var name, ("inet" or "inet6"), var address, ..] && name != "lo")
                items.Add(Network, $"address {address}", Ephemeral, "comes with the host", null, ("Interface", name.TrimEnd(':')));
        foreach (string line in text.Lines("routes")) items.Add(Network, $"route {line.Trim()}", Ephemeral, "comes with the host");
        foreach (string line in text.Lines("resolver"))
            items.Add(Network, line.StartsWith('n') || line.StartsWith('s') || line.StartsWith('d') || line.StartsWith('o') ? $"resolver {string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}" : $"resolver file {line}", Ephemeral, "comes with the host's network");
    }

    private static void AddFirewall(CaptureText text, ItemList items, bool root)
    {
        bool any = false;
        foreach (string tool in (string[])["nft", "iptables", "ip6tables", "ufw", "firewalld"])
        {
            if (!text.Has(tool)) continue;
            any = true;
            if (!text.Succeeded(tool))
            {
                items.Gap($"firewall ({tool})", root ? $"{tool} did not answer" : "only root may read it");
                continue;
            }

            // Counters of packets and bytes are of the moment, and comments of iptables-save hold the time.
            var rules = text.Lines(tool).Select(line => line.TrimEnd()).Where(line => line.Length > 0 && line[0] != '#' && line != "Status: inactive")
                .Select(line => line.EndsWith(']') && line.StartsWith(':') ? line[..line.LastIndexOf('[')].TrimEnd() : line).ToList();
            bool empty = tool is "iptables" or "ip6tables" ? !rules.Exists(rule => rule.StartsWith('-') || (rule.StartsWith(':') && rule.Contains(" DROP", StringComparison.Ordinal))) : rules.Count == 0;
            if (empty) continue;
            string all = string.Join('\n', rules);
            items.Add(Firewall, tool, Replay, "its rules are set again", null, ("Rules", all.Length <= 65536 ? all : null), ("Count", rules.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("Checksum", all.Length <= 65536 ? null : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(all)))));
        }

        if (!any) items.Gap("firewall", "no program of a firewall was found");
    }
}
