using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Incidents;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Consoles.Actions;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Tests.Reports;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>What a monitor has written down of two servers, one of which has an open incident, and a console that acts on it.</summary>
internal sealed class MonitoredShop : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("prodops-console-").FullName;

    /// <param name="instance">What is nearly full.</param>
    public MonitoredShop(string instance = "/var")
    {
        Folder = new MonitoringFolder(_path);
        var (disk, cpu, now) = (new CheckKey("web1", "disk.used", instance), new CheckKey("web2", "cpu.busy"), TimeProvider.System.GetUtcNow().AddMinutes(-10));
        using var store = Folder.Open(TimeProvider.System, SilentActivity.Instance);
        MonitorEvent[] events =
        [
            new CheckResult(cpu, HealthState.OK, 3, null),
            new CheckResult(disk, HealthState.Critical, 96, "is nearly full"),
            new CheckChanged(disk, HealthState.OK, HealthState.Critical, HealthState.Critical, false, false, 96, "is nearly full"),
            new IncidentOpened(disk),
            new IncidentMember(Incident, disk, HealthState.Critical, false),
        ];
        store.Monitor.Append([.. events.Select((happened, index) => happened with { Number = index + 1, Time = now })]);
        Sources = SampleSources.Of() with
        {
            Report = _ => Task.FromResult(Report()),
            Actions = new ActionSources { Folder = () => Task.FromResult(Folder), By = "root", Activity = Activity },
        };
    }

    /// <summary>The number of the incident.</summary>
    public const long Incident = 4;

    public MonitoringFolder Folder { get; }

    public ConsoleSources Sources { get; }

    public RecordingActivity Activity { get; } = new();

    public MonitorState State()
    {
        using var store = Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        return store.Monitor.Load(default);
    }

    /// <summary>Nothing is heard of the disk any more.</summary>
    public CheckKey Miss(string instance = "/var")
    {
        var disk = new CheckKey("web1", "disk.used", instance);
        using var store = Folder.Open(TimeProvider.System, SilentActivity.Instance);
        store.Monitor.Append([new CheckChanged(disk, HealthState.Critical, HealthState.Critical, HealthState.Critical, true, false, null, "Nothing was heard of it.") { Number = Events + 1, Time = TimeProvider.System.GetUtcNow().AddMinutes(-1) }]);
        return disk;
    }

    /// <summary>How many events there are.</summary>
    public long Events => State().LastNumber;

    public Downtime[] Downtimes => [.. State().Downtimes.Values];

    public Acknowledgement? Acknowledgement => State().Incidents[Incident].Acknowledgement;

    private Report Report()
    {
        var (report, state) = (SampleReport.Of("web1"), State());
        return report with { Health = Fact<HealthReport>.Of(report.Health.Value! with { Open = [.. OpenIncidents.Of(state, static _ => "%")], Announced = [.. state.Downtimes.Values.Select(static downtime => Monitoring.History.Downtimes.Of(downtime, TimeProvider.System.GetUtcNow()))] }) };
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
