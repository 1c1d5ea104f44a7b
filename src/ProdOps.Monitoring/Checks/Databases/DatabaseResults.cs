using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Databases;

/// <summary>What a database server tells of itself means: a result for each thing, and all metrics with the first of them.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="metrics">What its metrics begin with: <c>postgresql</c>, <c>mariadb</c>.</param>
internal sealed class DatabaseResults(CheckSubject subject, string metrics)
{
    private static readonly Limits UsedPercent = new(80, 95), LagSeconds = new(30, 300), TransactionSeconds = new(3600, null);

    /// <param name="blank">A result that says nothing yet.</param>
    /// <param name="report">What it tells.</param>
    /// <param name="took">How long asking took.</param>
    /// <param name="expected">What a query of the admin's own must come to.</param>
    public IReadOnlyList<HealthCheckResult> Of(HealthCheckResult blank, DatabaseReport report, TimeSpan took, string? expected)
    {
        double seconds = took.TotalSeconds;
        var results = new List<HealthCheckResult>
        {
            blank with { State = HealthState.OK, Value = seconds, Unit = "s", Message = Invariant($"answered in {seconds:0.000} s"), Metrics = Metrics(report, seconds, blank.Time) },
        };
        if (report is { Connections: { } used, MostConnections: > 0 and var most }) results.Add(Connections(blank, used, most));
        if (report.Transaction is not null || report.TransactionHidden is not null) results.Add(Transaction(blank, report));
        if (report.Replication is { } replication) results.Add(Replication(blank, replication));
        if (report.Answer is { } answer) results.Add(QueryAnswer.Judge(blank, answer, expected));
        return results;
    }

    private static HealthCheckResult Connections(HealthCheckResult blank, double used, double most)
    {
        double percent = 100 * used / most;
        return blank with
        {
            Instance = "connections", State = UsedPercent.OfHigh(percent), Value = Math.Round(percent, 2), Unit = "%", Warning = ">= 80 %", Critical = ">= 95 %",
            Message = Invariant($"{used:0} of {most:0} connections used"),
        };
    }

    private static HealthCheckResult Transaction(HealthCheckResult blank, DatabaseReport report)
    {
        blank = blank with { Instance = "transaction", Unit = "s", Warning = ">= 1 h" };
        if (report.Transaction is not { } open) return blank with { Message = report.TransactionHidden! };
        return blank with { State = TransactionSeconds.OfHigh(open), Value = Math.Round(open, 3), Message = open > 0 ? $"the longest has been open for {HealthThreshold.Format(open, "s")}" : "none is open" };
    }

    private static HealthCheckResult Replication(HealthCheckResult blank, ReplicationReport replication)
    {
        blank = blank with { Instance = "replication", Unit = "s", Value = replication.Lag is { } seconds ? Math.Round(seconds, 3) : null, Warning = ">= 30 s", Critical = ">= 300 s" };
        if (replication.Hidden is { } hidden) return blank with { Message = hidden };
        if (replication.Problem is { } problem) return blank with { State = HealthState.Critical, Message = problem };
        if (replication.Lag is not { } lag) return blank with { Message = "it follows its primary, and does not tell how far behind it is" };
        return blank with { State = LagSeconds.OfHigh(lag), Message = lag > 0 ? $"{HealthThreshold.Format(lag, "s")} behind its primary" : "not behind its primary" };
    }

    private MetricSample[] Metrics(DatabaseReport report, double seconds, DateTimeOffset time)
    {
        (string Name, double? Value)[] values =
        [
            ("time", seconds), ("connections", report.Connections), ("connections.used", report is { Connections: { } used, MostConnections: > 0 and var most } ? 100 * used / most : null),
            ("transaction", report.Transaction), ("replication.lag", report.Replication?.Lag), ("replicas", report.Replicas),
        ];
        return [.. values.Where(value => value.Value is not null).Select(value => subject.Sample($"{metrics}.{value.Name}", value.Value!.Value, time))];
    }
}
