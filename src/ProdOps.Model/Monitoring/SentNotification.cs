namespace ProdOps;

/// <summary>A message and what became of it.</summary>
public sealed record SentNotification
{
    /// <summary>The message's number.</summary>
    public long Id { get; init; }

    /// <summary>When it was decided, by the monitor's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The route.</summary>
    public string Route { get; init; } = "";

    /// <summary>Why.</summary>
    public NotificationKind Kind { get; init; }

    /// <summary>The worst of what it is about.</summary>
    public HealthState Severity { get; init; }

    /// <summary>The first line.</summary>
    public string Title { get; init; } = "";

    /// <summary>The incidents it is about.</summary>
    public IReadOnlyList<long> Incidents { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What became of it.</summary>
    public DeliveryStatus Status { get; init; }

    /// <summary>The channel that took it; empty as long as none has.</summary>
    public string Channel { get; init; } = "";

    /// <summary>When it arrived, by the monitor's clock.</summary>
    public DateTimeOffset? Delivered { get; init; }

    /// <summary>Why it has not arrived; empty where it has.</summary>
    public string Error { get; init; } = "";

    /// <summary>The first line.</summary>
    /// <returns><see cref="Title"/>.</returns>
    public override string ToString() => Title;
}

/// <summary>What became of a message.</summary>
public enum DeliveryStatus
{
    /// <summary>It waits in the outbox.</summary>
    Pending,

    /// <summary>A channel took it.</summary>
    Delivered,

    /// <summary>It was given up: too old, or no channel is left that it could go to.</summary>
    GivenUp,
}
