using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.History;

/// <summary>Adds up, a day after the other, what availability must know of all that was before.</summary>
internal sealed class OutageCheckpoints(MetricStore store, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // What is written a little late need not undo anything.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>For so long there is one for each day, and so long one for each month.</summary>
    private static readonly TimeSpan Daily = TimeSpan.FromDays(40), Monthly = TimeSpan.FromDays(400);

    /// <summary>The newest whole one of a moment and before.</summary>
    public static (DateTimeOffset Time, OutageCheckpoint Checkpoint)? Newest(MetricStore store, DateTimeOffset until)
    {
        foreach (var (moment, json) in store.Checkpoints.Newest(until))
        {
            if (OutageCheckpoint.TryRead(json) is { } checkpoint) return (moment, checkpoint);
        }

        return null;
    }

    /// <summary>Makes those that are missing up to the last midnight, UTC. One that is up to date costs next to nothing.</summary>
    /// <returns>How many were made.</returns>
    public int KeepUp(CancellationToken cancellationToken)
    {
        var last = Midnight(time.GetUtcNow() - Grace);
        var newest = Newest(store, last);
        if (newest?.Time == last) return 0;
        // Before the events are read: with what comes meanwhile each is compared.
        long lastNumber = store.Checkpoints.LastNumber;
        var state = newest?.Checkpoint.Restore() ?? new OutageState();
        var reader = new EventReader(store.Events, SilentActivity.Instance);
        DateTimeOffset? next = newest is { } begin ? begin.Time + Day : null;
        int made = 0;
        foreach (var happened in reader.Read(new EventQuery { From = newest?.Time, To = last }, state.Wants, cancellationToken))
        {
            next ??= Midnight(happened.Time) + Day;
            for (; next <= happened.Time; next += Day)
            {
                if (!Keep(next.Value)) return made;
            }

            state.Take(happened);
        }

        for (; next <= last; next += Day)
        {
            if (!Keep(next.Value)) return made;
        }

        store.Checkpoints.Remove(last - Monthly, last - Daily);
        return made;

        bool Keep(DateTimeOffset moment)
        {
            // What a later ProdOps wrote is not understood, nor what it adds up to.
            if (reader.HasPassedOver) return false;
            if (moment < last - Monthly || (moment < last - Daily && moment.Day != 1)) return true;
            if (!store.Checkpoints.Keep(moment, OutageCheckpoint.Write(state), lastNumber)) return false;
            made++;
            return true;
        }
    }

    private static DateTimeOffset Midnight(DateTimeOffset moment) => new(moment.UtcDateTime.Date, TimeSpan.Zero);
}
