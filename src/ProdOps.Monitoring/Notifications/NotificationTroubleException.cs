namespace ProdOps.Monitoring.Notifications;

/// <summary>A message was not taken now, and may be later.</summary>
internal sealed class NotificationTroubleException(string errorId, ErrorKind kind, string message, string? recommendation = null, Exception? inner = null)
    : ProdOpsException(errorId, kind, message, recommendation, inner)
{
    /// <summary>How long the other side wants to be left alone, if it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
