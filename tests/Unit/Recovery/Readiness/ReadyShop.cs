using ProdOps.Recovery.Readiness;
using ProdOps.Servers.Schedules;

namespace ProdOps.Recovery.Tests.Readiness;

/// <summary>An environment of which everything was proved an hour ago, and is as it should be.</summary>
internal static class ReadyShop
{
    public static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Proved = Now.AddHours(-1);

    public static ProdOpsEnvironment Environment { get; } = new()
    {
        Name = "shop",
        Path = "/etc/prodops/environment.psd1",
        Objectives = new EnvironmentObjectives { Availability = 0.999, RecoveryPoint = TimeSpan.FromHours(2), RecoveryTime = TimeSpan.FromMinutes(15), ResponseTime = TimeSpan.FromMilliseconds(300) },
        Servers = [Server("lb1", "LoadBalancer"), Server("lb2", "LoadBalancer"), Server("web1", "App"), Server("web2", "App"), Server("db1", "Database")],
        Repositories = [new EnvironmentRepository { Name = "local", Path = "/srv/backup" }, new EnvironmentRepository { Name = "offsite", Url = "sftp:backup@elsewhere:/srv/backup" }],
        Backups =
        [
            Set("files") with { Server = ["*"], Path = ["/etc", "/srv"] },
            Set("db") with { Server = ["db1"], PostgreSql = ["shop"] },
        ],
        LoadBalancers = [new LoadBalancerDefinition { Name = "web", Servers = ["lb1", "lb2"], Pool = ["web1", "web2"], VirtualAddress = "10.77.0.100", Check = "/health", Certificate = "/etc/haproxy/web.pem" }],
        Monitoring = new MonitoringOptions
        {
            Anchors = ["ping://192.0.2.1"],
            Channels = [new NotificationChannel { Name = "mail" }, new NotificationChannel { Name = "chat" }],
            Notify = [new NotificationRoute { Name = "on-call", Channels = ["mail", "chat"] }],
            Checks = [new HealthCheckDefinition { Name = "front", Kind = HealthCheckKind.Http, Target = "http://10.77.0.100/health" }, new HealthCheckDefinition { Name = "errors", Kind = HealthCheckKind.Log, Target = "error" }],
        },
        Logging = new LoggingOptions { Retention = TimeSpan.FromDays(90) },
    };

