using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Status;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Watching;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Shows how servers and addresses are, again and again, the worst first: a table in place at a prompt, objects elsewhere.</summary>
[Cmdlet(VerbsCommon.Watch, "HealthStatus")]
[OutputType(typeof(ServerHealth))]
public sealed class WatchHealthStatus : HealthServerCmdlet
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Tick = TimeSpan.FromMilliseconds(200), Redraw = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(30), AddressTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, HealthState> _emitted = new(StringComparer.OrdinalIgnoreCase);
    private HostScreen? _screen;
    private Func<HealthState, string, string>? _paint;

    /// <summary>How often the servers are asked.</summary>
    [Parameter(HelpMessage = "How often the servers are asked, e.g. 10s; 1s at least. Default: 5s.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to watch.</summary>
    [Parameter(HelpMessage = "How long to watch, e.g. 10m. Default: until it is stopped.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan For { get; set; }

    /// <summary>Where to know from.</summary>
    [Parameter(HelpMessage = "Where to know from: the Store of a monitor, or the Servers themselves. Default: Auto, the store while a monitor is at work that knows all of the servers.")]
    public HealthWatchSource Source { get; set; }

    /// <summary>The store's folder.</summary>
    [Parameter(HelpMessage = HealthStoreAccess.StoreHelp)]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>Ask for pending updates too.</summary>
    [Parameter(HelpMessage = "Ask servers for pending updates too, once, which costs a server seconds of processor time.")]
    public SwitchParameter IncludeUpdates { get; set; }

    /// <summary>Emit objects also at a prompt.</summary>
    [Parameter(HelpMessage = "Emit the health of all servers each round, what changed first, instead of drawing a table. It is so by itself in a pipeline, and where the host has no screen.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var servers = await ServersAsync(cancellationToken);
        if (servers.Count == 0 && !Targets.Any()) return;
        var environment = servers.Count == 0 ? null : await FindEnvironmentAsync();
        if (Source == HealthWatchSource.Store && Targets.FirstOrDefault() is { } target) throw MonitoringErrors.TargetInStore(target);
        if (Interval < Shortest) Interval = Shortest;
        await InvokeAsync(FindScreen);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (For > TimeSpan.Zero) stop.CancelAfter(For);
        try
        {
            if (Source == HealthWatchSource.Servers || !await WatchStoreAsync(servers, environment, stop.Token)) await WatchServersAsync(servers, environment, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }
        finally
        {
            if (_screen is { } screen) await InvokeAsync(() => Close(screen));
        }
    }

    /// <summary>Shows what a monitor writes down.</summary>
    /// <returns>False if the servers are to be asked: there is no monitor at work, or no longer.</returns>
    private async Task<bool> WatchStoreAsync(IReadOnlyList<Server> servers, ProdOpsEnvironment? environment, CancellationToken cancellationToken)
    {
        bool mustBe = Source == HealthWatchSource.Store;
        if (Targets.Any() || await OpenStoreAsync(environment, mustBe) is not { } store) return false;
        using (store)
        {
            var watch = new StoreWatch(store, environment, RuleUnits.Of(environment), TimeProvider.System, Activity);
            var unknown = watch.Unknown(servers.Select(static server => server.Name), cancellationToken).ToList();
            if (!mustBe && (!watch.IsAlive || unknown.Count > 0)) return false;
            // Without an environment it is the monitor that knows what is monitored.
            bool isAll = IsAll;
            if (!isAll) foreach (string name in unknown) await WriteErrorAsync(MonitoringErrors.ServerNotMonitored(name));
            await ShowAsync(() => watch.Look(isAll ? null : servers, cancellationToken), () => mustBe || watch.IsAlive, TimeSpan.Zero, cancellationToken);
        }

        if (_screen is null) Activity.Warning("The monitor gives no sign of life any more. The servers are asked from here.");
        return false;
    }

    private async Task<MetricStore?> OpenStoreAsync(ProdOpsEnvironment? environment, bool mustBe)
    {
        try
        {
            return (await InvokeAsync(() => HealthStoreAccess.FolderOf(SessionState, Store, environment))).Open(TimeProvider.System, Activity, readOnly: true);
        }
        catch (ProdOpsException) when (!mustBe)
        {
            return null;
        }
    }

    /// <summary>Asks the servers, as the monitor does, and shows what they say.</summary>
    private async Task WatchServersAsync(IReadOnlyList<Server> servers, ProdOpsEnvironment? environment, CancellationToken cancellationToken)
    {
        await using var assembly = new MonitorAssembly(this, OpenAsync, environment, Activity);
        await using var checks = new CommandChecks(this, Access, OpenAsync, environment, Activity);
        var setup = assembly.MakeSetup(servers, IsAll, Interval, checks.Factory);
        setup = setup with { Pace = setup.Pace with { AsksDaily = IncludeUpdates }, Checks = [.. setup.Checks, .. await AddressesAsync()], ThrottleLimit = ThrottleLimit };
        if (setup.Servers.Count + setup.Checks.Count == 0) return;
        using var live = new LiveHealth(setup, assembly.MakeServices(servers, isSilent: true));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = live.RunAsync(stop.Token);
        try
        {
            await ShowAsync(live.Look, () => !asking.IsCompleted, Patience, cancellationToken);
            await asking;
        }
        finally
        {
            await stop.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The addresses as checks. One that is none is an error, and does not stop the others.</summary>
    private async Task<List<WatchedCheck>> AddressesAsync()
    {
        var checks = new List<WatchedCheck>();
        foreach (string target in Targets)
        {
            try
            {
                var (host, check) = TargetLook.CheckOf(target, AddressTimeout, TimeProvider.System);
                checks.Add(new WatchedCheck(new HealthCheckDefinition { Name = target, Interval = Interval, Timeout = AddressTimeout }, host, check));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }

        return checks;
    }

    /// <param name="look">How the servers are.</param>
    /// <param name="goesOn">Whether there is more to come.</param>
    /// <param name="patience">How long objects wait for the first answers of all servers.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    private async Task ShowAsync(Func<HealthPicture> look, Func<bool> goesOn, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        long begun = TimeProvider.System.GetTimestamp(), shown = 0;
        do
        {
            bool isDue = shown == 0 || TimeProvider.System.GetElapsedTime(shown) >= (_screen is null ? Interval : Redraw);
            if (_screen is { } screen)
            {
                if (!isDue && !await InvokeAsync(() => screen.IsResized)) continue;
                var picture = look();
                await InvokeAsync(() => Draw(screen, picture));
            }
            else
            {
                if (!isDue) continue;
                var picture = look();
                if (shown == 0 && !picture.Servers.All(static one => one.IsKnown) && TimeProvider.System.GetElapsedTime(begun) < patience) continue;
                await EmitAsync(picture);
            }

            shown = TimeProvider.System.GetTimestamp();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken) && goesOn());
    }

    private async Task EmitAsync(HealthPicture picture)
    {
        var known = picture.Servers.Where(static one => one.IsKnown).Select(static one => one.Health).ToList();
        var changed = known.Where(health => _emitted.TryGetValue(health.Server, out var before) && before != health.State).Select(static health => health.Server).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var health in known) _emitted[health.Server] = health.State;
        await WriteAllAsync([.. known.OrderByDescending(health => changed.Contains(health.Server)).ThenByDescending(static health => health.State).ThenBy(static health => health.Server, StringComparer.OrdinalIgnoreCase)]);
    }

    private bool FindScreen()
    {
        if (PassThru || MyInvocation.PipelinePosition < MyInvocation.PipelineLength) return false;
        object? style = GetVariableValue("PSStyle") is PSObject wrapped ? wrapped.BaseObject : GetVariableValue("PSStyle");
        _screen = HostScreen.Find(Host, style);
        _paint = _screen is { HasColours: true } ? FormatHelper.Painter(style) : null;
        return _screen is not null;
    }

    private bool Draw(HostScreen screen, HealthPicture picture)
    {
        screen.Draw((width, height) => HealthTable.Render(picture with { Time = picture.Time.ToLocalTime() }, width, height, _paint));
        return true;
    }

    private static bool Close(HostScreen screen)
    {
        screen.Close();
        return true;
    }
}
