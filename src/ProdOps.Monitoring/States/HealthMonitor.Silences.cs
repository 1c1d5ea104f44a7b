namespace ProdOps.Monitoring.States;

internal sealed partial class HealthMonitor
{
    /// <summary>Takes in which silences an Alertmanager has now: each is announced work from its beginning to its end.</summary>
    /// <param name="now">The time.</param>
    /// <param name="source">The Alertmanager.</param>
    /// <param name="silences">Its silences that are not over, each once.</param>
    public IReadOnlyList<MonitorEvent> TakeSilences(DateTimeOffset now, string source, IReadOnlyList<Downtime> silences)
    {
        Begin(now);
        var known = State.Downtimes.Values.Where(downtime => downtime.Source == source).ToList();
        var there = silences.Select(static silence => silence.Silence).ToHashSet(StringComparer.Ordinal);
        foreach (var silence in silences)
        {
            var same = known.Find(downtime => downtime.Silence == silence.Silence);
            if (same is not null && same.From == silence.From && same.Until == silence.Until && same.Matchers!.SequenceEqual(silence.Matchers!)) continue;
            // First the new one: there is no moment without.
            Emit(new DowntimeSet(silence));
            if (same is not null) Emit(new DowntimeEnded(same.Id));
        }

        foreach (var gone in known) if (!there.Contains(gone.Silence)) Emit(new DowntimeEnded(gone.Id));
        return End();
    }

    /// <summary>Ends the silences of Alertmanagers that nobody asks any more.</summary>
    public IReadOnlyList<MonitorEvent> KeepSilencesOf(DateTimeOffset now, IReadOnlyCollection<string> sources)
    {
        Begin(now);
        foreach (var downtime in State.Downtimes.Values.Where(downtime => downtime.Source is { } source && !sources.Contains(source)).ToList()) Emit(new DowntimeEnded(downtime.Id));
        return End();
    }
}
