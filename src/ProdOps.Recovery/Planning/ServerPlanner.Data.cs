using ProdOps.Recovery.Topology;
using ProdOps.Servers.Commands;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <content>What comes from backups, and the services that work on it.</content>
internal sealed partial class ServerPlanner
{
    private static readonly string[] DatabaseFolders = ["/var/lib/postgresql", "/var/lib/pgsql", "/var/lib/mysql", "/var/lib/mariadb"];

    internal static bool IsDatabaseFolder(string path) => DatabaseFolders.Any(folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));

    private void AddRestores()
    {
        // A running database's files are no backup of it: its dump is.
        var wanted = capture.Items.Where(item => item.Kind is ServerConfigurationKind.File or ServerConfigurationKind.Data && item.Class is Restore or Secret && !IsHostKey(item.Name) && !IsAccountFile(item.Name) && !IsDatabaseFolder(item.Name)).ToList();
        var covered = wanted.Where(item => item.Property("BackupSet") is not null && PlanText.IsPath(item.Name)).ToList();
        foreach (var set in covered.GroupBy(item => item.Property("BackupSet")!, StringComparer.Ordinal))
        {
            var paths = Outermost(set.Select(item => item.Name.EndsWith("/*", StringComparison.Ordinal) ? item.Name[..^2] : item.Name));
            Add(new RecoveryStep { Name = $"restore {Label(set.Key)}", Kind = RecoveryStepKind.Restore, Purpose = "Data and secrets from the backup.", Set = set.Key, Paths = paths, Timeout = TimeSpan.FromHours(12) });
        }

        var lost = wanted.Where(item => item.Class == Restore && item.Property("BackupSet") is null && !IsOfRepository(item.Name)).ToList();
        if (lost.Count > 0) Manual("data without a backup", "No backup set of the environment has these: name them in one, and make the plan anew.", lost.Select(item => Line(item, item.Size is { } size ? ByteSize.Format(size) : item.Reason)));
    }

    /// <summary>Repositories are filled from their copies: a backup of them would be one of backups.</summary>
    private bool IsOfRepository(string path) => _repositories.Select(RepositoryHosts.FolderOf).OfType<string>().Any(folder => path.TrimEnd('*').TrimEnd('/') is var item && (item == folder || item.StartsWith(folder + "/", StringComparison.Ordinal) || folder.StartsWith(item + "/", StringComparison.Ordinal)));

    private void AddRepositoryCopies()
    {
        foreach (var repository in _repositories)
        {
            string name = ShellQuote.Word(repository.Name);
            if (RepositoryHosts.Copies(environment, repository) is [var copy, ..])
                Manual($"repository {Label(repository.Name)}", $"What was in '{repository.Name}' comes back from '{copy.Repository.Name}', which has copies of {string.Join(", ", copy.Sets)}.",
                    ["On the machine that ProdOps runs on:", $"    Initialize-BackupRepository -Repository {name} -CopyChunkerParametersFrom {ShellQuote.Word(copy.Repository.Name)}", $"    Copy-Backup -Repository {ShellQuote.Word(copy.Repository.Name)} -To {name}", "A copy that was cut goes on where it was when it is called again. The next backups of these sets are made as ever."]);
            else
                Manual($"repository {Label(repository.Name)}", $"No other repository has what was in '{repository.Name}': its history is lost, and sets are backed up anew.",
                    ["On the machine that ProdOps runs on:", $"    Initialize-BackupRepository -Repository {name}", .. environment.Backups.Where(set => set.Repository.Equals(repository.Name, StringComparison.OrdinalIgnoreCase)).Select(set => $"    Invoke-Backup -Name {ShellQuote.Word(set.Name)} -Force")]);
        }
    }

    private void AddSecrets()
    {
        var secrets = Of(ServerConfigurationKind.File).Where(item => item.Class == Secret && item.Property("BackupSet") is null && !IsHostKey(item.Name) && !IsAccountFile(item.Name)).ToList();
        if (secrets.Count > 0)
            Manual("secrets", "Secrets are never written into a plan, and no backup set has these.", ["Put these files back from where they are kept, with these owners and modes:", .. secrets.Select(item => PlainText($"    {item.Property("Mode")} {item.Property("Owner")}:{item.Property("Group")} {item.Name}"))]);
    }

    /// <summary>A new host has keys of its own; who wants the old ones restores them from a backup.</summary>
    private static bool IsHostKey(string path) => path.StartsWith("/etc/ssh/ssh_host_", StringComparison.Ordinal);

    private static bool IsAccountFile(string path) => path is "/etc/shadow" or "/etc/gshadow" or "/etc/shadow-" or "/etc/gshadow-" || path.StartsWith("/etc/mysql/debian.cnf", StringComparison.Ordinal);

    private void AddForeignPackages()
    {
        var lines = new List<string>();
        foreach (var item in Of(ForeignPackage))
        {
            string manager = item.Property("Manager") ?? "", package = item.Property("Package") ?? "", version = item.Property("Version") ?? "";
            if (item.Property("Path") is { } path && capture.Items.Any(data => data.Class == Restore && data.Property("BackupSet") is not null && path.StartsWith(data.Name + "/", StringComparison.Ordinal))) continue;
            if (!PlanText.IsPackage(package.TrimStart('@').Replace('/', '-'))) continue;
            if (manager == "snap") Command($"snap {Label(package)}", "Comes as a snap.", $"snap install {ShellQuote.Word(package)}", $"snap list {ShellQuote.Word(package)} >/dev/null 2>&1");
            else lines.Add(manager switch { "pip" => $"pip install {package}=={version}", "npm" => $"npm install -g {package}@{version}", "gem" => $"gem install {package} -v {version}", _ => $"flatpak install {package}" });
        }

        if (lines.Count > 0) Manual("packages of other managers", "They were installed beside the system's packages.", lines.Select(PlainText));
    }

    private void AddDatabases()
    {
        var databases = Of(ServerConfigurationKind.Database).Where(item => item.Class == Restore).ToList();
        var missing = new List<ServerConfigurationItem>();
        foreach (var item in databases)
        {
            var engine = item.Property("Engine") switch { "PostgreSql" => RecoveryDatabaseEngine.PostgreSql, "MariaDb" => RecoveryDatabaseEngine.MariaDb, _ => (RecoveryDatabaseEngine?)null };
            if (engine is not { } kind || item.Property("BackupSet") is not { } set || item.Property("Database") is not { } database || !PlanText.IsLine(database))
            {
                if (engine is not null || item.Property("BackupSet") is null) missing.Add(item);
                continue;
            }

            Add(new RecoveryStep { Name = "start " + ServerOf(kind), Kind = RecoveryStepKind.Service, Purpose = "The database server must run for its dumps to be loaded.", Services = [ServerOf(kind)], Enabled = true, RestartAfter = Changed(kind == RecoveryDatabaseEngine.PostgreSql ? "/etc/postgresql/" : "/etc/mysql/") }, once: true);
            Add(new RecoveryStep { Name = $"database {Label(database)}", Kind = RecoveryStepKind.Database, Purpose = "From its newest dump, with the roles that it needs.", Engine = kind, Database = database, Set = set, Timeout = TimeSpan.FromHours(12) });
        }

        // A file of SQLite below a folder that is restored comes with it.
        missing.RemoveAll(item => item.Property("Path") is { } path && capture.Items.Any(data => data.Kind == ServerConfigurationKind.Data && data.Property("BackupSet") is not null && path.StartsWith(data.Name + "/", StringComparison.Ordinal)));
        if (missing.Count > 0) Manual("databases without a backup", "No backup set of the environment has these: name them in one, and make the plan anew.", missing.Select(item => Line(item, item.Size is { } size ? ByteSize.Format(size) : item.Reason)));
        var roles = Of(DatabaseRole).Where(item => item.Class == Secret && !databases.Exists(database => database.Property("Engine") == item.Property("Engine") && database.Property("BackupSet") is not null)).ToList();
        if (roles.Count > 0) Manual("database users", "Their passwords are never captured, and no dump brings them.", roles.Select(item => Line(item, "make it again, with its password and its rights")));
    }

    private static string ServerOf(RecoveryDatabaseEngine engine) => engine == RecoveryDatabaseEngine.PostgreSql ? "postgresql.service" : "mariadb.service";

    private void AddUnits()
    {
        var units = Of(Unit).Where(item => PlanText.IsUnit(item.Name) && !IsOfSystem(item.Name)).ToList();
        var disabled = units.Where(item => item.Property("State") == "disabled" && item.Property("Active") is null or "inactive" or "dead").Select(item => item.Name).ToList();
        var enabled = units.Where(item => item.Property("State") == "enabled").ToList();
        var running = enabled.Where(item => item.Property("Active") is "running" or "exited" or "listening" or "waiting" or "elapsed").ToList();
        if (disabled.Count > 0) Add(new RecoveryStep { Name = "units that do not start", Kind = RecoveryStepKind.Service, Purpose = "Their packages would start them, and an admin did not want that.", Services = disabled, State = RecoveryServiceState.Stopped, Enabled = false });
        foreach (var unit in running.Where(item => item.Name.EndsWith(".service", StringComparison.Ordinal)))
            Add(new RecoveryStep { Name = $"unit {Label(unit.Name.Replace("\\", "", StringComparison.Ordinal))}", Kind = RecoveryStepKind.Service, Purpose = "Runs, and starts with the system.", Services = [unit.Name], Enabled = true, RestartAfter = RestartsAfter(unit.Name) });
        var others = running.Where(item => !item.Name.EndsWith(".service", StringComparison.Ordinal)).Select(item => item.Name).ToList();
        if (others.Count > 0) Add(new RecoveryStep { Name = "timers and sockets", Kind = RecoveryStepKind.Service, Purpose = "They start services when it is time, or when somebody calls.", Services = others, Enabled = true });
        var idle = enabled.Except(running).Select(item => item.Name).ToList();
        if (idle.Count > 0) Command("units that start with the system", "They did not run when the server was captured, and start when it does.", $"systemctl enable -q {ShellQuote.Words(idle)}", $"for unit in {ShellQuote.Words(idle)}; do systemctl is-enabled -q \"$unit\" || exit 1; done");
    }

    /// <summary>Units that every system has and sets up by itself.</summary>
    private static bool IsOfSystem(string unit) => unit.StartsWith("systemd-", StringComparison.Ordinal) || unit.StartsWith("getty@", StringComparison.Ordinal) || unit.StartsWith("e2scrub", StringComparison.Ordinal) || unit.StartsWith("dbus", StringComparison.Ordinal)
        || unit.EndsWith(".target", StringComparison.Ordinal) || unit.EndsWith(".mount", StringComparison.Ordinal) || unit.Contains("@.", StringComparison.Ordinal) || unit is "keyboard-setup.service" or "console-setup.service" or "console-getty.service" or "networking.service" or "ssh.service" or "sshd.service" or "ifupdown-wait-online.service" or "fstrim.timer" or "remote-fs.service" or "grub-common.service" or "hwclock.service";

    /// <summary>The files of configuration, of those that the plan sets, that a service reads when it starts: its unit, and those of its package or of a folder called after it.</summary>
    private List<string> RestartsAfter(string unit)
    {
        string service = unit.Replace(".service", "", StringComparison.Ordinal);
        string? package = Of(Socket).FirstOrDefault(item => item.Property("Unit") == unit)?.Property("Package");
        return [.. capture.Items.Where(IsReplayed).Where(item => item.Kind == ServerConfigurationKind.File && PlanText.IsPath(item.Name)).Where(item =>
            item.Name == $"/etc/systemd/system/{unit}" || item.Name.StartsWith($"/etc/systemd/system/{unit}.d/", StringComparison.Ordinal) || item.Name.StartsWith($"/etc/{service}/", StringComparison.Ordinal)
            || item.Name == $"/etc/{service}.conf" || item.Name == $"/etc/default/{service}" || (package is not null && item.Property("Package") == package)).Select(item => item.Name)];
    }

    private List<string> Changed(string below) => [.. capture.Items.Where(item => IsReplayed(item) && item.Kind == ServerConfigurationKind.File && PlanText.IsPath(item.Name) && item.Name.StartsWith(below, StringComparison.Ordinal)).Select(item => item.Name)];

    private void AddContainers()
    {
        foreach (var project in Of(Container).Where(item => PlanText.IsPath(item.Property("Compose") ?? "")).GroupBy(item => item.Property("Compose")!, StringComparer.Ordinal))
        {
            string engine = project.First().Property("Engine") == "podman" ? "podman" : "docker", file = ShellQuote.Word(project.Key.Split(',')[0]);
            Command($"containers {Label(project.Key)}", "Containers of a compose file.", $"{engine} compose -f {file} up -d", $"[ -n \"$({engine} compose -f {file} ps -q 2>/dev/null)\" ]");
        }
    }

    private void AddVerification()
    {
        if (PlannedChecks.Of(capture, environment) is { } step) Add(step);
    }

    private void Add(RecoveryStep step, bool once)
    {
        if (!once || !_steps.Exists(other => other.Name == step.Name)) Add(step);
    }

    /// <summary>The paths without those that lie below another.</summary>
    internal static List<string> Outermost(IEnumerable<string> paths)
    {
        var outermost = new List<string>();
        foreach (string path in paths.Distinct().Order(StringComparer.Ordinal))
            if (!outermost.Exists(root => path.StartsWith(root + "/", StringComparison.Ordinal))) outermost.Add(path);
        return outermost;
    }
}
