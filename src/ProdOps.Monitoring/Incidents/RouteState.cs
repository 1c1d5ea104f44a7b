namespace ProdOps.Monitoring.Incidents;

/// <summary>What a route was sent, and what was kept from it.</summary>
internal sealed class RouteState
{
    /// <summary>When it was sent the messages of the last hour, in steady time.</summary>
    public List<DateTimeOffset> Sent { get; init; } = [];

    /// <summary>What it was not told, until a summary or digest does.</summary>
    public List<Held> Held { get; init; } = [];

    /// <summary>The day of its last digest.</summary>
    public DateOnly? Digest { get; set; }

    public bool IsHeld(long incident, HoldReason reason) => Held.Exists(held => held.Incident == incident && held.Reason == reason);
}

/// <summary>Something that a route was not told; the time is the clock's.</summary>
internal sealed record Held(DateTimeOffset Time, long Incident, HoldReason Reason, string Title);
