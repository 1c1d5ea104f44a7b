namespace ProdOps;

/// <summary>Something that happened to what is monitored, or that was told or done about it.</summary>
public sealed record HealthEvent
{
    /// <summary>The event's number: they count up by one.</summary>
    public long Number { get; init; }

    /// <summary>When, by the monitor's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What happened.</summary>
    public HealthEventKind Kind { get; init; }

    /// <summary>The server it is about; empty where it is about none.</summary>
    public string Server { get; init; } = "";

    /// <summary>The check it is about.</summary>
    public string Check { get; init; } = "";

    /// <summary>Which of several instances; <see langword="null"/> where there is only one.</summary>
    public string? Instance { get; init; }

    /// <summary>How it was before; <see langword="null"/> where that means nothing.</summary>
    public HealthState? From { get; init; }

    /// <summary>How it is since; <see langword="null"/> where that means nothing.</summary>
    public HealthState? State { get; init; }

    /// <summary>The value that decided it, in <see cref="Unit"/>.</summary>
    public double? Value { get; init; }

    /// <summary>The value's unit.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What happened, in a line.</summary>
    public string Message { get; init; } = "";

    /// <summary>The number of the incident it belongs to; 0 where it belongs to none.</summary>
    public long Incident { get; init; }

    /// <summary>Who was told: the route and the channel. Who did it: a person, or an action.</summary>
    public string By { get; init; } = "";

    /// <summary>What an action or a diagnosis printed.</summary>
    public string Output { get; init; } = "";

    /// <summary>What happened, in a line.</summary>
    /// <returns><see cref="Message"/>.</returns>
    public override string ToString() => Message;
}

/// <summary>What happened.</summary>
public enum HealthEventKind
{
    /// <summary>A check changed its state for certain.</summary>
    Check,

    /// <summary>A result that is not certain yet.</summary>
    Result,

    /// <summary>A server can be reached, cannot, or cannot be asked.</summary>
    Server,

    /// <summary>An incident began, changed its cause, or was merged with another.</summary>
    Incident,

    /// <summary>An incident is over.</summary>
    Resolved,

    /// <summary>Somebody took an incident on, or that holds no longer.</summary>
    Acknowledgement,

    /// <summary>Work was announced, began, or is over.</summary>
    Downtime,

    /// <summary>Somebody is to be told.</summary>
    Notification,

    /// <summary>A message arrived where it was sent.</summary>
    Delivery,

    /// <summary>A message was held back, or could not be delivered.</summary>
    Held,

    /// <summary>A channel is dead, or works again.</summary>
    Channel,

    /// <summary>Something was done.</summary>
    Action,

    /// <summary>A server was looked at when something on it became a problem.</summary>
    Diagnosis,

    /// <summary>The monitor itself: it was blind, cut off, or is back.</summary>
    Monitor,
}
