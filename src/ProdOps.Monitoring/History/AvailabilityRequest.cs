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
    public IReadOnlyList<HealthAvailability> Read(MetricStore store, IActivity activity, CancellationToken cancellationToken)
    {
        var reader = new EventReader(store.Events, activity);
        var availability = new Availability(this);
        // What was before the time says how it began.
        foreach (var happened in reader.Read(new EventQuery { To = To }, availability.Wants, cancellationToken)) availability.Take(happened);
        // What came after the monitor's last sign of life nobody saw; nor what came after it had stopped, which the next one has written down.
        var alive = store.Monitor.LastAlive;
        var blind = reader.Read(new EventQuery { From = To, Kind = EventJson.KindOf<MonitorBlind>() }, static _ => true, cancellationToken).OfType<MonitorBlind>().FirstOrDefault();
        reader.TellUnknown();
        return availability.Finish(blind is not null && !(blind.From >= alive) ? blind.From : alive);
    }
}
