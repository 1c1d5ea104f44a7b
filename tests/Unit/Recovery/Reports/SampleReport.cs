using System.Text;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Tests.Readiness;

namespace ProdOps.Recovery.Tests.Reports;

/// <summary>A report with something in each section.</summary>
internal static class SampleReport
{
    public const string Hostile = "</script><img src=x onerror=alert(1)>\"'&\u202Egpj.\u0000\uD800";

    private static readonly DateTimeOffset Now = ReadyShop.Now;

    /// <param name="name">What servers, lines and everything else in it are called.</param>
    public static Report Of(string name)
    {
        var items = new ReadinessJudge(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now));
        var judged = items.Judge(ReadyShop.Facts);
        var check = new HealthCheckResult { Server = name, Check = "disk.used", Instance = "/", State = HealthState.Critical, Value = 93, Unit = "%", Message = name == "web1" ? "is nearly full" : name, Time = Now.AddSeconds(-20) };
        var series = new MetricSeries { Server = name, Name = "cpu.busy", Unit = "%", Current = 12, Minimum = 1, Maximum = 80, Average = 9, From = Now.AddDays(-1), To = Now, Samples = [.. Enumerable.Range(0, 1000).Select(i => new MetricSample { Time = Now.AddDays(-1).AddSeconds(86.4 * i), Value = i % 80 })] };
        HealthAvailability whole = new() { Environment = "shop", From = Now.AddDays(-30), To = Now, Available = TimeSpan.FromDays(29.97), Down = TimeSpan.FromDays(0.03), Outages = 2, LongestOutage = TimeSpan.FromMinutes(40), Objective = 0.999 };
        return new Report
        {
            Environment = ReadyShop.Environment with { Name = name == "web1" ? "shop" : name },
            Time = Now,
            From = Now.AddDays(-1),
            Zone = TimeZoneInfo.Utc,
            Facts = ReadyShop.Facts,
            Items = name == "web1" ? judged : [.. judged.Select(item => item with { Message = name, Advice = name, Title = name })],
            Summary = items.Sum(ReadyShop.Environment, judged) with { NextSteps = [judged[0] with { Message = name, Advice = name }] },
            Balancers = [new LoadBalancer { Name = "web", Server = name, Problems = [name], Version = name, Pools = [new BackendPool { Name = "web", Up = 1, Servers = 2 }] }],
            Health = Fact<HealthReport>.Of(new HealthReport
            {
                Servers = [new ServerReport(new ServerHealth { Server = name, State = HealthState.Critical, Roles = [name], Checks = [check], Problems = [check], Time = Now }, [series]), new ServerReport(new ServerHealth { Server = "web2", State = HealthState.OK, Time = Now }, [])],
                Age = TimeSpan.FromSeconds(20),
                Source = "what the monitor has written down",
                Open = [new HealthEvent { Time = Now.AddHours(-1), State = HealthState.Critical, Server = name, Check = "disk.used", Instance = name, Message = name, By = name }],
                Events = [new HealthEvent { Time = Now.AddHours(-1), Kind = HealthEventKind.Incident, State = HealthState.Critical, Server = name, Message = name }],
                Availability = [whole with { Server = name }, whole],
                Days = [.. Enumerable.Range(0, 30).Select(day => (IReadOnlyList<HealthAvailability>)[whole with { From = Now.AddDays(day - 30) }, new HealthAvailability { From = Now.AddDays(day - 30), Available = TimeSpan.FromDays(1) }])],
            }),
            Logs = Fact<LogReport>.Of(new LogReport
            {
                Interval = TimeSpan.FromMinutes(15),
                Counts = [new LogMeasure { Time = Now.AddHours(-1), Count = 5, Group = new Dictionary<string, object?> { ["Level"] = LogLevel.Error } }, new LogMeasure { Time = Now.AddHours(-1), Count = 1_000_000, Group = new Dictionary<string, object?> { ["Level"] = null } }],
                Entries = [new LogEntry(Encoding.UTF8.GetBytes(name), new Reader(name == "web1" ? "connect() failed" : name)) { Time = Now.AddMinutes(-2), Server = name, Source = name == "web1" ? "syslog" : name }],
                OnlySevere = true,
                Problems = name == "web1" ? [] : [name],
            }),
        };
    }

    private sealed class Reader(string message) : ILogLineReader
    {
        public LogLineContent Read(LogEntry entry) => new(LogLevel.Error, message, new Dictionary<string, object>());
    }
}
