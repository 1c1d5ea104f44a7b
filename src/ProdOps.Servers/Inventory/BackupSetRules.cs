using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>What a backup set must be, beside having the right keys: one source, servers and repositories that are there.</summary>
/// <param name="environment">The environment around it.</param>
/// <param name="repositories">The names of its repositories.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class BackupSetRules(ProdOpsEnvironment environment, IReadOnlyList<string> repositories, List<EnvironmentProblem> problems)
{
    /// <summary>Names of schedules are made of it.</summary>
    private const int MaximumNameLength = 48;

    /// <summary>True for what a set can be called.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaximumNameLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The set, or <see langword="null"/> if it cannot be used.</summary>
    public BackupSet? Check(string name, SourcePosition position, BackupSetEntry entry)
    {
        int before = problems.Count;
        var values = entry.Values;
        if (!IsName(name)) Report(name, position, EnvironmentProblems.BackupNameInvalid(position, name));
        CheckSource(name, position, entry);
        foreach (var server in values.Get(BackupsSection.Server) ?? []) CheckServer(name, server);
        string repository = CheckRepositories(name, position, entry);
        foreach (var key in new[] { BackupsSection.Keep, BackupsSection.KeepCopies })
            if (values.Get(key) is { Keeps: false } rules) Report($"{name}.{key.Name}", rules.Position, EnvironmentProblems.BackupKeepsNothing(rules.Position, name, key.Name));
        CheckUse(name, entry);
        return problems.Skip(before).All(problem => problem.IsWarning) ? entry.Set with { Name = name, Repository = repository } : null;
    }

    private void CheckSource(string name, SourcePosition position, BackupSetEntry entry)
    {
        bool hasPath = entry.Set.Path.Count > 0;
        if (hasPath && entry.Set.IsStream) Report(name, entry.Values.PositionOf(BackupsSection.Path), EnvironmentProblems.BackupSourceMixed(position, name));
        // A value that could not be read was told about.
        else if (!hasPath && !entry.Set.IsStream && !Sources.Any(key => key != BackupsSection.Redis && entry.Values.Table[key.Name] is not null))
            Report(name, position, EnvironmentProblems.BackupSourceMissing(position, name, Sources));
    }

    private void CheckServer(string name, Located<string> server)
    {
        if (NamedServers.Find(environment, server.Value) is null)
            Report($"{name}.{BackupsSection.Server.Name}", server.Position, EnvironmentProblems.BackupServerUnknown(server.Position, name, server.Value.Trim(), NamedServers.Nearest(environment, server.Value)));
    }

    /// <summary>The repository's name as the repository is called; the only one there is, if the set names none.</summary>
    private string CheckRepositories(string name, SourcePosition position, BackupSetEntry entry)
    {
        var values = entry.Values;
        string? repository = values.Get(BackupsSection.Repository);
        string found = "";
        if (repository is not null) found = Known(name, BackupsSection.Repository.Name, new(repository, values.PositionOf(BackupsSection.Repository)));
        else if (repositories.Count == 1) found = repositories[0];
        else if (values.Table[BackupsSection.Repository.Name] is null) Report(name, position, EnvironmentProblems.BackupRepositoryMissing(position, name, repositories));
        foreach (var copy in values.Get(BackupsSection.CopyTo) ?? [])
        {
            string other = Known(name, BackupsSection.CopyTo.Name, copy);
            if (other.Length > 0 && other == found) Report($"{name}.{BackupsSection.CopyTo.Name}", copy.Position, EnvironmentProblems.BackupCopyToItself(copy.Position, name, other));
        }

        return found;
    }

    private string Known(string name, string key, Located<string> repository)
    {
        if (repositories.FirstOrDefault(known => known.Equals(repository.Value, StringComparison.OrdinalIgnoreCase)) is { } found) return found;
        Report($"{name}.{key}", repository.Position, EnvironmentProblems.BackupRepositoryUnknown(repository.Position, name, repository.Value, Nearest.Find(repository.Value, repositories)));
        return "";
    }

    /// <summary>Keys that mean nothing beside the others: the admin expects something that does not happen.</summary>
    private void CheckUse(string name, BackupSetEntry entry)
    {
        var set = entry.Set;
        bool hasDatabase = set.PostgreSql.Count + set.MariaDb.Count > 0 || set.Redis;
        if (set.IsStream) Warn(BackupsSection.OfFiles, "files (Path)");
        if (!hasDatabase) Warn(BackupsSection.OfDatabases, "databases of a server");
        else if (new[] { set.PostgreSql.Count > 0, set.MariaDb.Count > 0, set.Redis }.Count(one => one) > 1 && BackupsSection.OfDatabases.FirstOrDefault(IsGiven) is { } ambiguous)
            Report($"{name}.{ambiguous.Name}", entry.Values.PositionOf(ambiguous), EnvironmentProblems.BackupDatabaseAmbiguous(entry.Values.PositionOf(ambiguous), name, ambiguous.Name));
        if (set.FromCommand is null) Warn([BackupsSection.StdinFileName], "FromCommand");
        string[] databases = [.. set.PostgreSql, .. set.MariaDb, .. set.Sqlite, .. set.Redis ? new[] { "Redis" } : []];
        if (databases.Length == 0) Warn([BackupsSection.Query], "databases");
        else if (set.Query is not null && (databases.Length > 1 || set.PostgreSql.Concat(set.MariaDb).Any(NamePattern.HasWildcards)))
            Report($"{name}.{BackupsSection.Query.Name}", entry.Values.PositionOf(BackupsSection.Query), EnvironmentProblems.BackupQueryAmbiguous(entry.Values.PositionOf(BackupsSection.Query), name));
        if (set.Query is null) Warn([BackupsSection.Expect], "Query");
        if (set.CopyTo.Count == 0) Warn([BackupsSection.KeepCopies], "CopyTo");
        if (set.Keep is null) Warn([BackupsSection.Prune], "Keep");
        if (set.DatabaseUser is null && hasDatabase && !set.Redis) Warn([BackupsSection.DatabasePassword], "DatabaseUser");

        void Warn(IEnumerable<Key> keys, string needs)
        {
            foreach (var key in keys.Where(IsGiven))
                Report($"{name}.{key.Name}", entry.Values.PositionOf(key), EnvironmentProblems.BackupKeyUnused(entry.Values.PositionOf(key), name, key.Name, needs));
        }

        bool IsGiven(Key key) => entry.Values.Table[key.Name] is not (null or DataScalar { Value: null or false });
    }

    private static readonly Key[] Sources =
        [BackupsSection.Path, BackupsSection.PostgreSql, BackupsSection.MariaDb, BackupsSection.Sqlite, BackupsSection.Redis, BackupsSection.FromCommand];

    private void Report(string key, SourcePosition position, EnvironmentProblem problem) => problems.Add(problem with { Key = $"{RootSection.Backups.Name}.{key}", Position = position });
}
