namespace ProdOps;

/// <summary>A test message by one channel, as it was noted when it ended.</summary>
public sealed record NotificationEvidence
{
    /// <summary>The environment's channel.</summary>
    public required string Channel { get; init; }

    /// <summary>What kind of way.</summary>
    public NotificationChannelKind Kind { get; init; }

    /// <summary>Whether the other side took the message.</summary>
    public bool Delivered { get; init; }

    /// <summary>How bad the message said it was.</summary>
    public HealthState Severity { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it was not taken; empty where it was.</summary>
    public string Error { get; init; } = "";

    /// <summary>Channel and outcome.</summary>
    /// <returns>E.g. <c>mail: delivered</c>.</returns>
    public override string ToString() => $"{Channel}: {(Delivered ? "delivered" : Error)}";
}
