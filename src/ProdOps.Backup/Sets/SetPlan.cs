using System.Globalization;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Sets;

/// <summary>A set to be run on one server, and why.</summary>
internal sealed record SetJob(BackupSet Set, Server Server, string Reason)
{
    /// <summary>The repositories that it uses.</summary>
    public IEnumerable<string> Repositories => Set.CopyTo.Prepend(Set.Repository);
}

/// <summary>Decides which sets run: those that are due by their schedule and the last snapshot of each of their servers.</summary>
internal sealed class SetPlan(ISetAccess access, IActivity activity, TimeProvider time)
{
    private readonly Dictionary<string, IReadOnlyList<SnapshotFile>> _snapshots = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The jobs, in the order of the sets and their servers. What is not due is told.</summary>
    /// <param name="sets">The sets with their servers, and the reason why one runs without being due.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<SetJob>> CreateAsync(IEnumerable<(BackupSet Set, IReadOnlyList<Server> Servers, string? Reason)> sets, CancellationToken cancellationToken)
    {
        var jobs = new List<SetJob>();
        foreach (var (set, servers, reason) in sets)
        {
            foreach (var server in servers)
                if ((reason ?? await FindReasonAsync(set, server, cancellationToken)) is { } why) jobs.Add(new SetJob(set, server, why));
        }

        return jobs;
    }

    private async Task<string?> FindReasonAsync(BackupSet set, Server server, CancellationToken cancellationToken)
    {
        if (set.Schedule.Count == 0)
        {
            activity.Verbose($"'{set.Name}' has no schedule: it runs when it is named, or with -Force.");
            return null;
        }

        var now = time.GetUtcNow();
        SnapshotFile? last;
        try
        {
            last = new SetSeries(set, server).Of(await ListAsync(set.Repository, cancellationToken), now).LastOrDefault();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The run meets the same failure and tells it.
            return $"it cannot be told when it ran last: {SecretRedactor.Shared.Redact(exception.Message)}";
        }

        if (last is null) return "there is no snapshot of it yet";
        var moment = last.Time.ToDateTimeOffset();
        var next = SetSeries.NextAfter(set, moment, time.LocalTimeZone);
        if (next <= now) return $"it was due at {Show(next.Value)}, and the last snapshot is of {Show(moment)}";
        activity.Verbose($"'{set.Name}' of {server.Name} is not due{(next is null ? " any more" : $" before {Show(next.Value)}")}: the last snapshot is of {Show(moment)}.");
        return null;
    }

    private async Task<IReadOnlyList<SnapshotFile>> ListAsync(string repository, CancellationToken cancellationToken)
    {
        if (_snapshots.TryGetValue(repository, out var known)) return known;
        var opened = await access.OpenRepositoryAsync(repository, cancellationToken);
        return _snapshots[repository] = await opened.ListSnapshotsAsync(activity, cancellationToken);
    }

    private string Show(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
