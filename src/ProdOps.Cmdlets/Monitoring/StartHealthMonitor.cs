using System.Management.Automation;
using System.Runtime.InteropServices;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Running;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Monitors servers until it is stopped: asks them, judges, keeps, tells people, and does what was arranged.</summary>
[Cmdlet(VerbsLifecycle.Start, "HealthMonitor", SupportsShouldProcess = true)]
[OutputType(typeof(HealthEvent))]
public sealed class StartHealthMonitor : ServerCmdlet
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>The servers; without it all of the environment.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: all of the environment, and its checks; without one this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>How often servers are asked.</summary>
    [Parameter(HelpMessage = "How often servers are asked, e.g. 10s. Default: the environment's, else 30s.")]
    [Duration]
    public TimeSpan Interval { get; set; }

    /// <summary>How long to monitor.</summary>
    [Parameter(HelpMessage = "How long to monitor, e.g. 10m. Default: until it is stopped.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan For { get; set; }

    /// <summary>Tell nobody and do nothing.</summary>
    [Parameter(HelpMessage = "Send no message and carry out no action: to try rules beside another monitor, with a -Store of its own.")]
    public SwitchParameter Silent { get; set; }

    /// <summary>Emit results that are not certain yet, too.</summary>
    [Parameter(HelpMessage = "Emit results that are not certain yet, too.")]
    public SwitchParameter IncludeResults { get; set; }

    /// <summary>The store's folder.</summary>
    [Parameter(HelpMessage = "The folder that samples and events are kept in. Default: the environment's, $env:PRODOPS_MONITORING_STORE, else your own in ~/.local/share/prodops/monitoring.")]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        bool all = SelectedServers is null && !MyInvocation.ExpectingInput;
        var servers = all && environment is { Servers.Count: > 0 } ? environment.Servers : await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        var folder = await InvokeAsync(() => HealthStoreAccess.FolderOf(SessionState, Store, environment));
        await using var assembly = new MonitorAssembly(this, OpenAsync, environment, Activity);
        await using var checks = new CommandChecks(this, Access, OpenAsync, environment, Activity);
        var setup = assembly.MakeSetup(servers, isAll: all, Interval, checks.Factory);
        if (Silent) setup = setup with { Routes = [], Actions = [] };
        if (!await ShouldProcessAsync($"{servers.Count} server{(servers.Count == 1 ? "" : "s")}", $"Monitor, with what is found kept in '{folder.Path}'")) return;
        var happened = new EventQueue();
        long counted = 0;
        var services = assembly.MakeServices(servers, Silent) with
        {
            Happened = (events, state) =>
            {
                // The thread that decides is here: it counts no more often than somebody looks.
                bool isDue = counted == 0 || TimeProvider.System.GetElapsedTime(counted) >= ProgressInterval;
                if (isDue) counted = TimeProvider.System.GetTimestamp();
                happened.Offer(new HappenedRound(events, isDue ? HealthCounts.Of(setup.Servers, state, TimeProvider.System.GetUtcNow()).ToString() : null));
            },
        };
        using var loop = new HealthLoop(setup, folder, services);
        Activity.Verbose($"Samples and events are kept in '{folder.Path}'.");
        await RunAsync(loop, setup, happened, cancellationToken);
    }

    private async Task RunAsync(HealthLoop loop, MonitorSetup setup, EventQueue happened, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A shell would end at once; what is under way is to be written down.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        if (For > TimeSpan.Zero) stop.CancelAfter(For);
        var running = loop.RunAsync(stop.Token);
        _ = running.ContinueWith(static (_, queue) => ((EventQueue)queue!).Complete(), happened, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        ServiceNotifier.Ready($"Monitoring {setup.Servers.Count} servers");
        var units = setup.Rules.GroupBy(static rule => rule.Name, StringComparer.Ordinal).ToDictionary(static rule => rule.Key, static rule => MessageWriter.UnitOf(rule.Last()), StringComparer.Ordinal);
        var text = new EventText(rule => units.GetValueOrDefault(rule, ""));
        try
        {
            await foreach (var (events, counts) in happened.ReadAllAsync(cancellationToken))
            {
                if (happened.TakeLost() is > 0 and var lost) Activity.Warning($"{lost} events are left out here: they came faster than they were taken. Get-HealthEvent has them.");
                foreach (var told in text.Read(events)) if (IncludeResults || told.Kind != HealthEventKind.Result) await WriteObjectAsync(told);
                if (counts is not null) Activity.Progress(new ActivityProgress("Monitoring", counts));
            }
        }
        finally
        {
            ServiceNotifier.Stopping();
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (running.Exception?.InnerException is ProdOpsException failure) throw failure;
        if (running.IsFaulted) await running;
    }
}
