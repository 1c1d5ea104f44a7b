namespace ProdOps.LoadBalancing.Rolling;

/// <summary>A server that an update of before has taken out and not put back, because it failed there or was cut off.</summary>
/// <param name="Update">The update.</param>
/// <param name="Before">What the server was before that update.</param>
/// <param name="IsUntouched">True if the server is as that update has left it: nobody has taken it out anew since, so that it may go back.</param>
internal sealed record RollingLeftOut(string Update, BackendServerState Before, bool IsUntouched)
{
    // Balancers tell a change to the second, and the journal is written a moment after it.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    /// <summary>The servers of a pool that the journals of this user say to be left out, and that are out.</summary>
    /// <param name="folder">Where the journals are.</param>
    /// <param name="isOfPool">Whether an update was one of this pool.</param>
    /// <param name="views">Each server as each balancer sees it now.</param>
    public static IReadOnlyDictionary<string, RollingLeftOut> Find(string folder, Func<RollingHeader, bool> isOfPool, IReadOnlyList<BackendServer> views)
    {
        var found = new Dictionary<string, RollingLeftOut>(StringComparer.Ordinal);
        var open = views.Where(view => view.AdminState.IsOutByHand()).Select(view => view.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string update in RollingJournal.List(folder))
        {
            if (open.Count == 0) break;
            if (RollingJournal.Peek(folder, update) is not var (header, records) || !isOfPool(header)) continue;
            // The latest that had to do with a server knows it.
            foreach (var own in records.Where(record => open.Contains(record.Server)).GroupBy(record => record.Server, StringComparer.Ordinal).ToList())
            {
                open.Remove(own.Key);
                if (Of(header, [.. own], [.. views.Where(view => view.Name == own.Key)]) is { } left) found[own.Key] = left;
            }
        }

        return found;
    }

    private static RollingLeftOut? Of(RollingHeader header, IReadOnlyList<RollingRecord> records, IReadOnlyList<BackendServer> views)
    {
        var last = records[^1];
        bool isBack = last.Mark switch
        {
            RollingMark.PutBack => true,
            // What has not finished its requests in time goes back into service.
            RollingMark.Failed => last.Phase == RollingUpdatePhase.Drain,
            RollingMark.Done => last.Phase is RollingUpdatePhase.Enable or RollingUpdatePhase.Settle,
            _ => last.Phase == RollingUpdatePhase.Settle,
        };
        if (isBack || records.Select(record => record.Before).FirstOrDefault(before => before is not null) is not { } before || before.IsOutByHand()) return null;
        // Cut off in the middle of a phase, it may have been taken out at any time of it.
        var until = last.Time + Slack + (last.Mark == RollingMark.Begun ? header.Options.DrainTimeout + header.Options.EnableTimeout : TimeSpan.Zero);
        return new RollingLeftOut(header.Update, before, views.All(view => view is { AdminState: BackendServerState.Maintenance, LastChange: { } change } && change <= until));
    }
}
