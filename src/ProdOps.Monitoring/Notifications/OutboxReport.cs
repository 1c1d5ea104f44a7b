namespace ProdOps.Monitoring.Notifications;

/// <summary>What became of a message or a channel.</summary>
internal abstract record OutboxReport
{
    private OutboxReport()
    {
    }

    /// <summary>A channel took a message.</summary>
    public sealed record Delivered(long Id, string Channel) : OutboxReport;

    /// <summary>A message is not tried any more.</summary>
    public sealed record GivenUp(long Id, string Reason) : OutboxReport;

    /// <summary>A channel that took messages takes them no more: it cannot be reached, or refuses one.</summary>
    public sealed record ChannelFailed(string Channel, string Error) : OutboxReport;

    /// <summary>A channel that was dead took a message.</summary>
    public sealed record ChannelWorks(string Channel) : OutboxReport;
}
