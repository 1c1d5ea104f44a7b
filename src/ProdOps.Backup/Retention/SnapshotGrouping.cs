using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>By what snapshots are put into groups, each of which the rules count for itself. None of them: all are one group.</summary>
internal readonly record struct SnapshotGrouping(bool Host, bool Paths, bool Tags)
{
    public static SnapshotGrouping Default => new(Host: true, Paths: true, Tags: false);

    /// <summary>Reads restic's names: host, paths, tags; and ProdOps's Server for host. Empty ones are ignored.</summary>
    public static SnapshotGrouping Parse(IEnumerable<string> names)
    {
        var grouping = new SnapshotGrouping();
        foreach (string name in names.SelectMany(name => name.Split(',')).Select(name => name.Trim()))
        {
            grouping = name.ToUpperInvariant() switch
            {
                "SERVER" or "HOST" or "HOSTS" => grouping with { Host = true },
                "PATH" or "PATHS" => grouping with { Paths = true },
                "TAG" or "TAGS" => grouping with { Tags = true },
                "" or "NONE" => grouping,
                _ => throw BackupErrors.RetentionGroupingUnknown(name),
            };
        }

        return grouping;
    }

    /// <summary>The groups in the order of their names, each with its snapshots newest first.</summary>
    public IEnumerable<(RetentionGroup Group, List<RetentionCandidate> Candidates)> Split(IEnumerable<RetentionCandidate> candidates)
    {
        var grouping = this;
        return candidates
            .GroupBy(candidate => grouping.KeyOf(candidate.Snapshot), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (grouping.Describe(group.First().Snapshot), group
                .OrderByDescending(candidate => candidate.Snapshot.Time).ThenBy(candidate => candidate.Snapshot.Id).ToList()));
    }

    private string KeyOf(SnapshotFile snapshot) => string.Join('\u0001',
        Host ? snapshot.HostName : "",
        Paths ? string.Join('\0', snapshot.Paths.Order(StringComparer.Ordinal)) : "",
        Tags ? string.Join('\0', snapshot.Tags.Order(StringComparer.Ordinal)) : "");

    private RetentionGroup Describe(SnapshotFile snapshot) => new()
    {
        Server = Host ? snapshot.HostName : "",
        Paths = Paths ? snapshot.Paths.Order(StringComparer.Ordinal).ToArray() : [],
        Tags = Tags ? snapshot.Tags.Order(StringComparer.Ordinal).ToArray() : [],
    };
}
