namespace ProdOps;

/// <summary>What became of sending a message by one channel.</summary>
public sealed record NotificationDelivery
{
    /// <summary>The channel's name; of one that was described at the prompt, where it sends to, without what may be secret of that.</summary>
    public string Channel { get; init; } = "";

    /// <summary>What kind of way.</summary>
    public NotificationChannelKind Kind { get; init; }

    /// <summary>Whether the other side took the message.</summary>
    public bool Delivered { get; init; }

    /// <summary>How long it took, or how long until it failed.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it was not taken; empty where it was.</summary>
    public string Error { get; init; } = "";

    /// <summary>The id of that error, e.g. <c>NotificationLoginFailed</c>.</summary>
    public string ErrorId { get; init; } = "";

    /// <summary>What to do about it.</summary>
    public string Recommendation { get; init; } = "";

    /// <summary>Channel and outcome.</summary>
    /// <returns>E.g. <c>mail: delivered</c>.</returns>
    public override string ToString() => $"{Channel}: {(Delivered ? "delivered" : Error)}";
}
