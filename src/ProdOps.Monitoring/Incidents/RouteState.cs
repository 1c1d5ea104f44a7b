using System.Text.Json.Serialization;

namespace ProdOps.Monitoring.Incidents;

/// <summary>What a route was sent, and what was kept from it.</summary>
internal sealed class RouteState
{
    // What of the list is asked for in each round, as long as nobody else has changed it.
    private HashSet<(long Incident, HoldReason Reason)>? _known;
    private HashSet<HoldReason> _reasons = [];
    private DateTimeOffset? _oldest;

    /// <summary>When it was sent the messages of the last hour, in steady time.</summary>
    public List<DateTimeOffset> Sent { get; init; } = [];

    /// <summary>What it was not told, until a summary or digest does. Only read: it is changed by <see cref="Hold"/> and <see cref="Release"/>.</summary>
    public List<Held> Held { get; init; } = [];

    /// <summary>The day of its last digest.</summary>
    public DateOnly? Digest { get; set; }

    /// <summary>When the first of what is left to a digest was held.</summary>
    [JsonIgnore]
    public DateTimeOffset? Oldest
    {
        get
        {
            Know();
            return _oldest;
        }
    }

    /// <summary>Whether it was not told of an incident, for a reason.</summary>
    public bool IsHeld(long incident, HoldReason reason) => Know().Contains((incident, reason));

    public bool IsHeld(long incident) => Enum.GetValues<HoldReason>().Any(reason => IsHeld(incident, reason));

    /// <summary>Whether it was not told of anything, for a reason.</summary>
    public bool HasHeld(HoldReason reason)
    {
        Know();
        return _reasons.Contains(reason);
    }

    public void Hold(Held held)
    {
        Know();
        Held.Add(held);
        Note(held);
    }

    public void Release(Predicate<Held> which)
    {
        if (Held.RemoveAll(which) > 0) _known = null;
    }

    private HashSet<(long Incident, HoldReason Reason)> Know()
    {
        if (_known is { } known) return known;
        (_known, _reasons, _oldest) = ([], [], null);
        foreach (var held in Held) Note(held);
        return _known;
    }

    private void Note(Held held)
    {
        _known!.Add((held.Incident, held.Reason));
        _reasons.Add(held.Reason);
        if (held.Reason != HoldReason.Limit && !(_oldest <= held.Time)) _oldest = held.Time;
    }
}

/// <summary>Something that a route was not told; the time is the clock's.</summary>
internal sealed record Held(DateTimeOffset Time, long Incident, HoldReason Reason, string Title);
