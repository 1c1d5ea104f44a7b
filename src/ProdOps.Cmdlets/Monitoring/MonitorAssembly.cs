using System.Net;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.Status;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Puts a monitor together out of an environment and a session.</summary>
/// <param name="cmdlet">The command, whose session's vaults hold secrets.</param>
/// <param name="open">Connects to a server.</param>
/// <param name="environment">The environment, if there is one.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class MonitorAssembly(AsyncCmdlet cmdlet, Func<Server, CancellationToken, Task<IServerShell>> open, ProdOpsEnvironment? environment, IActivity activity) : IAsyncDisposable
{
    private static readonly TimeSpan AnchorTimeout = TimeSpan.FromSeconds(3);

    private readonly SessionVault _vault = new(cmdlet);
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private ServerProbes? _probes;

    private MonitoringOptions Options => environment?.Monitoring ?? new MonitoringOptions();

    /// <summary>What is monitored.</summary>
    /// <param name="servers">The servers that are asked.</param>
    /// <param name="isAll">Whether checks of what is no server of the environment are made too.</param>
    /// <param name="interval">How often they are asked; zero where the environment says.</param>
    /// <param name="factory">Makes the checks.</param>
    /// <exception cref="ProdOpsException">Something in the environment cannot be used. A check alone stops none of the others: it is warned of, and not known.</exception>
    public MonitorSetup MakeSetup(IReadOnlyList<Server> servers, bool isAll, TimeSpan interval, ICheckFactory factory)
    {
        var names = servers.Select(static server => server.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new MonitorSetup
        {
            Environment = environment?.Name ?? "",
            Servers = servers,
            Rules = RuleBook.All(environment),
            Checks =
            [
                .. from definition in Options.Checks
                   from server in CheckServers.Of(definition, environment)
                   where isAll || names.Contains(server.Name)
                   select new WatchedCheck(definition, server.Name, Create(factory, definition, server)),
            ],
            Routes = Options.Notify,
            RoutesPastSilences = [.. Options.Notify.Where(route => Options.Channels.Any(channel => channel.Name == route.Channels.FirstOrDefault() && SilenceWatch.IsAlertmanager(channel))).Select(static route => route.Name)],
            Actions = Options.Diagnose ? [.. Options.Actions, .. DefaultDiagnoses.Beside(Options.Actions)] : Options.Actions,
            Anchors = Options.Anchors.Count > 0 ? [.. Options.Anchors.Select(static address => TargetLook.CheckOf(address, AnchorTimeout, TimeProvider.System).Check)] : Anchors.Default(TimeProvider.System),
            Pace = new MonitorPace(interval > TimeSpan.Zero ? interval : Options.Interval),
            Retention = new RetentionSpans { Raw = Options.Retention.Samples, FiveMinutes = Options.Retention.FiveMinutes, Hours = Options.Retention.Hours, MaxSize = Options.Retention.MaxSize },
        };
    }

    /// <summary>What the monitor works with. Once it has ended, this is to be disposed: servers have shells open for it.</summary>
    /// <param name="servers">The servers that are asked.</param>
    /// <param name="isSilent">Whether nobody is told.</param>
    public LoopServices MakeServices(IReadOnlyList<Server> servers, bool isSilent) => new()
    {
        Ask = (_probes ??= new ServerProbes(open, _vault, TimeProvider.System)).AskAsync,
        Senders = isSilent ? new Dictionary<string, INotificationSender>()
            : NotificationSenders.CreateAll(Options.Channels, _vault, TimeProvider.System, activity),
        Outlets = isSilent ? new OutletOptions() : new OutletOptions
        {
            // Prometheus takes what it is shown: it fetches it at Listen, or by node_exporter from TextFile.
            Engine = Options.Engine == MetricEngine.VictoriaMetrics ? EngineOptions.Of(Options, null, _vault) : null,
            Listen = Options.Listen is { } address ? IPEndPoint.Parse(address) : null,
            TextFile = Options.TextFile,
            // A sender of its own: a channel takes one message at a time.
            Heartbeat = Options.Channels.FirstOrDefault(channel => channel.Name == Options.Heartbeat) is { } beaten
                ? (NotificationSenders.CreateAll([beaten], _vault, TimeProvider.System, SilentActivity.Instance)[beaten.Name], environment?.Name ?? "") : null,
        },
        Silences = SilenceWatch.Of(Options.Channels, _vault, environment?.Name ?? "", TimeProvider.System, activity),
        Actions = new ActionRunner((name, token) => open(Find(servers, name) ?? Find(environment?.Servers ?? [], name) ?? ServerResolver.Local, token), TimeProvider.System),
        Activity = activity,
    };

    public async ValueTask DisposeAsync()
    {
        if (_probes is not null) await _probes.DisposeAsync();
    }

    private IHealthCheck Create(ICheckFactory factory, HealthCheckDefinition definition, Server server)
    {
        try
        {
            return RuleBook.ProblemOf(definition, environment) is { } problem ? throw problem : factory.Create(definition, server);
        }
        catch (ProdOpsException error)
        {
            if (_warned.Add(definition.Name)) activity.Warning($"{error.Message} {error.Recommendation}".TrimEnd());
            return new InvalidCheck(error);
        }
    }

    private static Server? Find(IReadOnlyList<Server> servers, string name) => servers.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
