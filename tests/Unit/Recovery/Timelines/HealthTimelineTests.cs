using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Recovery.Timelines;

namespace ProdOps.Recovery.Tests.Timelines;

/// <summary>Metrics whose level changed: of few servers all, of a fleet those of servers in trouble.</summary>
public sealed class HealthTimelineTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero), Change = Start.AddMinutes(70);
    private static readonly TimelineWindow Window = new(Start.AddMinutes(60), Start.AddMinutes(90));

    private readonly TemporaryFolder _folder = new();
    private readonly MetricStore _store;

    public HealthTimelineTests()
    {
        _store = MetricStore.Open(_folder["metrics.db"], new FakeTimeProvider(Start.AddHours(2)), SilentActivity.Instance);
        for (int minute = 0; minute < 90; minute++)
        {
            var time = Start.AddMinutes(minute);
            _store.Append([.. new[] { "db1", "web1", "web2" }.SelectMany(server => new[] { Sample(time, server, "cpu.busy", time < Change ? 10 : 80), Sample(time, server, "load.1", 1), Sample(time, server, "uptime", minute * 60) })]);
        }

        _store.Monitor.Append([new IncidentOpened(new CheckKey("DB1", "cpu.busy", "")) { Number = 1, Time = Change.AddMinutes(3) }]);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task All_series_are_looked_at_where_they_are_few()
    {
        var changes = await ChangesAsync(new HealthTimeline(Window), []);
        Assert.Equal(["db1", "web1", "web2"], changes.Select(static told => told.Server).Order(StringComparer.Ordinal));
        Assert.All(changes, static told => Assert.Equal((Change, TimeSpan.FromMinutes(1), "cpu.busy rises from 10 to 80 %"), (told.Time, told.Uncertainty, told.Text)));
        Assert.All(changes, static told => Assert.Equal(80, Assert.IsType<MetricSample>(told.Source).Value));
    }

    [Fact]
    public async Task Of_more_series_only_those_of_servers_in_trouble_are_looked_at()
    {
        var changes = await ChangesAsync(new HealthTimeline(Window) { MostSeries = 5 }, []);
        Assert.Equal(["db1"], changes.Select(static told => told.Server));
    }

    [Fact]
    public async Task Servers_that_are_named_are_looked_at_in_any_case()
    {
        var changes = await ChangesAsync(new HealthTimeline(Window) { MostSeries = 1 }, ["web1", "web2"]);
        Assert.Equal(["web1", "web2"], changes.Select(static told => told.Server).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_server_is_in_trouble_whose_incident_began_in_that_time_or_the_one_before()
    {
        Assert.Equal(["DB1"], new HealthTimeline(Window).Troubled(_store.Events, SilentActivity.Instance, default));
        Assert.Equal(["DB1"], new HealthTimeline(new TimelineWindow(Change.AddMinutes(10), Change.AddMinutes(20))).Troubled(_store.Events, SilentActivity.Instance, default));
        Assert.Empty(new HealthTimeline(new TimelineWindow(Start, Change)).Troubled(_store.Events, SilentActivity.Instance, default));
    }

    private Task<IReadOnlyList<TimelineEvent>> ChangesAsync(HealthTimeline timeline, IReadOnlyList<string> servers) =>
        timeline.ChangesAsync(new StoreSource(_store), servers, () => timeline.Troubled(_store.Events, SilentActivity.Instance, default), default);

    private static MetricSample Sample(DateTimeOffset time, string server, string name, double value) => new() { Server = server, Name = name, Unit = name == "cpu.busy" ? "%" : "", Value = value, Time = time };
}
