using System.IO.Enumeration;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Browsing;

/// <summary>Chooses snapshots. Every condition that is given must hold; none given chooses all.</summary>
internal sealed record SnapshotFilter
{
    public static SnapshotFilter All { get; } = new();

    /// <summary>Names of hosts, any of which will do; <c>*</c> and <c>?</c> stand for what they usually do.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Lists of tags: a snapshot must carry all of one of them. An empty tag asks for snapshots without any.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags { get; init; } = [];

    /// <summary>Paths that must all be among a snapshot's.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Made at this moment or earlier.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Made at this moment or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>So many of the newest of each host and set of paths; zero for all.</summary>
    public int Latest { get; init; }

    /// <summary>The chosen ones, oldest first.</summary>
    public IReadOnlyList<SnapshotFile> Apply(IEnumerable<SnapshotFile> snapshots)
    {
        var chosen = snapshots.Where(Matches);
        if (Latest > 0) chosen = chosen.GroupBy(SeriesOf).SelectMany(group => group.OrderByDescending(snapshot => snapshot.Time).Take(Latest));
        return [.. chosen.OrderBy(snapshot => snapshot.Time).ThenBy(snapshot => snapshot.Id)];
    }

    /// <summary>Whether a snapshot meets every condition but <see cref="Latest"/>, which is one on all of them.</summary>
    public bool Matches(SnapshotFile snapshot)
    {
        var time = snapshot.Time.ToDateTimeOffset();
        return (Hosts.Count == 0 || Hosts.Any(host => FileSystemName.MatchesSimpleExpression(host, snapshot.HostName, ignoreCase: false)))
            && (Tags.Count == 0 || Tags.Any(tags => HasTags(snapshot, tags)))
            && Paths.All(path => snapshot.Paths.Contains(path, StringComparer.Ordinal))
            && (Before is not { } before || time <= before)
            && (After is not { } after || time >= after);
    }

    private static bool HasTags(SnapshotFile snapshot, IReadOnlyList<string> tags) =>
        tags.All(tag => tag.Length == 0 ? snapshot.Tags.Count == 0 : snapshot.Tags.Contains(tag, StringComparer.Ordinal));

    /// <summary>The same for all backups of one host and the same paths, which are one series.</summary>
    public static string SeriesOf(SnapshotFile snapshot) =>
        string.Join('\0', snapshot.Paths.Order(StringComparer.Ordinal).Prepend(snapshot.HostName));
}
