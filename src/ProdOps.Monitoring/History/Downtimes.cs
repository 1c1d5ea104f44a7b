using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.History;

/// <summary>Announced work as users see it.</summary>
internal static class Downtimes
{
    private const int LongestText = 2000;

    public static HealthDowntime Of(Downtime downtime, DateTimeOffset now) => new()
    {
        Number = downtime.Id,
        Server = downtime.Server,
        Check = downtime.Rule,
        Instance = downtime.Instance,
        From = downtime.From,
        Until = downtime.Until == DateTimeOffset.MaxValue ? null : downtime.Until,
        Length = downtime.Length,
        Recurrence = downtime.Recurrence,
        Reason = downtime.Reason,
        By = downtime.By,
        Source = downtime.Source ?? "",
        Matchers = downtime.Matchers is { } matchers ? PlainLine.Of(string.Join(", ", matchers), LongestText) : "",
        IsActive = downtime.IsActive(now),
    };
}
