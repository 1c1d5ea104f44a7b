using ProdOps.Monitoring.States;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Announced work as users see it.</summary>
internal static class Downtimes
{
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
        IsActive = downtime.IsActive(now),
    };
}
