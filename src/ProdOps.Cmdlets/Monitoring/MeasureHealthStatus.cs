using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells for how much of a time servers and the environment did their work, and what is left of what they may fail.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "HealthStatus")]
[OutputType(typeof(HealthAvailability))]
public sealed class MeasureHealthStatus : HistoryCmdlet
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    private readonly List<ServerReference> _servers = [];

    /// <summary>The servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Only these servers: names, wildcards, role:App, group:blue, or server objects. Default: all, and the environment as a whole.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(MetricServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>The checks whose failure is an outage.</summary>
    [Parameter(HelpMessage = "The checks whose failure is an outage: names or wildcards of their rules. Default: service, and the environment's checks of sites, ports, names and databases.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Check { get; set; }

    /// <summary>What was promised.</summary>
    [Parameter(HelpMessage = "What was promised, e.g. 99.9%. Default: the environment's Objectives.Availability.")]
    [ValidateNotNullOrEmpty]
    public string? Objective { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Server is not null) _servers.AddRange(Server);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (MyInvocation.ExpectingInput && _servers.Count == 0) return;
        var (from, to) = Window(Usual);
        var environment = await FindEnvironmentAsync();
        double? objective = Objective is null ? environment?.Objectives.Availability : Quantity.ParsePercentage(Objective) ?? throw MonitoringErrors.ObjectiveNotRead(Objective);
        var checks = Check ?? OutageChecks.Of(environment);
        var store = await OpenStoreAsync();
        var servers = environment is { Servers.Count: > 0 } ? new CheckList(environment).Servers : ServersOf(store);
        var request = new AvailabilityRequest(servers, from, to, key => checks.Any(pattern => NamePattern.IsMatch(pattern, key.Rule))) { Objective = objective };
        var measured = request.Read(store, Activity, cancellationToken).Select(one => one with { Environment = environment?.Name ?? "", Checks = checks }).ToList();
        await WriteAllAsync([.. (await ChosenAsync(measured[..^1])).OrderBy(static one => one.Availability ?? 2).ThenBy(static one => one.Server, StringComparer.OrdinalIgnoreCase)]);
        if (_servers.Count == 0 && servers.Count > 1) await WriteObjectAsync(measured[^1]);
    }

    private async Task<IEnumerable<HealthAvailability>> ChosenAsync(IReadOnlyList<HealthAvailability> measured)
    {
        if (_servers.Count == 0) return measured;
        var names = await NamesOfAsync([.. _servers]);
        foreach (string name in names.Where(name => !NamePattern.HasWildcards(name) && !measured.Any(one => one.Server.Equals(name, StringComparison.OrdinalIgnoreCase)))) await WriteErrorAsync(MonitoringErrors.ServerNotMonitored(name));
        return measured.Where(one => names.Any(name => NamePattern.IsMatch(name, one.Server)));
    }

    /// <summary>Without an environment it is the store that knows who is monitored.</summary>
    private static IReadOnlyList<Server> ServersOf(MetricStore store) =>
        [.. store.Series([], [], []).Select(static series => series.Server).Where(static name => name != MonitorSetup.Itself).Distinct(StringComparer.OrdinalIgnoreCase).Select(static name => new Server { Name = name })];
}