    public static ReadinessFacts Facts { get; } = new()
    {
        Environment = Environment,
        BackupRuns = Of<BackupRunEvidence>([.. from server in Environment.Servers from hours in Enumerable.Range(0, 24) select Run("files", server.Name, hours), .. Enumerable.Range(0, 24).Select(hours => Run("db", "db1", hours))]),
        BackupTests = Of<BackupTestEvidence>(
        [
            Test("local"), Test("offsite"),
            Test("local") with { Kind = BackupTestKind.Restore, IsWhole = false, Sets = ["files"], BytesRead = 1_000_000_000, Duration = TimeSpan.FromMinutes(2), FilesTested = 12_000 },
            Test("local") with { Kind = BackupTestKind.Restore, IsWhole = false, Sets = ["db"], BytesRead = 1_000_000_000, Duration = TimeSpan.FromMinutes(3), Databases = ["PostgreSQL shop"] },
        ]),
        LoadTests = Of<LoadTestResult>([new LoadTestResult { Target = "http://10.77.0.100/", LoadBalancer = "web", Requests = 3000, Rate = 100, Percentile95 = TimeSpan.FromMilliseconds(80), Servers = [new LoadTestShare("web1", 1500, 0), new LoadTestShare("web2", 1500, 0)], Start = Proved }]),
        LoadBalancers = Of<LoadBalancerReadiness>([new LoadBalancerReadiness { LoadBalancer = "web", Time = Proved, Findings = [.. new[] { "health", "content", "headers", "session", "redirect", "clock", "certificate" }.Select(item => new LoadBalancerFinding { LoadBalancer = "web", Item = item, Message = "it is well" })] }]),
        Failovers = Of<FailoverTestResult>([Failover(FailoverTarget.Balancer, "lb1", "haproxy"), Failover(FailoverTarget.BackendServer, "web2", "shop")]),
        Publications = Of<LoadBalancerPublication>([new LoadBalancerPublication { LoadBalancer = "web", Server = "lb1", Status = LoadBalancerPublicationStatus.Published, Revision = "7-5ffc827e", Time = Proved }]),
        Notifications = Of<NotificationEvidence>([.. new[] { "mail", "chat" }.Select(name => new NotificationEvidence { Channel = name, Delivered = true, Time = Proved })]),
        RollingUpdates = Of<RollingUpdateFact>([new RollingUpdateFact("web-20261127-100000", "web", Proved, IsOver: true, ["web1", "web2"], 2, "")]),
        Schedules = Of<ScheduleDefinition>([new ScheduleDefinition { Name = "backup-files" }, new ScheduleDefinition { Name = "backup-db" }]),
        Clocks = Of<ServerClock>([.. Environment.Servers.Select(server => new ServerClock { Server = server.Name, Offset = TimeSpan.FromMilliseconds(3), Uncertainty = TimeSpan.Zero, RoundTrip = TimeSpan.Zero, SampleCount = 8, Time = Now })]),
        Anchors = Of<AnchorFact>([new AnchorFact("ping://192.0.2.1", Answers: true)]),
        Monitor = Fact<MonitorFacts>.Of(new MonitorFacts
        {
            LastAlive = Now.AddSeconds(-10),
            LatestOfServers = [.. Environment.Servers.Select(server => new MetricSample { Server = server.Name, Name = "cpu.busy", Time = Now.AddSeconds(-20) })],
            Responses = [new ResponseFact("10.77.0.100", "front", TimeSpan.FromMilliseconds(90), 2880, Now.AddDays(-1), Now.AddSeconds(-30))],
            Disks = [.. Environment.Servers.Select(server => new MetricForecast { Server = server.Name, Name = "disk.used", Instance = "/", Current = 40, From = Now.AddDays(-7), To = Now.AddMinutes(-1), Confidence = ForecastConfidence.High })],
            Checks = [new CheckFact("10.77.0.100", "front", HealthState.OK, Now.AddSeconds(-30)), new CheckFact("(logs)", "errors", HealthState.OK, Now.AddSeconds(-30))],
            LastIncident = new IncidentFact(41, Proved, new SentNotification { Id = 44, Kind = NotificationKind.Problem, Incidents = [41], Status = DeliveryStatus.Delivered, Time = Proved.AddSeconds(20), Delivered = Proved.AddSeconds(22), Channel = "mail" }),
            Availability = new HealthAvailability { Environment = "shop", From = Now.AddDays(-30), To = Now, Available = TimeSpan.FromDays(30), Objective = 0.999 },
        }),
        Logs = Fact<LogFacts>.Of(new LogFacts([.. Environment.Servers.Select(server => new LogStoreSource { Server = server.Name, Source = "syslog", Entries = 5000, From = Now.AddDays(-20), To = Now.AddMinutes(-2), Received = Now.AddMinutes(-1) })], [])),
        EnvironmentFile = Fact<FileKeepingFact>.Of(new FileKeepingFact("a8bbf27", Proved, "", HasRemote: true)),
        Plans = Of<RecoveryPlanFact>(
        [
            .. Environment.Servers.Select(server => Plan(server.Name, server.Name, server.Name.StartsWith("lb", StringComparison.Ordinal) ? "BalancerLost" : "ServerLost")),
            .. new[] { ("AdminMachineLost", "db1"), ("DataLost", "db1"), ("RepositoryLost", "db1"), ("BadDeployment", "web1"), ("CertificateExpired", "lb1") }.Select(one => Plan(one.Item1, one.Item2, one.Item1)),
        ]),
        SinglePoints = Of<SinglePointFact>([]),
    };

    public static Fact<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> list) => Fact<IReadOnlyList<T>>.Of(list);

    public static RecoveryPlanFact Plan(string name, string server, string scenario) => new()
    {
        Name = name, Server = server, Scenario = scenario, Revision = "5ffc",
        Runs = [new RecoveryRunFact(Proved, TimeSpan.FromMinutes(9), "5ffc", Succeeded: true, IsDrill: true, null)],
        LastCheck = new RecoveryCheckFact(Proved, [], null),
    };

    public static BackupRunEvidence Run(string set, string server, int hours) => new()
    {
        Set = set, Server = server, Status = BackupSetStatus.Complete, Repository = "local", SnapshotId = new string('a', 64), Time = Now.AddMinutes(-30).AddHours(-hours), Duration = TimeSpan.FromMinutes(1), BytesProcessed = 1_000_000_000, CopiedTo = ["offsite"],
    };

    public static BackupTestEvidence Test(string repository) => new() { Repository = repository, Passed = true, IsWhole = true, Time = Proved };

    private static FailoverTestResult Failover(FailoverTarget stopped, string server, string service) =>
        new() { LoadBalancer = "web", Stopped = stopped, Server = server, Service = service, Recovered = true, Restored = true, Requests = 900, Failed = 12, Gap = TimeSpan.FromSeconds(2), Time = Proved };

    private static Server Server(string name, string role) => new() { Name = name, Address = $"host-{name}", Roles = [role] };

    private static BackupSet Set(string name) => new() { Name = name, Repository = "local", CopyTo = ["offsite"], Schedule = ["30 * * * *"], Keep = new Dictionary<string, object> { ["Daily"] = 14 } };
}
