using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.History;

/// <summary>Whose availability is wanted, and of when.</summary>
/// <param name="Servers">The servers, with their roles.</param>
/// <param name="From">The beginning of the time.</param>
/// <param name="To">Its end.</param>
/// <param name="Counts">The checks whose failure is an outage.</param>
internal sealed record AvailabilityRequest(IReadOnlyList<Server> Servers, DateTimeOffset From, DateTimeOffset To, Func<CheckKey, bool> Counts)
{
    /// <summary>What was promised, 0 to 1.</summary>
    public double? Objective { get; init; }

    /// <summary>Of each server in its order, and last of all together, by what the store has.</summary>
    public IReadOnlyList<HealthAvailability> Read(MetricStore store, IActivity activity, CancellationToken cancellationToken) => ReadAll([this], store, activity, cancellationToken)[0];

    /// <summary>Several times at once: events are read once, and not from the first that there was where what they add up to was kept.</summary>
    public static IReadOnlyList<IReadOnlyList<HealthAvailability>> ReadAll(IReadOnlyList<AvailabilityRequest> requests, MetricStore store, IActivity activity, CancellationToken cancellationToken)
    {
        if (requests.Count == 0) return [];
        var reader = new EventReader(store.Events, activity);
        var before = OutageCheckpoints.Newest(store, requests.Min(static request => request.From));
        (AvailabilityRequest Request, Availability Availability)[] all = [.. requests.Select(request => (request, new Availability(request, before?.Checkpoint)))];
        bool[] wants = new bool[all.Length];
        // What was before the time says how it began.
        for (var query = new EventQuery { From = before?.Time, To = requests.Max(static request => request.To) }; query is not null;) query = Take(query);

        // What came after the monitor's last sign of life nobody saw; nor what came after it had stopped, which the next one has written down.
        var alive = store.Monitor.LastAlive;
        var blinds = reader.Read(new EventQuery { From = requests.Min(static request => request.To), Kind = EventJson.KindOf<MonitorBlind>() }, static _ => true, cancellationToken).OfType<MonitorBlind>().ToList();
        reader.TellUnknown();
        return [.. all.Select(one => one.Availability.Finish(blinds.Find(blind => blind.Time >= one.Request.To) is { } blind && !(blind.From >= alive) ? blind.From : alive))];

        // Most events are results, which are not even looked at while they can say nothing; until that changes.
        EventQuery? Take(EventQuery query)
        {
            bool results = WantResults();
            foreach (var happened in reader.Read(query with { Without = results ? null : OutageState.ResultKind }, IsWanted, cancellationToken))
            {
                for (int i = 0; i < all.Length; i++)
                {
                    if (wants[i] && happened.Time < all[i].Request.To) all[i].Availability.Take(happened);
                }

                if (WantResults() != results) return query with { Behind = (happened.Time, happened.Number) };
            }

            return null;
        }

        bool WantResults() => Array.Exists(all, static one => one.Availability.WantsResults);

        // Events are handed on one by one, so this is of the one that comes next.
        bool IsWanted(StoredEvent stored)
        {
            bool isWanted = false;
            for (int i = 0; i < all.Length; i++) isWanted |= wants[i] = all[i].Availability.Wants(stored);
            return isWanted;
        }
    }
}
