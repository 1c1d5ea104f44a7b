using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Topology;
using ProdOps.Servers;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Tells what takes the application down alone, or its data, and what would help.</summary>
[Cmdlet(VerbsCommon.Get, "SinglePointOfFailure")]
[OutputType(typeof(SinglePointOfFailure))]
public sealed class GetSinglePointOfFailure : HealthStoreCmdlet
{
    private static readonly TimeSpan LookedAt = TimeSpan.FromDays(30), Remembered = TimeSpan.FromDays(365);

    private readonly List<LoadTestResult> _loadTests = [];

    /// <summary>What fails.</summary>
    [Parameter(Position = 0, HelpMessage = "Only of these components: servers, racks, sites, repositories, keys by name or wildcard. Default: all.")]
    [ArgumentCompleter(typeof(TopologyComponentCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Component { get; set; } = [];

    /// <summary>The services.</summary>
    [Parameter(HelpMessage = "Only what takes down these services, by name or wildcard: those of the environment's Services, else its load balancers. Default: all that is found.")]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Service { get; set; } = [];

    /// <summary>What comes of it.</summary>
    [Parameter(HelpMessage = "Only of these kinds. Default: all.")]
    public SinglePointKind[] Kind { get; set; } = [];

    /// <summary>Two at once.</summary>
    [Parameter(HelpMessage = "Tells instead what two things take down together that neither does alone; for up to 300 things that can fail.")]
    public SwitchParameter Pair { get; set; }

    /// <summary>Load tests.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Results of Test-LoadBalancer: what fewer servers carried under load counts for more than their CPUs' history. Those that were made for this environment on this machine count without it.")]
    [ValidateNotNull]
    public LoadTestResult[] LoadTest { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _loadTests.AddRange(LoadTest);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await LoadEnvironmentAsync() ?? throw ServersErrors.NoEnvironment();
        var model = TopologyBuilder.Build(environment);
        await CheckServicesAsync(model);
        foreach (var server in model.Unneeded) Activity.Warning($"Nothing is said to need {server.Name} ({string.Join(", ", server.Roles)}): DependsOn of what does, or Services, lets it be judged.");
        var points = new SinglePoints(model, await MeasurementsAsync(environment, cancellationToken));
        var cover = Cover(environment);
        foreach (var point in Pair ? points.FindPairs(cancellationToken) : points.Find())
        {
            if (IsWanted(point)) await WriteObjectAsync(cover.Name(point));
        }
    }

    /// <summary>The plans that can be carried out, and the runs of this user.</summary>
    private static PlanCover Cover(ProdOpsEnvironment environment) =>
        new(PlanReader.ReadSound(environment), RunJournal.DefaultFolder is { } folder ? [.. RunHistory.Read(folder, TimeProvider.System, static _ => { })] : []);

    private bool IsWanted(SinglePointOfFailure point) =>
        (Kind.Length == 0 || Kind.Contains(point.Kind)) && Fits(Service, point.Affected) && Fits(Component, point.Component.Split(" + ").Append(point.Component));

    private static bool Fits(string[] patterns, IEnumerable<string> names) => patterns.Length == 0 || names.Any(name => patterns.Any(pattern => NamePattern.IsMatch(pattern, name)));

    private async Task CheckServicesAsync(TopologyModel model)
    {
        string[] known = [.. model.Services.Select(service => service.Name)];
        foreach (string name in Service.Where(name => !NamePattern.HasWildcards(name) && !known.Contains(name, StringComparer.OrdinalIgnoreCase)))
            await WriteErrorAsync(RecoveryErrors.ServiceNotFound(name, Nearest.Find(name, known)));
    }

    private async Task<TopologyMeasurements> MeasurementsAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var measured = new TopologyMeasurements
        {
            Now = now,
            LoadTests = [.. Proved(folder => folder.LoadTests), .. _loadTests],
            FailoverTests = Proved(folder => folder.Failovers),
            BackupTests = Proved(folder => folder.BackupTests),
        };
        try
        {
            using var store = (await FindFolderAsync()).Open(TimeProvider.System, Activity, readOnly: true);
            var reader = new LoadReader(new StoreSource(store), now - LookedAt, now);
            return measured with { Peaks = await reader.PeaksAsync(environment, cancellationToken), Lags = await reader.LagsAsync(cancellationToken) };
        }
        catch (ProdOpsException error) when (Store is null)
        {
            // What is written down can be judged without anything having been measured.
            Activity.Verbose($"Without measurements: {error.Message}");
            return measured;
        }

        T[] Proved<T>(Func<EvidenceFolder, EvidenceLog<T>> log) where T : class =>
            [.. EvidenceKeeper.Read(Activity, log).Where(proof => proof.Environment.Equals(environment.Name, StringComparison.OrdinalIgnoreCase) && now - proof.Time < Remembered).Select(proof => proof.What)];
    }
}
