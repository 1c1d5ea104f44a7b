namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>Messages as a monitor sends them.</summary>
internal static class SampleMessages
{
    public static readonly DateTimeOffset Began = new(2026, 3, 1, 10, 0, 0, TimeSpan.FromHours(1));

    /// <summary>A database that is gone, and an application that needs it.</summary>
    public static NotificationMessage Problem { get; } = new()
    {
        Id = 4711,
        Environment = "shop",
        Route = "oncall",
        Kind = NotificationKind.Problem,
        Severity = HealthState.Critical,
        Title = "Critical: db1 postgresql, and 1 more",
        Time = Began.AddSeconds(90),
        Incidents =
        [
            new NotificationItem
            {
                Incident = 42,
                Kind = NotificationKind.Problem,
                Severity = HealthState.Critical,
                Title = "Critical: db1 postgresql, and 1 more",
                Server = "db1",
                Check = "postgresql",
                Since = Began,
                Advice = "Look at the journal of postgresql.service & restart it.",
                Checks =
                [
                    new HealthCheckResult { Server = "db1", Check = "postgresql", State = HealthState.Critical, Message = "nothing listens on port 5432 of db1", Time = Began.AddSeconds(80) },
                    new HealthCheckResult { Server = "app1", Check = "disk.used", Instance = "/var", State = HealthState.Warning, Value = 87.25, Unit = "%", Warning = "> 85 %", Message = "87.3 % used, 3 GiB free", Time = Began.AddSeconds(81) },
                ],
            },
        ],
    };

    /// <summary>The end of it.</summary>
    public static NotificationMessage Recovery { get; } = Problem with
    {
        Id = 4720,
        Kind = NotificationKind.Recovery,
        Title = "OK: db1 postgresql: over after 15 min",
        Time = Began.AddMinutes(15),
        Incidents = [Problem.Incidents[0] with { Kind = NotificationKind.Recovery, Title = "OK: db1 postgresql: over after 15 min", Checks = [], Advice = "" }],
    };

    /// <summary>Two incidents in one message.</summary>
    public static NotificationMessage Summary { get; } = Problem with
    {
        Id = 4712,
        Kind = NotificationKind.Summary,
        Title = "2 incidents: Critical: db1 postgresql; Warning: web1 cpu.busy",
        Incidents =
        [
            Problem.Incidents[0],
            new NotificationItem
            {
                Incident = 43, Kind = NotificationKind.Problem, Severity = HealthState.Warning, Title = "Warning: web1 cpu.busy", Server = "web1", Check = "cpu.busy", Since = Began.AddSeconds(30),
                Checks = [new HealthCheckResult { Server = "web1", Check = "cpu.busy", State = HealthState.Warning, Value = 96, Unit = "%", Warning = "> 90 %" }],
            },
        ],
    };

    /// <summary>Somebody tries.</summary>
    public static NotificationMessage Test { get; } = new() { Id = 7, Environment = "shop", Kind = NotificationKind.Test, Severity = HealthState.OK, Title = "A test", Time = Began };

    /// <summary>A message whose texts come from somebody who means harm.</summary>
    /// <param name="text">What stands in each of them.</param>
    public static NotificationMessage With(string text) => Problem with
    {
        Title = text,
        Environment = text,
        Route = text,
        Text = text,
        Incidents =
        [
            Problem.Incidents[0] with
            {
                Title = text, Server = text, Check = text, Advice = text,
                Checks = [new HealthCheckResult { Server = text, Check = text, Instance = text, State = HealthState.Critical, Unit = text, Value = double.NaN, Critical = text, Message = text, Output = text }],
            },
        ],
    };
}
