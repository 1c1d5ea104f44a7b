using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Makes one environment of the files that describe it: adds up, applies the defaults, and checks what names what.</summary>
internal sealed class EnvironmentMerge(List<EnvironmentProblem> problems)
{
    public ProdOpsEnvironment Merge(string path, IReadOnlyList<TableValues> files)
    {
        string name = One(files, RootSection.Name) ?? FolderName(path);
        var ssh = One(files, RootSection.Ssh) ?? new SshOptions();
        var defaults = One(files, RootSection.Defaults) ?? ServerDefaults.None;
        var entries = files.SelectMany(file => file.Get(RootSection.Servers) ?? []).Where(entry => entry.Name.Value.Length > 0).ToList();
        var servers = new ServerList(problems).Build(name, entries, defaults, ssh);
        var environment = new ProdOpsEnvironment
        {
            Name = name,
            Path = path,
            Objectives = One(files, RootSection.Objectives) ?? new EnvironmentObjectives(),
            Ssh = ssh,
            Servers = servers,
            Repositories = Repositories(files, servers).ToArray(),
        };
        environment = environment with { Backups = Backups(files, environment).ToArray(), LoadBalancers = LoadBalancers(files, environment) };
        var rules = new ServiceRules(environment, problems);
        return environment with
        {
            Services = rules.Services(Entries(files, RootSection.Services)).ToArray(),
            Redundancy = rules.Redundancy(Entries(files, RootSection.Redundancy)).ToArray(),
            Monitoring = One(files, RootSection.Monitoring) is { } monitoring ? new MonitoringRules(environment, problems).Check(monitoring) : new MonitoringOptions(),
            Logging = One(files, RootSection.Logging) is { } logging ? new LoggingRules(environment, problems).Check(logging) : new LoggingOptions(),
        };
    }

    /// <summary>The backup sets, checked against the servers and repositories that there are.</summary>
    private IEnumerable<BackupSet> Backups(IReadOnlyList<TableValues> files, ProdOpsEnvironment environment)
    {
        // By what the file names: a repository that is wrong in itself was told about already.
        string[] repositories = [.. files.SelectMany(file => file.Get(RootSection.Repositories) ?? []).Select(entry => entry.Name)];
        var rules = new BackupSetRules(environment, repositories, problems);
        return Distinct(files.SelectMany(file => file.Get(RootSection.Backups) ?? []).Select(entry => (entry.Name, entry.Position, entry.Value)), RootSection.Backups.Name)
            .Select(entry => rules.Check(entry.Name, entry.Position, entry.Value)).OfType<BackupSet>();
    }

    /// <summary>The load balancers, checked against the servers that there are and against each other.</summary>
    private LoadBalancerDefinition[] LoadBalancers(IReadOnlyList<TableValues> files, ProdOpsEnvironment environment) => new LoadBalancerRules(environment, problems).Check(Entries(files, RootSection.LoadBalancers));

    /// <summary>The entries of named tables of all files.</summary>
    private List<Named<T>> Entries<T>(IReadOnlyList<TableValues> files, Key<IReadOnlyList<Named<T>>> key) =>
        [.. Distinct(files.SelectMany(file => file.Get(key) ?? []).Select(entry => (entry.Name, entry.Position, entry.Value)), key.Name).Select(entry => new Named<T>(entry.Name, entry.Position, entry.Value))];

    /// <summary>The value of a key that may stand in one file only.</summary>
    private T? One<T>(IReadOnlyList<TableValues> files, Key<T> key) where T : class
    {
        TableValues? first = null;
        foreach (var file in files.Where(file => file.Get(key) is not null))
        {
            if (first is null) first = file;
            else problems.Add(EnvironmentProblems.KeyInTwoFiles(file.PositionOf(key), key.Name, first.PositionOf(key)));
        }

        return first?.Get(key);
    }

    private IEnumerable<EnvironmentRepository> Repositories(IReadOnlyList<TableValues> files, IReadOnlyList<Server> servers)
    {
        foreach (var (name, position, value) in Distinct(files.SelectMany(file => file.Get(RootSection.Repositories) ?? []).Select(entry => (entry.Name, entry.Position, entry.Value)), "Repositories"))
        {
            string? named = value.Server.Value, server = servers.FirstOrDefault(one => one.Name.Equals(named, StringComparison.OrdinalIgnoreCase))?.Name;
            if (named is not null && server is null)
                problems.Add(EnvironmentProblems.RepositoryServerUnknown(value.Server.Position, name, named, Nearest.Find(named, servers.Select(one => one.Name))));
            if (value.Path is null == value.Url is null) problems.Add(EnvironmentProblems.RepositoryPlace(position, name));
            else yield return ToRepository(name, value) with { Server = server };
        }
    }

    private static EnvironmentRepository ToRepository(string name, RepositoryEntry entry) => new()
    {
        Name = name,
        Path = entry.Path,
        Url = entry.Url,
        Site = entry.Site,
        Password = entry.Access.Password,
        User = entry.Access.User,
        Secret = entry.Access.Secret,
        Region = entry.Access.Region,
        CACertificate = entry.Access.CaCertificate,
        LimitUpload = entry.Access.LimitUpload,
        LimitDownload = entry.Access.LimitDownload,
    };

    private IEnumerable<(string Name, SourcePosition Position, T Value)> Distinct<T>(IEnumerable<(string Name, SourcePosition Position, T Value)> entries, string table)
    {
        var seen = new Dictionary<string, SourcePosition>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            if (seen.TryAdd(entry.Name, entry.Position)) yield return entry;
            else problems.Add(EnvironmentProblems.KeyInTwoFiles(entry.Position, $"{table}.{entry.Name}", seen[entry.Name]));
        }
    }

    private static string FolderName(string path) => Path.GetFileName(Path.GetDirectoryName(path)) is { Length: > 0 } folder ? folder : "environment";
}
