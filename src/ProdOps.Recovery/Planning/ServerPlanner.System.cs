using System.Globalization;
using ProdOps.Servers.Commands;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <content>The system, its packages, accounts and files.</content>
internal sealed partial class ServerPlanner
{
    private void AddSystem()
    {
        if (Fact("HostName") is { } host && ShellQuote.Word(host) == host)
            Command("host name", "The server's own name.", $"old=$(uname -n); printf '%s\\n' {host} >/etc/hostname; hostname {host}; sed -i \"s/[[:space:]]$old\\$/ {host}/\" /etc/hosts 2>/dev/null; grep -q '[[:space:]]{host}\\([[:space:]]\\|$\\)' /etc/hosts || printf '127.0.1.1 {host}\\n' >>/etc/hosts", $"[ \"$(uname -n)\" = {host} ]");
        if (Fact("TimeZone") is { } zone && zone.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-'))
            Add(new RecoveryStep { Name = "time zone", Kind = RecoveryStepKind.File, Purpose = "Jobs run, and logs are read, by it.", Files = [new RecoveryFile { Path = "/etc/localtime", Link = "/usr/share/zoneinfo/" + zone }] });

        string? Fact(string fact) => capture.Items.FirstOrDefault(item => item.Kind == ServerConfigurationKind.System && item.Name == fact)?.Property("Value");
    }

    private void AddRepositories()
    {
        if (capture.Items.FirstOrDefault(item => item.Kind == ServerConfigurationKind.System && item.Name == "ForeignArchitectures")?.Property("Value") is { } foreign)
            foreach (string architecture in foreign.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(PlanText.IsAccount))
                Command($"architecture {architecture}", "Packages of another architecture are installed, too.", $"dpkg --add-architecture {architecture}", $"dpkg --print-foreign-architectures | grep -qx {architecture}");
        var files = Of(ServerConfigurationKind.File).Where(item => IsPackageSource(item.Name) && IsReplayed(item)).Select(FileOf).OfType<RecoveryFile>().ToList();
        if (files.Count > 0) Add(new RecoveryStep { Name = "package sources", Kind = RecoveryStepKind.Repository, Purpose = "Where packages come from, and the keys that prove them.", Files = files });
    }

    private static bool IsPackageSource(string path) => path.StartsWith("/etc/apt/", StringComparison.Ordinal) || path.StartsWith("/usr/share/keyrings/", StringComparison.Ordinal) || path.StartsWith("/etc/yum.repos.d/", StringComparison.Ordinal) || path.StartsWith("/etc/pki/rpm-gpg/", StringComparison.Ordinal);

    private void AddAccounts()
    {
        // Accounts of packages are made by these; only where restored files are theirs must their numbers be the old ones.
        var owners = capture.Items.Where(item => item.Kind is ServerConfigurationKind.File or ServerConfigurationKind.Directory && item.Class is Restore or Secret or Replay).SelectMany(item => (string?[])[item.Property("Owner"), item.Property("Group")]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        bool Wanted(ServerConfigurationItem item) => PlanText.IsAccount(item.Name) && long.TryParse(item.Property("Id"), CultureInfo.InvariantCulture, out long id) && (item.Class == Replay || (id >= 100 && id < 60000 && owners.Contains(item.Name)));
        // In the order of their numbers, which is that in which they were made: /etc/passwd is the same again.
        var users = Of(User).Where(Wanted).OrderBy(Number).ToList();
        var mains = users.Select(user => user.Property("Group")).ToHashSet();
        var groups = Of(Group).Where(group => Wanted(group) || (mains.Contains(group.Name) && PlanText.IsAccount(group.Name) && Number(group) >= 100)).OrderBy(Number).ToList();
        if (groups.Count > 0) Add(new RecoveryStep { Name = "groups", Kind = RecoveryStepKind.Group, Purpose = "With their old numbers, so that restored files are theirs.", Groups = [.. groups.Select(group => new RecoveryGroup { Name = group.Name, Id = Number(group), System = group.Class != Replay })] });
        if (users.Count > 0) Add(new RecoveryStep { Name = "users", Kind = RecoveryStepKind.User, Purpose = "With their old numbers, so that restored files are theirs.", Users = [.. users.Select(UserOf)] });
        var passwords = users.Where(user => user.Property("Password") == "set").Select(user => user.Name).ToList();
        if (passwords.Count > 0) Manual("passwords", "Hashes of passwords are never captured.", [$"Set the passwords of {string.Join(", ", passwords)}: passwd NAME. Or give each user of the step 'users' a PasswordHash from a secret, and remove this step."]);
    }

    private RecoveryUser UserOf(ServerConfigurationItem user) => new()
    {
        Name = user.Name,
        Id = Number(user),
        Group = PlanText.IsAccount(user.Property("Group")) ? user.Property("Group") : null,
        Groups = [.. Of(Group).Where(group => PlanText.IsAccount(group.Name) && group.Property("Members")?.Split(',').Contains(user.Name) == true).Select(group => group.Name)],
        Home = user.Property("Home") is { } home && PlanText.IsPath(home) ? home : null,
        Shell = user.Property("Shell") is { } shell && PlanText.IsPath(shell) ? shell : null,
        Comment = user.Property("Comment") is { } comment && PlanText.IsLine(comment) && !comment.Contains(':') ? comment : null,
        System = user.Class != Replay,
    };

    private static long? Number(ServerConfigurationItem item) => long.TryParse(item.Property("Id"), CultureInfo.InvariantCulture, out long id) && id is >= 0 and <= int.MaxValue ? id : null;

    private void AddPackages()
    {
        var packages = Of(Package).Where(item => item.Class == Rebuild && item.Property("Base") is null && PlanText.IsPackage(item.Name) && !IsOfBoot(item.Name)).ToList();
        var manual = packages.Where(item => item.Property("Selected") == "manual").Select(Versioned).ToList();
        var others = packages.Where(item => item.Property("Selected") != "manual").Select(Versioned).ToList();
        if (manual.Count > 0) Add(new RecoveryStep { Name = "packages", Kind = RecoveryStepKind.Package, Purpose = "What was asked for by hand.", Packages = manual });
        if (others.Count > 0)
        {
            Add(new RecoveryStep { Name = "further packages", Kind = RecoveryStepKind.Package, Purpose = "What came with them; recommended packages among it come by themselves on some servers only.", Packages = others });
            var names = others.Select(package => package.Split('=')[0]).ToList();
            if (Of(Package).Any(item => item.Property("Selected") == "manual") && capture.SystemId.Split(' ')[0] is "debian" or "ubuntu")
                Command("packages by hand", "Only what was asked for counts as such, as before: the rest may go when nothing needs it.", $"apt-mark auto {ShellQuote.Words(names)} >/dev/null", $"! apt-mark showmanual {ShellQuote.Words(names)} 2>/dev/null | grep -q .");
        }

        var held = Of(Package).Where(item => item.Property("Hold") == "yes" && PlanText.IsPackage(item.Name)).Select(item => item.Name).ToList();
        if (held.Count > 0) Command("held packages", "Updates leave them as they are.", $"apt-mark hold {ShellQuote.Words(held)}", $"[ \"$(apt-mark showhold {ShellQuote.Words(held)} | wc -l)\" = {held.Count} ]");

        static string Versioned(ServerConfigurationItem item) => item.Property("Hold") == "yes" && $"{item.Name}={item.Property("Version")}" is var exact && PlanText.IsPackage(exact) ? exact : item.Name;
    }

    /// <summary>The kernel and what boots it belong to the machine: a target boots by its own.</summary>
    private static bool IsOfBoot(string package) => package.StartsWith("linux-image", StringComparison.Ordinal) || package.StartsWith("linux-headers", StringComparison.Ordinal) || package.StartsWith("linux-modules", StringComparison.Ordinal)
        || package.StartsWith("kernel", StringComparison.Ordinal) || package.StartsWith("grub", StringComparison.Ordinal) || package.StartsWith("shim-", StringComparison.Ordinal) || package is "linux-generic" or "linux-base" or "linux-virtual" or "initramfs-tools";

    private void AddFolders()
    {
        var folders = Of(ServerConfigurationKind.Directory).Where(item => item.Class is Replay or Restore && PlanText.IsPath(item.Name) && PlanText.IsAccount(item.Property("Owner")) && PlanText.IsAccount(item.Property("Group")) && !IsDatabaseFolder(item.Name))
            .Where(item => !item.Name.EndsWith(".wants", StringComparison.Ordinal) && !item.Name.EndsWith(".requires", StringComparison.Ordinal))
            .Select(item => new RecoveryDirectory { Path = item.Name, Mode = item.Property("Mode"), Owner = item.Property("Owner"), Group = item.Property("Group") }).ToList();
        if (folders.Count > 0) Add(new RecoveryStep { Name = "folders", Kind = RecoveryStepKind.Directory, Purpose = "Folders that no package makes.", Directories = folders });
    }

    private void AddFiles()
    {
        var files = new List<RecoveryFile>();
        foreach (var item in capture.Items.Where(item => IsReplayed(item) && !IsPackageSource(item.Name)))
        {
            var file = item.Kind == Link ? LinkOf(item) : FileOf(item);
            if (file is not null) files.Add(file);
            else _unexplained.Add(Line(item, "its content could not be read, or cannot be written down"));
        }

        if (files.Count > 0) Add(new RecoveryStep { Name = "configuration", Kind = RecoveryStepKind.File, Purpose = "Configuration that packages do not bring, or bring otherwise.", Files = files });
        var gone = Of(ServerConfigurationKind.File).Where(item => item.Property("State") == "missing" && PlanText.IsPath(item.Name)).Select(item => item.Name).ToList();
        if (gone.Count > 0) Command("removed configuration", "Files of packages that were removed on purpose.", $"rm -f -- {ShellQuote.Words(gone)}", $"for file in {ShellQuote.Words(gone)}; do [ ! -e \"$file\" ] || exit 1; done");
        foreach (var item in capture.Items.Where(item => item.Kind is ServerConfigurationKind.File && item.Class == Replay && item.Name != "/etc/hostname" && IsOfMachine(item.Name))) _unexplained.Add(Line(item, "belongs to the machine's network or disks and is not copied: the target has its own"));
    }

    private RecoveryFile? FileOf(ServerConfigurationItem item)
    {
        if (!PlanText.IsPath(item.Name) || !contents.TryGetValue(item.Name, out byte[]? content)) return null;
        string? text = PlanText.TextOf(content), source = text is null ? PlanText.SourceOf(name, item.Name) : null;
        if (source is not null) _sources[source] = content;
        return new RecoveryFile { Path = item.Name, Content = text, Source = source, Mode = item.Property("Mode"), Owner = Account(item, "Owner"), Group = Account(item, "Group") };
    }

    private static RecoveryFile? LinkOf(ServerConfigurationItem item) =>
        PlanText.IsPath(item.Name) && item.Property("Target") is { Length: > 0 } target && !target.Any(c => char.IsControl(c) || c == '\ufffd') ? new RecoveryFile { Path = item.Name, Link = target } : null;

    private static string? Account(ServerConfigurationItem item, string property) => PlanText.IsAccount(item.Property(property)) ? item.Property(property) : null;

    private void AddSettings()
    {
        foreach (var item in Of(Alternative).Where(item => PlanText.IsUnit(item.Name) && PlanText.IsPath(item.Property("Target") ?? "")))
            Command($"alternative {Label(item.Name)}", "A choice among programs that was made by hand.", $"update-alternatives --set {ShellQuote.Word(item.Name)} {ShellQuote.Word(item.Property("Target")!)}", $"[ \"$(readlink {ShellQuote.Word("/etc/alternatives/" + item.Name)})\" = {ShellQuote.Word(item.Property("Target")!)} ]");
        var diversions = Of(Diversion).Where(item => PlanText.IsPath(item.Name) && PlanText.IsPath(item.Property("Target") ?? "")).ToList();
        if (diversions.Count > 0)
            Command("diversions", "Files of packages that were moved aside by hand.", string.Join('\n', diversions.Select(item => $"dpkg-divert --local --rename --divert {ShellQuote.Word(item.Property("Target")!)} --add {ShellQuote.Word(item.Name)}")), All(diversions.Select(item => $"[ \"$(dpkg-divert --listpackage {ShellQuote.Word(item.Name)})\" = LOCAL ]")));
        var overrides = Of(Override).Where(item => PlanText.IsPath(item.Name) && Plain(item.Property("Owner")) && Plain(item.Property("Group")) && Plain(item.Property("Mode"))).ToList();
        if (overrides.Count > 0)
            Command("owners and modes", "Owners and modes that are not the packages' own.",
                string.Join('\n', overrides.Select(item => $"dpkg-statoverride --list {ShellQuote.Word(item.Name)} >/dev/null || dpkg-statoverride --update --add {item.Property("Owner")} {item.Property("Group")} {item.Property("Mode")} {ShellQuote.Word(item.Name)}")),
                All(overrides.Select(item => $"dpkg-statoverride --list {ShellQuote.Word(item.Name)} >/dev/null")));
        if (Of(Sysctl).Any())
        {
            string set = All(Of(Sysctl).Where(item => PlanText.IsUnit(item.Name)).Select(item => $"[ \"$(sysctl -n {item.Name} 2>/dev/null | tr -s '[:space:]' ' ' | sed 's/ $//')\" = {ShellQuote.Word(string.Join(' ', (item.Property("Actual") ?? item.Property("Value") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))} ]"));
            // A container may not have all that the system's own files ask for: what counts is what was set by hand.
            Command("kernel settings", "What the files of sysctl.d say, from now on.", set.Length == 0 ? "sysctl -q --system" : $"sysctl -q --system || :\n{set}", set);
        }

        var firewalls = Of(Firewall).ToList();
        if (firewalls.Count > 0 && !KeepsFirewall()) Manual("firewall", "The firewall's rules are in no file that is loaded when the system starts.", ["Set the firewall's rules again, and keep them in a file (nftables.conf, rules.v4):", .. firewalls.SelectMany(item => (item.Property("Rules") ?? "").Split('\n')).Select(line => "    " + line)]);

        static string All(IEnumerable<string> tests) => string.Join(" && ", tests);
        static bool Plain(string? word) => word is { Length: > 0 } && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '#' or '.') && word[0] != '-';
    }

    /// <summary>Whether a service that starts with the system sets the rules: its file is among the configuration.</summary>
    private bool KeepsFirewall() => Of(Unit).Any(item => item.Property("State") == "enabled" && item.Name is "nftables.service" or "netfilter-persistent.service" or "ufw.service" or "firewalld.service" or "iptables.service");

    private static string Label(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-'));
}
