using ProdOps.Servers.Evidence;

namespace ProdOps.Cmdlets.Common;

/// <summary>Notes what a command has proved. The command did its work whether or not that can be noted: a failure is a warning.</summary>
internal static class EvidenceKeeper
{
    /// <param name="activity">Takes the warning.</param>
    /// <param name="log">Where such things are noted.</param>
    /// <param name="time">When it was proved.</param>
    /// <param name="environment">The environment's name; empty where none is known.</param>
    /// <param name="what">What was proved.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task KeepAsync<T>(IActivity activity, Func<EvidenceFolder, EvidenceLog<T>> log, DateTimeOffset time, string environment, T what, CancellationToken cancellationToken)
        where T : class
    {
        // A user without a home is a container's or a service's: there is nothing that would outlive it, and a warning at each run tells nobody.
        if (EvidenceFolder.OfUser(TimeProvider.System) is not { } folder) return;
        try
        {
            await log(folder).AddAsync(time, environment, what, cancellationToken);
        }
        catch (ProdOpsException error)
        {
            activity.Warning($"{error.Message} {error.Recommendation}");
        }
    }

    /// <summary>What was noted before; none, after a warning, where it cannot be read.</summary>
    public static IReadOnlyList<Proof<T>> Read<T>(IActivity activity, Func<EvidenceFolder, EvidenceLog<T>> log)
        where T : class
    {
        try
        {
            return EvidenceFolder.OfUser(TimeProvider.System) is { } folder ? log(folder).Read() : [];
        }
        catch (ProdOpsException error)
        {
            activity.Warning($"{error.Message} {error.Recommendation}");
            return [];
        }
    }
}
