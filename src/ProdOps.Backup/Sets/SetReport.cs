using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Sets;

/// <summary>Reads the state of sets in all repositories that they are kept in or copied to, each of which is read once.</summary>
internal sealed class SetReport(ISetAccess access, IActivity activity, TimeProvider time)
{
    /// <summary>The states, the worst first, and what each repository that cannot be read fails with.</summary>
    /// <param name="sets">The sets, with their servers and what is promised of each.</param>
    /// <param name="repositories">Chooses repositories by name.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(IReadOnlyList<BackupState> States, IReadOnlyList<Exception> Failures)> ReadAsync(
        IReadOnlyList<(BackupSet Set, IReadOnlyList<Server> Servers, TimeSpan? Promised)> sets, Func<string, bool> repositories, CancellationToken cancellationToken)
    {
        var states = new List<BackupState>();
        var failures = new List<Exception>();
        var measure = new BackupStates(time.GetUtcNow(), time.LocalTimeZone);
        foreach (string name in sets.SelectMany(entry => entry.Set.CopyTo.Prepend(entry.Set.Repository)).Distinct(StringComparer.OrdinalIgnoreCase).Where(repositories))
        {
            var wanted = sets.Where(entry => entry.Set.CopyTo.Prepend(entry.Set.Repository).Contains(name, StringComparer.OrdinalIgnoreCase));
            try
            {
                var repository = await access.OpenRepositoryAsync(name, cancellationToken);
                var snapshots = await repository.ListSnapshotsAsync(activity, cancellationToken);
                foreach (var (set, servers, promised) in wanted)
                    states.AddRange(servers.Select(server => measure.OfSet(set, server, name, promised, snapshots, repository.Location)));
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception);
                foreach (var (set, servers, promised) in wanted)
                    states.AddRange(servers.Select(server => BackupStates.Unreadable(set, server, name, promised, SecretRedactor.Shared.Redact(exception.Message))));
            }
        }

        return ([.. BackupStates.Sort(states)], failures);
    }
}
